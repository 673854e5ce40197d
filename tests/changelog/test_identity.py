"""What triggers cannot tell is noticed by the listener: tables that move, triggers that go."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from core.changelog import freshness, identity, known
from core.changelog.schema import Cursor
from core.changelog.survey import Survey, survey
from core.layer_spec import LayerSpec
from core.models import Layer
from core.publishing import publish
from tests.changelog.log import logged, mark, rows, since
from tests.database import execute, lock_is_awaited
from tests.odd import publish_odd

PATIENCE_SECONDS = 30.0
TABLE = """
CREATE TABLE odd.{0} (id integer PRIMARY KEY, name text, geom geometry(Point, 4326));
CREATE INDEX ON odd.{0} USING gist (geom);
INSERT INTO odd.{0} SELECT i, 'a', ST_Point(i, i, 4326) FROM generate_series(1, 9) i;
"""
INSERT = "INSERT INTO odd.sites VALUES ({0}, 'new', 'SRID=4326;POINT({0} {0})')"


@pytest.fixture
def sites(committed: None) -> Layer:
    """A tracked table that the listener has seen."""
    execute(TABLE.format("sites"))
    layer = publish_odd("sites").layer
    assert layer.freshness == "tracked"
    return layer


def until(layer: Layer, true: Callable[[Layer], bool], what: str) -> Layer:
    """Wait until the listener has brought a Layer to some state."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        now = Layer.objects.get(pk=layer.pk)
        if true(now):
            return now
        if time.monotonic() > deadline:
            pytest.fail(f"{what} was not noticed: {now.freshness}, {now.trouble!r}")
        time.sleep(0.05)


def noticed(layer: Layer, statement: str) -> Layer:
    """Do something; the Layer when the listener has raised its generation for it."""
    before = Layer.objects.get(pk=layer.pk).generation
    execute(statement)
    return until(layer, lambda now: now.generation > before, statement)


def reasons(layer: Layer) -> str:
    """What the feed says of generations that were raised."""
    query = "SELECT note FROM graticule.applied WHERE layer = %s ORDER BY id"
    return " ".join(row[0] for row in rows(query, [layer.pk]))


def is_heard(layer: Layer, key: int = 50) -> bool:
    """Whether a row that is written now is in the log, under the table's present oid."""
    before = mark()
    execute(INSERT.format(key))
    found = since(before)
    return [(one.what, one.relation) for one in found] == [("insert", "odd.sites")]


SWAP = f"""
BEGIN;
{TABLE.format("sites_new")}
ALTER TABLE odd.sites RENAME TO sites_old;
ALTER TABLE odd.sites_new RENAME TO sites;
COMMIT;
"""
MOVES = {
    "swapped by renaming": (SWAP, "is another relation of the same name"),
    "dropped and made again": (
        f"BEGIN; DROP TABLE odd.sites; {TABLE.format('sites')} COMMIT",
        "is another relation of the same name",
    ),
    "a trigger that is gone": (
        "DROP TRIGGER graticule_update ON odd.sites",
        "has no trigger for UPDATE",
    ),
    "a trigger that is disabled": (
        "ALTER TABLE odd.sites DISABLE TRIGGER graticule_insert",
        "for INSERT is disabled",
    ),
    "all triggers disabled": ("ALTER TABLE odd.sites DISABLE TRIGGER ALL", "is disabled"),
    "a trigger for replicas only": (
        "ALTER TABLE odd.sites ENABLE REPLICA TRIGGER graticule_insert",
        "for INSERT is disabled",
    ),
    "triggers off and on again": (
        (
            "BEGIN; ALTER TABLE odd.sites DISABLE TRIGGER USER;"
            " ALTER TABLE odd.sites ENABLE TRIGGER USER; COMMIT"
        ),
        "for INSERT was switched off and on",
    ),
    "a trigger off and on as it was": (
        (
            "BEGIN; ALTER TABLE odd.sites DISABLE TRIGGER graticule_insert;"
            " ALTER TABLE odd.sites ENABLE ALWAYS TRIGGER graticule_insert; COMMIT"
        ),
        "had triggers of ours switched off and on",
    ),
    "a new column": ("ALTER TABLE odd.sites ADD COLUMN more text", "has other columns"),
    "a column of another type": (
        "ALTER TABLE odd.sites ALTER COLUMN name TYPE varchar(90)",
        "has other columns",
    ),
    "a geometry rewritten": (
        (
            "ALTER TABLE odd.sites ALTER COLUMN geom TYPE geometry(Point, 4326)"
            " USING ST_Translate(geom, 1, 1)"
        ),
        "was rewritten",
    ),
}


