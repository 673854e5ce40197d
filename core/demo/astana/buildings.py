"""Buildings with a height, and the house numbers on them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from core.demo.astana.areas import SLIVER_SQUARE_METRES, rank_by_size
from core.demo.astana.elements import Element
from core.demo.astana.geometry import Row, polygons, to_hex

COLUMNS = (
    ("levels", "smallint"),
    ("height", "real NOT NULL"),
    ("min_height", "real NOT NULL"),
    ("part", "boolean NOT NULL"),
    ("hollow", "boolean NOT NULL"),
    ("rank", "smallint NOT NULL"),
    ("min_zoom", "smallint NOT NULL"),
)
NUMBER_COLUMNS = (("number", "text NOT NULL"), ("rank", "smallint NOT NULL"))
STOREY_METRES = 3.2
# What a building without `building:levels` is taken for: one storey with a roof.
UNKNOWN_METRES = 4.0
HIGHEST_METRES = 400.0
# What is smaller is left out at zoom 13, where it covers less than a pixel or two.
LARGE_SQUARE_METRES = 800.0
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class Building:
    """A footprint (MultiPolygon, EPSG:3857); heights are metres above the ground.

    `part` is a part of a larger building; `hollow` an outline whose parts stand for it in 3D.
    """

    key: int
    levels: int | None
    height: float
    min_height: float
    part: bool
    hollow: bool
    rank: int
    min_zoom: int
    geometry: BaseGeometry


@dataclass(frozen=True)
class HouseNumber:
    """The number of a house, at a point on it (EPSG:3857)."""

    key: int
    number: str
    rank: int
    geometry: BaseGeometry


def buildings(elements: Iterable[Element]) -> list[Building]:
    """The buildings and parts of buildings among the elements."""
    found = [
        (element, geometry)
        for element in elements
        if element.is_area and is_building(element.tags)
        if (geometry := polygons(element.geometry)).area >= SLIVER_SQUARE_METRES
    ]
    hollow = _hollow(found)
    return [_building(*pair, pair[0].osm_id in hollow) for pair in found]


def is_building(tags: dict[str, str]) -> bool:
    """True for a building or a part of one."""
    return any(tags.get(key, "no") != "no" for key in ("building", "building:part"))


def _is_part(tags: dict[str, str]) -> bool:
    return tags.get("building:part", "no") != "no" and tags.get("building", "no") == "no"


def _hollow(found: list[tuple[Element, BaseGeometry]]) -> set[int]:
    """Ids of the outlines that hold a part of a building: in 3D the parts are drawn instead."""
    parts = [shapely.point_on_surface(g) for e, g in found if _is_part(e.tags)]
    outlines = [(e, g) for e, g in found if not _is_part(e.tags)]
    tree = shapely.STRtree([geometry for _, geometry in outlines])
    holding = tree.query(parts, predicate="within")[1] if parts else ()
    return {outlines[index][0].osm_id for index in holding}


def _building(element: Element, geometry: BaseGeometry, hollow: bool) -> Building:
    tags, area = element.tags, geometry.area
    levels = metres(tags.get("building:levels"))
    return Building(
        key=element.osm_id,
        levels=round(levels) if levels else None,
        height=height(tags),
        min_height=_min_height(tags),
        part=_is_part(tags),
        hollow=hollow,
        rank=rank_by_size(area),
        min_zoom=13 if area >= LARGE_SQUARE_METRES else 14,
        geometry=geometry,
    )


def metres(text: str | None) -> float | None:
    """The first number in a tag's value, or None: mappers write «12 m» and «2-3» too."""
    found = _NUMBER.search(text or "")
    return float(found.group().replace(",", ".")) if found else None


def height(tags: dict[str, str]) -> float:
    """Metres above ground: from `height`, else from the storeys, else as for one storey."""
    told = metres(tags.get("height")) or metres(tags.get("building:height"))
    levels = metres(tags.get("building:levels"))
    return min(told or (levels * STOREY_METRES if levels else UNKNOWN_METRES), HIGHEST_METRES)


def _min_height(tags: dict[str, str]) -> float:
    told = metres(tags.get("min_height")) or metres(tags.get("building:min_height"))
    low = told or (metres(tags.get("building:min_level")) or 0) * STOREY_METRES
    return min(low, height(tags))


def house_numbers(elements: Iterable[Element]) -> Iterator[HouseNumber]:
    """The house numbers of buildings and of address points, the large houses first."""
    for element in elements:
        number = element.tags.get("addr:housenumber", "").strip()
        if number and not element.is_line:
            size = element.geometry.area
            point = shapely.point_on_surface(element.geometry)
            yield HouseNumber(element.key, number, rank_by_size(size), point)


def row(building: Building) -> Row:
    """The row of the table of buildings."""
    heights = (building.levels, round(building.height, 1), round(building.min_height, 1))
    flags = (building.part, building.hollow, building.rank, building.min_zoom)
    return (building.key, *heights, *flags, to_hex(building.geometry))


def number_row(house: HouseNumber) -> Row:
    """The row of the table of house numbers."""
    return (house.key, house.number, house.rank, to_hex(house.geometry))
