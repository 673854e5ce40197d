"""OSM elements out of OSM-QA tiles: decoded, whole again, in EPSG:3857.

The tiles are cut at their edges, without a buffer, on a grid of about one centimetre. A way that
crosses an edge comes as one piece for each tile; `reassemble` joins the pieces of one way.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

HALF_WORLD = 20037508.342789244
# Two tiles may round the crossing of their edge differently; a grid step is 0.0093 m.
EDGE_METRES = 0.05


@dataclass(frozen=True)
class Element:
    """A node or way: its OSM id, its tags and its geometry (EPSG:3857, metres)."""

    osm_type: str
    osm_id: int
    tags: dict[str, str]
    geometry: BaseGeometry

    @property
    def key(self) -> int:
        """An id that is unique over nodes and ways together, the same at each load."""
        return self.osm_id * 2 + (self.osm_type == "way")

    @property
    def is_area(self) -> bool:
        """True for a way that encloses ground."""
        return self.geometry.geom_type in ("Polygon", "MultiPolygon")

    @property
    def is_line(self) -> bool:
        """True for a way that is a line."""
        return self.geometry.geom_type in ("LineString", "MultiLineString")


def read(folder: Path) -> list[Element]:
    """The elements of all tiles `z-x-y.mvt` of a folder, by type and id; each way once."""
    pieces = (piece for path in sorted(folder.glob("*.mvt")) for piece in _decode(path))
    return reassemble(pieces)


def _decode(path: Path) -> Iterator[Element]:
    z, x, y = (int(part) for part in path.stem.split("-"))
    options = {"y_coord_down": True}
    tile = mapbox_vector_tile.decode(path.read_bytes(), default_options=options)
    for layer in tile.values():
        place = placer(z, x, y, layer["extent"])
        for feature in layer["features"]:
            yield _element(feature, place)


def placer(z: int, x: int, y: int, extent: int) -> Callable[[BaseGeometry], BaseGeometry]:
    """What moves geometries from the units of tile z/x/y (y down) to metres of EPSG:3857."""
    side = 2 * HALF_WORLD / 2**z
    west, north, unit = x * side - HALF_WORLD, HALF_WORLD - y * side, side / extent

    def place(geometry: BaseGeometry) -> BaseGeometry:
        return shapely.transform(geometry, lambda points: points * (unit, -unit) + (west, north))

    return place


def _element(feature: dict[str, Any], place: Callable[[BaseGeometry], BaseGeometry]) -> Element:
    """Keys with @ are left out of the tags: beside the id they name who mapped it, and when."""
    properties = feature["properties"]
    tags = {key: str(value) for key, value in properties.items() if not key.startswith("@")}
    geometry = place(shape(feature["geometry"]))
    return Element(properties["@type"], int(properties["@id"]), tags, geometry)


def reassemble(pieces: Iterable[Element]) -> list[Element]:
    """One element for each (type, id), its pieces joined, in the order of their ids."""
    groups: dict[tuple[str, int], list[Element]] = defaultdict(list)
    for piece in pieces:
        groups[piece.osm_type, piece.osm_id].append(piece)
    return [_whole(groups[key]) for key in sorted(groups)]


def _whole(pieces: list[Element]) -> Element:
    first = pieces[0]
    join = _join_areas if first.is_area else _join_lines if first.is_line else shapely.union_all
    geometries = [piece.geometry for piece in pieces]
    if len(pieces) == 1 and "Multi" not in geometries[0].geom_type:
        return first
    return Element(first.osm_type, first.osm_id, first.tags, join(geometries))


def _join_areas(pieces: list[BaseGeometry]) -> BaseGeometry:
    """The union, with the hairline closed that two roundings may leave along an edge."""
    grown = [_grow(shapely.make_valid(piece), EDGE_METRES) for piece in pieces]
    return _grow(shapely.union_all(grown), -EDGE_METRES)


def _grow(area: BaseGeometry, metres: float) -> BaseGeometry:
    return shapely.buffer(area, metres, join_style="mitre")


def _join_lines(pieces: list[BaseGeometry]) -> BaseGeometry:
    """One line where the pieces meet, in the direction of the way; else several."""
    parts = [list(part.coords) for piece in pieces for part in shapely.get_parts(piece)]
    for part in parts:
        part[-1] = _near(part[-1], (other[0] for other in parts))
    return shapely.line_merge(shapely.MultiLineString(parts), directed=True)


Point = tuple[float, ...]


def _near(end: Point, starts: Iterable[Point]) -> Point:
    """The start of the piece that goes on where this one ends, to the last digit."""
    for start in starts:
        if max(abs(a - b) for a, b in zip(end, start, strict=True)) < EDGE_METRES:
            return start
    return end
