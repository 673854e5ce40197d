"""What search finds of Astana: its streets, quarters and points of interest."""

from collections.abc import Iterator

import shapely
from pyproj import Transformer

from core.demo.astana.latin import latin
from core.demo.astana.names import without_generic
from core.demo.astana.places import Place
from core.demo.astana.pois import Poi
from core.demo.astana.road_names import NameLine
from core.demo.search import Entry

CONTEXT = "Astana"
STREET_ZOOM, PLACE_ZOOM = 15.0, 14.0
# Where they stand among the world's places, of which a town of 10,000 has rank 0.5.
PLACE_RANK, STREET_RANK, POI_RANK = 0.45, 0.55, 0.7

_TO_DEGREES = Transformer.from_crs(3857, 4326, always_xy=True)


def entries(streets: list[NameLine], pois: list[Poi], places: list[Place]) -> Iterator[Entry]:
    """The entries of Astana; the city itself is among the world's places."""
    yield from (_place(place) for place in places if place.kind != "city")
    yield from (_street(street) for street in streets)
    yield from (_poi(poi, poi.name) for poi in pois if poi.name)


def _place(place: Place) -> Entry:
    kind = "lake" if place.kind == "water" else place.kind
    names = (place.name_en, place.name_kk)
    return _entry(
        place.name, names, kind, PLACE_RANK + 0.02 * place.rank, place.geometry, PLACE_ZOOM
    )


def _street(street: NameLine) -> Entry:
    longest = max(shapely.get_parts(street.geometry), key=lambda part: part.length)
    middle = longest.interpolate(0.5, normalized=True)
    names = (street.name_en, street.name_kk, without_generic(street.name))
    rank = STREET_RANK + 0.01 * street.rank
    return _entry(street.name, names, "street", rank, middle, STREET_ZOOM)


def _poi(poi: Poi, name: str) -> Entry:
    names = (poi.name_en, poi.name_kk)
    kind = poi.kind.kind.replace("_", " ")
    zoom = max(16.0, min(17.0, float(poi.zoom)))
    return _entry(name, names, kind, POI_RANK + poi.rank / 2000, poi.geometry, zoom)


def _entry(
    name: str,
    names: tuple[str | None, ...],
    kind: str,
    rank: float,
    point: shapely.Point,
    zoom: float,
) -> Entry:
    """An entry that is also found by its name in Latin letters."""
    known = [other for other in names if other]
    others = dict.fromkeys([*known, *(latin(one) for one in (name, *known))])
    lon, lat = _TO_DEGREES.transform(point.x, point.y)
    words = tuple(other for other in others if other != name)
    return Entry(name, words, kind, CONTEXT, round(rank, 4), 0, round(lon, 6), round(lat, 6), zoom)
