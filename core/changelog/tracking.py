"""Installing and removing triggers: for single Layers, or for all of a database."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import Error, connection, transaction
from psycopg2 import sql

from core.changelog import known, schema
from core.changelog.plan import Plan
from core.changelog.rights import CannotTrack, check_schema, check_tables, said
from core.changelog.schema import Cursor
from core.changelog.survey import Survey, plans, quoting, survey

LOCK_MS = 2000
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('graticule tracking'))"


def lock(cursor: Cursor) -> None:
    """Be the only one, until the transaction ends, that settles what Layers promise.

    Before anything is written: every write to a Layer takes the row of the revision too, and who
    waited for this with that in hand would be waited for by who has this.
    """
    cursor.execute(_LOCK)


def install(cursor: Cursor, found: Survey, layer_ids: Collection[int], lock_ms: int) -> None:
    """Give the tables under these Layers their triggers; for a transaction that has the `lock`.

    Does nothing, and needs no right, where they have them. Raises CannotTrack and django.db.Error,
    after which the transaction must be rolled back.
    """
    check_schema(cursor)
    schema.install(cursor)
    promising = found.promising() | set(layer_ids)
    todo = plans(cursor, found, promising, found.families_of(layer_ids))
    check_tables(cursor, todo)
    with known.by_us(cursor, [plan.family for plan in todo]), _patience(cursor, lock_ms):
        for plan in todo:
            _carry_out(cursor, plan)


@contextmanager
def _patience(cursor: Cursor, lock_ms: int) -> Iterator[None]:
    """Within the block no lock is waited for longer than this; a fault ends the transaction."""
    cursor.execute("SELECT current_setting('lock_timeout')")
    before = cursor.fetchone()[0]
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{lock_ms}ms"])
    yield
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])


_TRACKED = """
INSERT INTO graticule.tracked (relation, schema, name) VALUES (%s, %s, %s)
ON CONFLICT (relation) DO UPDATE SET schema = excluded.schema, name = excluded.name
  WHERE (tracked.schema, tracked.name) <> (excluded.schema, excluded.name)
"""


def _carry_out(cursor: Cursor, plan: Plan) -> None:
    for statement in (*plan.functions(), *plan.triggers()):
        cursor.execute(statement)
    root = plan.family.root
    if plan.wants:
        cursor.execute(_TRACKED, [root.oid, root.schema, root.name])


def attempt(cursor: Cursor, found: Survey, layer_ids: Collection[int], lock_ms: int) -> str:
    """Install within a savepoint; "" when it went well, else why it did not, for people."""
    try:
        with transaction.atomic():
            install(cursor, found, layer_ids, lock_ms)
    except CannotTrack as fault:
        return str(fault)
    except schema.NoPostGIS as fault:
        return str(fault)
    except Error as error:
        return said(error, lock_ms / 1000)
    return ""


_UNUSED = """
SELECT t.relation::bigint FROM graticule.tracked t WHERE NOT t.relation::bigint = ANY (%s)
"""

# Functions of the families that nobody wants, and functions that no trigger calls.
_FUNCTIONS = """
SELECT p.proname::text FROM pg_proc p
WHERE p.pronamespace = to_regnamespace('graticule') AND p.proname LIKE 'log\\_%%'
  AND (NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgfoid = p.oid)
    OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgfoid = p.oid AND NOT t.tgrelid = ANY (%s::oid[])))
"""


def release_unused(lock_ms: int = LOCK_MS) -> str:
    """Drop the triggers that no Layer needs any more; "" or why it could not be done now."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if schema.version(cursor):
                _release_unused(cursor, lock_ms)
    except Error as error:
        return said(error, lock_ms / 1000)
    return ""


