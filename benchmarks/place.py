"""Where a run happens: a database and a Redis number of its own, on the servers that are given.

Call `enter` before anything of Django or of the tile road is imported: settings are read from the
environment, and every server that is started inherits it.
"""

import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import redis
from psycopg2 import sql
from psycopg2.extensions import connection as PostgresConnection  # noqa: N812 - a class

from core.env import Env, local_file, postgres_dict

CHECKOUT = Path(__file__).resolve().parent.parent
DATABASE = "graticule_bench"
SCHEMA = "bench"
# Number 0 is the running server's, 8 to 15 are the tests'.
REDIS_NUMBER = 7


@dataclass(frozen=True)
class Place:
    """A database (as its owner), a Redis number, the schema of the tables, a folder for files."""

    database_url: str
    redis_url: str
    schema: str
    folder: Path

    def connect(self, **more: str) -> PostgresConnection:
        """A new connection of the owner, in autocommit mode."""
        made: PostgresConnection = psycopg2.connect(**{**postgres_dict(self.database_url), **more})
        made.autocommit = True
        return made


def enter(database: str = DATABASE) -> Place:
    """Make the database if need be, point the environment at it, and set Django up."""
    env = Env(local_file(CHECKOUT / ".local" / "env"))
    owner = env.text("DATABASE_URL")
    create(owner, database)
    redis_url = with_number(env.text("REDIS_URL"), REDIS_NUMBER)
    os.environ.update(
        DATABASE_URL=with_path(owner, f"/{database}"),
        RENDER_DATABASE_URL=with_path(render_url(env, owner), f"/{database}"),
        REDIS_URL=redis_url,
        BROKER_URL=redis_url,
        SECRET_KEY="of a benchmark, and long enough to be taken for a key",  # noqa: S106
        DJANGO_SETTINGS_MODULE="core.settings",
        LOG_LEVEL="WARNING",
    )
    place = here(SCHEMA)
    migrate()
    return place


def render_url(env: Env, owner: str) -> str:
    """The render role's URL; that of our own server is no role of a server that is given."""
    if "DATABASE_URL" in os.environ:
        return os.environ.get("RENDER_DATABASE_URL", owner)
    return env.text("RENDER_DATABASE_URL", owner)


def here(schema: str) -> Place:
    """The place that the environment names already."""
    build = Path(os.environ.get("BUILD_DIR", CHECKOUT / "build"))
    folder = build / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return Place(os.environ["DATABASE_URL"], os.environ["REDIS_URL"], schema, folder)


def migrate() -> None:
    """Set Django up and bring its tables up to date."""
    import django  # noqa: PLC0415 - reads the environment
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0)


def empty(place: Place) -> None:
    """Leave nothing in the Redis number of a place that is the benchmark's own."""
    with redis.from_url(place.redis_url) as client:
        client.flushdb()


def create(owner_url: str, database: str) -> None:
    """Make the database with PostGIS in it, unless it is there; raises psycopg2.Error."""
    parameters = postgres_dict(owner_url)
    with closing(psycopg2.connect(**parameters)) as made, made.cursor() as cursor:
        cursor.connection.autocommit = True
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    inside = psycopg2.connect(**{**parameters, "dbname": database})
    with closing(inside), inside, inside.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS postgis")


def with_path(url: str, path: str) -> str:
    """`url` with another path; what names a host or a socket stays."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{path}{query}"


def with_number(url: str, number: int) -> str:
    """A Redis URL with another database number."""
    if url.startswith("unix://"):
        return f"{url.partition('?')[0]}?db={number}"
    return with_path(url, f"/{number}")
