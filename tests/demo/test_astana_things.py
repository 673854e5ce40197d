"""Areas, buildings, POIs, places and what search knows of them."""

import pytest
import shapely

from core.demo.astana import areas, buildings, lines, places, pois
from core.demo.astana.elements import Element
from core.demo.astana.found import entries
from core.demo.astana.geometry import unit
from core.demo.astana.latin import latin
from core.demo.astana.poi_kinds import GROUPS, KINDS, icon_of, kind_of
from core.demo.search import fold

FIELD = shapely.box(0, 0, 400, 400)


def field(tags: dict[str, str]) -> Element:
    return Element("way", 1, tags, FIELD)


def area(geometry: shapely.Polygon = FIELD, osm_id: int = 1, **tags: str) -> Element:
    return Element("way", osm_id, tags, geometry)


def node(x: float, y: float, osm_id: int = 1, **tags: str) -> Element:
    return Element("node", osm_id, tags, shapely.Point(x, y))


@pytest.mark.parametrize(
    ("tags", "rules", "kind"),
    [
        ({"landuse": "garages"}, areas.LANDUSE, "industrial"),
        ({"amenity": "kindergarten"}, areas.LANDUSE, "education"),
        ({"landuse": "village_green"}, areas.GREEN, "grass"),
        ({"landuse": "cemetery"}, areas.GREEN, "cemetery"),
        ({"natural": "wood"}, areas.GREEN, "forest"),
        ({"waterway": "riverbank"}, areas.WATER, "river"),
        ({"natural": "water", "water": "riverbank"}, areas.WATER, "river"),
        ({"natural": "water"}, areas.WATER, "lake"),
        ({"natural": "water", "water": "pond"}, areas.WATER, "pond"),
    ],
)
def test_areas_by_class(tags: dict[str, str], rules: areas.Rules, kind: str) -> None:
    assert [found.kind for found in areas.areas([field(tags)], rules)] == [kind]


def test_a_school_building_is_no_school_ground() -> None:
    assert list(areas.areas([area(amenity="school", building="yes")], areas.LANDUSE)) == []


def test_a_bow_tie_becomes_valid_and_a_sliver_is_dropped() -> None:
    bow = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    sliver = shapely.box(0, 0, 1000, 0.001)
    (found,) = areas.areas(
        [area(bow, 1, leisure="park"), area(sliver, 2, leisure="park")], areas.GREEN
    )
    assert (found.key, found.geometry.is_valid) == (1, True)
    assert found.geometry.area == pytest.approx(5000)


def test_areas_appear_when_they_can_be_seen_large_ones_beneath() -> None:
    pixel = 4 * unit(12)
    size = areas.SEEN_SQUARE_PIXELS * pixel**2
    assert (areas.zoom_by_size(size * 1.01), areas.zoom_by_size(size * 0.99)) == (12, 13)
    assert areas.rank_by_size(1_000_000) < areas.rank_by_size(1_000)


def test_the_town_is_one_shape_of_houses_that_stand_together() -> None:
    street = [shapely.box(i * 60, 0, i * 60 + 20, 20) for i in range(30)]
    hermit = shapely.box(9000, 9000, 9020, 9020)
    town = areas.built_up([*street, hermit], around=50, least=20_000)
    assert len(shapely.get_parts(town)) == 1
    assert not town.intersects(hermit)


@pytest.mark.parametrize(
    ("tags", "height"),
    [
        ({"height": "97"}, 97),
        ({"building:height": "12,5 m"}, 12.5),
        ({"building:levels": "5"}, 16),
        ({"height": "10", "building:levels": "9"}, 10),
        ({"building:levels": "?"}, 4),
        ({}, 4),
        ({"height": "9999"}, 400),
    ],
)
def test_heights(tags: dict[str, str], height: float) -> None:
    assert buildings.height(tags) == pytest.approx(height)


def test_an_outline_with_parts_is_hollow_and_its_parts_stand_in_3d() -> None:
    tags = {"building:part": "yes", "min_height": "8"}
    tower = Element("way", 2, tags, shapely.box(10, 10, 30, 30))
    found = {b.key: b for b in buildings.buildings([area(building="yes"), tower])}
    assert (found[1].hollow, found[1].part) == (True, False)
    assert (found[2].hollow, found[2].part, found[2].min_height) == (False, True, 4)


