"""The bounded pool of render connections: full, slow, lost and found again."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg2
import pytest

from core.problems import Busy, Unavailable
from tests.database import execute, two_roles
from tests.odd import OddTable, forget_tiles, load, publish_odd
from tests.queries import TextQuery, asked
from tileserver import db as tile_db
from tileserver.tile import Tile

TILE = Tile(0, 0, 0)


@contextmanager
def pool(size: int, deadline: float) -> Iterator[tile_db.Pool]:
    """A pool of its own; its connections are closed."""
    made = tile_db.Pool(size, deadline)
    try:
        yield made
    finally:
        made.close()


def test_who_gets_no_seat_in_time_is_told_to_come_back(django_db_setup: None) -> None:
    with pool(1, 0.2) as seats:
        slow = threading.Thread(target=asked, args=(seats, TextQuery("SELECT pg_sleep(1)"), TILE))
        slow.start()
        time.sleep(0.1)
        started = time.monotonic()
        with pytest.raises(Busy, match="Every seat"):
            asked(seats, TextQuery("SELECT 1"), TILE)
        assert 0.15 < time.monotonic() - started < 0.6
        slow.join()
        assert asked(seats, TextQuery("SELECT 1"), TILE) == b"1"


def test_a_query_that_takes_too_long_is_given_up(django_db_setup: None, settings: Any) -> None:
    settings.STATEMENT_TIMEOUT_SECONDS = 1
    with pool(1, 1) as seats:
        with pytest.raises(Unavailable, match="took too long"):
            asked(seats, TextQuery("SELECT pg_sleep(5)"), TILE)
        assert asked(seats, TextQuery("SELECT 2"), TILE) == b"2", "and the seat is of use again"


def test_a_connection_that_was_cut_is_made_again(django_db_setup: None) -> None:
    with pool(1, 1) as seats:
        first = asked(seats, TextQuery("SELECT pg_backend_pid()"), TILE)
        killer = tile_db.connect()
        with killer.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", (int(first),))
        killer.close()
        assert asked(seats, TextQuery("SELECT pg_backend_pid()"), TILE) != first


def test_prepared_statements_are_bounded(
    django_db_setup: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tile_db, "MAX_PREPARED", 3)
    with pool(1, 1) as seats:
        for number in [*range(6), 5, 0]:
            assert asked(seats, TextQuery(f"SELECT {number}"), TILE) == str(number).encode()
        count = asked(seats, TextQuery("SELECT count(*) FROM pg_prepared_statements"), TILE)
        assert int(count) <= 3


@pytest.mark.parametrize(
    ("setting", "value"),
    [("jit", "off"), ("max_parallel_workers_per_gather", "0"), ("transaction_read_only", "on"),
     ("plan_cache_mode", "force_custom_plan"), ("TimeZone", "UTC")],
)  # fmt: skip
def test_render_connections_are_set_up_for_tiles(
    django_db_setup: None, setting: str, value: str
) -> None:
    with pool(1, 1) as seats:
        found = asked(seats, TextQuery(f"SELECT current_setting('{setting}')"), TILE)
    assert found.decode() == value


@two_roles
def test_the_render_role_cannot_write(odd: OddTable) -> None:
    odd("ranked")
    connection = tile_db.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
            for statement in ("DELETE FROM odd.ranked", "CREATE TABLE odd.mine ()",
                              "SELECT * FROM auth_user", "DROP TABLE odd.ranked"):  # fmt: skip
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(statement)
    finally:
        connection.close()


def test_a_tile_query_names_itself(odd: OddTable) -> None:
    load("a_view")
    execute(
        "CREATE VIEW odd.asked AS SELECT (SELECT query FROM pg_stat_activity"
        " WHERE pid = pg_backend_pid()) AS query, geom FROM odd.a_view_base WHERE id = 1"
    )
    [feature] = publish_odd("asked").features(0, 0, 0)
    assert feature.properties["query"].startswith("/* graticule asked 0/0/0 ")


def hold_all(held: ExitStack) -> None:
    """Take every connection that the render role may have, until PostgreSQL refuses one."""
    for _ in range(100):
        held.callback(tile_db.connect().close)


@two_roles
def test_when_the_role_has_no_connection_left_tiles_wait_and_then_are_busy(
    odd: OddTable, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    table = odd("ranked")
    tile_db.reset()
    settings.TILE_DEADLINE_SECONDS = 1
    with ExitStack() as held, caplog.at_level("CRITICAL"):
        with pytest.raises(psycopg2.OperationalError, match="too many connections"):
            hold_all(held)
        answer = table.answer((0, 0, 0))
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
    forget_tiles()
    assert table.answer((0, 0, 0)).status_code == 200
    tile_db.reset()
