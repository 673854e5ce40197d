"""The test database: PostGIS in it, committed data for other processes, and nothing left behind.

Tests of models alone use pytest-django's `db`. Tests whose rows must be seen by the render role or
by other processes use `committed`. Nobody uses `transaction=True`: it empties every table,
those that migrations filled and the published world included.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from django_redis import get_redis_connection
from pytest_django import DjangoDbBlocker

from core import snapshot
from core.env import postgres_dict
from core.models import Layer, Resource, Tileset
from tests.listening import listening, wait_for_belief, wait_for_lease
from tests.settings import TEST_DATABASE_PREFIX
from tileserver import db as tile_db
from tileserver import process

OWNER_ROLE = postgres_dict(settings.DATABASE_URL).get("user", "")
RENDER_ROLE = postgres_dict(settings.RENDER_DATABASE_URL).get("user", "")
two_roles = pytest.mark.skipif(
    RENDER_ROLE == OWNER_ROLE, reason="DATABASE_URL and RENDER_DATABASE_URL name the same role"
)

# Every schema whose name starts so, in any case, is a test's.
SCHEMA = "odd"
DROP_SCHEMAS = """
DO $$
DECLARE one text;
BEGIN
  FOR one IN SELECT nspname FROM pg_namespace WHERE nspname ILIKE 'odd%' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', one);
  END LOOP;
END $$;
"""


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The test database with PostGIS, and a Redis number with nothing in it.

    pytest-django's own fixture makes no database when no test of the run is marked `django_db`,
    and ours write without that mark, because it would wrap them into a transaction.
    """
    with django_db_blocker.unblock():
        made = setup_databases(0, interactive=False, serialized_aliases=[])
        execute("CREATE EXTENSION IF NOT EXISTS postgis")
        drop_orphans()
        connection.close()
    get_redis_connection("tiles").flushdb()
    with listening():
        wait_for_lease()
        wait_for_belief()
        yield
    process.reset()
    tile_db.reset()
    caches.close_all()
    with django_db_blocker.unblock():
        teardown_databases(made, 0)


# A function that takes its time and is kept all the same: one that sleeps is said to be volatile.
SLOWLY = """
CREATE OR REPLACE FUNCTION {schema}.slowly(word text, seconds float8) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_sleep(seconds); RETURN word; END $$;
"""


def execute(statement: str) -> None:
    """Run SQL as the owner."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def drop_orphans() -> None:
    """Drop the databases of test runs that were killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test_graticule_%'")
        names = [row[0] for row in cursor.fetchall()]
        for name in names:
            found = re.fullmatch(rf"{TEST_DATABASE_PREFIX}(\d+)", name)
            if found and not Path(f"/proc/{found[1]}").exists():
                cursor.execute(f"DROP DATABASE IF EXISTS {name}")


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """What a test changed may be rolled back, and the revision with it: believe no snapshot."""
    snapshot.forget()
    yield
    snapshot.forget()


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What this test writes is committed; afterwards its Layers, Tilesets and tables go."""
    with django_db_blocker.unblock():
        before = list(Resource.objects.values_list("pk", flat=True))
        execute(f"{DROP_SCHEMAS} CREATE SCHEMA {SCHEMA}")
        yield
        Tileset.objects.exclude(pk__in=before).delete()
        Layer.objects.exclude(pk__in=before).delete()
        execute(DROP_SCHEMAS)
        connection.close()


WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
  AND datname = current_database() AND (%(of)s = '' OR application_name = %(of)s)
"""


def lock_is_awaited(patience: float = 10, *, by: int = 1, of: str = "") -> None:
    """Return once so many statements wait for a lock, `of` an application if it is named.

    The listener may wait for one too.
    """
    deadline = time.monotonic() + patience
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(WAITING, {"of": of})
            if cursor.fetchone()[0] >= by:
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits")
