"""Names of provinces: where each stands and when it comes."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from core.demo.search import fold
from core.demo.tables import Table
from core.demo.world import mercator
from core.demo.world.boundaries import EARLY
from core.demo.world.countries import Countries
from core.demo.world.coverage import Coverage, Indexes
from core.demo.world.sources import Row

LABELS = Table(
    "province_labels",
    (
        ("name", "text NOT NULL"),
        ("name_en", "text NOT NULL"),
        ("country", "text NOT NULL"),
        ("min_zoom", "real NOT NULL"),
        ("rank", "integer NOT NULL"),
    ),
    "Point",
)
# A name comes when a circle of this radius, in CSS pixels, fits into the province.
ROOM_PIXELS = 56
EARLY_FROM, OTHERS_FROM, LAST = 5.0, 6.5, 10.0


def labels(
    coverage: Coverage,
    provinces: list[Row],
    belongs: Indexes,
    countries: Countries,
    towns: set[tuple[str, str]],
) -> list[tuple[Any, ...]]:
    """The rows of table province_labels.

    No name stands twice: not that of a country that is one province, nor that of a province
    called like a town; `towns` are folded names with the country's code.
    """
    counts = np.bincount(belongs)
    rows: list[tuple[Any, ...]] = []
    circles = _largest_circles(coverage)
    for index in np.argsort(-circles[:, 2]):
        x, y, radius = (float(value) for value in circles[index])
        tag = coverage.tag[index]
        row, country = provinces[tag], countries.codes[belongs[tag]]
        zoom = min_zoom(radius, country)
        taken = not row["name"] or (fold(row["name"]), country) in towns
        if not taken and counts[belongs[tag]] > 1 and zoom <= LAST:
            point = mercator.ewkb_hex(shapely.Point(x, y))
            rows.append((int(tag) + 1, row["name"], row["name"], country, zoom, len(rows), point))
    return rows


def min_zoom(radius: float, country: str) -> float:
    """The first zoom at which a province with room of `radius` metres shows its name."""
    fits = float(np.log2(ROOM_PIXELS * mercator.PIXEL_AT_Z0 / max(radius, 1.0)))
    return round(max(EARLY_FROM if country in EARLY else OTHERS_FROM, fits), 1)


def _largest_circles(coverage: Coverage) -> NDArray[np.float64]:
    """For each province the centre and radius (metres) of the widest circle in its largest part."""
    largest = [
        max(shapely.get_parts(geometry), key=lambda part: part.area)
        for geometry in coverage.geometries
    ]
    found = []
    for part in largest:
        # The line from the centre to the nearest point of the ring; to a few per cent will do.
        radius = shapely.maximum_inscribed_circle(part, tolerance=max(part.area**0.5 / 40, 1.0))
        found.append([*radius.coords[0], radius.length])
    return np.array(found)
