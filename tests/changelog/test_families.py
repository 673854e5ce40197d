"""Partitions, children, names of every kind, several geometries: all are heard of."""

import pytest

from core.changelog.sources import sources
from core.models import Layer
from tests.changelog.log import logged, rows
from tests.database import execute
from tests.odd import load, publish_odd
from tests.tileserver.test_columns import QUOTED

PARTITIONS = """
CREATE TABLE odd.parts (id integer, at integer, geom geometry(Point, 4326), PRIMARY KEY (id, at))
  PARTITION BY RANGE (at);
CREATE TABLE odd.parts_a PARTITION OF odd.parts FOR VALUES FROM (0) TO (10);
CREATE TABLE odd.parts_b PARTITION OF odd.parts FOR VALUES FROM (10) TO (20) PARTITION BY LIST (at);
-- The columns of this one are in another order.
CREATE TABLE odd.parts_b1 (geom geometry(Point, 4326), at integer NOT NULL, id integer NOT NULL);
ALTER TABLE odd.parts_b ATTACH PARTITION odd.parts_b1 DEFAULT;
INSERT INTO odd.parts VALUES (1, 1, 'SRID=4326;POINT(1 1)'), (2, 11, 'SRID=4326;POINT(2 2)');
"""
WRITES = {
    "through the parent": ("INSERT INTO odd.parts VALUES (3, 3, 'SRID=4326;POINT(3 3)')", {(3, 3)}),
    "into a partition": ("INSERT INTO odd.parts_a VALUES (3, 3, 'SRID=4326;POINT(3 3)')", {(3, 3)}),
    "into one in the middle": (
        "INSERT INTO odd.parts_b VALUES (3, 13, 'SRID=4326;POINT(3 3)')",
        {(3, 3)},
    ),
    "into one with other columns": (
        "INSERT INTO odd.parts_b1 VALUES ('SRID=4326;POINT(3 3)', 13, 3)",
        {(3, 3)},
    ),
    "from one partition into another": (
        "UPDATE odd.parts SET at = 12, geom = 'SRID=4326;POINT(4 4)' WHERE id = 1",
        {(1, 1), (4, 4)},
    ),
    "a move within one": (
        "UPDATE odd.parts_b1 SET geom = 'SRID=4326;POINT(4 4)'",
        {(2, 2), (4, 4)},
    ),
    "out of all": ("DELETE FROM odd.parts", {(1, 1), (2, 2)}),
}


@pytest.fixture
def parts(committed: None) -> Layer:
    """A partitioned table, two levels deep."""
    execute(PARTITIONS)
    return publish_odd("parts", id_column="id").layer


def places(statement: str) -> set[tuple[float, float]]:
    """The points that a statement logs, all under the name of the parent."""
    found = logged(statement)
    assert {one.relation for one in found} == {"odd.parts"}
    assert all(one.what in ("insert", "update", "delete") for one in found)
    return {box[:2] for one in found for box in one.boxes or []}


@pytest.mark.parametrize("way", WRITES)
def test_rows_of_partitions_are_heard_of_however_written(parts: Layer, way: str) -> None:
    statement, wanted = WRITES[way]
    assert parts.freshness == "tracked"
    assert places(statement) == wanted


def test_a_partition_that_is_emptied_says_so(parts: Layer) -> None:
    [found] = logged("TRUNCATE odd.parts_a")
    assert (found.what, found.boxes, found.relation) == ("truncate", None, "odd.parts")
    found_all = logged("TRUNCATE odd.parts")
    assert {one.what for one in found_all} == {"truncate"}


def test_a_layer_of_one_partition_hears_of_rows_that_come_through_the_parent(
    committed: None,
) -> None:
    execute(PARTITIONS)
    layer = publish_odd("parts_a", id_column="id").layer
    assert places("INSERT INTO odd.parts VALUES (3, 3, 'SRID=4326;POINT(3 3)')") == {(3, 3)}
    [(root,)] = rows("SELECT 'odd.parts'::regclass::oid::bigint")
    assert [one.layer_id for one in sources()[root]] == [layer.pk]


INHERITED = """
CREATE TABLE odd.things (id integer, geom geometry(Point, 4326));
CREATE TABLE odd.houses (floors integer, door geometry(Point, 4326)) INHERITS (odd.things);
INSERT INTO odd.things VALUES (1, 'SRID=4326;POINT(1 1)');
INSERT INTO odd.houses VALUES (2, 'SRID=4326;POINT(2 2)', 5, 'SRID=4326;POINT(7 7)');
"""


def test_children_are_heard_of_and_heard_through_their_parents(committed: None) -> None:
    execute(INHERITED)
    publish_odd("things")
    [found] = logged("INSERT INTO odd.houses VALUES (3, 'SRID=4326;POINT(3 3)')")
    assert (found.boxes, found.relation) == ([(3, 3, 3, 3)], "odd.things")
    [found] = logged("DELETE FROM odd.things WHERE id = 2")
    assert found.boxes == [(2, 2, 2, 2)]


