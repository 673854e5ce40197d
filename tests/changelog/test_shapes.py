"""Where shapes changed: far-apart edits stay apart, large polygons send their difference."""

import math
import random

import pytest
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from core.models import Layer
from tests.changelog.log import Box, Logged, covered, logged, rows
from tests.database import execute
from tests.odd import publish_odd

TABLE = """
CREATE TABLE odd.areas (id integer PRIMARY KEY, name text, geom geometry(Geometry, 3857));
CREATE INDEX ON odd.areas USING gist (geom);
"""
RADIUS = 50_000.0


@pytest.fixture
def areas(committed: None) -> Layer:
    """A table of shapes in metres."""
    execute(TABLE)
    return publish_odd("areas").layer


def ring(points: int, radius: float = RADIUS, seed: int = 1) -> list[tuple[float, float]]:
    """A coast: a circle with bays."""
    chance = random.Random(seed)
    angles = [2 * math.pi * i / points for i in range(points)]
    out = [radius * (1 + 0.2 * math.sin(5 * a) + 0.02 * chance.random()) for a in angles]
    return [(r * math.cos(a), r * math.sin(a)) for a, r in zip(angles, out, strict=True)]


def write(shape: str, key: int = 1) -> None:
    """Put a shape into the table."""
    execute(f"INSERT INTO odd.areas VALUES ({key}, 'a', ST_GeomFromText('{shape}', 3857))")


def reshape(shape: str) -> Logged:
    """Replace the shape; what is logged of it."""
    [found] = logged(f"UPDATE odd.areas SET geom = ST_GeomFromText('{shape}', 3857) WHERE id = 1")
    assert found.what == "update"
    return found


def union(boxes: list[Box] | None) -> BaseGeometry:
    """The area of some boxes."""
    return unary_union([box(*one) for one in boxes or []])


def test_a_vertex_that_moved_dirties_its_neighbourhood_only(areas: Layer) -> None:
    coast = ring(1000)
    write(Polygon(coast).wkt)
    moved = [*coast[:500], (coast[500][0] * 1.1, coast[500][1] * 1.1), *coast[501:]]
    found = reshape(Polygon(moved).wkt)
    difference = Polygon(coast).symmetric_difference(Polygon(moved))
    assert union(found.parts).buffer(1e-6).covers(difference)
    assert union(found.parts).area < 0.01 * union(found.boxes).area


def test_a_vertex_on_a_straight_side_is_a_change_too(areas: Layer) -> None:
    coast = ring(1000)
    write(Polygon(coast).wkt)
    x, y = ((a + b) / 2 for a, b in zip(coast[3], coast[4], strict=True))
    found = reshape(Polygon([*coast[:4], (x, y), *coast[4:]]).wkt)
    assert covered((x, y, x, y), found.parts)
    assert union(found.parts).area < 0.01 * union(found.boxes).area


def test_edits_on_both_shores_stay_apart(areas: Layer) -> None:
    coast = ring(2000)
    write(Polygon(coast).wkt)
    moved = list(coast)
    for place in (100, 1100):
        moved[place] = (moved[place][0] * 1.05, moved[place][1] * 1.05)
    found = reshape(Polygon(moved).wkt)
    assert found.parts is not None
    assert len(found.parts) == 2
    assert union(found.parts).area < 0.01 * union(found.boxes).area


def test_an_island_that_is_new_dirties_only_itself(areas: Layer) -> None:
    coasts = [Polygon(ring(400, 5000, seed)) for seed in (1, 2)]
    far = [shape.buffer(0) for shape in coasts]
    near = [Polygon([(x + 90_000, y) for x, y in shape.exterior.coords]) for shape in far[1:]]
    new = Polygon([(x - 90_000, y) for x, y in ring(300, 1000, 3)])
    write(MultiPolygon([coasts[0], *near]).wkt)
    found = reshape(MultiPolygon([coasts[0], new, *near]).wkt)
    assert union(found.parts).covers(new)
    assert union(found.parts).area < 3 * new.envelope.area


def test_rings_in_another_order_are_another_shape(areas: Layer) -> None:
    east = Polygon([(x + 90_000, y) for x, y in ring(300, 9000)])
    west = Polygon([(x - 90_000, y) for x, y in ring(300, 9000)])
    write(MultiPolygon([east, west]).wkt)
    found = reshape(MultiPolygon([west, east]).wkt)
    assert union(found.parts).covers(east)
    assert union(found.parts).covers(west)


def test_an_attribute_of_a_large_polygon_dirties_its_shape_not_its_box(areas: Layer) -> None:
    tilted = Polygon([(0, 0), (100_000, 90_000), (100_000, 100_000), (90_000, 100_000)])
    write(tilted.wkt)
    [found] = logged("UPDATE odd.areas SET name = 'b'")
    assert union(found.parts).covers(tilted)
    assert union(found.parts).area < 0.4 * union(found.boxes).area


def test_a_long_line_dirties_its_course(areas: Layer) -> None:
    [found] = logged(
        "INSERT INTO odd.areas VALUES (1, 'a', 'SRID=3857;LINESTRING(0 0, 100000 100000)')"
    )
    assert covered((5, 5, 5, 5), found.parts)
    assert union(found.parts).area < 0.05 * union(found.boxes).area


