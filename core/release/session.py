"""The database session of a release: a connection of its own, one transaction, bounded waits."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from django.conf import settings
from psycopg2 import errors, sql

from core.env import patient, postgres_dict
from core.release.refusal import CannotRelease
from core.release.table import Table

LOCK_SECONDS = 30
_SETTINGS = {
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": f"{LOCK_SECONDS}s",
    "work_mem": "128MB",
    "jit": "off",
}
# A released table is named by its oid, so two Layers of one table meet too.
_LOCK = (
    "SELECT pg_try_advisory_xact_lock(hashtext('graticule release'), %s::oid::int8::bit(32)::int4)"
)
_AGAIN = (errors.SerializationFailure, errors.DeadlockDetected)


@contextmanager
def connected(name: str) -> Iterator[Any]:
    """A connection in autocommit; the change log has `name` as who wrote.

    A connection of its own, so that whoever watches sees progress before the end. What the
    database refuses is raised as CannotRelease.
    """
    parameters = patient(postgres_dict(settings.DATABASE_URL))
    try:
        made = psycopg2.connect(**parameters, application_name=f"graticule release {name}")
        with closing(made):
            made.autocommit = True
            yield made
    except psycopg2.Error as error:
        raise CannotRelease(_said(error)) from error


def _said(error: psycopg2.Error) -> str:
    first = str(error).strip().partition("\n")[0]
    if isinstance(error, errors.LockNotAvailable):
        return (
            f"The table was being written to for {LOCK_SECONDS} s by another transaction. Try "
            "again when it has ended; pg_stat_activity names it. Nothing was changed."
        )
    if isinstance(error, _AGAIN):
        return f"Others were in the way ({first}). Try again. Nothing was changed."
    return f"PostgreSQL says: {first}. Nothing was changed."


@contextmanager
def transaction(connection: Any, targets: Sequence[Table], *, write: bool) -> Iterator[Any]:
    """A cursor in one transaction that sees one moment; committed at the end if `write`.

    Writers of the targets wait until then; readers do not. Raises CannotRelease while another
    release of one of them runs.
    """
    # In the order of oids, so that two that want the same tables do not block each other.
    ordered = sorted(targets, key=lambda table: table.oid)
    with connection.cursor() as cursor:
        for table in ordered:
            _claim(cursor, table)
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        try:
            _set_up(cursor)
            if write:
                _lock(cursor, ordered)
            yield cursor
            cursor.execute("COMMIT" if write else "ROLLBACK")
        except BaseException:
            if not connection.closed:
                cursor.execute("ROLLBACK")
            raise


def _set_up(cursor: Any) -> None:
    for name, value in _SETTINGS.items():
        cursor.execute(
            sql.SQL("SET LOCAL {} = {}").format(sql.Identifier(name), sql.Literal(value))
        )


def _lock(cursor: Any, tables: Sequence[Table]) -> None:
    """Lock before anything is read: what a writer commits while we wait must be seen."""
    for table in tables:
        mode = sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(mode.format(table.identifier))
    for table in tables:
        _claim(cursor, table)


def _claim(cursor: Any, table: Table) -> None:
    cursor.execute(_LOCK, (table.oid,))
    if not cursor.fetchone()[0]:
        raise CannotRelease(f"Another release of {table.title} runs. Wait for its end.")
