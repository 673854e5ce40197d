"""A load writes what differs and nothing else, whatever the table looks like."""

import itertools

import pytest

from core.layer_spec import LayerSpec
from core.models import Layer
from core.publishing import publish
from core.release import jobs
from core.release.merge import Options, release, slices
from core.release.refusal import CannotRelease
from tests.database import execute
from tests.release.town import ask, content, counts, released


def test_a_load_that_is_the_same_writes_nothing(trees: Layer) -> None:
    before = ask("SELECT ctid, xmin FROM odd.trees ORDER BY id")
    report = released(trees)
    assert counts(report) == (100, 0, 0, 0)
    assert (report.key, report.boxes) == (("id",), 0)
    assert ask("SELECT ctid, xmin FROM odd.trees ORDER BY id") == before


CHANGES = """
UPDATE odd.load SET name = 'renamed' WHERE id = 3;
UPDATE odd.load SET geom = ST_Translate(geom, 5, 5) WHERE id = 4;
UPDATE odd.load SET geom = NULL WHERE id = 5;
DELETE FROM odd.load WHERE id IN (6, 7);
INSERT INTO odd.load VALUES (101, NULL, 'SRID=3857;POINT(1 1)');
"""


def test_only_rows_that_differ_are_written(trees: Layer) -> None:
    execute(CHANGES)
    before = dict(ask("SELECT id, xmin::text FROM odd.trees"))
    report = released(trees)
    assert counts(report) == (95, 3, 1, 2)
    assert report.differing == {"name": 1, "geom": 2}
    assert content("odd", "trees") == content("odd", "load")
    after = dict(ask("SELECT id, xmin::text FROM odd.trees"))
    assert {key for key in after if after[key] != before.get(key)} == {3, 4, 5, 101}


def test_the_table_keeps_its_oid_indexes_views_triggers_and_rights(trees: Layer) -> None:
    execute(f"CREATE VIEW odd.seen AS SELECT * FROM odd.trees; {CHANGES}")
    asked = (
        "SELECT oid, relacl::text, (SELECT count(*) FROM pg_index WHERE indrelid = c.oid) "
        "FROM pg_class c WHERE oid = 'odd.trees'::regclass"
    )
    before = ask(asked)
    released(trees)
    assert ask(asked) == before
    assert content("odd", "seen") == content("odd", "load")


def test_a_dry_run_counts_as_many_boxes_as_are_logged(trees: Layer) -> None:
    execute(f"{CHANGES} UPDATE odd.load SET name = 'here' WHERE id BETWEEN 20 AND 40")
    dry, real = released(trees, dry_run=True), released(trees)
    assert dry.boxes == real.boxes == 1 + 2 + 1 + 2 + 1 + 21


def test_a_dry_run_says_what_would_be_and_writes_nothing(trees: Layer) -> None:
    execute(CHANGES)
    before = content("odd", "trees")
    report = released(trees, dry_run=True)
    assert counts(report) == (95, 3, 1, 2)
    assert content("odd", "trees") == before
    # Old and new places: 3 at one place, 4 at two, 5 at its old one, 6 and 7, 101.
    assert (1.0, 1.0, 1.0, 1.0) in report.places
    assert (4000.0, 4.0, 4000.0, 4.0) in report.places
    assert (4005.0, 9.0, 4005.0, 9.0) in report.places
    assert len(report.places) == 7


def test_values_that_are_equal_but_look_different_are_changes(committed: None) -> None:
    execute("""
CREATE TABLE odd.subtle (id integer PRIMARY KEY, n numeric, d jsonb, j json, i interval,
  f float8, p polygon, geom geometry(Point, 4326));
INSERT INTO odd.subtle SELECT k, 1.0, '{"a": 1.0}', '{"a":1}', '1 month', 0, '((0,0),(1,1),(1,0))',
  'SRID=4326;POINT(0 1)' FROM generate_series(1, 8) k;
CREATE TABLE odd.load AS TABLE odd.subtle;
UPDATE odd.load SET n = 1.00 WHERE id = 1;
UPDATE odd.load SET d = '{"a": 1.00}' WHERE id = 2;
UPDATE odd.load SET j = '{"a": 1}' WHERE id = 3;
UPDATE odd.load SET i = '30 days' WHERE id = 4;
UPDATE odd.load SET f = '-0' WHERE id = 5;
UPDATE odd.load SET p = '((5,5),(6,6),(6,5))' WHERE id = 6;
UPDATE odd.load SET geom = 'SRID=4326;POINT(-0 1)' WHERE id = 7;
""")
    layer = publish(LayerSpec(name="subtle", relation="odd.subtle"))
    assert counts(released(layer)) == (1, 7, 0, 0)
    assert content("odd", "subtle") == content("odd", "load")