def test_house_numbers_stand_on_houses_and_at_entrances() -> None:
    house = field({"building": "yes", "addr:housenumber": "12/1"})
    gate = node(5, 5, 2, **{"addr:housenumber": "14"})
    found = list(buildings.house_numbers([house, gate]))
    assert [one.number for one in found] == ["12/1", "14"]
    assert found[0].rank < found[1].rank
    assert FIELD.contains(found[0].geometry)


def test_rivers_are_drawn_before_ditches_and_tracks_in_use_only() -> None:
    line = shapely.LineString([(0, 0), (9, 9)])
    kinds = ("ditch", "river", "dam")
    water = lines.waterways(Element("way", 1, {"waterway": kind}, line) for kind in kinds)
    zooms = {found.kind: found.min_zoom for found in water}
    assert set(zooms) == {"ditch", "river"}
    assert zooms["river"] < zooms["ditch"]
    tracks = [{"railway": "rail"}, {"railway": "rail", "service": "yard"}, {"railway": "abandoned"}]
    found = lines.railways(Element("way", 1, tags, line) for tags in tracks)
    assert [track.kind for track in found] == ["rail", "service"]


def test_every_kind_of_poi_has_one_of_five_groups() -> None:
    assert {kind.group for kind in KINDS.values()} == set(GROUPS)
    assert all(13 <= kind.zoom <= 17 for kind in KINDS.values())


def test_kinds_of_poi() -> None:
    mosque = {"amenity": "place_of_worship", "religion": "muslim", "name": "Нур-Астана"}
    kind = kind_of(mosque)
    assert kind is not None
    assert (kind.group, icon_of(kind, mosque)) == ("leisure", "religious-muslim")
    assert kind_of({"amenity": "bench"}) is None
    assert kind_of({"shop": "seafood"}) is None
    other = kind_of({"shop": "seafood", "name": "Океан"})
    assert other is not None
    assert (other.kind, other.group) == ("shop", "shop")


def test_pois_that_stand_close_give_way_by_importance() -> None:
    university = node(0, 0, 1, amenity="university", name="ЕНУ")
    neighbour = node(30, 0, 2, amenity="university", name="КазАТУ")
    far = node(5000, 0, 3, amenity="university", name="Назарбаев Университет")
    zooms = {poi.name: poi.zoom for poi in pois.pois([university, neighbour, far])}
    assert zooms == {"ЕНУ": 14, "Назарбаев Университет": 14, "КазАТУ": 17}


def test_a_thing_mapped_twice_comes_once() -> None:
    building = area(amenity="school", name="Школа №7", building="yes")
    found = pois.pois([node(10, 10, 2, amenity="school", name="Школа №7"), building])
    assert len(found) == 1


def test_places_come_once_and_lakes_but_not_the_river() -> None:
    found = places.places(
        [
            node(0, 0, 1, place="suburb", name="Заречный"),
            area(FIELD, 2, place="suburb", name="Заречный"),
            area(FIELD, 3, natural="water", name="Талдыколь"),
            area(FIELD, 4, natural="water", water="riverbank", name="Есиль"),
            area(FIELD, 5, landuse="residential", name='ЖК "Сармат"'),
        ]
    )
    assert [(one.kind, one.name) for one in found] == [
        ("suburb", "Заречный"),
        ("neighbourhood", "Сармат"),
        ("water", "Талдыколь"),
    ]


def test_a_large_park_is_a_name_and_a_small_one_an_icon() -> None:
    large = area(FIELD, 1, leisure="park", name="Парк Астана")
    small = area(shapely.box(0, 0, 50, 50), 2, leisure="park", name="Сквер")
    assert [one.name for one in places.places([large, small])] == ["Парк Астана"]
    assert [one.name for one in pois.pois([large, small])] == ["Сквер"]


def test_search_finds_a_russian_name_from_a_latin_keyboard() -> None:
    (entry,) = entries([], pois.pois([node(0, 0, 1, amenity="university", name="Назарбаев")]), [])
    assert "nazarbaev" in [fold(name) for name in entry.names]
    assert (entry.kind, entry.context) == ("university", "Astana")
    assert latin("Есіл Щучинск") == "esil shchuchinsk"
