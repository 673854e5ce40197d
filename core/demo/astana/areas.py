"""Areas: what the ground is used for, what is green, water, parking; valid and without slivers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import log2

import shapely
from shapely.geometry.base import BaseGeometry

from core.demo.astana.elements import Element
from core.demo.astana.geometry import Row, polygons, to_hex, unit

SLIVER_SQUARE_METRES = 4.0
# CSS pixels that an area must cover to be worth a reader's look.
SEEN_SQUARE_PIXELS = 16.0

COLUMNS = (
    ("class", "text NOT NULL"),
    ("name", "text"),
    ("rank", "smallint NOT NULL"),
    ("min_zoom", "real NOT NULL"),
)

Rules = Mapping[str, Mapping[str, str]]

LANDUSE: Rules = {
    "landuse": {
        "residential": "residential",
        "industrial": "industrial",
        "garages": "industrial",
        "railway": "industrial",
        "landfill": "industrial",
        "quarry": "industrial",
        "commercial": "commercial",
        "retail": "commercial",
        "construction": "construction",
        "brownfield": "construction",
        "greenfield": "construction",
        "military": "military",
        "farmland": "farmland",
    },
    "amenity": {
        "school": "education",
        "kindergarten": "education",
        "college": "education",
        "university": "education",
        "hospital": "hospital",
        "clinic": "hospital",
        "marketplace": "commercial",
    },
    "highway": {"pedestrian": "pedestrian", "footway": "pedestrian", "steps": "pedestrian"},
    "railway": {"platform": "platform"},
    "natural": {"beach": "sand"},
}
GREEN: Rules = {
    "leisure": {
        "park": "park",
        "garden": "park",
        "common": "park",
        "golf_course": "park",
        "pitch": "pitch",
        "track": "pitch",
        "playground": "pitch",
        "stadium": "pitch",
    },
    "landuse": {
        "grass": "grass",
        "village_green": "grass",
        "meadow": "grass",
        "recreation_ground": "park",
        "forest": "forest",
        "orchard": "orchard",
        "allotments": "orchard",
        "cemetery": "cemetery",
    },
    "natural": {
        "wood": "forest",
        "scrub": "scrub",
        "grassland": "grass",
        "heath": "scrub",
        "wetland": "wetland",
    },
}
WATER: Rules = {
    "waterway": {"riverbank": "river"},
    "natural": {"water": "lake"},
    "landuse": {"reservoir": "reservoir", "basin": "reservoir"},
    "leisure": {"swimming_pool": "pool"},
}
PARKING: Rules = {"amenity": {"parking": "parking"}}


@dataclass(frozen=True)
class Area:
    """A piece of ground of one class; geometry a MultiPolygon in EPSG:3857."""

    key: int
    kind: str
    name: str | None
    rank: int
    min_zoom: float
    geometry: BaseGeometry


def areas(elements: Iterable[Element], rules: Rules) -> Iterator[Area]:
    """The areas that `rules` give a class; buildings are none, whatever they house."""
    for element in elements:
        kind = _kind(element, rules)
        if kind and element.is_area and "building" not in element.tags:
            geometry = polygons(element.geometry)
            if geometry.area >= SLIVER_SQUARE_METRES:
                yield _area(element, kind, geometry)


def _area(element: Element, kind: str, geometry: BaseGeometry) -> Area:
    return Area(
        key=element.osm_id,
        kind=kind,
        name=element.tags.get("name"),
        rank=rank_by_size(geometry.area),
        # A river is mapped in pieces; it is one thing, whatever their size.
        min_zoom=8.0 if kind == "river" else zoom_by_size(geometry.area),
        geometry=geometry,
    )


def _kind(element: Element, rules: Rules) -> str | None:
    for key, values in rules.items():
        if found := values.get(element.tags.get(key, "")):
            return _water_kind(element, found) if rules is WATER else found
    return None


def _water_kind(element: Element, kind: str) -> str:
    """What `natural=water` is in particular: `water=*` tells."""
    water = element.tags.get("water", "")
    return {"riverbank": "river", "pond": "pond"}.get(water, water or kind)


def rank_by_size(square_metres: float) -> int:
    """0 to 40, large areas first: they lie beneath the small ones, and are cut last."""
    return max(0, 40 - round(1.5 * log2(max(square_metres, 1.0))))


def zoom_by_size(square_metres: float) -> float:
    """The zoom from which an area covers SEEN_SQUARE_PIXELS."""
    zoom = 0
    while zoom < 16 and square_metres / (4 * unit(zoom)) ** 2 < SEEN_SQUARE_PIXELS:
        zoom += 1
    return float(zoom)


def overview(all_areas: Iterable[Area], zoom: int) -> Iterator[Area]:
    """The areas that are seen at `zoom` or before, simplified to what can be seen there."""
    for area in all_areas:
        if area.min_zoom <= zoom:
            simple = polygons(shapely.simplify(area.geometry, 2 * unit(zoom)))
            if not simple.is_empty:
                yield replace(area, geometry=simple)


def built_up(footprints: Iterable[BaseGeometry], around: float, least: float) -> BaseGeometry:
    """The town: footprints grown together `around` metres, gaps under `least` m² shut."""
    grown = shapely.buffer(list(footprints), around, quad_segs=1)
    town = shapely.buffer(shapely.union_all(grown), -around * 0.8, quad_segs=1)
    parts: list[shapely.Polygon] = list(shapely.get_parts(town))
    kept = [_without_holes(part, least) for part in parts if part.area >= least]
    return shapely.MultiPolygon(kept)


def _without_holes(polygon: shapely.Polygon, least: float) -> shapely.Polygon:
    holes = [ring for ring in polygon.interiors if shapely.Polygon(ring).area >= least]
    return shapely.Polygon(polygon.exterior, holes)


def row(area: Area) -> Row:
    """The row of a table of areas."""
    return (area.key, area.kind, area.name, area.rank, area.min_zoom, to_hex(area.geometry))
