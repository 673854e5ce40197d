"""Settings of the tests: the same servers, with a database and a Redis number of their own.

They are put into the environment first, so that every process that a test starts inherits them.
The name of the database has this process's id in it: two runs at once do not meet.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from core.env import Env, local_file

TEST_DATABASE_PREFIX = "test_graticule_"
_env = Env(local_file(Path(__file__).resolve().parent.parent / ".local" / "env"))
_database = f"{TEST_DATABASE_PREFIX}{os.getpid()}"
# Redis numbers 8 to 15 are the tests'. They are flushed; script/test gives each of its runs one.
_redis_number = os.environ.get("TEST_REDIS_NUMBER") or str(8 + os.getpid() % 8)


def with_path(url: str, path: str) -> str:
    """`url` with another path. (`geturl` would lose the `//` where no host follows.)"""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{path}{query}"


def of_test_database(url: str) -> str:
    """The same server and role, but the database of this test run."""
    return with_path(url, f"/{_database}")


def of_test_redis(url: str) -> str:
    """The same Redis, but the number of this test run."""
    if url.startswith("unix://"):
        return f"{url.partition('?')[0]}?db={_redis_number}"
    return with_path(url, f"/{_redis_number}")


_owner = _env.text("DATABASE_URL")
os.environ.update(
    DATABASE_URL=of_test_database(_owner),
    RENDER_DATABASE_URL=of_test_database(_env.text("RENDER_DATABASE_URL", _owner)),
    REDIS_URL=of_test_redis(_env.text("REDIS_URL")),
    BROKER_URL=of_test_redis(_env.text("REDIS_URL")),
    SECRET_KEY="for tests only, and long enough to be taken for a key",
    PUBLIC_URL="http://127.0.0.1:8000",
    # The render role may have 8 connections, and other processes of this machine want some.
    TILE_QUERIES="1",
    WEB_PROCESSES="2",
    LOG_LEVEL="WARNING",
)

from core.settings import *  # noqa: E402, F403 - the environment had to be ready

DATABASES["default"]["TEST"] = {"NAME": _database}  # noqa: F405
# What tests start runs with the real settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "core.settings"
