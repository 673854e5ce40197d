"""PgBouncer before PostgreSQL: tiles work in every pool mode, and the checks say what does not."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.core import checks
from django.core.checks import run_checks
from django.test import override_settings

from core.problems import Unavailable
from tests.database import two_roles
from tests.odd import OddTable
from tests.pooling import Pooler, needs_pgbouncer, pooling
from tests.queries import TextQuery, asked
from tileserver import db as tile_db
from tileserver.pooled import inlined
from tileserver.sql import CutQuery, Query, tile_query
from tileserver.tile import Tile

MODES = ("transaction", "statement", "session")
IGNORED = "ignore_startup_parameters = options"
TILES = [Tile(z, x, y) for z in range(4) for x in range(2**z) for y in range(2**z)]


QUOTED = 'Odd Schema; 100%.Mixed "Case" % Ünï.dot'


def rendered(seats: int, queries: Sequence[Query]) -> list[bytes]:
    """Each query at each of TILES, on so many seats at once."""
    pool = tile_db.Pool(seats, 20)
    jobs = [(one, tile) for tile in TILES for one in queries]
    try:
        with ThreadPoolExecutor(2 * seats) as threads:
            return list(threads.map(lambda job: asked(pool, *job), jobs))
    finally:
        pool.close()


def rendering(pooler: Pooler) -> override_settings:
    """The tile road through a pooler, while the context lasts."""
    return override_settings(RENDER_DATABASE_URL=pooler.through(settings.RENDER_DATABASE_URL))


@pytest.fixture
def divided(django_db_setup: None) -> Iterator[Pooler]:
    """The tile road through a PgBouncer in transaction mode."""
    with pooling("transaction", "default_pool_size = 2") as pooler, rendering(pooler):
        yield pooler


def test_only_parameters_are_replaced() -> None:
    text = """SELECT $1, $2::int, "a""$1", 'it''s $2', E'\\\\', $3, '$1'"""
    expected = """SELECT 4, 5::int, "a""$1", 'it''s $2', E'\\\\', 6, '$1'"""
    assert inlined(text, (4, 5, 6)) == expected


@needs_pgbouncer
@pytest.mark.parametrize("ignored", ["", IGNORED])
@pytest.mark.parametrize("mode", MODES)
def test_tiles_are_the_same_in_every_pool_mode(odd: OddTable, mode: str, ignored: str) -> None:
    tables = [odd("ranked"), odd("mixed_case_and_quotes", relation=QUOTED), odd("srid_4326")]
    queries = [tile_query((one.info(),), 3) for one in tables]
    direct = rendered(2, queries)
    # More seats than backends, but where each seat has one to itself.
    seats = 2 if mode == "session" else 4
    with pooling(mode, "default_pool_size = 2", ignored) as pooler, rendering(pooler):
        assert rendered(seats, queries) == direct
    assert len(set(direct)) > len(queries)


@needs_pgbouncer
def test_a_tile_over_its_budget_is_cut_alike(odd: OddTable, django_db_setup: None) -> None:
    layer = odd("heavy", rank_column="rank", byte_budget=5000).info()
    query, values = CutQuery(layer, 3, 2), (5000, 64, 16, 64)
    direct = tile_db.run(query, Tile(3, 4, 3), True, values)
    with pooling("transaction", "default_pool_size = 2") as pooler, rendering(pooler):
        pool = tile_db.Pool(1, 20)
        row = pool.run(query, Tile(3, 4, 3), True, values)
        pool.close()
    assert [bytes(row[2]), *row[:2]] == [bytes(direct[2]), *direct[:2]]
    assert row[0] == 64
    assert 0 < len(row[2]) <= 5000


@needs_pgbouncer
def test_each_statement_brings_its_settings_along(divided: Pooler) -> None:
    names = ("jit", "transaction_read_only", "DateStyle", "TimeZone", "statement_timeout")
    told = " || ' ' || ".join(f"current_setting('{name}')" for name in names)
    [answer, *_] = set(rendered(2, [TextQuery(f"SELECT {told}")]))
    assert answer == b"off on ISO, YMD UTC 15s"


@needs_pgbouncer
@override_settings(STATEMENT_TIMEOUT_SECONDS=1)
def test_a_query_that_takes_too_long_is_given_up(divided: Pooler) -> None:
    pool = tile_db.Pool(1, 5)
    with pytest.raises(Unavailable, match="took too long"):
        asked(pool, TextQuery("SELECT pg_sleep(5)"), TILES[0])
    assert asked(pool, TextQuery("SELECT 2"), TILES[0]) == b"2"
    pool.close()


@needs_pgbouncer
def test_a_backend_that_was_cut_is_replaced(divided: Pooler) -> None:
    pool = tile_db.Pool(1, 5)
    assert asked(pool, TextQuery("SELECT 1"), TILES[0]) == b"1"
    killer = tile_db.connect()
    with killer.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = current_user AND pid <> pg_backend_pid()"
            " AND datname = current_database()"
        )
    killer.close()
    assert asked(pool, TextQuery("SELECT 2"), TILES[0]) == b"2"
    pool.close()


def found(**urls: str) -> dict[str, Any]:
    """Our messages about connections by their id, with these URLs."""
    with override_settings(**urls):
        messages = run_checks(databases=["default"])
    wanted = ("graticule.E004", "graticule.W007", "graticule.I008")
    return {str(one.id): one for one in messages if one.id in wanted}


@needs_pgbouncer
@pytest.mark.parametrize("more", ["default_pool_size = 1", "server_round_robin = 1"])
@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_a_pooler_that_divides_the_owners_session_is_refused(
    committed: None, mode: str, more: str
) -> None:
    with pooling(mode, more) as pooler:
        [message] = found(DATABASE_URL=pooler.through(settings.DATABASE_URL)).values()
    assert (message.id, message.level) == ("graticule.E004", checks.ERROR)
    assert "RENDER_DATABASE_URL" in message.hint


@needs_pgbouncer
@pytest.mark.parametrize("command", ["listen", "migrate"])
def test_what_needs_a_session_does_not_begin_without_one(committed: None, command: str) -> None:
    with pooling("transaction") as pooler:
        env = {**os.environ, "DATABASE_URL": pooler.through(settings.DATABASE_URL)}
        done = subprocess.run(
            [sys.executable, "manage.py", command],
            cwd=settings.BASE_DIR,
            env=env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert "leads through a pooler" in done.stderr


@needs_pgbouncer
def test_a_pooler_that_gives_the_owner_a_session_is_not_refused(committed: None) -> None:
    with pooling("session") as pooler:
        assert found(DATABASE_URL=pooler.through(settings.DATABASE_URL)) == {}


@needs_pgbouncer
@two_roles
def test_a_pooler_before_the_render_role_is_told_of(committed: None) -> None:
    with pooling("transaction") as pooler:
        url = pooler.through(settings.RENDER_DATABASE_URL)
        [message] = found(RENDER_DATABASE_URL=url).values()
    assert (message.id, message.level) == ("graticule.I008", checks.INFO)
    [message] = found(RENDER_DATABASE_URL=url).values()
    assert message.id == "graticule.W007", "the pooler is gone: no tile can be rendered"
