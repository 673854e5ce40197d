"""The boxes that stand for a large shape cover it, and those of a reshaped one its difference."""

import math

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from core.changelog import schema
from tests.changelog.log import rows

# The auditor's thread of this process rolls dice of its own while an example is drawn.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")
BOXES = "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM {} AS b"
# Round numbers, so that sides lie on the lines along which shapes are cut.
numbers = st.one_of(st.integers(-64, 64).map(float), st.floats(-100, 100, width=32))
points = st.tuples(numbers, numbers)
property_test = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def functions(committed: None) -> None:
    """The change log's functions, called as triggers call them."""
    with connection.cursor() as cursor:
        schema.install(cursor)
        cursor.execute("SET jit = off")


def boxes(call: str, *shapes: BaseGeometry) -> BaseGeometry:
    """The union of the boxes that a function gives for shapes."""
    texts = [f"ST_GeomFromText('{shape.wkt}', 3857)" for shape in shapes]
    found = rows(BOXES.format(f"graticule.{call}".format(*texts)))
    return unary_union([box(*one).buffer(1e-7) for one in found])


def covers(cover: BaseGeometry, shape: BaseGeometry) -> bool:
    """Whether it covers, but for what rounding in this test's own arithmetic leaves."""
    return bool(shape.difference(cover.buffer(1e-6)).is_empty)


@given(st.lists(points, min_size=2, max_size=30))
@property_test
def test_the_pieces_of_a_line_cover_it(functions: None, line: list[tuple[float, float]]) -> None:
    shape = LineString(line)
    assert covers(boxes("pieces({}, 10)", shape), shape)


@given(st.lists(st.tuples(st.integers(-40, 40), st.integers(1, 40)), min_size=1, max_size=12))
@property_test
def test_the_pieces_of_blocks_cover_them(functions: None, blocks: list[tuple[int, int]]) -> None:
    shape = unary_union([box(x, x + 3, x + side, x + 2 * side) for x, side in blocks])
    assert isinstance(shape, (Polygon, MultiPolygon))
    assert covers(boxes("pieces({}, 10)", shape), shape)


@given(st.lists(st.tuples(points, points), min_size=1, max_size=8))
@property_test
def test_the_pieces_of_many_lines_cover_them(
    functions: None, lines: list[tuple[tuple[float, float], tuple[float, float]]]
) -> None:
    shape = MultiLineString([list(line) for line in lines])
    assert covers(boxes("pieces({}, 10)", shape), shape)


@given(
    st.lists(points, min_size=4, max_size=60),
    st.lists(points, min_size=0, max_size=8),
    st.integers(0, 60),
    st.integers(0, 8),
)
@property_test
def test_a_line_that_was_bent_is_covered_where_it_was(
    functions: None,
    line: list[tuple[float, float]],
    new: list[tuple[float, float]],
    place: int,
    gone: int,
) -> None:
    after = [*line[:place], *new, *line[place + gone :]]
    if len(after) < 2:
        return
    before, now = LineString(line), LineString(after)
    cover = boxes("reshaped({}, {}, 10)", before, now)
    assert covers(cover, before.difference(now))
    assert covers(cover, now.difference(before))
    changed = set(line) ^ set(after)
    assert all(covers(cover, LineString([one, one])) for one in changed)


@given(
    st.integers(5, 80),
    st.lists(st.tuples(st.integers(0, 79), st.floats(-0.5, 0.5)), min_size=1, max_size=4),
)
@property_test
def test_a_polygon_that_was_reshaped_is_covered_where_it_was(
    functions: None, count: int, pushed: list[tuple[int, float]]
) -> None:
    def coast(radii: list[float]) -> Polygon:
        angles = [math.tau * i / count for i in range(count)]
        return Polygon(
            [(r * math.cos(a), r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]
        )

    radii = [50.0] * count
    before = coast(radii)
    for place, share in pushed:
        radii[place % count] *= 1 + share
    after = coast(radii)
    cover = boxes("reshaped({}, {}, 10)", before, after)
    assert covers(cover, before.symmetric_difference(after))
