"""Small polygons skip ST_AsMVTGeom: what comes out is valid, and the same picture."""

import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from django.db import connection
from psycopg2 import sql

from core.published import LayerInfo
from tests.database import execute
from tests.odd import Published, publish_odd, shapes
from tileserver import snapped
from tileserver.boxes import HALF_WORLD
from tileserver.pooled import inlined
from tileserver.tile import Tile

ZOOM, X, Y = 14, 11680, 5450
TILE = Tile(ZOOM, X, Y)
# Tile units. ST_AsMVTGeom simplifies by half a unit before it rounds, so it may be further off.
CLOSE = math.sqrt(0.5) + 1e-4
SIDE = 2 * HALF_WORLD / 2**ZOOM / 4096
SQUARES = range(1, 400)
STARS = range(2001, 2400)
# Invalid, beyond the buffer, or turned over.
NEVER = (1001, 1002, 1007, 1008, 1009, 1010)


@dataclass(frozen=True)
class Drawn:
    """A row: whether it is drawn as it was snapped, or as ST_AsMVTGeom draws it, and how well.

    `off` is the distance of what was snapped from what it was, in tile units.
    """

    id: int
    as_snapped: bool
    valid: bool
    turned: bool
    off: float | None
    drawn: bool
    drawn_plainly: bool


def polygons() -> Iterator[tuple[int, str]]:
    """Ids and polygons in tile units: rectangles, slivers, dots, bows, stars and other shapes."""
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
        yield key, polygon(corners)
    yield 1001, polygon([(10, 10), (40, 40), (40, 10), (10, 40)])  # a bow
    yield 1002, polygon([(10, 10), (90, 40), (90, 10), (10, 14.4)])  # one with unlike halves
    yield 1003, polygon([(100, 100), (130, 100), (115, 101), (116, 130)])  # an arrowhead
    yield 1004, polygon([(50, 50), (80, 50), (65, 80)])  # a triangle
    yield 1005, polygon([(0, 0), (30, 0), (30, 15), (15, 15), (15, 30), (0, 30)])
    yield 1006, polygon([(-60, 0), (60, 0), (60, 60), (-60, 60)])  # to the edge of the buffer
    yield 1007, polygon([(-80, 0), (60, 0), (60, 60), (-80, 60)])  # beyond it
    yield 1008, polygon([(300, 300), (300.4, 330), (300.3, 300.2), (330, 300)])  # folded back
    # Rounding turns these over.
    over = [(500.49, 499.51), (497.49, 498.51), (497.51, 498.49), (499.51, 499.49)]
    yield 1009, polygon(over)
    yield 1010, polygon(over[::-1])
    for key in STARS:
        yield key, star(dice, key % 2 == 0)


def star(dice: random.Random, reverse: bool) -> str:
    """A polygon around a middle with up to 40 corners, some of them with a hole."""
    x, y = dice.uniform(100, 3900), dice.uniform(100, 3900)
    size, count = dice.choice([0.7, 2, 5, 20, 90]), dice.randint(3, 40)
    radii = [dice.uniform(0.3, 1) * size for _ in range(count)]
    outer = [around(x, y, radius, i / count) for i, radius in enumerate(radii)]
    inner = [around(x, y, size * 0.25, i / 5) for i in range(5)]
    rings = [outer, inner] if count > 12 else [outer]
    return polygon(*[one[::-1] if reverse else one for one in rings])


def around(x: float, y: float, radius: float, turn: float) -> tuple[float, float]:
    """A point at this part of a turn around a middle."""
    return x + radius * math.cos(turn * math.tau), y + radius * math.sin(turn * math.tau)


def polygon(*rings: list[tuple[float, float]]) -> str:
    """A polygon's text."""
    texts = [", ".join(f"{x} {y}" for x, y in [*one, one[0]]) for one in rings]
    return f"({', '.join(f'({text})' for text in texts)})"


