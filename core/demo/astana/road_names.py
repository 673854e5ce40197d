"""Lines that street names are set along: one for each street, whatever it is mapped as.

OSM cuts a street at each bridge, lane and speed limit, and draws both carriageways. Set on those
pieces a name is repeated side by side, or fits nowhere. Here pieces of one name are merged, and
what runs beside a longer line of the same name is taken out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from core.demo.astana.geometry import Row, lines_hex, merged
from core.demo.astana.names import shorten
from core.demo.astana.roads import CLASSES, Road

COLUMNS = (
    ("class", "text NOT NULL"),
    ("name", "text NOT NULL"),
    ("name_short", "text NOT NULL"),
    ("name_en", "text"),
    ("name_kk", "text"),
    ("rank", "smallint NOT NULL"),
    ("min_zoom", "smallint NOT NULL"),
)
# Metres of EPSG:3857, which at Astana are 0.63 m long on the ground.
BESIDE = 70.0
SHORTEST = 60.0
SMOOTH = 3.0
MIN_ZOOM = dict(zip(CLASSES, (11, 11, 12, 13, 14, 16, 16), strict=True))


@dataclass(frozen=True)
class NameLine:
    """Where the name of a street may be written; geometry in EPSG:3857."""

    key: int
    kind: str
    name: str
    name_short: str
    name_en: str | None
    name_kk: str | None
    rank: int
    min_zoom: int
    geometry: BaseGeometry


def name_lines(roads: Iterable[Road]) -> Iterator[NameLine]:
    """One line (it may have gaps) for each name; ramps carry no name."""
    streets: dict[str, list[Road]] = defaultdict(list)
    for road in roads:
        if road.name and road.subclass != "link":
            streets[road.name].append(road)
    for name in sorted(streets):
        line = _one_side(streets[name])
        if line.length >= SHORTEST:
            yield _name_line(name, streets[name], line)


def _name_line(name: str, roads: list[Road], line: BaseGeometry) -> NameLine:
    kind = _longest_class(roads)
    return NameLine(
        key=min(road.key for road in roads),
        kind=kind,
        name=name,
        name_short=shorten(name),
        name_en=next((road.name_en for road in roads if road.name_en), None),
        name_kk=next((road.name_kk for road in roads if road.name_kk), None),
        rank=2 * CLASSES.index(kind) + (line.length < 1000),
        min_zoom=MIN_ZOOM[kind],
        geometry=line,
    )


def _longest_class(roads: list[Road]) -> str:
    metres: dict[str, float] = defaultdict(float)
    for road in roads:
        metres[road.kind] += road.geometry.length
    return max(CLASSES, key=lambda kind: metres[kind])


def _one_side(roads: list[Road]) -> BaseGeometry:
    """The merged lines, longest first, each without what lies beside an earlier one."""
    lines = shapely.get_parts(merged(road.geometry for road in roads))
    taken: list[shapely.LineString] = []
    for line in sorted(lines, key=lambda one: -one.length):
        taken += _away_from(line, taken)
    return shapely.simplify(shapely.MultiLineString(taken), SMOOTH)


def _away_from(
    line: shapely.LineString, taken: list[shapely.LineString]
) -> list[shapely.LineString]:
    if not taken:
        return [line]
    covered = shapely.union_all(shapely.buffer(taken, BESIDE, cap_style="flat"))
    rest = shapely.get_parts(shapely.difference(line, covered))
    return [part for part in rest if part.length >= SHORTEST]


def row(line: NameLine) -> Row:
    """The row of the table of name lines."""
    names = (line.name, line.name_short, line.name_en, line.name_kk)
    return (line.key, line.kind, *names, line.rank, line.min_zoom, lines_hex(line.geometry))
