"""Tiles of tables are made with a kept plan: the same bytes, by way of the same index."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import mercantile
import psycopg2
import pytest

from tests.database import execute
from tests.odd import TABLES, OddTable, publish_odd
from tests.queries import TextQuery, asked
from tests.tileserver.test_index_use import WHERE, WORDS
from tileserver import statements
from tileserver.db import Seat
from tileserver.pooled import locally
from tileserver.sql import CutQuery, TileQuery, tile_query
from tileserver.statements import EACH
from tileserver.tile import Tile

# Views, and a table whose rows are found in more ways than by their geometry.
OTHERS = {"a_view", "by_the_clock", "materialised_view", "ranked"}
LOW = (0, 1, 3, 6)
ODD = sorted({path.stem for path in TABLES.glob("*.sql")} - OTHERS)
# Plans that PostgreSQL has made on this connection, for each tile and for all of them.
COUNT = "SELECT coalesce(sum(generic_plans), 0) || ' ' || coalesce(sum(custom_plans), 0)"
PLANS = f"({COUNT} FROM pg_prepared_statements WHERE statement LIKE '%/* ' || 'layer few%')"


@pytest.fixture
def seat(django_db_setup: None) -> Iterator[Seat]:
    """A render connection."""
    with closing(Seat()) as made:
        yield made


def rows(seat: Seat, query: TileQuery, tile: Tile, asking: str = "", keep: bool = True) -> Any:
    """What it gives, with a kept plan or with one for this tile, or what is asked about that."""
    values = (tile.z, tile.x, tile.y)
    with seat.connect().cursor() as cursor:
        text = statements.of(query, cursor, keep)
        assert bool(text.before) is not keep, "the Layer has no kept plan"
        cursor.execute("DEALLOCATE ALL")
        cursor.execute(text.prepare)
        cursor.execute(text.execute(values, asking))
        return [value if asking else bytes(value) for [value] in cursor.fetchall()]


def few(count: int) -> TileQuery:
    """The query of a table of so many rows, published."""
    execute(
        """CREATE TABLE odd.few (id integer PRIMARY KEY, geom geometry(Point, 3857));
        CREATE INDEX ON odd.few USING gist (geom)"""
    )
    fill(count)
    return tile_query((publish_odd("few").info(),), 0)


def fill(count: int) -> None:
    """Put so many rows into it."""
    execute(
        f"""INSERT INTO odd.few SELECT i, ST_Point(i % 1000, i / 1000, 3857)
        FROM generate_series(1, {count}) AS i"""
    )


@pytest.mark.parametrize("oddity", ODD)
def test_both_plans_give_the_same_bytes(odd: OddTable, seat: Seat, oddity: str) -> None:
    info = odd(oddity, **WORDS.get(oddity, {})).info()
    at = WHERE.get(oddity, (1.0, 1.0))
    for zoom in (14,) if info.min_zoom_column else (*LOW, 14):
        [x, y, z] = mercantile.tile(*at, zoom)
        query, tile = tile_query((info,), zoom), Tile(z, x, y)
        assert rows(seat, query, tile) == rows(seat, query, tile, keep=False)


@pytest.mark.parametrize("oddity", ODD)
def test_a_kept_plan_uses_the_index(odd: OddTable, seat: Seat, oddity: str) -> None:
    info = odd(oddity, **WORDS.get(oddity, {})).info()
    [x, y, z] = mercantile.tile(*WHERE.get(oddity, (1.0, 1.0)), 14)
    plan = "\n".join(rows(seat, tile_query((info,), 14), Tile(z, x, y), "EXPLAIN (VERBOSE) "))
    assert "$1" in plan, "it is made for all tiles"
    assert "Index Cond:" in plan, plan
    assert "&& $" in plan, f"the box is computed once: {plan}"
    assert "Seq Scan" not in plan, plan


def test_a_plan_from_when_the_table_was_empty_is_good_when_it_is_full(
    committed: None, seat: Seat
) -> None:
    query, tile = few(0), Tile(0, 0, 0)
    execute("VACUUM ANALYZE odd.few")
    seat.run(query, tile)
    fill(5000)
    with seat.connect().cursor() as cursor:
        cursor.execute(statements.of(query, cursor).execute((0, 0, 0), "EXPLAIN "))
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Cond:" in plan, plan


def test_one_plan_serves_all_tiles(committed: None, seat: Seat) -> None:
    query = few(50)
    for tile in (Tile(0, 0, 0), Tile(1, 0, 0), Tile(1, 1, 1)):
        seat.run(query, tile)
    assert asked(seat, TextQuery(PLANS), tile) == b"3 0"


def test_what_a_plan_for_one_tile_is_told_ends_with_it(committed: None, seat: Seat) -> None:
    query, tile = few(5), Tile(0, 0, 0)
    seat.run(query, tile)
    told = "current_setting('plan_cache_mode') || ' ' || current_setting('enable_seqscan')"
    with seat.connect().cursor() as cursor:

        def now() -> Any:
            cursor.execute(f"SELECT {told}")
            return cursor.fetchone()

        assert asked(seat, TextQuery(told), tile) == b"force_custom_plan on"
        assert now() == ("force_generic_plan off",)
        with pytest.raises(psycopg2.Error):
            seat.run(TextQuery("1 / 0"), tile)
        assert now() == ("force_generic_plan off",)
    seat.run(query, tile)
    assert asked(seat, TextQuery(told), tile) == b"force_custom_plan on"


def test_what_is_found_in_other_ways_has_a_plan_for_each_tile(odd: OddTable, seat: Seat) -> None:
    view, limited = odd("a_view").info(), odd("ranked", **WORDS["ranked"]).info()
    zoomed, plain = odd("zoom_columns", **WORDS["zoom_columns"]).info(), odd("srid_4326").info()
    assert tile_query((plain,), 3).is_plain
    for layer in (view, limited, zoomed):
        assert not tile_query((layer,), 3).is_plain
        assert not tile_query((plain, layer), 3).is_plain
    assert tile_query((zoomed, plain), 10).is_plain
    assert not tile_query((limited,), 10).is_plain
    with seat.connect().cursor() as cursor:
        assert statements.of(CutQuery(plain, 3, 2), cursor).before == locally(EACH)