def test_without_a_key_what_stands_twice_is_counted_twice(committed: None) -> None:
    execute("""
CREATE TABLE odd.bag (name text, geom geometry(Point, 4326));
INSERT INTO odd.bag SELECT n, 'SRID=4326;POINT(1 1)' FROM unnest(ARRAY['a','a','a','b','c','c']) n;
CREATE TABLE odd.load (name text, geom geometry(Point, 4326));
INSERT INTO odd.load SELECT n, 'SRID=4326;POINT(1 1)' FROM unnest(ARRAY['a','b','b','c','c']) n;
INSERT INTO odd.load VALUES (NULL, NULL), (NULL, NULL);
""")
    layer = publish(LayerSpec(name="bag", relation="odd.bag"))
    report = released(layer, force=True)
    assert report.key == ()
    assert counts(report) == (4, 0, 3, 2)
    assert content("odd", "bag") == content("odd", "load")
    assert counts(released(layer)) == (7, 0, 0, 0)


def test_generated_columns_are_computed_and_identity_goes_on_behind(committed: None) -> None:
    execute("""
CREATE TABLE odd.numbered (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text,
  long text GENERATED ALWAYS AS (name || name) STORED, geom geometry(Point, 4326));
INSERT INTO odd.numbered (name, geom) SELECT n, 'SRID=4326;POINT(1 1)'
FROM generate_series(1, 10) n;
CREATE TABLE odd.load AS SELECT id, name, geom FROM odd.numbered;
UPDATE odd.load SET name = 'x' WHERE id = 4;
INSERT INTO odd.load VALUES (500, 'y', 'SRID=4326;POINT(2 2)');
""")
    layer = publish(LayerSpec(name="numbered", relation="odd.numbered"))
    report = released(layer)
    assert counts(report) == (9, 1, 1, 0)
    assert report.notes == ("Left as they are: long.",)
    assert ask("SELECT long FROM odd.numbered WHERE id IN (4, 500) ORDER BY id") == [
        ("xx",),
        ("yy",),
    ]
    assert ask("INSERT INTO odd.numbered (name) VALUES ('z') RETURNING id") == [(501,)]


def test_a_load_that_does_not_number_its_rows_is_compared_by_content(committed: None) -> None:
    execute("""
CREATE TABLE odd.serial (id serial PRIMARY KEY, name text, geom geometry(Point, 4326));
INSERT INTO odd.serial (name, geom) SELECT n, 'SRID=4326;POINT(1 1)' FROM generate_series(1, 9) n;
CREATE TABLE odd.load AS SELECT name, geom FROM odd.serial;
UPDATE odd.load SET name = 'new' WHERE name = '5';
""")
    layer = publish(LayerSpec(name="serial", relation="odd.serial"))
    report = released(layer)
    assert counts(report) == (8, 0, 1, 1)
    assert ask("SELECT id FROM odd.serial WHERE name = 'new'") == [(10,)]


def test_keys_that_each_load_gives_anew_can_be_ignored(trees: Layer) -> None:
    execute("UPDATE odd.load SET id = id + 1000")
    with pytest.raises(CannotRelease, match="100 of 100 rows"):
        released(trees)
    report = released(trees, force=True, dry_run=True)
    assert "compared by content" in report.notes[-1]
    assert counts(released(trees, ignored=["id"])) == (100, 0, 0, 0)


def test_rows_move_between_partitions(committed: None) -> None:
    execute("""
CREATE TABLE odd.parts (id integer, region text, geom geometry(Point, 4326),
  PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE odd.parts_e PARTITION OF odd.parts FOR VALUES IN ('e');
CREATE TABLE odd.parts_w PARTITION OF odd.parts FOR VALUES IN ('w');
INSERT INTO odd.parts SELECT n, CASE WHEN n > 5 THEN 'e' ELSE 'w' END,
  ST_SetSRID(ST_MakePoint(n, n), 4326) FROM generate_series(1, 10) n;
CREATE TABLE odd.load AS SELECT * FROM odd.parts;
UPDATE odd.load SET region = 'w' WHERE id = 7;
UPDATE odd.load SET geom = ST_SetSRID(ST_MakePoint(0, 0), 4326) WHERE id IN (1, 10);
DELETE FROM odd.load WHERE id = 2;
""")
    layer = publish(LayerSpec(name="parts", relation="odd.parts"))
    assert counts(released(layer, dry_run=True)) == (6, 2, 1, 2)
    # The same rows, named by what the partitions are not divided by.
    assert counts(released(layer, key=["id"])) == (6, 3, 0, 1)
    assert content("odd", "parts") == content("odd", "load")


def test_values_of_a_unique_column_may_change_places(committed: None) -> None:
    execute("""
CREATE TABLE odd.coded (id integer PRIMARY KEY, code text UNIQUE, geom geometry(Point, 4326));
INSERT INTO odd.coded SELECT n, 'c' || n, 'SRID=4326;POINT(1 1)' FROM generate_series(1, 9) n;
CREATE TABLE odd.load AS SELECT id, 'c' || (id % 9 + 1) AS code, geom FROM odd.coded;
""")
    layer = publish(LayerSpec(name="coded", relation="odd.coded"))
    report = released(layer)
    assert counts(report) == (0, 9, 0, 0)
    assert "Every row differs" in report.notes[0]
    assert content("odd", "coded") == content("odd", "load")


