"""Others who write, and what stops a release in the middle."""

import os
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from django.db import connection, transaction

from core.models import Layer
from core.release import jobs
from core.release.merge import Options, release
from core.release.refusal import CannotRelease, Stopped
from tests.database import execute
from tests.listening import CHECKOUT
from tests.release.town import ask, content, counts, released

SESSION = "FROM pg_stat_activity WHERE application_name = 'graticule release trees'"


def test_a_writer_waits_for_the_release_and_loses_nothing(trees: Layer) -> None:
    execute("UPDATE odd.load SET name = 'loaded'")
    written = threading.Event()

    def write() -> None:
        execute("UPDATE odd.trees SET name = 'edited' WHERE id = 1")
        written.set()
        connection.close()

    writer = threading.Thread(target=write)
    seen = []

    def note(what: str, done: int, total: int) -> bool:
        if what == "writing" and not writer.ident:
            writer.start()
            while not ask(
                "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'odd.trees'::regclass"
            ):
                time.sleep(0.01)
            seen.append(written.is_set())
        return True

    release([jobs.from_table(trees, "odd.load")], Options(), note)
    writer.join(10)
    assert seen == [False]
    assert ask("SELECT name FROM odd.trees WHERE id < 3 ORDER BY id") == [("edited",), ("loaded",)]


def test_a_writer_that_commits_while_we_wait_is_seen(trees: Layer) -> None:
    """The lock is taken before the moment that the release sees."""
    found = []

    def load() -> None:
        found.append(released(trees))
        connection.close()

    with transaction.atomic():
        execute("UPDATE odd.trees SET name = 'edited' WHERE id = 9")
        thread = threading.Thread(target=load)
        thread.start()
        while not ask(
            "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'odd.trees'::regclass"
        ):
            time.sleep(0.01)
    thread.join(10)
    assert counts(found[0]) == (99, 1, 0, 0)
    assert content("odd", "trees") == content("odd", "load")


def test_what_is_taken_back_changes_nothing(trees: Layer) -> None:
    execute("UPDATE odd.load SET name = 'loaded'")
    before = content("odd", "trees")
    with pytest.raises(Stopped):
        release([jobs.from_table(trees, "odd.load")], Options(), lambda what, *_: what != "writing")
    assert content("odd", "trees") == before


def test_a_session_that_is_ended_in_the_middle_changes_nothing(trees: Layer) -> None:
    execute("UPDATE odd.load SET name = 'loaded'")
    before = content("odd", "trees")

    def note(what: str, done: int, total: int) -> bool:
        if what == "writing":
            assert ask(f"SELECT pg_terminate_backend(pid) {SESSION}") == [(True,)]
        return True

    with pytest.raises(CannotRelease, match="PostgreSQL says"):
        release([jobs.from_table(trees, "odd.load")], Options(), note)
    assert content("odd", "trees") == before
    assert counts(released(trees)) == (0, 100, 0, 0)


WAITING = """
SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
SLOW = """
CREATE FUNCTION odd.wait() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN IF NEW.id = 50 THEN PERFORM pg_advisory_xact_lock(42); END IF; RETURN NEW; END';
CREATE TRIGGER wait BEFORE UPDATE ON odd.trees FOR EACH ROW EXECUTE FUNCTION odd.wait();
"""


def test_a_process_that_is_killed_in_the_middle_changes_nothing(trees: Layer) -> None:
    execute(f"UPDATE odd.load SET name = 'loaded'; {SLOW}")
    before = content("odd", "trees")
    command = [sys.executable, "manage.py", "release", "trees", "--from", "odd.load"]
    execute("SELECT pg_advisory_lock(42)")
    with subprocess.Popen(command, cwd=CHECKOUT, env=dict(os.environ)) as process:
        wait_for(WAITING)
        process.kill()
    execute("SELECT pg_advisory_unlock(42)")
    wait_for(f"SELECT 1 WHERE NOT EXISTS (SELECT 1 {SESSION})")
    assert content("odd", "trees") == before
    assert counts(released(trees)) == (0, 100, 0, 0)


def wait_for(query: Any) -> None:
    """Return when the query has a row."""
    deadline = time.monotonic() + 30
    while not ask(query):
        assert time.monotonic() < deadline, query
        time.sleep(0.02)