def test_a_column_that_the_parent_lacks_may_change_anywhere_through_it(committed: None) -> None:
    execute(INHERITED)
    publish_odd("houses", geometry_column="door")
    [found] = logged("DELETE FROM odd.things WHERE id = 2")
    assert found.boxes is None
    [found] = logged("INSERT INTO odd.houses VALUES (3, NULL, 1, 'SRID=4326;POINT(8 8)')")
    assert found.boxes == [(8, 8, 8, 8)]


def test_names_of_every_kind(committed: None) -> None:
    load("mixed_case_and_quotes")
    layer = publish_odd("quoted", relation=QUOTED).layer
    assert layer.freshness == "tracked"
    quoted = rows("SELECT format('%I.%I', %s::text, %s::text)".replace("%I", "%%I"),
                  [layer.relation_schema, layer.relation_name])[0][0]  # fmt: skip
    [found] = logged(f"DELETE FROM {quoted}")
    assert found.what == "delete"
    assert found.rows > 0
    assert found.boxes


HOSTILE = """
CREATE TABLE odd.hostile (
  "id$graticule$" integer PRIMARY KEY,
  "a;b 'c' ""d"" $$ $graticule$ {x} %s" text,
  "s" integer, "o" integer, "n" integer, "total" text, "boxes" text, "changed" text,
  "the geom; DROP" geometry(Point, 4326));
"""


def test_columns_with_names_out_of_a_nightmare(committed: None) -> None:
    execute(HOSTILE)
    layer = publish_odd("hostile").layer
    assert (layer.freshness, layer.trouble) == ("tracked", "")
    [found] = logged(
        "INSERT INTO odd.hostile VALUES (1, 'x', 1, 1, 1, '', '', '', 'SRID=4326;POINT(1 2)')"
    )
    assert (found.what, found.boxes) == ("insert", [(1, 2, 1, 2)])
    [found] = logged("UPDATE odd.hostile SET s = 2, total = 'x'")
    assert (found.what, found.boxes) == ("update", [(1, 2, 1, 2)])


def test_each_published_geometry_is_logged_in_its_own_srid(committed: None) -> None:
    execute(
        "CREATE TABLE odd.two (id integer PRIMARY KEY, a geometry(Point, 4326),"
        " b geometry(Point, 3857), c geometry(Point, 4326))"
    )
    publish_odd("two", name="two_a", geometry_column="a", fields=[])
    publish_odd("two", name="two_b", geometry_column="b", fields=[])
    found = logged(
        "INSERT INTO odd.two VALUES (1, 'SRID=4326;POINT(1 1)', 'SRID=3857;POINT(2 2)',"
        " 'SRID=4326;POINT(3 3)')"
    )
    assert {(one.srid, *(one.boxes or [])) for one in found} == {
        (4326, (1, 1, 1, 1)),
        (3857, (2, 2, 2, 2)),
    }
    found = logged("UPDATE odd.two SET c = NULL")
    assert [(one.rows, one.boxes) for one in found] == [(0, []), (0, [])]


def test_geography_is_logged_in_degrees(committed: None) -> None:
    load("geography")
    layer = publish_odd("geography").layer
    [found] = logged("DELETE FROM odd.geography")
    assert (layer.freshness, found.srid, found.what) == ("tracked", 4326, "delete")
    assert found.boxes
    assert all(-180 <= west <= east <= 180 for west, _, east, _ in found.boxes)


def test_without_a_key_old_and_new_places_are_logged(committed: None) -> None:
    execute(
        "CREATE TABLE odd.keyless (name text, geom geometry(Point, 4326));"
        "INSERT INTO odd.keyless VALUES ('a', 'SRID=4326;POINT(1 1)')"
    )
    assert publish_odd("keyless").layer.freshness == "tracked"
    [found] = logged("UPDATE odd.keyless SET geom = 'SRID=4326;POINT(5 5)'")
    assert (found.rows, found.boxes) == (1, [(1, 1, 1, 1), (5, 5, 5, 5)])


def test_a_row_that_goes_with_another_is_heard_of(committed: None) -> None:
    execute(
        "CREATE TABLE odd.owners (id integer PRIMARY KEY);"
        "CREATE TABLE odd.plots (id integer PRIMARY KEY, owner integer REFERENCES odd.owners"
        " ON DELETE CASCADE, geom geometry(Point, 4326));"
        "INSERT INTO odd.owners VALUES (1);"
        "INSERT INTO odd.plots VALUES (1, 1, 'SRID=4326;POINT(1 1)')"
    )
    publish_odd("plots")
    [found] = logged("DELETE FROM odd.owners")
    assert (found.what, found.boxes) == ("delete", [(1, 1, 1, 1)])
