"""Faults while rows change: whoever dies, whatever is restored, no wrong tile once it settles."""

import gzip
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
import redis

from script.local import records
from tests.installation import Installation
from tests.listening import listening
from tests.raw import request
from tests.site import serving

pytestmark = pytest.mark.slow
GZIP = {"Accept-Encoding": "gzip"}
TILES = ("0/0/0", "1/1/0", "2/2/1", "3/4/3")
NAMES = "SELECT name FROM towns ORDER BY id"
SETTLE_SECONDS = 15.0


@dataclass
class Sites:
    """Two web processes with memories of their own, in front of one database and Redis."""

    installation: Installation
    bases: list[str]

    def look(self) -> None:
        """Ask for every tile twice, so that every tier has it."""
        for base in self.bases * 2:
            for tile in TILES:
                request(base, f"/tiles/towns/{tile}.mvt", headers=GZIP)

    def names(self, base: str, tile: str = TILES[0]) -> tuple[list[str], str]:
        """The names in a tile as a site shows them, in order, and where it had the tile from."""
        answer = request(base, f"/tiles/towns/{tile}.mvt", headers=GZIP)
        how = answer.headers.get("cache-status", str(answer.status)).rpartition("=")[2]
        if answer.status != 200:
            return [], how
        packed = answer.headers.get("content-encoding") == "gzip"
        body = gzip.decompress(answer.body) if packed else answer.body
        towns = mapbox_vector_tile.decode(body)["towns"]["features"]
        return [town["properties"]["name"] for town in towns], how

    def settle(self) -> None:
        """Until every site shows what the table has, out of a cache that is believed."""
        wanted = [name for (name,) in self.installation.rows(NAMES)]
        deadline = time.monotonic() + SETTLE_SECONDS
        for base in self.bases:
            while (found := self.names(base))[0] != wanted or found[1] not in ("memory", "redis"):
                assert time.monotonic() < deadline, (found[1], set(found[0]) ^ set(wanted))
                time.sleep(0.05)

    def audit(self) -> None:
        """Settled, and everything that Redis has equals a fresh render byte for byte."""
        self.settle()
        time.sleep(1.0)
        self.installation.manage("audit")
        for base in self.bases:
            names, how = self.names(base)
            assert names == [name for (name,) in self.installation.rows(NAMES)], how


