"""Rivers and streams as lines, and railways."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from core.demo.astana.elements import Element
from core.demo.astana.geometry import Row, lines_hex, merged, unit
from core.demo.astana.roads import level

COLUMNS = (
    ("class", "text NOT NULL"),
    ("name", "text"),
    ("name_en", "text"),
    ("name_kk", "text"),
    ("bridge", "boolean NOT NULL"),
    ("tunnel", "boolean NOT NULL"),
    ("level", "smallint NOT NULL"),
    ("rank", "smallint NOT NULL"),
    ("min_zoom", "real NOT NULL"),
)
# waterway: rank, zoom from which it is drawn
WATERWAYS = {"river": (0, 8), "canal": (1, 11), "stream": (2, 12), "ditch": (3, 14)}
SIDE_TRACKS = ("spur", "yard", "siding", "crossover")


@dataclass(frozen=True)
class Line:
    """A river or track; `kind` is its class, geometry in EPSG:3857."""

    key: int
    kind: str
    name: str | None
    name_en: str | None
    name_kk: str | None
    bridge: bool
    tunnel: bool
    level: int
    rank: int
    min_zoom: float
    geometry: BaseGeometry


def waterways(elements: Iterable[Element]) -> Iterator[Line]:
    """Rivers, canals, streams and ditches."""
    for element in elements:
        kind = element.tags.get("waterway", "")
        if kind in WATERWAYS and element.is_line:
            yield _line(element, kind, *WATERWAYS[kind])


def railways(elements: Iterable[Element]) -> Iterator[Line]:
    """Tracks in use: main lines (`rail`) and side tracks (`service`)."""
    for element in elements:
        if element.tags.get("railway") == "rail" and element.is_line:
            side = element.tags.get("service") in SIDE_TRACKS
            yield _line(element, "service" if side else "rail", int(side), 13 if side else 9)


def _line(element: Element, kind: str, rank: int, min_zoom: float) -> Line:
    tags = element.tags
    return Line(
        key=element.osm_id,
        kind=kind,
        name=tags.get("name"),
        name_en=tags.get("name:en"),
        name_kk=tags.get("name:kk"),
        bridge=tags.get("bridge", "no") != "no",
        tunnel=tags.get("tunnel", "no") != "no",
        level=level(tags),
        rank=rank,
        min_zoom=min_zoom,
        geometry=element.geometry,
    )


def overview(lines: Iterable[Line], zoom: int) -> Iterator[Line]:
    """The lines that are drawn at `zoom` or before, merged by class and name, simplified."""
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if line.min_zoom <= zoom and not line.tunnel:
            groups.setdefault((line.kind, line.name or ""), []).append(line)
    for group in groups.values():
        first = min(group, key=lambda line: line.key)
        simple = shapely.simplify(merged(line.geometry for line in group), 2 * unit(zoom))
        yield Line(**{**first.__dict__, "bridge": False, "level": 0, "geometry": simple})


def row(line: Line) -> Row:
    """The row of a table of waterways or railways."""
    names = (line.name, line.name_en, line.name_kk)
    flags = (line.bridge, line.tunnel, line.level, line.rank, line.min_zoom)
    return (line.key, line.kind, *names, *flags, lines_hex(line.geometry))
