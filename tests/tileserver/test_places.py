"""Places as they are told: rounded outwards, cut at the antimeridian, few."""

from hypothesis import given
from hypothesis import strategies as st

from tileserver.places import Box, Places, around, read, together

MOST = 256
longitudes = st.floats(-180, 180)
latitudes = st.floats(-85, 85)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    west, east = sorted((draw(longitudes), draw(longitudes)))
    south, north = sorted((draw(latitudes), draw(latitudes)))
    return west, south, east, north


def inside(inner: Box, outer: Box) -> bool:
    """True when no part of `inner` is outside `outer`."""
    low = all(mine >= other for mine, other in zip(inner[:2], outer[:2], strict=True))
    return low and all(mine <= other for mine, other in zip(inner[2:], outer[2:], strict=True))


@given(boxes())
def test_a_box_is_rounded_outwards_and_by_little(box: Box) -> None:
    [told] = read({"boxes": [box]}).boxes
    assert inside(box, told)
    assert all(abs(mine - other) <= 1.1e-5 for mine, other in zip(box, told, strict=True))


def test_a_box_across_the_antimeridian_becomes_two() -> None:
    told = read({"boxes": [[179.5, -1, -179.5, 1]]}).boxes
    assert told == ((179.5, -1.0, 180.0, 1.0), (-180.0, -1.0, -179.5, 1.0))


@given(st.lists(boxes(), max_size=600))
def test_fewer_boxes_hold_all_the_boxes(many: list[Box]) -> None:
    few = together([Places(tuple(many[:300])), Places(tuple(many[300:]))], MOST).boxes
    assert len(few) <= MOST
    assert all(any(inside(box, one) for one in few) for box in many)


def test_the_same_place_is_told_once() -> None:
    one = Places(((0.0, 0.0, 1.0, 1.0),), ((3, 1, 2),))
    assert together([one, one], MOST) == one


@given(st.sets(st.tuples(st.just(9), st.integers(0, 511), st.integers(0, 511)), max_size=600))
def test_fewer_tiles_hold_all_the_tiles(many: set[tuple[int, int, int]]) -> None:
    few = together([Places((), tuple(many))], MOST).tiles
    assert len(few) <= MOST
    for z, x, y in many:
        assert any((a, x >> (z - a), y >> (z - a)) == (a, b, c) for a, b, c in few)


def test_a_whole_layer_among_others_is_whole() -> None:
    assert together([Places(), Places(whole=True)], MOST).whole
    assert not together([Places()], MOST).whole


def test_the_box_around_some() -> None:
    assert around([(0, 0, 1, 1), (-5, 2, 0, 3)]) == (-5, 0, 1, 3)
