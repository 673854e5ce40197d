"""Lakes and rivers: Natural Earth 1:50m out of TopoJSON, quantised to some 4 km, so smoothed."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from core.demo.tables import Table
from core.demo.world import mercator

COLUMNS = (
    ("min_zoom", "real NOT NULL"),
    ("max_zoom", "real NOT NULL"),
    ("rank", "integer NOT NULL"),
)
LAKES = Table("lakes", COLUMNS, "MultiPolygon")
RIVERS = Table("rivers", COLUMNS, "LineString")
# The water ends here: beside the finer land it would look wrong. But not the great lakes (square
# metres): dry land in the place of Lake Michigan would be worse.
LEAVES = 8.0
GREAT_LAKE, GREAT_LAKE_LEAVES = 5e9, 24.0
# A lake is worth showing from so many square pixels on, a river from so many pixels.
LAKE_PIXELS = 24
RIVER_PIXELS = 70


class Topology:
    """A TopoJSON document: arcs in degrees, and objects that are made of them."""

    def __init__(self, document: dict[str, Any]) -> None:
        scale = np.array(document["transform"]["scale"])
        shift = np.array(document["transform"]["translate"])
        # Each arc is quantised, and each point but the first is the step from the one before.
        self.arcs = [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in document["arcs"]]
        self.objects = document["objects"]

    def line(self, arcs: Iterable[int]) -> NDArray[np.float64]:
        """The points of joined arcs; a negative number is an arc (~n) backwards."""
        parts = [self.arcs[n] if n >= 0 else self.arcs[~n][::-1] for n in arcs]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    def polygons(self, name: str) -> Iterator[list[NDArray[np.float64]]]:
        """The polygons of an object, each a list of rings in degrees."""
        for geometry in self.objects[name]["geometries"]:
            yield [self.line(ring) for ring in geometry["arcs"]]

    def lines(self, name: str) -> Iterator[NDArray[np.float64]]:
        """The lines of an object, in degrees."""
        for geometry in self.objects[name]["geometries"]:
            several = geometry["type"] == "MultiLineString"
            yield from map(self.line, geometry["arcs"] if several else [geometry["arcs"]])


def lakes(topology: Topology, smooth: bool) -> list[tuple[Any, ...]]:
    """The rows of table lakes, the largest first."""
    found = [_lake(rings, smooth) for rings in topology.polygons("lakes")]
    found = sorted((lake for lake in found if lake.area), key=lambda lake: -lake.area)
    return [
        (n, _zoom(LAKE_PIXELS**0.5, lake.area**0.5), _leaving(lake), n, mercator.ewkb_hex(lake))
        for n, lake in enumerate(found, start=1)
    ]


def _lake(rings: list[NDArray[np.float64]], smooth: bool) -> shapely.MultiPolygon:
    projected = [mercator.forward(ring) for ring in rings]
    curved = [smoothed(ring, closed=True) if smooth else ring for ring in projected]
    valid = shapely.make_valid(shapely.Polygon(curved[0], curved[1:]))
    single = shapely.get_parts(shapely.get_parts(valid))
    return shapely.MultiPolygon([part for part in single if part.geom_type == "Polygon"])


def _leaving(lake: shapely.MultiPolygon) -> float:
    ground = lake.area / math.cosh(lake.centroid.y / mercator.RADIUS) ** 2
    return GREAT_LAKE_LEAVES if ground >= GREAT_LAKE else LEAVES


def rivers(topology: Topology, smooth: bool) -> list[tuple[Any, ...]]:
    """The rows of table rivers, the longest first; pieces that meet are one river."""
    pieces = [mercator.forward(line) for line in topology.lines("rivers")]
    merged = shapely.get_parts(shapely.line_merge(shapely.MultiLineString(pieces)))
    ordered = sorted(merged, key=lambda line: -_ground_length(line))
    rows: list[tuple[Any, ...]] = []
    for n, line in enumerate(ordered, start=1):
        curve = shapely.get_coordinates(line)
        drawn = shapely.LineString(smoothed(curve, closed=False) if smooth else curve)
        zoom = _zoom(RIVER_PIXELS, _ground_length(line))
        rows.append((n, zoom, LEAVES, n, mercator.ewkb_hex(drawn)))
    return rows


def _ground_length(line: shapely.LineString) -> float:
    """Metres on the ground, nearly: the projection stretches the north."""
    return float(line.length / math.cosh(line.centroid.y / mercator.RADIUS))


def _zoom(pixels: float, metres: float) -> float:
    """The zoom at which `metres` are as long as `pixels`; from 0 to 7, where the water ends."""
    wanted = math.log2(pixels * mercator.PIXEL_AT_Z0 / metres)
    return round(min(7.0, max(0.0, wanted)), 1)


def smoothed(points: NDArray[np.float64], *, closed: bool, times: int = 2) -> NDArray[np.float64]:
    """Corners cut `times` over (Chaikin); the ends of an open line stay where they are."""
    for _ in range(times):
        start, end = points[:-1], points[1:]
        cut = np.stack([start * 0.75 + end * 0.25, start * 0.25 + end * 0.75], axis=1)
        cut = cut.reshape(-1, 2)
        ends = (cut, cut[:1]) if closed else (points[:1], cut[1:-1], points[-1:])
        points = np.concatenate(ends)
    return points
