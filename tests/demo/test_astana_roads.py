"""Roads: what a highway value becomes, when it appears, and where its name is written."""

import pytest
import shapely

from core.demo.astana import road_names, roads
from core.demo.astana.elements import Element
from core.demo.astana.names import place, shorten, without_generic


def element(line: shapely.LineString, osm_id: int = 1, **tags: str) -> Element:
    return Element("way", osm_id, {"highway": "primary", **tags}, line)


def road(line: shapely.LineString, osm_id: int = 1, **tags: str) -> roads.Road:
    (found,) = roads.roads([element(line, osm_id, **tags)])
    return found


EAST = shapely.LineString([(0, 0), (1000, 0)])


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "motorway"}, ("trunk", "motorway")),
        ({"highway": "trunk_link"}, ("trunk", "link")),
        ({"highway": "motorway_link"}, ("trunk", "link")),
        ({"highway": "unclassified"}, ("residential", "unclassified")),
        ({"highway": "service", "service": "parking_aisle"}, ("service", "parking_aisle")),
        ({"highway": "service", "service": "bus_stop"}, ("service", "")),
        ({"highway": "footway", "footway": "sidewalk"}, ("path", "sidewalk")),
        ({"highway": "steps"}, ("path", "steps")),
        ({"highway": "construction"}, ("service", "construction")),
        ({"highway": "street_lamp"}, None),
        ({"railway": "rail"}, None),
    ],
)
def test_classes(tags: dict[str, str], expected: tuple[str, str] | None) -> None:
    assert roads.classify(tags) == expected


def test_classes_appear_one_after_the_other() -> None:
    zooms = [roads.MIN_ZOOM[kind] for kind in roads.CLASSES]
    assert zooms == sorted(zooms)


def test_a_plaza_is_no_road() -> None:
    area = Element("way", 1, {"highway": "pedestrian"}, shapely.box(0, 0, 9, 9))
    assert list(roads.roads([area])) == []


def test_bridge_tunnel_level_and_oneway() -> None:
    assert (road(EAST, bridge="yes").bridge, road(EAST, bridge="yes").level) == (True, 1)
    assert road(EAST, bridge="yes", layer="2").level == 2
    assert (road(EAST, tunnel="yes").tunnel, road(EAST, tunnel="yes").level) == (True, -1)
    assert [road(EAST, oneway=way).oneway for way in ("yes", "-1", "no")] == [1, -1, 0]
    assert road(EAST, junction="roundabout").oneway == 1


def test_an_overview_merges_ways_of_one_name_and_leaves_out_the_small() -> None:
    pieces = [
        element(shapely.LineString([(i * 5000, 0), (i * 5000 + 5000, 0)]), i + 1, name="Abay")
        for i in range(3)
    ]
    lane = element(shapely.LineString([(0, 0), (9000, 9000)]), 9, highway="service")
    (merged,) = roads.overview(roads.roads([*pieces, lane]), 9)
    assert (merged.key, merged.geometry.geom_type) == (1, "LineString")
    assert merged.geometry.length == 15_000


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("улица Абая", "ул. Абая"),
        ("Московская улица", "Московская ул."),
        ("проспект Туран", "пр-т Туран"),
        ("Кургальжинское шоссе", "Кургальжинское ш."),
        ("переулок Бестау", "пер. Бестау"),
        ('мост "Архар" (М-1)', "мост Архар (М-1)"),
        ("Абай даңғылы", "Абай д-лы"),
        ("Набережная", "Набережная"),
        ("улица", "улица"),
        ("переулица Абая", "переулица Абая"),
    ],
)
def test_generic_words_are_shortened(name: str, short: str) -> None:
    assert shorten(name) == short


def test_quarters_lose_quotes_and_the_word_for_a_housing_estate() -> None:
    assert place('ЖК "Водно-Зеленый бульвар"') == "Водно-Зеленый бульвар"
    assert place("микрорайон Алатау") == "мкр. Алатау"
    assert without_generic("проспект Туран") == "Туран"


def test_two_carriageways_carry_one_name() -> None:
    there = road(EAST, 1, name="проспект Туран")
    back = road(shapely.LineString([(1000, 30), (0, 30)]), 2, name="проспект Туран")
    (line,) = road_names.name_lines([there, back])
    assert line.geometry.length == pytest.approx(1000)
    assert (line.name_short, line.kind) == ("пр-т Туран", "primary")


def test_a_street_has_the_class_of_most_of_its_length() -> None:
    long = road(EAST, 1, name="Abay", highway="secondary")
    short = road(shapely.LineString([(1000, 0), (1100, 0)]), 2, name="Abay")
    (line,) = road_names.name_lines([long, short])
    assert line.kind == "secondary"


def test_ramps_carry_no_name() -> None:
    assert list(road_names.name_lines([road(EAST, name="Abay", highway="primary_link")])) == []
