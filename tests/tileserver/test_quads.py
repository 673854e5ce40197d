"""Polygons with four corners skip ST_AsMVTGeom: what comes out is valid, and the same picture."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from django.db import connection
from psycopg2 import sql

from core.published import LayerInfo
from tests.database import execute
from tests.odd import Published, publish_odd, shapes
from tileserver import quads
from tileserver.boxes import HALF_WORLD
from tileserver.pooled import inlined
from tileserver.tile import Tile

ZOOM, X, Y = 14, 11680, 5450
TILE = Tile(ZOOM, X, Y)
# Tile units: ST_AsMVTGeom simplifies by half a unit, then rounds to whole ones.
CLOSE = 2.1
SQUARES = range(1, 400)


@dataclass(frozen=True)
class Drawn:
    """A row: the quad of it if it is one, what is drawn, and what ST_AsMVTGeom alone would draw."""

    id: int
    by_quad: bool
    valid: bool
    turned: bool
    apart: float | None
    drawn: bool
    drawn_plainly: bool


def polygons() -> Iterator[tuple[int, str]]:
    """Ids and polygons in tile units: rectangles, slivers, dots, bows and other shapes."""
    dice = random.Random(7)
    for key in SQUARES:
        x, y = dice.uniform(0, 4000), dice.uniform(0, 4000)
        wide, high = dice.choice([(30, 20), (9, 6), (60, 0.8), (0.6, 0.6), (3, 2), (200, 90)])
        lean = dice.uniform(-high, high)
        corners = [
            (x, y),
            (x + wide, y + lean),
            (x + wide - lean, y + lean + high),
            (x - lean, high + y),
        ]
        corners = corners[::-1] if key % 2 else corners
        yield key, ring(corners)
    yield 1001, ring([(10, 10), (40, 40), (40, 10), (10, 40)])  # a bow
    yield 1002, ring([(10, 10), (90, 40), (90, 10), (10, 14.4)])  # one with unlike halves
    yield 1003, ring([(100, 100), (130, 100), (115, 101), (116, 130)])  # an arrowhead
    yield 1004, ring([(50, 50), (80, 50), (65, 80)])  # a triangle
    yield 1005, ring([(200, 200), (230, 200), (230, 215), (215, 215), (215, 230), (200, 230)])
    yield 1006, ring([(-60, 0), (60, 0), (60, 60), (-60, 60)])  # to the edge of the buffer
    yield 1007, ring([(-80, 0), (60, 0), (60, 60), (-80, 60)])  # beyond it
    yield 1008, ring([(300, 300), (300.4, 330), (300.3, 300.2), (330, 300)])  # folded back


def ring(corners: list[tuple[float, float]]) -> str:
    """A polygon's text."""
    return f"(({', '.join(f'{x} {y}' for x, y in [*corners, corners[0]])}))"


@pytest.fixture(params=[3857, 4326, 32643])
def table(committed: None, request: pytest.FixtureRequest) -> Published:
    """The polygons as a published table in this SRID."""
    side = 2 * HALF_WORLD / 2**ZOOM / 4096
    west, north = X * side * 4096 - HALF_WORLD, HALF_WORLD - Y * side * 4096
    place = f"{side}, 0, 0, -{side}, {west}, {north}"
    rows = ", ".join(f"({key}, 'SRID=3857;POLYGON{text}'::geometry)" for key, text in polygons())
    execute(
        f"CREATE TABLE odd.quads (id integer PRIMARY KEY, geom geometry(Polygon, {request.param}));"
        f"INSERT INTO odd.quads SELECT id, ST_Transform(ST_Affine(g, {place}), {request.param})"
        f" FROM (VALUES {rows}) AS v (id, g); CREATE INDEX ON odd.quads USING gist (geom)"
    )
    return publish_odd("quads")


def drawn(info: LayerInfo) -> dict[int, Drawn]:
    """The rows by id."""
    plain = quads.geometry(replace(info, geometry_type="GEOMETRY"), ZOOM)
    text = sql.SQL(
        "SELECT id, coalesce(ST_OrderingEquals(quad, made), false), ST_IsValid(made),"
        " ST_IsPolygonCCW(made) IS NOT FALSE, ST_HausdorffDistance(made, plain),"
        " made IS NOT NULL, plain IS NOT NULL FROM"
        " (SELECT s.id, q.quad, {made} AS made, {plain} AS plain FROM {rows} AS s{joins}) AS t"
    ).format(
        made=quads.geometry(info, ZOOM),
        plain=plain,
        rows=sql.Identifier(*info.source_at(ZOOM)),
        joins=quads.joins(info, ZOOM),
    )
    with connection.cursor() as cursor:
        cursor.execute(inlined(text.as_string(cursor.cursor), (ZOOM, X, Y)))
        return {row[0]: Drawn(*row) for row in cursor.fetchall()}


def test_every_polygon_is_valid_turned_rightly_and_where_it_was(table: Published) -> None:
    found = drawn(table.info())
    assert len(found) == len(SQUARES) + 8
    for one in found.values():
        assert one.drawn == one.drawn_plainly, one
        if one.drawn:
            assert one.valid, one
            assert one.turned, one
            assert one.apart is not None, one
            assert one.apart <= CLOSE, one


def test_most_rectangles_go_the_short_way_and_odd_shapes_never(table: Published) -> None:
    found = drawn(table.info())
    assert sum(found[key].by_quad for key in SQUARES) > len(SQUARES) / 3
    assert found[1006].by_quad
    odd = [key for key in range(1001, 1009) if key != 1006]
    assert [key for key in odd if found[key].by_quad] == []


def test_the_test_would_see_one_that_is_not_valid(
    table: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quads, "LEAST_SIDE", 0.0)
    assert [one for one in drawn(table.info()).values() if one.drawn and not one.valid]


def test_the_tile_holds_the_same_features_as_before(table: Published) -> None:
    before = replace(table.info(), geometry_type="GEOMETRY")
    assert shapes(table.info(), TILE).keys() == shapes(before, TILE).keys()


def test_only_layers_of_small_polygons_have_the_short_way(table: Published) -> None:
    info = table.info()
    for other in (
        replace(info, geometry_type="LINESTRING"),
        replace(info, geometry_type="GEOMETRY"),
        replace(info, large_shapes=True),
    ):
        assert quads.joins(other, ZOOM) == sql.SQL("").format()