SHAPES = {
    "a bow tie": "POLYGON((0 0, 90000 90000, 90000 0, 0 90000, 0 0))",
    "an arc": "CURVEPOLYGON(CIRCULARSTRING(0 0, 40000 40000, 0 80000, -40000 40000, 0 0))",
    "a collection": "GEOMETRYCOLLECTION(POINT(0 0), LINESTRING(0 0, 90000 0))",
    "a surface": "TIN(((0 0 0, 0 90000 0, 90000 0 0, 0 0 0)))",
    "a line out of the world": "LINESTRING(0 0, 1e30 0)",
}
EXTENT = "SELECT ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom) FROM odd.any"


def test_heights_and_measures_are_followed_by_the_plan(committed: None) -> None:
    execute("CREATE TABLE odd.any (id integer PRIMARY KEY, geom geometry(LineStringZM, 3857))")
    publish_odd("any")
    [found] = logged(
        "INSERT INTO odd.any VALUES (1, 'SRID=3857;LINESTRING ZM(0 0 1 2, 9e4 9e4 3 4)')"
    )
    assert union(found.parts).area < 0.1 * union(found.boxes).area
    [found] = logged("UPDATE odd.any SET geom = ST_Translate(geom, 0, 0, 5)")
    assert covered((0, 0, 9e4, 9e4), found.boxes)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_that_cannot_be_cut_sends_its_box(committed: None, shape: str) -> None:
    execute("CREATE TABLE odd.any (id integer PRIMARY KEY, name text, geom geometry)")
    publish_odd("any", srid=3857)
    text = f"SRID=3857;{SHAPES[shape]}"
    statements = (
        f"INSERT INTO odd.any VALUES (1, 'a', ST_GeomFromEWKT('{text}'))",
        "UPDATE odd.any SET name = 'b'",
        "UPDATE odd.any SET geom = ST_Translate(geom, 1, 1)",
        "DELETE FROM odd.any",
    )
    places = rows(EXTENT)
    for statement in statements:
        [found] = logged(statement)
        assert found.what == statement.split()[0].lower()
        places = [*rows(EXTENT), *places[:1]]
        assert all(covered(one, found.boxes) for one in places)
        assert found.parts is None or all(union(found.parts).covers(box(*one)) for one in places)


def test_many_rows_are_a_grid_of_boxes_that_hold_each_row(areas: Layer) -> None:
    [found] = logged(
        "INSERT INTO odd.areas SELECT i, 'a', ST_Buffer(ST_Point(i % 317 * 1000, i / 317 * 1000,"
        " 3857), 10, 1) FROM generate_series(1, 20000) i"
    )
    assert found.boxes is not None
    assert (found.rows, len(found.boxes) <= 4096, len(found.boxes) > 1000) == (20_000, True, True)
    wanted = rows(
        "SELECT ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom) FROM odd.areas"
    )
    cells: dict[int, list[Box]] = {}
    for one in found.boxes:
        for column in range(int(one[0] // 5000), int(one[2] // 5000) + 1):
            cells.setdefault(column, []).append(one)
    assert all(covered(one, cells.get(int(one[0] // 5000), [])) for one in wanted)


def test_a_thousand_rows_are_a_thousand_boxes(areas: Layer) -> None:
    [found] = logged(
        "INSERT INTO odd.areas SELECT i, 'a', ST_Point(i, i, 3857) FROM generate_series(1, 1000) i"
    )
    assert found.boxes == [(i, i, i, i) for i in range(1, 1001)]


def test_two_edits_at_the_ends_of_the_world_do_not_dirty_what_is_between(areas: Layer) -> None:
    [found] = logged(
        "INSERT INTO odd.areas SELECT i, 'a', ST_Point(CASE WHEN i % 2 = 0 THEN 19e6 ELSE -19e6 END"
        " + i, i, 3857) FROM generate_series(1, 10000) i"
    )
    assert found.boxes is not None
    assert not any(west <= 0 <= east for west, _, east, _ in found.boxes)


def test_a_write_of_half_the_table_is_one_box(areas: Layer) -> None:
    execute(
        "INSERT INTO odd.areas SELECT i, 'a', ST_Point(i % 100, i / 100, 3857)"
        " FROM generate_series(1, 30000) i; ANALYZE odd.areas"
    )
    [half] = logged("UPDATE odd.areas SET name = 'b' WHERE id <= 15000")
    [less] = logged("DELETE FROM odd.areas WHERE id <= 14000")
    assert half.boxes == [(0, 0, 99, 150)]
    assert less.boxes is not None
    assert len(less.boxes) > 1000


def test_a_sync_that_writes_every_row_dirties_those_that_differ(areas: Layer) -> None:
    execute(
        "INSERT INTO odd.areas SELECT i, 'a', ST_Point(i, 0, 3857) FROM generate_series(1, 10000) i"
    )
    [found] = logged(
        "UPDATE odd.areas SET name = CASE WHEN id % 1000 = 0 THEN 'b' ELSE name END, geom = geom"
    )
    assert (found.rows, found.boxes) == (10, [(i, 0, i, 0) for i in range(1000, 10_001, 1000)])
    [found] = logged("UPDATE odd.areas SET name = 'c'")
    assert found.rows == 10_000
    assert found.boxes is not None
    assert len(found.boxes) <= 4096