@pytest.fixture(
    params=[
        "geometry(Polygon, 3857)",
        "geometry(MultiPolygon, 3857)",
        "geometry(Polygon, 4326)",
        "geometry(Polygon, 32643)",
        "geography(Polygon, 4326)",
    ]
)
def table(committed: None, request: pytest.FixtureRequest) -> Published:
    """The polygons as a published table with a column of this type."""
    column: str = request.param
    srid = column.partition(", ")[2].removesuffix(")")
    west, north = X * SIDE * 4096 - HALF_WORLD, HALF_WORLD - Y * SIDE * 4096
    place = f"{SIDE}, 0, 0, -{SIDE}, {west}, {north}"
    shape = f"ST_Transform(ST_Affine(g, {place}), {srid})"
    shape = f"ST_Multi({shape})" if "Multi" in column else shape
    rows = ", ".join(f"({key}, 'SRID=3857;POLYGON{text}'::geometry)" for key, text in polygons())
    execute(
        # Columns that have the names of ours.
        f"CREATE TABLE odd.small (id integer PRIMARY KEY, geom {column},"
        " snapped integer, whole text);"
        f"INSERT INTO odd.small SELECT id, {shape}"
        f" FROM (VALUES {rows}) AS v (id, g); CREATE INDEX ON odd.small USING gist (geom)"
    )
    return publish_odd("small")


def drawn(info: LayerInfo) -> dict[int, Drawn]:
    """The rows by id."""
    plain = snapped.geometry(replace(info, geometry_type="GEOMETRY"), ZOOM)
    place = f"{1 / SIDE}, 0, 0, -{1 / SIDE}, {HALF_WORLD / SIDE - X * 4096}"
    exact = (
        f"ST_Affine(ST_Transform(s.geom::geometry, 3857), {place}, {HALF_WORLD / SIDE - Y * 4096})"
    )
    found = sql.SQL("(SELECT s.* FROM {} AS s OFFSET 0)").format(
        sql.Identifier(*info.source_at(ZOOM))
    )
    text = sql.SQL(
        "SELECT id, coalesce(ST_OrderingEquals(_snapped, made), false), ST_IsValid(made),"
        " ST_IsPolygonCCW(made) IS NOT FALSE, ST_HausdorffDistance(_snapped, exact),"
        " made IS NOT NULL, plain IS NOT NULL FROM"
        " (SELECT s.id, s._snapped, {made} AS made, {plain} AS plain, {exact} AS exact"
        " FROM {rows} AS s) AS t"
    ).format(
        made=snapped.geometry(info, ZOOM),
        plain=plain,
        exact=sql.SQL(exact),
        rows=snapped.rows(info, ZOOM, found),
    )
    with connection.cursor() as cursor:
        cursor.execute(inlined(text.as_string(cursor.cursor), (ZOOM, X, Y)))
        return {row[0]: Drawn(*row) for row in cursor.fetchall()}


def test_every_polygon_is_valid_turned_rightly_and_where_it_was(table: Published) -> None:
    found = drawn(table.info())
    assert len(found) == len(SQUARES) + 10 + len(STARS)
    for one in found.values():
        assert one.drawn == one.drawn_plainly, one
        if one.drawn:
            assert one.valid, one
            assert one.turned, one
        if one.as_snapped:
            assert one.off is not None, one
            assert one.off <= CLOSE, one


def test_most_go_the_short_way_and_what_is_invalid_or_beyond_never(table: Published) -> None:
    found = drawn(table.info())
    assert sum(found[key].as_snapped for key in SQUARES) > len(SQUARES) / 3
    assert sum(found[key].as_snapped for key in STARS) > len(STARS) / 3
    assert all(found[key].as_snapped for key in (1003, 1004, 1005, 1006))
    assert [key for key in NEVER if found[key].as_snapped] == []


@pytest.mark.parametrize(("name", "fault"), [("LEAST_SIDE", "valid"), ("TURNED_SIDE", "turned")])
def test_the_tests_would_see_one_that_is_wrong(
    table: Published, monkeypatch: pytest.MonkeyPatch, name: str, fault: str
) -> None:
    monkeypatch.setattr(snapped, name, 0.0)
    assert [one for one in drawn(table.info()).values() if one.drawn and not getattr(one, fault)]