def _release_unused(cursor: Cursor, lock_ms: int) -> None:
    lock(cursor)
    found = survey(cursor)
    used = found.families_of(found.promising())
    tables = sorted({oid for family in used for oid in family.oids})
    cursor.execute(_FUNCTIONS, [tables])
    names = [row[0] for row in cursor.fetchall()]
    cursor.execute(_UNUSED, [[family.root.oid for family in used]])
    gone = [row[0] for row in cursor.fetchall()]
    with known.by_us(cursor, found.families.values()), _patience(cursor, lock_ms):
        for name in names:
            cursor.execute(_drop_function(name))
    cursor.execute("DELETE FROM graticule.tracked WHERE relation::bigint = ANY (%s)", [gone])


def _drop_function(name: str) -> sql.Composable:
    """With its triggers: whoever owns the function may drop them, the table's owner or not."""
    return sql.SQL("DROP FUNCTION IF EXISTS graticule.{} () CASCADE").format(sql.Identifier(name))


def remove_all(lock_ms: int = LOCK_MS) -> None:
    """Drop the schema `graticule` with every trigger. Raises django.db.Error."""
    with transaction.atomic(), connection.cursor() as cursor, _patience(cursor, lock_ms):
        cursor.execute(schema.REMOVAL + schema.PATH_BACK)


def script(layer_ids: Collection[int]) -> str:
    """The SQL that `install` would run for these Layers, for psql."""
    with connection.cursor() as cursor:
        found = survey(cursor)
        promising = found.promising() | set(layer_ids)
        todo = plans(cursor, found, promising, found.families_of(layer_ids))
        steps = schema.script(schema.version(cursor), schema.postgis_schema(cursor))
        body = [_text(cursor, plan) for plan in todo]
        return "\n".join([*_HEAD, steps, *body, _owner(cursor), "COMMIT;", ""])


_HEAD = (
    "-- The change log of Graticule: schema, trigger functions, triggers. Run it with psql as a",
    "-- superuser. Each trigger locks its table against writing until COMMIT, which is soon.",
    "\\set ON_ERROR_STOP on",
    "BEGIN;",
    "SET LOCAL lock_timeout = '5s';",
)


def _text(cursor: Cursor, plan: Plan) -> str:
    context = quoting(cursor)
    root = plan.family.root
    statements = [one.as_string(context) for one in (*plan.functions(), *plan.triggers())]
    note = sql.SQL(
        "INSERT INTO graticule.tracked (relation, schema, name)"
        " VALUES ({}, {}, {}) ON CONFLICT DO NOTHING"
    ).format(sql.Literal(root.oid), sql.Literal(root.schema), sql.Literal(root.name))
    lines = [*statements, note.as_string(context)] if statements else []
    label = " ".join(root.label.splitlines())
    return "".join([f"\n-- {label}\n", *(f"{one};\n" for one in lines)])


def _owner(cursor: Cursor) -> str:
    """Let Graticule's own role keep all of it up to date."""
    cursor.execute("SELECT current_user::text")
    role = sql.Literal(cursor.fetchone()[0])
    return str(sql.SQL(_OWNERS).format(role=role).as_string(quoting(cursor)))


# The functions run with the rights of who owns them, and are renewed after ALTER TABLE.
_OWNERS = """
-- The change log belongs to the role that Graticule connects with.
DO $$
DECLARE
  role text := quote_ident({role});
  one record;
BEGIN
  EXECUTE 'ALTER SCHEMA graticule OWNER TO ' || role;
  IF role = 'graticule' THEN  -- Its "$user" would be this schema.
    EXECUTE format('ALTER ROLE graticule IN DATABASE %I SET search_path = public',
                   current_database());
  END IF;
  FOR one IN SELECT 'TABLE ' || oid::regclass AS thing FROM pg_class
      WHERE relnamespace = 'graticule'::regnamespace AND relkind = 'r'
    UNION ALL SELECT 'SEQUENCE graticule.bell'
    UNION ALL SELECT 'FUNCTION ' || oid::regprocedure FROM pg_proc
      WHERE pronamespace = 'graticule'::regnamespace
  LOOP
    EXECUTE 'ALTER ' || one.thing || ' OWNER TO ' || role;
  END LOOP;
END $$;"""
