"""Who may do what: an owner, a tracker without rights, somebody who only writes."""

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from core.changelog import freshness, rights, schema
from core.changelog.survey import plans, survey
from core.models import Layer
from tests.changelog.log import mark, rows, session, since
from tests.database import OWNER_ROLE, RENDER_ROLE, execute, two_roles
from tests.odd import publish_odd

TABLE = """
CREATE TABLE odd.sites (id integer PRIMARY KEY, geom geometry(Point, 4326));
INSERT INTO odd.sites VALUES (1, 'SRID=4326;POINT(1 1)');
"""
INSERT = "INSERT INTO odd.sites VALUES (2, 'SRID=4326;POINT(2 2)')"


@pytest.fixture
def sites(committed: None) -> Layer:
    """A tracked table."""
    execute(TABLE)
    return publish_odd("sites").layer


@pytest.fixture
def writer(sites: Layer) -> Iterator[Any]:
    """The render role, for once allowed to write to the table: it has no right on the log."""
    execute(f"GRANT INSERT, UPDATE, DELETE, TRUNCATE ON odd.sites TO {RENDER_ROLE}")
    parameters = dict(connection.get_connection_params())
    for ours in ("cursor_factory", "context", "user", "password"):
        parameters.pop(ours, None)
    opened = psycopg2.connect(**parameters, **as_render_role())
    opened.autocommit = True
    with opened.cursor() as cursor:
        yield cursor
    opened.close()


def as_render_role() -> dict[str, Any]:
    """How the render role logs in."""
    from django.conf import settings  # noqa: PLC0415

    from core.env import postgres_dict  # noqa: PLC0415

    found = postgres_dict(settings.RENDER_DATABASE_URL)
    return {name: found[name] for name in ("user", "password") if name in found}


@two_roles
def test_who_writes_needs_no_right_on_the_log(writer: Any) -> None:
    before = mark()
    writer.execute("SET application_name = 'field app'")
    writer.execute(INSERT)
    writer.execute("UPDATE odd.sites SET geom = 'SRID=4326;POINT(3 3)' WHERE id = 2")
    writer.execute("DELETE FROM odd.sites WHERE id = 2")
    writer.execute("TRUNCATE odd.sites")
    found = since(before)
    assert [one.what for one in found] == ["insert", "update", "delete", "truncate"]
    assert {one.who for one in found} == {RENDER_ROLE}
    applications = rows("SELECT DISTINCT application FROM graticule.change WHERE id > %s", [before])
    assert applications == [("field app",)]


