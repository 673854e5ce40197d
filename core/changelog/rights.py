"""Which right is missing for tracking, and who can give it, in words."""

from collections.abc import Iterable

from django.db import Error
from psycopg2 import errors

from core.changelog import schema
from core.changelog.family import Member
from core.changelog.plan import Plan
from core.changelog.schema import Cursor

IN_USE = "The table is in use"
BY_HAND = "Or have a DBA run what `manage.py track --dry-run` prints."


class CannotTrack(ValueError):
    """A Layer cannot be tracked; the message names the fault and the remedy."""


_SCHEMA_RIGHTS = """
SELECT current_user::text, quote_ident(current_user), quote_ident(current_database()),
  has_database_privilege(current_database(), 'CREATE'),
  coalesce(has_schema_privilege(to_regnamespace('graticule'), 'CREATE, USAGE'), true),
  to_regnamespace('graticule') IS NOT NULL
"""

_TRIGGER_RIGHT = """
SELECT c.oid::bigint FROM pg_class c
WHERE c.oid = ANY (%s::oid[]) AND NOT has_table_privilege(c.oid, 'TRIGGER')
"""


def check_schema(cursor: Cursor) -> None:
    """Raise CannotTrack if this role may not make the change log, or bring it up to date."""
    if schema.version(cursor) >= schema.VERSION:
        return
    cursor.execute(_SCHEMA_RIGHTS)
    role, quoted, database, may_create, may_use, there = cursor.fetchone()
    if not there and not may_create:
        raise CannotTrack(
            f"The role {role} may not create the schema graticule. As the owner of the database: "
            f"GRANT CREATE ON DATABASE {database} TO {quoted}; {BY_HAND}"
        )
    if not may_use:
        raise CannotTrack(
            f"The schema graticule is another role's. As its owner: "
            f"GRANT USAGE, CREATE ON SCHEMA graticule TO {quoted}; {BY_HAND}"
        )


def check_tables(cursor: Cursor, plans: Iterable[Plan]) -> None:
    """Raise CannotTrack if this role may not create the triggers that these plans create."""
    needing = [plan for plan in plans if plan.triggers()]
    members = {member.oid: member for plan in needing for member in plan.family.members}
    cursor.execute(_TRIGGER_RIGHT, [sorted(members)])
    refused = [members[row[0]] for row in cursor.fetchall()]
    if refused:
        raise CannotTrack(_no_trigger_right(cursor, refused))


def _no_trigger_right(cursor: Cursor, refused: list[Member]) -> str:
    cursor.execute("SELECT current_user::text, quote_ident(current_user)")
    role, quoted = cursor.fetchone()
    first = refused[0].label
    others = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
    return (
        f"The role {role} may not create triggers on {first}{others}. As its owner: "
        f"GRANT TRIGGER ON {first} TO {quoted}; {BY_HAND}"
    )


def said(error: Error, seconds: float) -> str:
    """What the database refused, for people; `seconds` is how long a lock was waited for."""
    cause = error.__cause__
    first = str(error).strip().partition("\n")[0]
    if isinstance(cause, errors.LockNotAvailable):
        return f"{IN_USE}: its lock could not be had in {seconds:g} s. It is tried again soon."
    if isinstance(cause, errors.InsufficientPrivilege):
        return f"PostgreSQL refused: {first}. {BY_HAND}"
    return f"PostgreSQL said: {first}"
