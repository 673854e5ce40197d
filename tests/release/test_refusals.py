"""What cannot be released is refused with a sentence, and nothing is changed."""

from typing import Any

import pytest
from django.db import connection, transaction

from core.layer_spec import LayerSpec
from core.models import Layer
from core.publishing import publish
from core.release import jobs, session
from core.release.merge import Options, release
from core.release.refusal import CannotRelease
from tests.database import RENDER_ROLE, execute, two_roles
from tests.release.town import content, released


@pytest.mark.parametrize(
    ("statement", "words", "said"),
    [
        ("DROP TABLE odd.load", {}, "no table or view odd.load"),
        ("DROP TABLE odd.trees", {}, "no table or view odd.trees"),
        ("TRUNCATE odd.load", {}, "is empty"),
        ("ALTER TABLE odd.load DROP COLUMN name", {}, "lacks the columns name"),
        ("ALTER TABLE odd.load DROP COLUMN id", {}, "lacks the columns id"),
        ("ALTER TABLE odd.load ALTER id TYPE text", {}, "id is text in odd.load and integer"),
        ("ALTER TABLE odd.load ALTER id TYPE real", {}, "id is real in odd.load"),
        (
            """ALTER TABLE odd.load ALTER geom TYPE geometry(Point, 4326)
            USING ST_SetSRID(geom, 4326)""",
            {},
            "is in EPSG:4326 and the Layer in EPSG:3857",
        ),
        (
            "ALTER TABLE odd.load ALTER geom TYPE geometry USING ST_SetSRID(geom, 2263)",
            {},
            r"Geometry SRID \(2263\) does not match column SRID \(3857\)",
        ),
        (
            "ALTER TABLE odd.load ALTER geom TYPE geometry(MultiPoint, 3857) USING ST_Multi(geom)",
            {},
            r"Geometry type \(MultiPoint\) does not match column type \(Point\)",
        ),
        ("UPDATE odd.load SET id = NULL WHERE id < 4", {}, "3 rows of odd.load have no id"),
        ("UPDATE odd.load SET id = 1 WHERE id = 2", {}, "1 stands more than once"),
        ("UPDATE odd.load SET id = -1 WHERE id = 2", {}, "cannot be negative"),
        ("UPDATE odd.trees SET name = 'x'", {"key": ["name"]}, "x stands more than once"),
        ("DELETE FROM odd.load WHERE id > 70", {}, r"30 of 100 rows \(30 %\) would be removed"),
        ("SELECT 1", {"key": ["nope"]}, "has no column 'nope'"),
        ("SELECT 1", {"ignored": ["nope"]}, "has no column 'nope'"),
        ("SELECT 1", {"ignored": ["id"], "key": ["id"]}, "cannot be the key"),
        ("SELECT 1", {"ignored": ["geom"]}, "cannot be left out"),
        ("SELECT 1", {"source": "odd.trees"}, "is the published table itself"),
        (
            "CREATE VIEW odd.v AS TABLE odd.load",
            {"source": "odd.v", "drop": True},
            "a view: it is not dropped",
        ),
        (
            "UPDATE odd.load SET name = 'no'; ALTER TABLE odd.trees ADD CHECK (name <> 'no')",
            {},
            "violates check constraint",
        ),
        (
            "UPDATE odd.load SET name = 'x'; CREATE VIEW odd.v AS TABLE odd.load",
            {"drop": True},
            "cannot drop table odd.load",
        ),
        (
            """UPDATE odd.load SET name = 'x' WHERE id < 4;
            CREATE FUNCTION odd.no() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN RETURN CASE WHEN NEW.id = 2 THEN NULL ELSE NEW END; END';
            CREATE TRIGGER no BEFORE UPDATE ON odd.trees FOR EACH ROW EXECUTE FUNCTION odd.no()""",
            {},
            "held back 1 rows",
        ),
    ],
)
def test_a_refusal_names_the_fault_and_changes_nothing(
    trees: Layer, statement: str, words: dict[str, Any], said: str
) -> None:
    execute(statement)
    there = statement != "DROP TABLE odd.trees"
    before = content("odd", "trees") if there else []
    with pytest.raises(CannotRelease, match=said):
        released(trees, **words)
    assert not there or content("odd", "trees") == before