@two_roles
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM graticule.change",
        "INSERT INTO graticule.change (relation, what) VALUES (1, 'tiles')",
        "DELETE FROM graticule.cursor",
        "SELECT graticule.note(1, 'tiles', 0, 0, NULL, NULL)",
    ],
)
def test_who_writes_may_not_touch_the_log(writer: Any, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        writer.execute(statement)


@two_roles
def test_a_hostile_search_path_does_not_lead_the_trigger_astray(writer: Any) -> None:
    execute(f"CREATE SCHEMA odd_trap AUTHORIZATION {OWNER_ROLE}")
    execute(f"GRANT ALL ON SCHEMA odd_trap TO {RENDER_ROLE}")
    writer.execute(
        "CREATE FUNCTION odd_trap.count(text) RETURNS bigint LANGUAGE sql AS 'SELECT 1/0::bigint'"
    )
    writer.execute("SET search_path = odd_trap, pg_temp, public")
    writer.execute("CREATE TEMP TABLE graticule_new (id integer)")
    before = mark()
    writer.execute(INSERT)
    assert [(one.what, one.boxes) for one in since(before)] == [("insert", [(2, 2, 2, 2)])]


BROKEN = {
    "the log's table is gone": "ALTER TABLE graticule.change RENAME TO away",
    "the log may not be written": "ALTER TABLE graticule.change ADD CONSTRAINT no CHECK (false)"
    " NOT VALID",
    "a function of ours is gone": (
        "ALTER FUNCTION graticule.note (oid, text, bigint, integer, float8[], float8[])"
        " RENAME TO away"
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_log_fails_no_write(sites: Layer, fault: str) -> None:
    with session() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(BROKEN[fault])
        cursor.execute(INSERT)
        cursor.execute("UPDATE odd.sites SET geom = NULL")
        cursor.execute("SELECT count(*) FROM odd.sites WHERE geom IS NULL")
        assert cursor.fetchone() == (2,)
        said = "".join(cursor.connection.notices)
        cursor.execute("ROLLBACK")
    assert "could not be logged" in said
    assert "manage.py track" in said


# A role of its own would need a superuser: the roles are those of the tests, and rights are taken
# away in a transaction that is rolled back.
def refused(*statements: str) -> str:
    """Why tables cannot be tracked after these statements."""
    while True:
        try:
            return _refused(*statements)
        except psycopg2.errors.DeadlockDetected:
            # The listener looks at the schema that is dropped here: one of the two is told to
            # begin again, and nothing was done.
            continue


def _refused(*statements: str) -> str:
    with session() as cursor:
        cursor.execute("BEGIN")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute(f"SET LOCAL ROLE {OWNER_ROLE}")
        try:
            check(cursor)
        except rights.CannotTrack as fault:
            return str(fault)
        finally:
            cursor.execute("ROLLBACK")
    return ""


def check(cursor: Any) -> None:
    """Look for every right that tracking all Layers takes."""
    found = survey(cursor)
    rights.check_schema(cursor)
    todo = plans(cursor, found, found.layers, found.families_of(found.layers))
    rights.check_tables(cursor, todo)


def test_a_missing_right_on_the_database_is_named(sites: Layer) -> None:
    name = connection.settings_dict["NAME"]
    said = refused(
        "DROP SCHEMA graticule CASCADE",
        f"REVOKE CREATE ON DATABASE {name} FROM {OWNER_ROLE}, PUBLIC",
    )
    assert f"GRANT CREATE ON DATABASE {name} TO {OWNER_ROLE}" in said
    assert "track --dry-run" in said


def test_a_missing_right_on_a_table_is_named(sites: Layer) -> None:
    said = refused(
        "DROP TRIGGER graticule_insert ON odd.sites",
        f"REVOKE ALL ON odd.sites FROM {OWNER_ROLE}, PUBLIC",
    )
    assert f"The role {OWNER_ROLE} may not create triggers on odd.sites" in said
    assert f"GRANT TRIGGER ON odd.sites TO {OWNER_ROLE}" in said


def test_a_layer_that_cannot_be_tracked_falls_to_a_time_to_live(committed: None) -> None:
    execute(TABLE)
    with session() as other:
        other.execute("BEGIN; LOCK TABLE odd.sites IN ROW EXCLUSIVE MODE")
        layer = publish_odd("sites").layer
        other.execute("ROLLBACK")
    assert layer.freshness == "ttl"
    assert "The table is in use" in layer.trouble
    call_command("track", "default", "--layer", "sites", stdout=StringIO())
    now = Layer.objects.get(pk=layer.pk)
    assert (now.freshness, now.trouble) == ("tracked", "")
    assert now.generation > layer.generation


def test_what_is_in_place_needs_no_right(sites: Layer) -> None:
    with session() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"REVOKE ALL ON odd.sites FROM {OWNER_ROLE}")
        found = survey(cursor)
        todo = plans(cursor, found, found.promising(), found.families_of([sites.pk]))
        assert [plan.faults() for plan in todo] == [[]]
        rights.check_schema(cursor)
        rights.check_tables(cursor, todo)
        cursor.execute("ROLLBACK")


def run(name: str, *arguments: str) -> str:
    """What a command prints."""
    out = StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def test_a_dry_run_prints_what_a_dba_can_run(committed: None) -> None:
    execute(TABLE)
    layer = publish_odd("sites", freshness="ttl").layer
    layer.asked_freshness = ""
    layer.save()
    text = run("track", "default", "--dry-run", "--layer", "sites")
    assert "\\set ON_ERROR_STOP on" in text
    assert not rows("SELECT 1 FROM pg_trigger WHERE tgrelid = 'odd.sites'::regclass")
    with session() as cursor:
        # All but the first lines, which are psql's.
        cursor.execute(re.sub(r"(?m)^\\set.*$", "", text))
    assert (
        "CREATE" not in run("track", "default", "--dry-run", "--layer", "sites").split("DO $$")[0]
    )
    assert run("track", "default", "--layer", "sites") == "sites: tracked\n1 tracked\n"
    before = mark()
    execute(INSERT)
    assert [one.what for one in since(before)] == ["insert"]


def test_untrack_leaves_nothing_of_a_layer(sites: Layer) -> None:
    execute("CREATE TABLE odd.others (id integer PRIMARY KEY, geom geometry(Point, 4326))")
    publish_odd("others")
    assert "Untracked: sites" in run("untrack", "default", "--layer", "sites")
    now = Layer.objects.get(pk=sites.pk)
    assert (now.freshness, now.trouble) == ("ttl", "")
    [(oid,)] = rows("SELECT 'odd.sites'::regclass::oid::bigint")
    assert not rows("SELECT 1 FROM pg_trigger WHERE tgrelid = %s", [oid])
    assert not rows("SELECT 1 FROM pg_proc WHERE proname = %s", [f"log_{oid}"])
    assert not rows("SELECT 1 FROM graticule.tracked WHERE relation = %s", [oid])
    assert rows("SELECT 1 FROM pg_trigger WHERE tgrelid = 'odd.others'::regclass")


@pytest.mark.parametrize(("path", "left"), [("public", 0), ("odd, public", 1)])
def test_untrack_gives_a_role_of_our_name_its_path_back(sites: Layer, path: str, left: int) -> None:
    count = (
        "SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase"
        " WHERE s.setrole = current_user::regrole AND d.datname = current_database()"
    )
    if OWNER_ROLE != schema.SCHEMA:
        pytest.skip("the owner has another name")
    with transaction.atomic(), connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER ROLE CURRENT_USER IN DATABASE {name} SET search_path = {path}")
        cursor.execute(count)
        assert cursor.fetchone() == (1,)
        # Without the schema's end: a listener reads in it, and would be in the way.
        cursor.execute(schema.PATH_BACK)
        cursor.execute(count)
        assert cursor.fetchone() == (left,)
        transaction.set_rollback(True)


def test_a_layer_that_is_deleted_takes_its_triggers_along(sites: Layer) -> None:
    publish_odd("sites", name="again")
    sites.delete()
    there = "SELECT 1 FROM pg_trigger WHERE tgrelid = 'odd.sites'::regclass"
    assert rows(there)
    Layer.objects.get(name="again").delete()
    assert not rows(there)


def test_a_table_that_is_not_published_any_more_is_let_go(sites: Layer) -> None:
    execute("CREATE TABLE odd.later (id integer PRIMARY KEY, geom geometry(Point, 4326))")
    publish_odd("sites", relation="odd.later")
    call_command("untrack", "default", "--layer", "sites", stdout=StringIO())
    assert not rows("SELECT 1 FROM pg_trigger WHERE tgrelid = 'odd.sites'::regclass")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["elsewhere"], "no database 'elsewhere' in the settings, but default"),
        (["default", "--layer", "nothing"], "no Layer nothing"),
        (["default", "--lock-timeout", "0"], "1 or more"),
    ],
)
def test_what_cannot_be_tracked_is_said(sites: Layer, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("track", *arguments, stdout=StringIO())


def test_the_schema_says_which_version_it_is(sites: Layer) -> None:
    with connection.cursor() as cursor:
        assert schema.version(cursor) == schema.VERSION
        schema.install(cursor)
    assert freshness.health(sites).faults == ()


def test_an_older_log_is_brought_up_to_date_where_it_stands(sites: Layer) -> None:
    before = mark()
    execute(INSERT)
    with session() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("UPDATE graticule.version SET version = 1")
        cursor.execute("DROP TABLE graticule.polled; DROP FUNCTION graticule.side (box3d)")
        schema.install(cursor)
        assert schema.version(cursor) == schema.VERSION
        cursor.execute("SELECT count(*) FROM graticule.change WHERE id > %s", [before])
        assert cursor.fetchone() == (1,)
        cursor.execute("SELECT to_regclass('graticule.polled') IS NOT NULL")
        assert cursor.fetchone() == (True,)
        cursor.execute("ROLLBACK")


def test_an_older_log_needs_no_right_on_the_database(sites: Layer) -> None:
    name = connection.settings_dict["NAME"]
    said = refused(
        "UPDATE graticule.version SET version = 1",
        f"REVOKE CREATE ON DATABASE {name} FROM {OWNER_ROLE}, PUBLIC",
    )
    assert said == ""
    with session() as cursor:
        cursor.execute("BEGIN; UPDATE graticule.version SET version = 1")
        cursor.execute(f"REVOKE CREATE ON DATABASE {name} FROM {OWNER_ROLE}, PUBLIC")
        schema.install(cursor)
        assert schema.version(cursor) == schema.VERSION
        cursor.execute("ROLLBACK")
