"""Which places deserve a name at which zoom: by population, and by what is bigger nearby. Pure."""

import math
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from core.demo.world.mercator import PIXEL_AT_Z0, RADIUS

# From this many people on, from this zoom on.
BY_POPULATION = (
    (8_000_000, 2),
    (3_000_000, 3),
    (1_000_000, 4),
    (400_000, 5),
    (150_000, 6),
    (60_000, 7),
    (25_000, 8),
    (15_000, 9),
)
LAST_ZOOM = 10
CAPITAL_BONUS = 2
# A place is shown from the zoom on where no larger one is nearer than this, in CSS pixels.
ISOLATION_PIXELS = 60
# And one that stands alone, with no larger one within this, may come up to two zooms earlier.
ALONE_PIXELS = 180
ALONE_BONUS = 2
# A capital speaks for the larger town that it has grown together with (New Delhi, Delhi).
AGGLOMERATION_METRES = 15_000


def zoom_by_population(population: int) -> int:
    """The first zoom at which a place of this size is worth a name."""
    return next((zoom for least, zoom in BY_POPULATION if population >= least), LAST_ZOOM)


def zoom_by_isolation(distance: float, pixels: float = ISOLATION_PIXELS) -> int:
    """The first zoom at which `distance` (metres of EPSG:3857) is `pixels` wide on the screen."""
    if distance == 0:
        return LAST_ZOOM
    times = pixels * PIXEL_AT_Z0 / distance
    return math.ceil(math.log2(times)) if times > 1 else 0


def min_zoom(population: int, national_capital: bool, distance: float) -> int:
    """The first zoom of a place whose nearest larger place is `distance` metres away.

    National capitals come two zooms earlier, whatever lies near them; nothing waits beyond
    LAST_ZOOM.
    """
    by_population = zoom_by_population(population)
    if national_capital:
        return max(BY_POPULATION[0][1], by_population - CAPITAL_BONUS)
    alone = max(by_population - ALONE_BONUS, zoom_by_isolation(distance, ALONE_PIXELS))
    crowded = min(LAST_ZOOM, max(by_population, zoom_by_isolation(distance)))
    return max(BY_POPULATION[0][1], min(alone, crowded))


def weights(
    xy: NDArray[np.float64],
    population: Sequence[int],
    capital: Sequence[bool],
    country: Sequence[str],
) -> NDArray[np.float64]:
    """What places count for beside others: their people, for a capital those of its agglomeration.

    An agglomeration ends at the border. `xy` are metres of EPSG:3857.
    """
    weight = np.array(population, dtype=float)
    countries = np.array(country)
    for index in np.flatnonzero(capital):
        # Metres of the projection are longer than those on the ground, away from the equator.
        reach = AGGLOMERATION_METRES * math.cosh(xy[index, 1] / RADIUS)
        near = np.hypot(*(xy - xy[index]).T) <= reach
        near &= countries == countries[index]
        weight[index] = weight[near].max() + 1
    return weight


def nearest_larger(
    xy: NDArray[np.float64], weight: NDArray[np.float64], reach: NDArray[np.float64]
) -> NDArray[np.float64]:
    """For each place the distance to the nearest with more weight; infinite beyond its `reach`.

    Of two equals the one earlier in the list is the larger.
    """
    order = np.empty(len(xy), dtype=int)
    order[np.argsort(-weight, kind="stable")] = np.arange(len(xy))
    points = np.asarray(shapely.points(xy))
    distance = np.full(len(xy), np.inf)
    # All of one reach at once, and only those that could be larger: pairs stay few.
    for limit in np.unique(reach):
        asking = np.flatnonzero(reach == limit)
        asked = np.flatnonzero(order < order[asking].max())
        tree = shapely.STRtree(points[asked])
        pairs = tree.query(points[asking], predicate="dwithin", distance=limit)
        place, other = asking[pairs[0]], asked[pairs[1]]
        larger = order[other] < order[place]
        place, other = place[larger], other[larger]
        np.minimum.at(distance, place, np.hypot(*(xy[place] - xy[other]).T))
    return distance


def reach(population: int) -> float:
    """How far away (metres of EPSG:3857) a larger place matters to one of this size."""
    return ALONE_PIXELS * PIXEL_AT_Z0 / float(2 ** (zoom_by_population(population) - ALONE_BONUS))
