"""A real PgBouncer in front of the tests' PostgreSQL, under the account that may run servers."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg2
import pytest
from django.conf import settings

from core.env import postgres_dict
from script.local.account import server_account

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
PORT = 6543  # Names the socket; nothing listens on TCP.
START_SECONDS = 10.0
CONFIG = """\
[databases]
* = {server}
[pgbouncer]
listen_port = {port}
unix_socket_dir = {folder}
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = {mode}
{more}
"""
needs_pgbouncer = pytest.mark.skipif(PROGRAM is None, reason="there is no pgbouncer")


@dataclass(frozen=True)
class Pooler:
    """A running PgBouncer."""

    folder: Path

    def through(self, url: str) -> str:
        """The URL of the same database and role through this pooler."""
        parts = postgres_dict(url)
        user, password = quote(parts["user"]), quote(parts.get("password", ""))
        socket = urlencode({"host": self.folder, "port": PORT})
        return f"postgresql://{user}:{password}@/{parts['dbname']}?{socket}"


@contextmanager
def pooling(mode: str, *more: str) -> Iterator[Pooler]:
    """PgBouncer in a pool mode, with `more` lines of configuration; ended afterwards."""
    account = server_account()
    folder = Path(tempfile.mkdtemp(prefix="graticule-pooler-"))
    account.own(folder)
    urls = (settings.DATABASE_URL, settings.RENDER_DATABASE_URL)
    users = {one["user"]: one.get("password", "") for one in map(postgres_dict, urls)}
    lines = (f'"{name}" "{password}"\n' for name, password in users.items())
    config = CONFIG.format(
        server=server(), port=PORT, folder=folder, mode=mode, more="\n".join(more)
    )
    for name, text in (("users", "".join(lines)), ("config.ini", config)):
        (folder / name).write_text(text, "utf-8")
        os.chown(folder / name, account.uid, account.gid)
    command = [str(PROGRAM), "-q", str(folder / "config.ini")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, cwd="/", **account.identity())
    try:
        pooler = Pooler(folder)
        wait_until_it_answers(process, pooler.through(settings.DATABASE_URL))
        yield pooler
    finally:
        process.terminate()
        process.communicate(timeout=START_SECONDS)
        shutil.rmtree(folder)


def server() -> str:
    """Where PostgreSQL is, in PgBouncer's words."""
    parts = postgres_dict(settings.DATABASE_URL)
    return " ".join(f"{key}={parts[key]}" for key in ("host", "port") if key in parts)


def wait_until_it_answers(process: subprocess.Popen[bytes], url: str) -> None:
    """Return when a client gets in; fail with what PgBouncer says when none does."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None:
        try:
            psycopg2.connect(**postgres_dict(url)).close()
        except psycopg2.OperationalError as error:
            if time.monotonic() > deadline:
                pytest.fail(f"PgBouncer lets nobody in: {error}")
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"PgBouncer ended: {process.communicate()[1].decode()}")
