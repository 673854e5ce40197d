"""An installation of a test module's own: servers that may be stopped, killed and put back."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from core.env import postgres_dict
from script.local import settings
from script.local.daemon import Daemon
from script.local.place import Place
from script.local.redis import program
from script.local.servers import Servers, stop

CHECKOUT = Path(__file__).resolve().parent.parent
TOWNS = """
CREATE TABLE towns (id integer PRIMARY KEY, name text, geom geometry(Point, 4326));
INSERT INTO towns SELECT n, 'town ' || n, ST_SetSRID(ST_MakePoint(n, n), 4326)
FROM generate_series(1, 50) n;
"""


@dataclass
class Installation:
    """A database and a Redis of this module's own, with one published table, `towns`."""

    env: dict[str, str]
    postgres: Daemon
    redis: Daemon
    data: Path

    def execute(self, statement: str) -> None:
        """Run SQL as the owner."""
        made = psycopg2.connect(**postgres_dict(self.env["DATABASE_URL"]))
        with made, made.cursor() as cursor:
            cursor.execute(statement)
        made.close()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What a query gives the owner."""
        made = psycopg2.connect(**postgres_dict(self.env["DATABASE_URL"]))
        with made, made.cursor() as cursor:
            cursor.execute(query)
            found: list[tuple[object, ...]] = cursor.fetchall()
        made.close()
        return found

    def manage(self, *words: str) -> str:
        """Run a management command; gives what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=CHECKOUT,
            env={**os.environ, **self.env},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def crash_postgres(self) -> None:
        """Stop PostgreSQL as a power cut would."""
        self.postgres.stop_signal = signal.SIGQUIT
        self.postgres.stop()
        self.postgres.stop_signal = signal.SIGINT

    def copy_data(self, to: Path) -> None:
        """Copy the cluster's files, which must be stopped; owner and rights as they are."""
        subprocess.run(["/bin/cp", "-a", str(self.data), str(to)], check=True)

    def restore_data(self, copy: Path) -> None:
        """Put the copy in the place of the cluster's files."""
        shutil.rmtree(self.data)
        subprocess.run(["/bin/cp", "-a", str(copy), str(self.data)], check=True)


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Servers in a short path that their account can reach; removed afterwards."""
    if program() is None:
        pytest.skip("no PostgreSQL and Redis of our own on this machine")
    place = Place(Path("/tmp") / f"graticule-faults-{os.getpid()}")  # noqa: S108
    servers = Servers(place)
    started = servers.start()
    try:
        env = {
            **dict.fromkeys(("BROKER_URL", "CELERY_BROKER_URL"), ""),
            **settings.read(place.env_file),
            "BROKER_URL": settings.read(place.env_file)["REDIS_URL"],
            "TILE_QUERIES": "4",
            "LOG_LEVEL": "ERROR",
        }
        made = Installation(env, started[0], started[1], servers.cluster().data)
        made.manage("migrate", "--verbosity", "0")
        made.execute(TOWNS)
        made.manage("publish", "public.towns", "--max-zoom", "6")
        yield made
    finally:
        stop(started)
        for folder in (servers.data(), place.root, place.sockets):
            shutil.rmtree(folder or place.root, ignore_errors=True)