@pytest.mark.parametrize("move", MOVES)
def test_a_table_that_moved_is_tracked_again(sites: Layer, move: str) -> None:
    statement, said = MOVES[move]
    now = noticed(sites, statement)
    assert (now.freshness, now.trouble) == ("tracked", "")
    # The feed says it in a transaction of its own, after the generation.
    until(sites, lambda layer: said in reasons(layer), said)
    assert is_heard(sites)


STATES = """
SELECT DISTINCT tgenabled::text FROM pg_trigger
WHERE tgrelid = 'odd.sites'::regclass AND tgname LIKE 'graticule%%'
"""


def test_triggers_that_were_off_fire_always_again(sites: Layer) -> None:
    assert rows(STATES) == [("A",)], "our own table"
    noticed(sites, "ALTER TABLE odd.sites DISABLE TRIGGER USER")
    assert rows(STATES) == [("A",)]


def test_triggers_that_we_install_ourselves_are_no_move(sites: Layer) -> None:
    execute(TABLE.format("plain"))
    old = publish_odd("plain", freshness="ttl").layer
    until(old, lambda _: ("odd", "plain") in known_now(), "the table")
    assert known_now()["odd", "plain"]["triggers"] == {}
    new = publish(LayerSpec(name="again", relation="odd.plain"))
    assert (old.freshness, new.freshness) == ("ttl", "tracked")
    assert len(known_now()["odd", "plain"]["triggers"]) == 4
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        identity.inspect()
        time.sleep(0.2)
    for layer in (old, new):
        assert Layer.objects.get(pk=layer.pk).generation == layer.generation


def known_now() -> dict[known.Name, known.State]:
    """What the listener knows."""
    with connection.cursor() as cursor:
        return known.recall(cursor)


RENAMED = """
CREATE TYPE odd.mood AS ENUM ('sad', 'glad');
CREATE TABLE odd.people (id integer PRIMARY KEY, mood odd.mood, geom geometry(Point, 4326));
CREATE INDEX ON odd.people USING gist (geom);
INSERT INTO odd.people VALUES (1, 'sad', 'SRID=4326;POINT(1 1)');
"""


def test_a_value_of_an_enum_that_is_renamed_is_noticed(committed: None) -> None:
    execute(RENAMED)
    layer = publish_odd("people").layer
    noticed(layer, "ALTER TYPE odd.mood RENAME VALUE 'sad' TO 'gloomy'")
    until(layer, lambda one: "enum values of other names" in reasons(one), "the new name")


def test_a_function_that_was_replaced_is_put_right(sites: Layer) -> None:
    [(name,)] = rows(
        "SELECT DISTINCT p.proname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE t.tgrelid = 'odd.sites'::regclass"
    )
    noticed(
        sites,
        f"CREATE OR REPLACE FUNCTION graticule.{name} () RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NULL; END'",
    )
    assert is_heard(sites)