def test_a_load_that_is_meant_to_be_small_or_empty_is_taken(trees: Layer) -> None:
    execute("DELETE FROM odd.load WHERE id > 40")
    assert released(trees, max_removed=60.0, dry_run=True).removed == 60
    assert released(trees, force=True).removed == 60
    execute("TRUNCATE odd.load")
    assert released(trees, allow_empty=True).removed == 40
    assert content("odd", "trees") == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("CREATE VIEW odd.shown AS TABLE odd.trees", "is a view. Release into the table under"),
        ("CREATE MATERIALIZED VIEW odd.shown AS TABLE odd.trees", "REFRESH it"),
    ],
)
def test_what_has_no_rows_of_its_own_is_not_released_into(
    trees: Layer, statement: str, said: str
) -> None:
    execute(statement)
    layer = publish(LayerSpec(name="shown", relation="odd.shown"))
    with pytest.raises(CannotRelease, match=said):
        released(layer)


def test_rows_in_another_srid_are_refused_where_no_column_declares_one(committed: None) -> None:
    execute("""
CREATE TABLE odd.bare (id integer PRIMARY KEY, geom geometry);
INSERT INTO odd.bare VALUES (1, 'SRID=3857;POINT(1 1)'), (2, 'SRID=3857;POINT(1 1)');
CREATE TABLE odd.load AS SELECT id, ST_SetSRID(geom, 4326) AS geom FROM odd.bare;
""")
    layer = publish(LayerSpec(name="bare", relation="odd.bare"))
    with pytest.raises(CannotRelease, match=r"2 rows of odd\.load are in another SRID"):
        released(layer)


def test_a_partition_is_not_released_into_its_parent(committed: None) -> None:
    execute("""
CREATE TABLE odd.parts (id integer PRIMARY KEY, geom geometry(Point, 4326))
  PARTITION BY RANGE (id);
CREATE TABLE odd.parts_1 PARTITION OF odd.parts FOR VALUES FROM (0) TO (10);
""")
    layer = publish(LayerSpec(name="parts", relation="odd.parts", srid=4326))
    with pytest.raises(CannotRelease, match="or a part of it"):
        released(layer, "odd.parts_1")


def test_a_second_release_of_a_table_is_refused_while_the_first_runs(trees: Layer) -> None:
    execute("UPDATE odd.load SET name = 'x'")
    twin = publish(LayerSpec(name="twin", relation="odd.trees"))
    said: list[str] = []

    def note(what: str, done: int, total: int) -> bool:
        if what == "writing" and not said:
            with pytest.raises(CannotRelease, match=r"Another release of odd\.trees runs") as fault:
                released(twin)
            said.append(str(fault.value))
        return True

    release([jobs.from_table(trees, "odd.load")], Options(), note)
    assert len(said) == 1
    assert released(twin).changed == 0


def test_a_table_that_stays_locked_is_given_up(
    trees: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(session._SETTINGS, "lock_timeout", "50ms")
    with transaction.atomic():
        execute("UPDATE odd.trees SET name = 'edited' WHERE id = 9")
        with pytest.raises(CannotRelease, match="was being written to"):
            released(trees)
    connection.close()


@two_roles
def test_a_table_that_we_may_not_read_is_refused(trees: Layer) -> None:
    execute(f"""
ALTER TABLE odd.load ENABLE ROW LEVEL SECURITY;
ALTER TABLE odd.load FORCE ROW LEVEL SECURITY;
CREATE POLICY nobody ON odd.load FOR SELECT TO {RENDER_ROLE} USING (true)
""")
    with pytest.raises(CannotRelease, match="Row-level security hides rows"):
        released(trees)