def test_names_may_have_any_sign(committed: None) -> None:
    execute("""
CREATE SCHEMA "Odd ""%s"" schema";
CREATE TABLE "Odd ""%s"" schema"."Ta'ble %(x)s" ("I d" integer PRIMARY KEY, "Имя %" text,
  "ge""om" geometry(Point, 4326));
INSERT INTO "Odd ""%s"" schema"."Ta'ble %(x)s" SELECT n, n, 'SRID=4326;POINT(1 1)'
FROM generate_series(1, 9) n;
CREATE TABLE "Odd ""%s"" schema"."Load %" AS TABLE "Odd ""%s"" schema"."Ta'ble %(x)s";
UPDATE "Odd ""%s"" schema"."Load %" SET "Имя %" = 'x' WHERE "I d" = 3;
INSERT INTO "Odd ""%s"" schema"."Load %" VALUES (10, 'y', NULL);
DELETE FROM "Odd ""%s"" schema"."Load %" WHERE "I d" = 4;
""")
    schema = 'Odd "%s" schema'
    layer = publish(LayerSpec(name="odd_names", relation=f"{schema}.Ta'ble %(x)s"))
    for words in ({}, {"ignored": ["I d"], "dry_run": True}):
        report = released(layer, f"{schema}.Load %", **words)
        assert report.same == (7 if not words else 9)
    assert content(schema, "Ta'ble %(x)s") == content(schema, "Load %")


def test_types_that_convert_without_loss_are_taken(committed: None) -> None:
    execute("""
CREATE TABLE odd.typed (id bigint PRIMARY KEY, name varchar(5), kind char(3), n numeric(6, 2),
  geom geometry);
INSERT INTO odd.typed VALUES (1, 'a', 'b', 1.5, 'SRID=4326;POINT(1 1)');
CREATE TABLE odd.load (id integer, name text, kind text, n integer, geom geometry(Point, 4326));
INSERT INTO odd.load VALUES (1, 'a', 'b', 2, 'SRID=4326;POINT(1 1)');
""")
    layer = publish(LayerSpec(name="typed", relation="odd.typed"))
    assert released(layer).differing == {"n": 1}
    assert counts(released(layer)) == (1, 0, 0, 0)
    execute("UPDATE odd.load SET name = 'too long'")
    with pytest.raises(CannotRelease, match="too long for type"):
        released(layer)


def test_a_view_may_be_released_from(trees: Layer) -> None:
    execute("CREATE VIEW odd.cast AS SELECT id, upper(name) AS name, geom FROM odd.trees")
    report = released(trees, "odd.cast")
    assert counts(report) == (0, 100, 0, 0)
    assert content("odd", "trees", "name")[0] == '("TREE 1")'


def test_a_source_is_dropped_when_that_is_asked(trees: Layer) -> None:
    execute(CHANGES)
    released(trees, drop=True, dry_run=True)
    released(trees, drop=True)
    assert ask("SELECT to_regclass('odd.load')") == [(None,)]


def test_every_slice_lies_close_together_and_none_is_forgotten() -> None:
    few = list(slices("added", 5000, 5000))
    assert [(one.after, one.last) for one in few] == [(0, 2048), (2048, 4096), (4096, 5000)]
    many = list(slices("added", 10_000_001, 10_000_001))
    assert len(many) == 40
    assert (many[0].after, many[-1].last) == (0, 10_000_001)
    assert all(one.last == two.after for one, two in itertools.pairwise(many))
    assert list(slices("added", 0, 0)) == []


def test_two_targets_are_released_together_or_not_at_all(trees: Layer) -> None:
    execute("""
CREATE TABLE odd.parks AS TABLE odd.trees;
ALTER TABLE odd.parks ADD PRIMARY KEY (id), ADD CHECK (name <> 'forbidden');
CREATE TABLE odd.load2 AS TABLE odd.load;
UPDATE odd.load SET name = 'new' WHERE id = 1;
UPDATE odd.load2 SET name = 'forbidden' WHERE id = 1;
""")
    parks = publish(LayerSpec(name="parks", relation="odd.parks"))
    both = [jobs.from_table(trees, "odd.load"), jobs.from_table(parks, "odd.load2")]
    before = content("odd", "trees")
    with pytest.raises(CannotRelease, match="check constraint"):
        release(both, Options())
    assert content("odd", "trees") == before
    execute("UPDATE odd.load2 SET name = 'allowed' WHERE id = 1")
    assert [counts(one) for one in release(both, Options())] == [(99, 1, 0, 0)] * 2
