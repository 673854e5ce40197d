"""Roads: from OSM's highway values to seven classes, with the zoom at which each appears."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from core.demo.astana.elements import Element
from core.demo.astana.geometry import Row, lines_hex, merged, unit
from core.demo.astana.names import shorten

COLUMNS = (
    ("class", "text NOT NULL"),
    ("subclass", "text NOT NULL"),
    ("name", "text"),
    ("name_en", "text"),
    ("name_kk", "text"),
    ("name_short", "text"),
    ("ref", "text"),
    ("bridge", "boolean NOT NULL"),
    ("tunnel", "boolean NOT NULL"),
    ("oneway", "smallint NOT NULL"),
    ("level", "smallint NOT NULL"),
    ("rank", "smallint NOT NULL"),
    ("min_zoom", "real NOT NULL"),
)
CLASSES = ("trunk", "primary", "secondary", "tertiary", "residential", "service", "path")
# CARTOGRAPHY "Classes appear": the server's zoom, a little below the style's fade-in.
MIN_ZOOM = dict(zip(CLASSES, (6.0, 8.0, 10.0, 11.0, 12.0, 14.0, 14.0), strict=True))

# highway value: class, subclass
KINDS = {
    "motorway": ("trunk", "motorway"),
    "trunk": ("trunk", ""),
    "primary": ("primary", ""),
    "secondary": ("secondary", ""),
    "tertiary": ("tertiary", ""),
    "residential": ("residential", ""),
    "unclassified": ("residential", "unclassified"),
    "living_street": ("residential", "living_street"),
    "yes": ("service", ""),
    "service": ("service", ""),
    "rest_area": ("service", "rest_area"),
    "construction": ("service", "construction"),
    "track": ("path", "track"),
    "footway": ("path", "footway"),
    "pedestrian": ("path", "pedestrian"),
    "path": ("path", "path"),
    "cycleway": ("path", "cycleway"),
    "steps": ("path", "steps"),
}
# Aisles between parked cars and drives to a door are noise until one stands in them.
MINOR_SERVICE = ("parking_aisle", "driveway", "alley", "emergency_access")


@dataclass(frozen=True)
class Road:
    """A way that people travel on; geometry in EPSG:3857."""

    key: int
    kind: str
    subclass: str
    name: str | None
    name_en: str | None
    name_kk: str | None
    ref: str | None
    bridge: bool
    tunnel: bool
    oneway: int
    level: int
    rank: int
    min_zoom: float
    geometry: BaseGeometry


def classify(tags: dict[str, str]) -> tuple[str, str] | None:
    """(class, subclass) of a way with these tags, or None where it is no road."""
    highway = tags.get("highway", "")
    if highway.endswith("_link"):
        kind, _ = KINDS.get(highway.removesuffix("_link"), ("service", ""))
        return kind, "link"
    found = KINDS.get(highway)
    if found == ("service", "") and tags.get("service") in MINOR_SERVICE:
        return "service", tags["service"]
    if found == ("path", "footway") and tags.get("footway") in ("sidewalk", "crossing"):
        return "path", tags["footway"]
    return found


def roads(elements: Iterable[Element]) -> Iterator[Road]:
    """The roads among the elements: ways that are lines."""
    for element in elements:
        found = classify(element.tags) if element.is_line else None
        if found:
            yield _road(element, *found)


def _road(element: Element, kind: str, subclass: str) -> Road:
    tags = element.tags
    rank = 2 * CLASSES.index(kind) + (subclass not in ("", "motorway"))
    return Road(
        key=element.osm_id,
        kind=kind,
        subclass=subclass,
        name=tags.get("name"),
        name_en=tags.get("name:en"),
        name_kk=tags.get("name:kk"),
        ref=_ref(tags),
        bridge=tags.get("bridge", "no") != "no",
        tunnel=tags.get("tunnel", "no") != "no" or tags.get("covered") == "yes",
        oneway=_oneway(tags),
        level=level(tags),
        rank=rank,
        min_zoom=_min_zoom(kind, subclass),
        geometry=element.geometry,
    )


def _ref(tags: dict[str, str]) -> str | None:
    """The first road number, with a hyphen, as it stands on the signs (M-36)."""
    first = tags.get("ref", "").split(";")[0].strip()
    return first or None


def _oneway(tags: dict[str, str]) -> int:
    """1 along the line, -1 against it, 0 both ways."""
    if tags.get("oneway") == "-1":
        return -1
    implied = tags.get("junction") == "roundabout" or tags.get("highway") == "motorway"
    return int(tags.get("oneway", "yes" if implied else "no") in ("yes", "true", "1"))


def level(tags: dict[str, str]) -> int:
    """OSM's `layer`: 0 on the ground, above it positive; a bridge is at least at 1."""
    text = tags.get("layer", "")
    if text.lstrip("-").isdecimal():
        return max(-5, min(5, int(text)))
    return 1 if tags.get("bridge", "no") != "no" else -1 if tags.get("tunnel") == "yes" else 0


def _min_zoom(kind: str, subclass: str) -> float:
    if subclass in MINOR_SERVICE or subclass in ("sidewalk", "crossing"):
        return 15.0
    if subclass == "link":
        return max(MIN_ZOOM[kind] + 1, 10.0)
    return 13.0 if subclass == "track" else MIN_ZOOM[kind]


def overview(all_roads: Iterable[Road], zoom: int) -> Iterator[Road]:
    """Roads for low zooms: ways of one class and name merged into lines, and simplified.

    What would only show after `zoom` is left out; ramps too. The id is the smallest of the ways'.
    """
    groups: dict[tuple[str, ...], list[Road]] = {}
    for road in all_roads:
        if road.min_zoom < zoom + 1 and road.subclass != "link":
            groups.setdefault((road.kind, road.name or "", road.ref or ""), []).append(road)
    for group in groups.values():
        first = min(group, key=lambda road: road.key)
        lines = merged(road.geometry for road in group)
        simple = shapely.simplify(lines, unit(zoom) * 2)
        if simple.length > 8 * unit(zoom):
            yield _flat(first, simple)


def _flat(road: Road, geometry: BaseGeometry) -> Road:
    """The road with what only shows close by taken off."""
    changes = {"geometry": geometry, "bridge": False, "tunnel": False, "oneway": 0, "level": 0}
    return Road(**{**road.__dict__, **changes})


def row(road: Road) -> Row:
    """The row of a table of roads."""
    short = shorten(road.name) if road.name else None
    names = (road.name, road.name_en, road.name_kk, short)
    shape = (road.bridge, road.tunnel, road.oneway, road.level)
    middle = (road.kind, road.subclass, *names, road.ref, *shape, road.rank, road.min_zoom)
    return (road.key, *middle, lines_hex(road.geometry))
