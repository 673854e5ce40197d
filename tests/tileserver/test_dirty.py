"""Dirty tiles: a cover that misses nothing, in bounded work, whatever the boxes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tileserver import dirty, grid
from tileserver.dirty import HALF_WORLD, WORLD, Area, Box

INSIDE = st.floats(-HALF_WORLD, HALF_WORLD, allow_nan=False)
SIZES = st.one_of(st.just(0.0), st.floats(0.01, 1000.0), st.floats(1000.0, HALF_WORLD))
MARGINS = st.sampled_from([0.0, grid.margin(64, 4096), grid.margin(2048, 4096)])


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """A box that is partly in the world square, or a point of it."""
    west, south = draw(INSIDE), draw(INSIDE)
    return west, south, west + draw(SIZES), south + draw(SIZES)


def felt_in(box: Box, x: int, y: int, zoom: int, margin: float) -> bool:
    """Whether a change in `box` is felt in a tile, by the plain definition."""
    side = 2 * HALF_WORLD / 2**zoom
    reach = margin * side
    west, north = x * side - HALF_WORLD, HALF_WORLD - y * side
    in_x = box[0] <= west + side + reach and box[2] >= west - reach
    in_y = box[1] <= north + reach and box[3] >= north - side - reach
    return bool(in_x and in_y)


def expected(where: list[Box], zoom: int, margin: float) -> set[tuple[int, int]]:
    """Every dirty tile, found by looking at every tile."""
    every = [(x, y) for x in range(2**zoom) for y in range(2**zoom)]
    return {tile for tile in every if any(felt_in(box, *tile, zoom, margin) for box in where)}


@given(st.lists(boxes(), min_size=1, max_size=6), st.integers(0, 5), MARGINS)
def test_ranges_hold_every_dirty_tile(where: list[Box], zoom: int, margin: float) -> None:
    area = Area(where, margin)
    codes = {code for first, last in area.ranges(zoom) for code in range(first, last + 1)}
    covered = [grid.unspread(code) for code in codes]
    wanted = expected(where, zoom, margin)
    assert wanted <= set(covered)
    columns, rows = [x for x, _ in covered], [y for _, y in covered]
    hits = area.dirty(columns, rows, zoom)
    # The slack may take a tile more, where a box ends within 0.01 mm of its edge.
    assert wanted <= {tile for tile, hit in zip(covered, hits, strict=True) if hit}
    assert area.count(zoom) >= len(wanted)


@pytest.mark.parametrize("zoom", [0, 5, 14, 24])
def test_the_work_is_bounded(zoom: int) -> None:
    spots = [(x * 9e5, y * 9e5, x * 9e5, y * 9e5) for x in range(-20, 20) for y in range(-20, 20)]
    assert len(Area(spots, grid.margin(64, 4096)).ranges(zoom)) <= dirty.MOST_QUADS


@given(st.integers(0, 2**24 - 1), st.integers(0, 2**24 - 1))
def test_morton_codes_come_back(x: int, y: int) -> None:
    code = grid.morton(x, y)
    assert code < 2**48
    assert grid.unspread(code) == (x, y)
    assert grid.morton(x >> 1, y >> 1) == code >> 2


def test_an_empty_area_dirties_nothing() -> None:
    assert Area([], 0.1).ranges(9) == []
    assert Area([], 0.1).count(9) == 0


def test_a_point_in_the_middle_of_a_tile_dirties_one_tile_a_zoom() -> None:
    side = 2 * HALF_WORLD / 2**14
    at = 5.5 * side - HALF_WORLD
    area = Area([(at, at, at, at)], grid.margin(64, 4096))
    assert area.count(14) == 1
    assert area.ranges(14) == [(grid.morton(5, 2**14 - 6),) * 2]


def test_a_point_at_an_edge_is_felt_on_both_sides() -> None:
    assert Area([(0.0, 1000.0, 0.0, 1000.0)], grid.margin(64, 4096)).count(10) == 2


def test_the_whole_world_is_one_range() -> None:
    assert Area([WORLD], 0.0).ranges(14) == [(0, 4**14 - 1)]
    assert Area([WORLD], 0.0).count(14) == 4**14


def test_degrees_are_cut_to_the_world_square() -> None:
    assert dirty.from_degrees([(-200.0, -90.0, 190.0, 90.0)])[0] == pytest.approx(WORLD)


@pytest.mark.parametrize("side", [math.nan, math.inf])
def test_what_is_no_box_may_be_anywhere(side: float) -> None:
    assert dirty.from_metres([(side, 0.0, 1.0, 1.0)]) == [WORLD]
    assert dirty.from_degrees([(side, 0.0, 1.0, 1.0)])[0] == pytest.approx(WORLD)


def test_a_reach_is_of_metres_on_the_ground() -> None:
    north = dirty.from_degrees([(10.0, 60.0, 10.0, 60.0)])
    west, _, east, _ = dirty.grown(north, 100.0)[0]
    assert east - west == pytest.approx(400.0, rel=0.001)


def test_many_boxes_are_told_as_few() -> None:
    spots = [(x * 1e4, y * 1e4, x * 1e4 + 1, y * 1e4 + 1) for x in range(40) for y in range(40)]
    told = Area(spots, 0.0).degrees(256)
    assert len(told) <= 256
    for west, south, *_ in dirty.Area(spots, 0.0).degrees(1600):
        assert any(w <= west <= e and s <= south <= n for w, s, e, n in told)
