"""An operator, and a change log to look at."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from psycopg2 import sql

from core.changelog import schema
from tests.changelog.log import session
from tests.database import execute

APPLY_SECONDS = 20
HELD = schema.LOCK.replace("pg_advisory_xact_lock", "pg_advisory_lock")


@contextmanager
def logged_in(name: str, *, superuser: bool = False) -> Iterator[Client]:
    """A member of staff, logged in; gone afterwards."""
    User.objects.filter(username=name).delete()
    user = User.objects.create_user(name, is_staff=True, is_superuser=superuser)
    client = Client()
    client.force_login(user)
    yield client
    User.objects.filter(username=name).delete()


@pytest.fixture
def operator(committed: None) -> Iterator[Client]:
    """A logged-in superuser, whose work is committed."""
    with logged_in("operator", superuser=True) as client:
        yield client


@dataclass(frozen=True)
class Log:
    """The change log of the tests' database."""

    def write(self, relation: str, what: str = "update", **columns: Any) -> int:
        """Write a change of `odd.<relation>`, as its trigger would; gives its id."""
        columns = {"rows": 1, "srid": 4326, "what": what, **columns}
        query = sql.SQL("INSERT INTO graticule.change (relation, {}) VALUES ({}, {}) RETURNING id")
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        values = sql.SQL(", ").join(map(sql.Literal, columns.values()))
        oid = sql.SQL("{}::regclass").format(sql.Literal(f"odd.{relation}"))
        with connection.cursor() as cursor:
            cursor.execute(query.format(names, oid, values))
            [(number,)] = cursor.fetchall()
        return int(number)

    def applied(self, change: int) -> int:
        """Wait until the listener has applied a change; gives its id."""
        wait_for_rows(f"SELECT 1 FROM graticule.applied WHERE change >= {change}")
        return change


def wait_for_rows(query: str) -> None:
    """Wait until a query gives something; fail when it does not come."""
    deadline = time.monotonic() + APPLY_SECONDS
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(query)
            if cursor.fetchone():
                return
        time.sleep(0.05)
    pytest.fail(f"there is nothing still: {query}")


@pytest.fixture
def changelog(committed: None) -> Iterator[Log]:
    """The change log, without a change in it, and with a listener that reads it."""
    with transaction.atomic(), connection.cursor() as cursor:
        schema.install(cursor)
        cursor.execute("DELETE FROM graticule.change; DELETE FROM graticule.applied")
    wait_for_rows("SELECT 1 FROM graticule.cursor")
    yield Log()
    execute("DELETE FROM graticule.change; DELETE FROM graticule.applied")


@pytest.fixture
def no_changelog(committed: None) -> Iterator[None]:
    """A database without a change log, for as long as the test takes."""
    with connection.cursor() as cursor:
        was = schema.version(cursor)
    with session() as listeners:
        # A listener would make the log anew: it waits for this lock, and then finds the old one.
        listeners.execute(HELD)
        if was:
            execute("ALTER SCHEMA graticule RENAME TO graticule_away")
        yield
        if was:
            execute("ALTER SCHEMA graticule_away RENAME TO graticule")
