"""Names of the town, its quarters and the villages around, of lakes and large parks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import shapely

from core.demo.astana import names
from core.demo.astana.areas import zoom_by_size
from core.demo.astana.elements import Element
from core.demo.astana.geometry import Row, to_hex

COLUMNS = (
    ("class", "text NOT NULL"),
    ("name", "text NOT NULL"),
    ("name_en", "text"),
    ("name_kk", "text"),
    ("rank", "smallint NOT NULL"),
    ("min_zoom", "smallint NOT NULL"),
)
# class: rank, zoom from which it is written
KINDS = {"city": (0, 4), "suburb": (1, 10), "village": (2, 10), "neighbourhood": (3, 12)}
# Lakes and parks are named from the zoom at which a name fits beside or on them.
WATER_RANK, PARK_RANK = 4, 5
LARGE_PARK_SQUARE_METRES = 150_000.0
NAME_ZOOMS = 4
SAME_METRES = 3000.0


@dataclass(frozen=True)
class Place:
    """A name with a point (EPSG:3857) to write it at; `kind` is its class."""

    key: int
    kind: str
    name: str
    name_en: str | None
    name_kk: str | None
    rank: int
    min_zoom: int
    geometry: shapely.Point


def places(elements: Iterable[Element]) -> list[Place]:
    """City, suburbs, villages, quarters and lakes; what is mapped twice comes once."""
    found = [place for element in elements if (place := _place(element))]
    found.sort(key=lambda place: (place.rank, place.key % 2, place.key))
    return list(_once(found))


def _place(element: Element) -> Place | None:
    kind = _kind(element)
    if not kind or not element.tags.get("name") or element.is_line:
        return None
    rank, min_zoom = KINDS.get(kind) or _natural(kind, element.geometry.area)
    return Place(
        key=element.key,
        kind=kind,
        name=names.place(element.tags["name"]),
        name_en=element.tags.get("name:en"),
        name_kk=element.tags.get("name:kk"),
        rank=rank,
        min_zoom=min_zoom,
        geometry=shapely.point_on_surface(element.geometry),
    )


def _kind(element: Element) -> str | None:
    tags = element.tags
    if tags.get("place") in KINDS:
        return tags["place"]
    if tags.get("landuse") == "residential":
        return "neighbourhood"
    if is_large_park(element):
        return "park"
    # A river is named along its line.
    is_water = tags.get("natural") == "water" or tags.get("landuse") == "reservoir"
    return "water" if is_water and tags.get("water") != "riverbank" else None


def is_large_park(element: Element) -> bool:
    """True for a park whose name is written over it, with no icon."""
    park = element.tags.get("leisure") == "park" and element.is_area
    return park and element.geometry.area >= LARGE_PARK_SQUARE_METRES


def _natural(kind: str, square_metres: float) -> tuple[int, int]:
    zoom = int(zoom_by_size(square_metres)) + NAME_ZOOMS
    return (WATER_RANK if kind == "water" else PARK_RANK), max(10, min(15, zoom))


def _once(found: Iterable[Place]) -> Iterator[Place]:
    kept: list[Place] = []
    for place in found:
        twins = (other.geometry for other in kept if other.name == place.name)
        if not any(shapely.dwithin(place.geometry, twin, SAME_METRES) for twin in twins):
            kept.append(place)
            yield place


def row(place: Place) -> Row:
    """The row of the table of places."""
    names_of = (place.name, place.name_en, place.name_kk)
    last = (place.rank, place.min_zoom, to_hex(place.geometry))
    return (place.key, place.kind, *names_of, *last)