def test_a_table_that_is_published_during_an_inspection_is_not_forgotten(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(TABLE.format("sites"))
    surveyed: list[int] = []

    def slow(cursor: Cursor) -> Survey:
        found = survey(cursor)
        with ThreadPoolExecutor(1) as other:
            surveyed.append(other.submit(_published_elsewhere).result().pk)
        return found

    monkeypatch.setattr(identity, "survey", slow)
    while not surveyed:  # The listener's own inspection may have the lock.
        identity.inspect()
    known = "SELECT name FROM graticule.known WHERE (schema, name) = ('odd', 'sites')"
    assert rows(known, []) == [("sites",)]


def test_who_publishes_and_who_inspects_wait_for_each_other_once(
    sites: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The inspection has the lock on what is promised when the publication asks for it."""
    inspecting, store = threading.Event(), freshness._store

    def broken(_: Survey, key: int) -> list[str]:
        return ["somebody says so"] if key == sites.pk else []

    def inspect() -> list[str]:
        said: list[str] = []
        while not said:  # The listener's own inspection may have the lock.
            said = _elsewhere(identity.inspect)
        return said

    def stored(*given: Any, **named: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            inspecting.set()
            with ThreadPoolExecutor(1) as other:
                other.submit(_elsewhere, lock_is_awaited).result()
        store(*given, **named)

    monkeypatch.setattr(identity, "_broken", broken)
    monkeypatch.setattr(freshness, "_store", stored)
    with ThreadPoolExecutor(1) as other:
        said = other.submit(inspect)
        assert inspecting.wait(20)
        layer = publish_odd("sites").layer
        assert ["It is tracked now." in text for text in said.result()] == [True]
    assert (layer.freshness, layer.trouble) == ("tracked", "")


def _elsewhere(what: Callable[[], Any]) -> Any:
    """Do it on a connection of this thread's, and close that."""
    try:
        return what()
    finally:
        connection.close()


def _published_elsewhere() -> Layer:
    layer: Layer = _elsewhere(lambda: publish_odd("sites").layer)
    return layer


def test_a_table_that_is_renamed_is_missed_and_welcomed_back(sites: Layer) -> None:
    now = noticed(sites, "ALTER TABLE odd.sites RENAME TO elsewhere")
    assert (now.freshness, now.trouble) == ("ttl", "odd.sites is not in the database.")
    now = noticed(sites, "ALTER TABLE odd.elsewhere RENAME TO sites")
    assert (now.freshness, now.trouble) == ("tracked", "")
    assert is_heard(sites)


def test_a_column_that_is_dropped_is_logged_as_unknown_and_then_forgotten(sites: Layer) -> None:
    before = mark()
    execute("BEGIN; ALTER TABLE odd.sites DROP COLUMN name; UPDATE odd.sites SET id = id; COMMIT")
    assert [(one.what, one.boxes) for one in since(before)] == [("unknown", None)]
    until(sites, lambda now: not freshness.health(now).faults, "the column")
    [found] = logged("UPDATE odd.sites SET geom = 'SRID=4326;POINT(0 0)' WHERE id = 1")
    assert (found.what, found.boxes) == ("update", [(0, 0, 0, 0), (1, 1, 1, 1)])


def test_truncate_is_told_by_the_log_alone(sites: Layer) -> None:
    [found] = logged("TRUNCATE odd.sites")
    assert found.what == "truncate"
    generation = Layer.objects.get(pk=sites.pk).generation
    # What follows is noticed later than the new file of the table would have been.
    now = noticed(sites, "ALTER TABLE odd.sites ADD COLUMN more text")
    assert now.generation == generation + 1
    assert "rewritten" not in reasons(sites)


def test_partitions_that_come_are_tracked_and_those_that_go_are_missed(committed: None) -> None:
    execute(
        "CREATE TABLE odd.parts (id integer PRIMARY KEY, geom geometry(Point, 4326))"
        " PARTITION BY RANGE (id);"
        "CREATE TABLE odd.parts_a PARTITION OF odd.parts FOR VALUES FROM (0) TO (10);"
        "CREATE TABLE odd.loose (id integer PRIMARY KEY, geom geometry(Point, 4326));"
        "INSERT INTO odd.loose VALUES (11, 'SRID=4326;POINT(11 11)')"
    )
    layer = publish_odd("parts").layer
    now = noticed(layer, "ALTER TABLE odd.parts ATTACH PARTITION odd.loose"
                         " FOR VALUES FROM (10) TO (20)")  # fmt: skip
    assert (now.freshness, "other partitions" in reasons(layer)) == ("tracked", True)
    [found] = logged("INSERT INTO odd.loose VALUES (12, 'SRID=4326;POINT(12 12)')")
    assert (found.relation, found.boxes) == ("odd.parts", [(12, 12, 12, 12)])
    noticed(layer, "ALTER TABLE odd.parts DETACH PARTITION odd.loose")


KEPT = "CREATE MATERIALIZED VIEW odd.kept AS SELECT id, geom FROM odd.sites"


@pytest.mark.parametrize("how", ["", "CONCURRENTLY"])
def test_a_materialised_view_that_is_refreshed(sites: Layer, how: str) -> None:
    execute(f"{KEPT}; CREATE UNIQUE INDEX ON odd.kept (id)")
    layer = publish_odd("kept", srid=4326).layer
    execute("DELETE FROM odd.sites WHERE id = 1")
    now = noticed(layer, f"REFRESH MATERIALIZED VIEW {how} odd.kept")
    assert (now.freshness, "was refreshed" in reasons(layer)) == ("derived", True)


def test_a_view_with_another_definition(sites: Layer) -> None:
    execute("CREATE VIEW odd.shown AS SELECT id, geom FROM odd.sites")
    layer = publish_odd("shown").layer
    now = noticed(layer, "CREATE OR REPLACE VIEW odd.shown AS"
                         " SELECT id, geom FROM odd.sites WHERE id < 5")  # fmt: skip
    assert (now.freshness, "another definition" in reasons(layer)) == ("derived", True)
    now = noticed(layer, "CREATE OR REPLACE VIEW odd.shown AS"
                         " SELECT id, geom FROM odd.sites WHERE random() < 0.5")  # fmt: skip
    assert (now.freshness, now.cacheable) == ("ttl", False)
    assert "random()" in now.trouble
    now = noticed(layer, "CREATE OR REPLACE VIEW odd.shown AS SELECT id, geom FROM odd.sites")
    assert (now.freshness, now.cacheable, now.trouble) == ("derived", True, "")


def test_a_function_in_a_view_that_is_replaced(sites: Layer) -> None:
    define = "CREATE OR REPLACE FUNCTION odd.f(i integer) RETURNS integer LANGUAGE sql IMMUTABLE"
    execute(f"{define} AS 'SELECT i'")
    execute("CREATE VIEW odd.shown AS SELECT id, odd.f(id) AS f, geom FROM odd.sites")
    layer = publish_odd("shown").layer
    noticed(layer, f"{define} AS 'SELECT i * 2'")
    assert "a function that was replaced" in reasons(layer)


def test_content_that_is_polled(committed: None) -> None:
    execute(TABLE.format("sites"))
    layer = publish_odd("sites", freshness="polled", poll_seconds=1).layer
    until(layer, lambda _: _polled(layer), "the Layer that is polled")
    noticed(layer, "UPDATE odd.sites SET name = 'b' WHERE id = 5")
    assert "content has changed" in reasons(layer)
    now = until(
        layer,
        lambda now: bool(now.trouble),
        _renamed(),
    )
    assert now.freshness == "polled"
    execute("ALTER TABLE odd.elsewhere RENAME TO sites")
    until(layer, lambda now: not now.trouble, "the table that is back")


def _polled(layer: Layer) -> bool:
    return bool(rows("SELECT 1 FROM graticule.polled WHERE layer = %s", [layer.pk]))


def _renamed() -> str:
    execute("ALTER TABLE odd.sites RENAME TO elsewhere")
    return "the table that is gone"


def test_others_who_show_the_same_table_are_told_when_one_is_published_again(
    sites: Layer,
) -> None:
    other = publish_odd("sites", name="other").layer
    execute("ALTER TABLE odd.sites ALTER COLUMN geom TYPE geometry(Point, 4326)"
            " USING ST_Translate(geom, 1, 1)")  # fmt: skip
    publish_odd("sites")
    until(other, lambda now: now.generation > other.generation, "the geometry")


def test_repair_settles_what_is_wrong(sites: Layer) -> None:
    assert freshness.health(sites).faults == ()
    assert freshness.health(sites).tables == ("odd.sites",)
    before = Layer.objects.get(pk=sites.pk).generation
    promise = freshness.repair(Layer.objects.get(pk=sites.pk))
    assert promise.freshness == "tracked"
    assert Layer.objects.get(pk=sites.pk).generation > before
