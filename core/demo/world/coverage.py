"""The world's land as a coverage: provinces that share every edge with their neighbours.

All that has to fit together is cut from this one piece: countries are unions of provinces,
borders are edges that two share, the coast is edges that one has alone. A generalised copy
simplifies each shared edge once, so no sliver opens between neighbours at any zoom.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from core.demo.world import mercator
from core.demo.world.sources import Row

# The source is cut 0.1 degree short of the antimeridian; its edges there are put back on it.
CUT = 179.89
# Kept a little beyond the world square, so that Antarctica's cut lies outside every tile.
SOUTH = -85.2

Geometries = NDArray[np.object_]
Indexes = NDArray[np.int64]


@dataclass(frozen=True)
class Coverage:
    """Provinces in EPSG:3857 as multipolygons; `tag[i]` is the index of the province's row."""

    geometries: Geometries
    tag: Indexes

    @cached_property
    def landmasses(self) -> Geometries:
        """Continents and islands, each one polygon."""
        return shapely.get_parts(shapely.coverage_union_all(self.geometries))

    def without_islets(self, smallest: float) -> "Coverage":
        """Without the islands whose whole area is under `smallest` square metres."""
        parts, owner = shapely.get_parts(self.geometries, return_index=True)
        inside = shapely.point_on_surface(parts)
        tree = shapely.STRtree(self.landmasses)
        pairs = tree.query(inside, predicate="intersects")
        area = np.full(len(parts), np.inf)
        area[pairs[0]] = shapely.area(self.landmasses)[pairs[1]]
        kept = area >= smallest
        owners, index = np.unique(owner[kept], return_inverse=True)
        geometries = np.asarray(shapely.multipolygons(parts[kept], indices=index))
        return Coverage(geometries, self.tag[owners])

    def simplified(self, tolerance: float) -> "Coverage":
        """With shared edges simplified once; `tolerance` is in metres (Visvalingam-Whyatt)."""
        if tolerance == 0:
            return self
        simple = shapely.coverage_simplify(self.geometries, tolerance)
        there = ~shapely.is_empty(simple)
        multi = [_multi(geometry) for geometry in simple[there]]
        return Coverage(np.array(multi, dtype=object), self.tag[there])

    def dissolved(self, group: Indexes) -> "Coverage":
        """One geometry for all members of a group; `group[tag]` is the tag that it gets."""
        mine = group[self.tag]
        keys = np.unique(mine)
        unions = [_multi(shapely.coverage_union_all(self.geometries[mine == k])) for k in keys]
        return Coverage(np.array(unions, dtype=object), keys)


def build(provinces: list[Row]) -> Coverage:
    """The coverage of `provinces` (EPSG:4326), projected, whole at 180 degrees."""
    geometries = np.array([row["geom"] for row in provinces], dtype=object)
    whole = shapely.transform(geometries, _to_antimeridian)
    south = [i for i, geometry in enumerate(whole) if geometry.bounds[1] < SOUTH]
    for index in south:
        whole[index] = _multi(shapely.intersection(whole[index], shapely.box(-180, SOUTH, 180, 90)))
    projected = shapely.transform(whole, _below_the_square)
    # Where the source was cut, rings may touch themselves; nothing else is invalid.
    for torn in np.flatnonzero(~shapely.is_valid(projected)):
        projected[torn] = _multi(shapely.make_valid(projected[torn]))
    there = np.flatnonzero(~shapely.is_empty(projected))
    return Coverage(projected[there], there)


def _to_antimeridian(lonlat: mercator.Coordinates) -> mercator.Coordinates:
    lon = np.where(np.abs(lonlat[:, 0]) >= CUT, np.sign(lonlat[:, 0]) * 180, lonlat[:, 0])
    return np.column_stack([lon, lonlat[:, 1]])


def _below_the_square(lonlat: mercator.Coordinates) -> mercator.Coordinates:
    """Project; what lies south of the world square is moved well below it."""
    xy = mercator.forward(lonlat)
    xy[lonlat[:, 1] <= SOUTH, 1] = -1.02 * mercator.HALF
    return xy


def _multi(geometry: shapely.Geometry) -> shapely.MultiPolygon:
    """Its polygons; a collection may hold them singly, in multipolygons, and lines beside them."""
    single = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.MultiPolygon([part for part in single if part.geom_type == "Polygon"])