def test_no_ring_that_passes_unasked_can_have_been_turned_over() -> None:
    turned = 0.0
    for quads in small_quads():
        area, around = areas(quads), perimeters(quads)
        passing = quads[(area > 1) & (np.sqrt(np.abs(area)) > snapped.LEAST_SIDE * around)]
        least = areas(passing[:, None] + MOVES).min(axis=1)
        turned = max(turned, areas(passing[least <= 0]).max(initial=0))
    assert math.sqrt(turned) < snapped.TURNED_SIDE
    # With a larger perimeter no rounding takes so much.
    taken_at_most = FAR * math.sqrt(0.5) + 1
    assert taken_at_most < (snapped.LEAST_SIDE * FAR) ** 2


# Where rounding may have moved four corners from, at most; area is linear in each of them.
MOVES = np.array(list(itertools.product((-0.5, 0.5), repeat=8))).reshape(256, 4, 2)
# A perimeter, in tile units.
FAR = 16.1


def small_quads() -> Iterator[np.ndarray]:
    """Every ring of four corners on the grid, from one of them, up to this perimeter."""
    reach = int(FAR / 2)
    grid = np.array(list(itertools.product(range(-reach, reach + 1), repeat=2)), dtype=float)
    for second in grid:
        quads = np.zeros((len(grid), len(grid), 4, 2))
        quads[..., 1, :], quads[..., 2, :] = second, grid[:, None]
        quads[..., 3, :] = grid
        flat = quads.reshape(-1, 4, 2)
        yield flat[perimeters(flat) <= FAR]


def areas(quads: np.ndarray) -> np.ndarray:
    """Signed, by the surveyor's formula, in square units."""
    one, other = quads[..., 2, :] - quads[..., 0, :], quads[..., 3, :] - quads[..., 1, :]
    found: np.ndarray = (one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]) / 2
    return found


def perimeters(quads: np.ndarray) -> np.ndarray:
    """In units."""
    edges = np.roll(quads, -1, axis=-2) - quads
    found: np.ndarray = np.hypot(edges[..., 0], edges[..., 1]).sum(axis=-1)
    return found


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("((0 0, 30 0, 0 30, 0 0))", True),
        ("((0 0, 30 0, 30 30, 0 30, 0 0))", True),
        ("((0 0, 30 0, 40 20, 30 30, 0 30, 0 0))", False),
        ("((0 0, 30 0, 0 30, 0 0), (1 1, 9 1, 1 9, 1 1))", False),
        (" Z ((0 0 1, 30 0 2, 30 30 3, 0 30 4, 0 0 1))", False),
        (" M ((0 0 1, 30 0 2, 30 30 3, 0 30 4, 0 0 1))", False),
    ],
)
def test_the_size_tells_a_single_ring_of_at_most_four_corners(
    db: None, text: str, is_one: bool
) -> None:
    asked = """SELECT max(size), min(size)
        FROM (SELECT pg_column_size(ST_SnapToGrid(g, 1)) AS size
        FROM (VALUES (%s::geometry), (ST_Multi(%s::geometry))) AS v (g)) AS v"""
    with connection.cursor() as cursor:
        cursor.execute(asked, [f"SRID=3857;POLYGON{text}"] * 2)
        [(largest, smallest)] = cursor.fetchall()
    if is_one:
        assert largest <= snapped.FOUR_CORNERS_BYTES
    else:
        assert smallest > snapped.FOUR_CORNERS_BYTES


def test_the_tile_holds_the_same_features_as_before(table: Published) -> None:
    before = replace(table.info(), geometry_type="GEOMETRY")
    assert shapes(table.info(), TILE).keys() == shapes(before, TILE).keys()


def test_only_layers_of_small_polygons_have_the_short_way(table: Published) -> None:
    info, found = table.info(), sql.SQL("found").format()
    assert snapped.rows(info, ZOOM, found) != found
    for other in (
        replace(info, geometry_type="LINESTRING"),
        replace(info, geometry_type="GEOMETRY"),
        replace(info, large_shapes=True),
    ):
        assert snapped.rows(other, ZOOM, found) == found
