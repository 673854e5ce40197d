"""Points of interest: what they are, and the zoom at which there is room for each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import shapely

from core.demo.astana.elements import Element
from core.demo.astana.geometry import Row, to_hex, unit
from core.demo.astana.names import unquoted
from core.demo.astana.places import is_large_park
from core.demo.astana.poi_kinds import ORDER, Kind, icon_of, kind_of

COLUMNS = (
    ("class", "text NOT NULL"),
    ('"group"', "text NOT NULL"),
    ("icon", "text NOT NULL"),
    ("name", "text"),
    ("name_en", "text"),
    ("name_kk", "text"),
    ("rank", "smallint NOT NULL"),
    ("min_zoom", "smallint NOT NULL"),
)
CLOSEST_ZOOM = 17
# CSS pixels between two of them at the zoom of the less important one: under 40 in a window.
APART_PIXELS = 110.0
# One thing mapped as a point and as an area, or one school as two houses (metres of EPSG:3857).
SAME_METRES = 400.0


@dataclass(frozen=True)
class Poi:
    """A thing people look for; `rank` is 100 x (zoom - 13) and its place within that zoom."""

    key: int
    kind: Kind
    icon: str
    name: str | None
    name_en: str | None
    name_kk: str | None
    zoom: int
    order: int
    geometry: shapely.Point

    @property
    def rank(self) -> int:
        """Small is important; the hundreds tell the zoom from which a style shows it."""
        return 100 * (self.zoom - 13) + min(99, self.order)


def pois(elements: Iterable[Element]) -> list[Poi]:
    """The POIs, the most important first, each at the first zoom with room for it."""
    found = [poi for element in elements if (poi := _poi(element))]
    found.sort(key=lambda poi: (poi.zoom, poi.order, not poi.name, poi.key))
    return list(_spaced(_once(found)))


def _poi(element: Element) -> Poi | None:
    tags = element.tags
    kind = None if element.is_line or is_large_park(element) else kind_of(tags)
    if not kind:
        return None
    name = tags.get("name")
    return Poi(
        key=element.key,
        kind=kind,
        icon=icon_of(kind, tags),
        name=unquoted(name) if name else None,
        name_en=tags.get("name:en"),
        name_kk=tags.get("name:kk"),
        zoom=min(CLOSEST_ZOOM, kind.zoom + (not name)),
        order=_order(kind),
        geometry=shapely.point_on_surface(element.geometry),
    )


_BY_KIND = {tag.partition("=")[2]: place for tag, place in ORDER.items()}


def _order(kind: Kind) -> int:
    return _BY_KIND.get(kind.kind, len(ORDER))


def _once(found: Iterable[Poi]) -> Iterator[Poi]:
    """Without the second of two of a class and name that lie close together."""
    seen: dict[tuple[str, str], list[shapely.Point]] = defaultdict(list)
    for poi in found:
        same = seen[poi.kind.kind, (poi.name or str(poi.key)).casefold()]
        if not any(shapely.dwithin(poi.geometry, other, SAME_METRES) for other in same):
            same.append(poi.geometry)
            yield poi


def _spaced(found: Iterable[Poi]) -> Iterator[Poi]:
    """Each at the first zoom from its own at which no earlier one is within APART_PIXELS."""
    grids = {zoom: Grid(APART_PIXELS * 4 * unit(zoom)) for zoom in range(13, CLOSEST_ZOOM)}
    for poi in found:
        zoom = poi.zoom
        while zoom < CLOSEST_ZOOM and grids[zoom].occupied(poi.geometry):
            zoom += 1
        for closer in range(zoom, CLOSEST_ZOOM):
            grids[closer].put(poi.geometry)
        yield replace(poi, zoom=zoom)


class Grid:
    """Points in square cells as wide as the distance that is asked for."""

    def __init__(self, distance: float) -> None:
        self._distance = distance
        self._cells: dict[tuple[int, int], list[shapely.Point]] = defaultdict(list)

    def _cell(self, point: shapely.Point) -> tuple[int, int]:
        return int(point.x // self._distance), int(point.y // self._distance)

    def put(self, point: shapely.Point) -> None:
        """Take the place of `point`."""
        self._cells[self._cell(point)].append(point)

    def occupied(self, point: shapely.Point) -> bool:
        """True when a point lies within the distance of `point`."""
        x, y = self._cell(point)
        around = ((x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1))
        near = (other for cell in around for other in self._cells.get(cell, ()))
        return any(shapely.dwithin(point, other, self._distance) for other in near)


def row(poi: Poi) -> Row:
    """The row of the table of POIs."""
    # A style fades it in below its zoom, so it must be in the tiles of the zoom before.
    kind = (poi.kind.kind, poi.kind.group, poi.icon)
    names = (poi.name, poi.name_en, poi.name_kk)
    return (poi.key, *kind, *names, poi.rank, poi.zoom - 1, to_hex(poi.geometry))
