"""The log and transactions: what is rolled back is not in it, nobody waits, nothing is lost."""

import io
import select
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core.changelog import trimming
from core.models import Layer
from tests.changelog.log import logged, mark, rows, session, since
from tests.database import execute
from tests.odd import publish_odd

TABLE = """
CREATE TABLE odd.sites (id integer PRIMARY KEY, geom geometry(Point, 4326));
CREATE INDEX ON odd.sites USING gist (geom);
INSERT INTO odd.sites SELECT i, ST_Point(i, i, 4326) FROM generate_series(1, 9) i;
"""
WRITERS, EACH = 12, 25


@pytest.fixture
def sites(committed: None) -> Layer:
    """A tracked table."""
    execute(TABLE)
    return publish_odd("sites").layer


def test_what_is_rolled_back_is_not_logged(sites: Layer) -> None:
    found = logged(
        "BEGIN; DELETE FROM odd.sites WHERE id = 1; SAVEPOINT a;"
        "DELETE FROM odd.sites WHERE id = 2; ROLLBACK TO a;"
        "DELETE FROM odd.sites WHERE id = 3; RELEASE a; COMMIT"
    )
    assert [one.boxes for one in found] == [[(1, 1, 1, 1)], [(3, 3, 3, 3)]]
    assert logged("BEGIN; TRUNCATE odd.sites; ROLLBACK") == []


def test_an_error_that_is_caught_logs_what_stayed(sites: Layer) -> None:
    found = logged(
        "DO $$ BEGIN DELETE FROM odd.sites WHERE id = 1;"
        " BEGIN DELETE FROM odd.sites WHERE id = 2; PERFORM 1 / 0;"
        " EXCEPTION WHEN division_by_zero THEN NULL; END; END $$"
    )
    assert [one.boxes for one in found] == [[(1, 1, 1, 1)]]


def test_all_of_a_transaction_has_its_id(sites: Layer) -> None:
    before = mark()
    with session() as cursor:
        cursor.execute("BEGIN")
        for key in (1, 2):
            cursor.execute(f"SAVEPOINT s{key}")
            cursor.execute(f"DELETE FROM odd.sites WHERE id = {key}")
        cursor.execute("SELECT pg_current_xact_id()::text")
        [(xid,)] = cursor.fetchall()
        cursor.execute("COMMIT")
    assert rows("SELECT DISTINCT xid::text FROM graticule.change WHERE id > %s", [before]) == [
        (xid,)
    ]


def test_copy_is_one_statement(sites: Layer) -> None:
    before = mark()
    lines = "".join(f"{i}\tSRID=4326;POINT({i} 0)\n" for i in range(20, 25))
    with session() as cursor:
        cursor.copy_expert("COPY odd.sites FROM STDIN", io.StringIO(lines))
    [found] = since(before)
    assert (found.what, found.rows, len(found.boxes or [])) == ("insert", 5, 5)


def test_who_waits_is_woken_and_who_writes_much_rings_seldom(sites: Layer) -> None:
    with session() as ear, session() as cursor:
        ear.execute("LISTEN graticule")
        cursor.execute("BEGIN")
        for key in range(100, 160):
            cursor.execute(f"INSERT INTO odd.sites VALUES ({key}, 'SRID=4326;POINT(1 1)')")
        cursor.execute("COMMIT")
        assert select.select([ear.connection], [], [], 20)[0]
        ear.connection.poll()
        assert [one.channel for one in ear.connection.notifies] == ["graticule"]


def test_writers_at_once_wait_for_nobody_and_lose_nothing(sites: Layer) -> None:
    before = mark()
    start = threading.Barrier(WRITERS)

    def write(number: int) -> None:
        with session() as cursor:
            start.wait(30)
            for turn in range(EACH):
                key = 1000 + number * EACH + turn
                cursor.execute(f"INSERT INTO odd.sites VALUES ({key}, ST_Point({key}, 1, 4326))")

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    found = since(before)
    assert {one.what for one in found} == {"insert"}
    places = sorted(box[0] for one in found for box in one.boxes or [])
    assert places == list(range(1000, 1000 + WRITERS * EACH))


def test_an_open_transaction_keeps_nobody_from_writing(sites: Layer) -> None:
    with session() as slow, session() as quick:
        slow.execute("BEGIN; DELETE FROM odd.sites WHERE id = 1")
        quick.execute("SET statement_timeout = '20s'")
        before = mark()
        quick.execute("DELETE FROM odd.sites WHERE id = 2")
        assert [one.boxes for one in since(before)] == [[(2, 2, 2, 2)]]
        slow.execute("COMMIT")


def test_a_statement_of_a_hundred_thousand_rows_is_one_row_of_the_log(sites: Layer) -> None:
    [found] = logged(
        "INSERT INTO odd.sites SELECT i, ST_Point(i % 360 - 180, i % 170 - 85, 4326)"
        " FROM generate_series(100, 100099) i"
    )
    assert found.boxes is not None
    assert (found.rows, len(found.boxes) <= 4096) == (100_000, True)
    assert rows("SELECT pg_column_size(boxes) < 150000 FROM graticule.change ORDER BY id DESC"
                " LIMIT 1") == [(True,)]  # fmt: skip


def age(days: int, where: str) -> None:
    """Make rows of the log older."""
    execute(f"UPDATE graticule.change SET at = at - interval '{days} days' WHERE {where}")


def test_the_log_is_trimmed_by_age_once_it_was_read(sites: Layer) -> None:
    for key in (1, 2, 3):
        execute(f"DELETE FROM odd.sites WHERE id = {key}")
    newest = mark()
    age(8, f"id IN ({newest - 2}, {newest - 1})")
    with connection.cursor() as cursor:
        # A listener that has not read the second one yet.
        cursor.execute(
            "INSERT INTO graticule.cursor (name, snapshot, position) SELECT 'a test', format("
            "'%%s:%%s:', xid, xid), 1 FROM graticule.change WHERE id = %s",
            [newest - 1],
        )
    try:
        wait_until_read(newest)
        trimming.trim()
        assert kept(newest - 2) == [newest - 1, newest]
        execute("UPDATE graticule.cursor SET at = at - interval '8 days' WHERE name = 'a test'")
        trimming.trim()
        assert kept(newest - 2) == [newest]
    finally:
        execute("DELETE FROM graticule.cursor WHERE name = 'a test'")


def wait_until_read(change: int) -> None:
    """Return when the listener's cursor is past a change."""
    query = (
        "SELECT bool_and(pg_visible_in_snapshot(c.xid, k.snapshot::pg_snapshot))"
        " FROM graticule.cursor k, graticule.change c WHERE k.name <> 'a test' AND c.id = %s"
    )
    deadline = time.monotonic() + 30
    while rows(query, [change]) != [(True,)]:
        assert time.monotonic() < deadline, "the listener does not read"
        time.sleep(0.05)


def kept(first: int) -> list[int]:
    """The ids that are still in the log, from one on."""
    return [
        row[0]
        for row in rows("SELECT id FROM graticule.change WHERE id >= %s ORDER BY id", [first])
    ]