@pytest.fixture(scope="module")
def sites(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Two sites that live through all of it; each test starts the listener."""
    logs = tmp_path_factory.mktemp("sites")
    with ExitStack() as stack:
        bases = [
            stack.enter_context(serving(logs / f"{n}.log", installation.env, workers=1))
            for n in range(2)
        ]
        yield Sites(installation, bases)


def rename(installation: Installation, number: int, word: str) -> None:
    """Give a town another name."""
    installation.execute(f"UPDATE towns SET name = '{word}' WHERE id = {number % 50 + 1}")


@contextmanager
def editing(installation: Installation, word: str) -> Iterator[None]:
    """Somebody who renames one town after the other; a database that is away is tried again."""
    over = threading.Event()

    def edit() -> None:
        number = 0
        while not over.wait(0.03):
            number += 1
            try:
                rename(installation, number, f"{word} {number}")
            except Exception:  # noqa: S112 - whatever the fault of the test does to it
                continue

    thread = threading.Thread(target=edit)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_killed_listener_loses_nothing_and_another_takes_over(
    installation: Installation, sites: Sites
) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(listening(**installation.env))
        sites.settle()
        stack.enter_context(listening(**installation.env))
        sites.look()
        with editing(installation, "taken over"):
            time.sleep(0.7)
            first.kill()
            rename(installation, 7, "while nobody listened")
            time.sleep(0.7)
        sites.audit()


def test_a_stuck_listener_is_replaced_and_does_no_harm_when_it_wakes(
    installation: Installation, sites: Sites
) -> None:
    with listening(**installation.env) as first:
        sites.settle()
        with listening(**installation.env):
            sites.look()
            first.send_signal(signal.SIGSTOP)
            rename(installation, 8, "while it was stuck")
            sites.settle()
            first.send_signal(signal.SIGCONT)
            with editing(installation, "after it woke"):
                time.sleep(1.0)
            sites.audit()


def test_a_listener_that_was_away_makes_up_for_it(installation: Installation, sites: Sites) -> None:
    with listening(**installation.env):
        sites.settle()
        sites.look()
    for number in range(20):
        rename(installation, number, f"unheard {number}")
    with listening(**installation.env):
        sites.audit()


def test_a_database_that_crashes_in_the_middle_of_edits(
    installation: Installation, sites: Sites
) -> None:
    with listening(**installation.env):
        sites.settle()
        sites.look()
        with editing(installation, "crash"):
            time.sleep(0.5)
            installation.crash_postgres()
            time.sleep(0.5)
            installation.postgres.start(detached=False)
            time.sleep(0.5)
        sites.audit()


def test_a_redis_that_stands_still_in_the_middle_of_edits(
    installation: Installation, sites: Sites
) -> None:
    record = records.read(installation.redis.place.run, "redis")
    assert record is not None
    with listening(**installation.env):
        sites.settle()
        sites.look()
        with editing(installation, "still"):
            time.sleep(0.3)
            os.kill(record.pid, signal.SIGSTOP)
            time.sleep(2.0)
            os.kill(record.pid, signal.SIGCONT)
            time.sleep(0.3)
        sites.audit()


def test_a_redis_that_is_emptied_is_not_trusted_by_what_remembers(
    installation: Installation, sites: Sites
) -> None:
    with listening(**installation.env):
        sites.settle()
        sites.look()
        client: Any = redis.Redis.from_url(installation.env["REDIS_URL"])
        client.flushall()
        time.sleep(1.0)
        rename(installation, 9, "after the flood")
        sites.audit()


def test_a_restored_backup_never_shows_a_wrong_tile(
    installation: Installation, sites: Sites, tmp_path: Path
) -> None:
    """The files of the cluster are put back as they were: same system, same timeline."""
    copy = tmp_path.parent / "copy"
    with listening(**installation.env):
        sites.settle()
        for _ in range(2):
            installation.postgres.stop()
            if not copy.exists():
                installation.copy_data(copy)
            installation.postgres.start(detached=False)
            sites.settle()
            with editing(installation, "lost by the restore"):
                time.sleep(0.5)
            sites.look()
            sites.audit()
            installation.postgres.stop()
            installation.restore_data(copy)
            installation.postgres.start(detached=False)
            sites.audit()
            assert not any("lost" in name for name in sites.names(sites.bases[0])[0])
    shutil.rmtree(copy)


def test_a_restore_while_nobody_listens_is_noticed_later(
    installation: Installation, sites: Sites, tmp_path: Path
) -> None:
    copy = tmp_path.parent / "copy"
    installation.postgres.stop()
    installation.copy_data(copy)
    installation.postgres.start(detached=False)
    with listening(**installation.env):
        sites.settle()
        with editing(installation, "lost unheard"):
            time.sleep(0.5)
        sites.audit()
    installation.postgres.stop()
    installation.restore_data(copy)
    installation.postgres.start(detached=False)
    with listening(**installation.env):
        sites.audit()
        assert not any("lost" in name for name in sites.names(sites.bases[0])[0])
    shutil.rmtree(copy)


def test_a_logical_restore_of_the_table_is_noticed(
    installation: Installation, sites: Sites
) -> None:
    """As pg_restore --clean does it: the table is another one under the same name."""
    with listening(**installation.env):
        sites.settle()
        sites.look()
        installation.execute(
            "BEGIN; CREATE TABLE aside AS TABLE towns; DROP TABLE towns;"
            "CREATE TABLE towns (id integer PRIMARY KEY, name text, geom geometry(Point, 4326));"
            "INSERT INTO towns SELECT id, 'restored ' || id, geom FROM aside; DROP TABLE aside;"
            "GRANT SELECT ON towns TO graticule_render; COMMIT"
        )
        sites.audit()
        rename(installation, 3, "tracked again")
        sites.audit()
