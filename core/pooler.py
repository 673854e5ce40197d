"""Poolers like PgBouncer between us and PostgreSQL: is there one, and does it divide a session?

A pooler gives many clients a few connections of the server (backends). In session pooling a client
has one backend to itself; in transaction and statement pooling it may get another one for each
transaction, so that settings, prepared statements, LISTEN and locks of a session are lost.
"""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

import psycopg2
from psycopg2.extensions import connection as PostgresConnection  # noqa: N812 - a class

ROUNDS = 4


def is_between(connection: PostgresConnection) -> bool:
    """True when a pooler answers: it names a process that is not the backend's.

    `connection` is in autocommit. Raises psycopg2.Error.
    """
    return connection.info.backend_pid != _backend(connection)


def divides(parameters: Mapping[str, Any]) -> bool:
    """True when `parameters` (libpq's) lead through a pooler that divides sessions.

    Found by what it does: while we are connected, another client is given our backend. Raises
    psycopg2.Error.
    """
    with closing(psycopg2.connect(**parameters)) as ours:
        ours.autocommit = True
        if not is_between(ours):
            return False
        with closing(psycopg2.connect(**parameters)) as other:
            return any(_shared(ours, other) for _ in range(ROUNDS))


def _shared(ours: PostgresConnection, other: PostgresConnection) -> bool:
    mine = _backend(ours)
    try:
        # Not in autocommit: it begins a transaction, and keeps its backend until the rollback.
        theirs = _backend(other)
    except psycopg2.OperationalError:
        # Statement pooling cuts off who begins a transaction; anything else cuts us off too.
        return _backend(ours) != 0
    if theirs == mine or _backend(ours) != mine:
        return True
    other.rollback()
    return False


def _backend(connection: PostgresConnection) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        row = cursor.fetchone()
    return int(row[0]) if row else 0
