"""What is cut from the coverage fits together: borders, coasts, and generalised copies."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely

from core.demo.world import bands, boundaries, countries, coverage, edges, mercator, water
from core.demo.world.sources import Row


def square(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(west, south, east, north)


def province(code: str, *polygons: shapely.Polygon) -> Row:
    return {"adm0_a3": code, "name": code.title(), "geom": shapely.MultiPolygon(list(polygons))}


# Two provinces of AAA side by side, BBB east of them, an islet of BBB, and CCC on both sides of
# the antimeridian, cut 0.1 degree short of it, as the source cuts it.
PROVINCES = [
    province("AAA", square(0, 0, 1, 1)),
    province("AAA", square(1, 0, 2, 1)),
    province("BBB", square(2, 0, 3, 1), square(5, 5, 5.01, 5.01)),
    province("CCC", square(178, 10, 179.9, 12), square(-179.9, 10, -178, 12)),
    province("ATA", square(-179.9, -89.9, 179.9, -70)),
]
BELONGS = np.array([0, 0, 1, 2, 3])
DEGREE = mercator.RADIUS * math.pi / 180


@pytest.fixture(scope="module")
def land() -> coverage.Coverage:
    return coverage.build(PROVINCES)


@pytest.fixture(scope="module")
def sides(land: coverage.Coverage) -> boundaries.Sides:
    return boundaries.sides(edges.extract(land), BELONGS, PROVINCES)


def in_degrees(geometry: Any) -> tuple[float, ...]:
    return tuple(round(side / DEGREE, 3) for side in geometry.bounds)


def test_a_border_is_where_two_countries_meet_and_never_the_coast(sides: boundaries.Sides) -> None:
    lines = sides.edges.lines(sides.borders)
    assert [in_degrees(line)[::2] for line in lines] == [(2.0, 2.0)]


def test_a_province_line_lies_within_one_country(sides: boundaries.Sides) -> None:
    lines = sides.edges.lines(sides.within)
    assert [in_degrees(line)[::2] for line in lines] == [(1.0, 1.0)]


def test_the_coast_has_no_line_at_180_degrees_nor_at_the_pole(sides: boundaries.Sides) -> None:
    coast = shapely.MultiLineString(sides.edges.lines(sides.edges.coast))
    half = mercator.HALF
    for meridian in (-half, half):
        strip = shapely.box(meridian - 10, -2 * half, meridian + 10, 2 * half)
        assert coast.intersection(strip).length < 100
    assert coast.bounds[1] > -half


def test_land_reaches_the_antimeridian_from_both_sides(land: coverage.Coverage) -> None:
    west, _, east, _ = in_degrees(land.geometries[3])
    assert (west, east) == (-180.0, 180.0)


def test_antarctica_reaches_below_the_world_square(land: coverage.Coverage) -> None:
    assert land.geometries[4].bounds[1] < -mercator.HALF


def test_a_torn_province_is_mended_not_lost() -> None:
    bow_tie = shapely.Polygon([(170, 0), (179.9, 0), (179.9, 2), (175, 0), (170, 2)])
    built = coverage.build([province("CCC", bow_tie)])
    assert built.geometries[0].is_valid
    assert built.geometries[0].area == pytest.approx(9.95 * DEGREE**2, rel=0.02)


def test_generalised_neighbours_leave_no_gap_and_no_overlap() -> None:
    steps = [(2 + 0.1 * math.sin(5 * t), t / 50) for t in range(51)]
    west = shapely.Polygon([(0, 0), *steps, (0, 1)])
    east = shapely.Polygon([*steps, (4, 1), (4, 0)])
    rough = coverage.build([province("AAA", west), province("BBB", east)])
    simple = rough.simplified(0.2 * DEGREE)
    assert shapely.get_num_coordinates(simple.geometries).sum() < 20
    assert shapely.coverage_is_valid(simple.geometries)
    assert len(shapely.get_parts(shapely.union_all(simple.geometries))) == 1
    assert shapely.area(simple.geometries).sum() == pytest.approx(4 * DEGREE**2, rel=0.05)


def test_islets_go_and_what_they_belonged_to_stays(land: coverage.Coverage) -> None:
    left = land.without_islets((0.1 * DEGREE) ** 2)
    assert len(left.geometries) == len(land.geometries)
    assert len(left.geometries[2].geoms) == 1


def test_countries_are_their_provinces(land: coverage.Coverage) -> None:
    whole = land.dissolved(BELONGS)
    assert whole.tag.tolist() == [0, 1, 2, 3]
    assert in_degrees(whole.geometries[0]) == pytest.approx((0, 0, 2, 1), abs=0.001)


CODES = [{"adm0_a3": code} for code in ("ISR", "PSX", "RUS", "UKR")]


def kinds(provinces: list[Row], belongs: list[int]) -> set[str]:
    found = boundaries.sides(edges.extract(coverage.build(provinces)), np.array(belongs), provinces)
    return {row[1] for row in boundaries.lines(found, countries.Countries(CODES), [])}


@pytest.fixture(autouse=True)
def _only_known_countries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boundaries, "DISPUTED", (("ISR", "PSX", None),))


def test_a_border_in_the_table_is_disputed() -> None:
    pair = [province("ISR", square(0, 0, 1, 1)), province("PSX", square(1, 0, 2, 1))]
    assert kinds(pair, [0, 1]) == {"disputed"}


def test_a_line_held_against_the_point_of_view_is_disputed() -> None:
    pair = [province("UKR", square(0, 0, 1, 1)), province("RUS", square(1, 0, 2, 1))]
    assert kinds(pair, [3, 3]) == {"disputed"}
    assert kinds(pair, [3, 2]) == {"country"}


def test_claims_are_kept_and_history_is_left_out() -> None:
    line = shapely.MultiLineString([[(0, 0), (1, 1)]])
    rows = [
        {"name": "Venezuelan claim", "geom": line},
        {"name": "Former USSR oblast in 1991", "geom": line},
        {"name": "Ceasefire Line 1994", "geom": line},
    ]
    assert len(list(boundaries._claims(rows))) == 1


def test_bands_cover_the_low_zooms_without_gap() -> None:
    found = bands.overviews("countries")
    assert found[0][1] == 0
    assert [low for _, low, _ in found[1:]] == [high + 1 for _, _, high in found[:-1]]
    assert found[-1][2] == bands.BASE_FROM - 1
    assert bands.overviews("province_lines", 3)[0] == ("demo.province_lines_z3", 3, 3)


TOPOLOGY: dict[str, Any] = {
    "transform": {"scale": [0.5, 0.5], "translate": [-10, -10]},
    "arcs": [[[20, 20], [2, 0], [0, 2]], [[22, 22], [-2, 0], [0, -2]]],
    "objects": {
        "lakes": {"geometries": [{"type": "Polygon", "arcs": [[0, 1]]}]},
        "rivers": {
            "geometries": [
                {"type": "LineString", "arcs": [~0]},
                {"type": "MultiLineString", "arcs": [[1]]},
            ]
        },
    },
}


def test_topojson_arcs_are_steps_and_may_run_backwards() -> None:
    topology = water.Topology(TOPOLOGY)
    assert [ring.tolist() for ring in next(topology.polygons("lakes"))] == [
        [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
    ]
    assert next(topology.lines("rivers")).tolist() == [[1, 1], [1, 0], [0, 0]]


def test_pieces_of_a_river_that_meet_become_one() -> None:
    assert len(water.rivers(water.Topology(TOPOLOGY), smooth=False)) == 1


def test_smoothing_keeps_the_ends_of_a_line_and_closes_a_ring() -> None:
    corner = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0]])
    curve = water.smoothed(corner, closed=False)
    assert curve[0].tolist() == [0, 0]
    assert curve[-1].tolist() == [4, 4]
    turns = [math.atan2(*(b - a)[::-1]) for a, b in pairwise(curve)]
    assert max(abs(b - a) for a, b in pairwise(turns)) < math.pi / 4
    ring = water.smoothed(np.array([[0, 0], [4, 0], [4, 4], [0, 0]]), closed=True)
    assert ring[0].tolist() == ring[-1].tolist()


def a_country(**words: Any) -> Row:
    row = {
        "adm0_a3": "XXX",
        "iso_a2_eh": "XX",
        "name": "X",
        "admin": "X",
        "sovereignt": "X",
        "type": "Sovereign country",
        "min_label": 5.0,
        "pop_est": 1e5,
        "labelrank": 6,
    }
    return {**row, "geom": square(0, 0, 1, 1), **words}


def test_small_states_have_their_name_from_z4_and_territories_when_the_source_says() -> None:
    assert countries.min_zoom(a_country()) == 4
    assert countries.min_zoom(a_country(sovereignt="Y", type="Dependency")) == 5
    assert countries.min_zoom(a_country(min_label=1.7)) == 1.7


def test_names_are_written_out() -> None:
    name = countries.short_name
    assert name(a_country(name="S. Sudan", admin="South Sudan")) == "South Sudan"
    assert name(a_country(name="Tanzania", admin="United Republic of Tanzania")) == "Tanzania"


def test_an_island_with_its_states_code_does_not_rename_the_state() -> None:
    brazil = a_country(adm0_a3="BRA", name="Brazil", iso_a2_eh="BR")
    island = a_country(adm0_a3="BRI", name="Brazilian Island", iso_a2_eh="BR", sovereignt="Brazil")
    assert countries.read([brazil, island]).names == {"BR": "Brazil"}


def test_micro_states_give_way_to_capitals() -> None:
    assert countries.size(a_country(geom=square(0, 45, 0.2, 45.2))) == 4
    assert countries.size(a_country(labelrank=2)) == 1


def test_where_a_province_lies_decides_whose_it_is() -> None:
    states = countries.read(
        [
            a_country(adm0_a3="UKR", geom=square(30, 45, 40, 50)),
            a_country(adm0_a3="RUS", geom=square(40, 45, 60, 60)),
        ]
    )
    held = province("RUS", square(33, 45, 35, 46))
    afloat = province("RUS", square(100, 0, 101, 1))
    found = countries.belonging([held, afloat], states)
    assert [states.codes[index] for index in found] == ["UKR", "RUS"]
