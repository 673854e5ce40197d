"""What the triggers write: where a statement changed something, in every way to change it."""

import pytest

from core.models import Layer
from tests.changelog.log import logged
from tests.database import execute
from tests.odd import publish_odd

TABLE = """
CREATE TABLE odd.trees (id integer PRIMARY KEY, name text, secret text, geom geometry(Point, 4326));
CREATE INDEX ON odd.trees USING gist (geom);
INSERT INTO odd.trees
  SELECT i, 'tree ' || i, 'x', ST_Point(i, i, 4326) FROM generate_series(1, 9) i;
"""


@pytest.fixture
def trees(committed: None) -> Layer:
    """Nine trees, of which the names are shown."""
    execute(TABLE)
    return publish_odd("trees", fields=["name"]).layer


def at(*points: tuple[float, float]) -> list[tuple[float, float, float, float]]:
    """Boxes of points."""
    return sorted((x, y, x, y) for x, y in points)


CASES: dict[str, tuple[str, list[tuple[str, int, object]]]] = {
    "an insert": (
        "INSERT INTO odd.trees VALUES (20, 'a', 'b', 'SRID=4326;POINT(20 21)')",
        [("insert", 1, at((20, 21)))],
    ),
    "several rows": (
        (
            "INSERT INTO odd.trees SELECT i, '', '', ST_Point(i, 0, 4326)"
            " FROM generate_series(20, 21) i"
        ),
        [("insert", 2, at((20, 0), (21, 0)))],
    ),
    "a move: both places": (
        "UPDATE odd.trees SET geom = 'SRID=4326;POINT(50 50)' WHERE id = 1",
        [("update", 1, at((1, 1), (50, 50)))],
    ),
    "a visible column": (
        "UPDATE odd.trees SET name = 'new' WHERE id = 2",
        [("update", 1, at((2, 2)))],
    ),
    "a column that is not shown": (
        "UPDATE odd.trees SET secret = 'new'",
        [("update", 0, [])],
    ),
    "the same again": ("UPDATE odd.trees SET name = name", [("update", 0, [])]),
    "one of many": (
        "UPDATE odd.trees SET name = CASE id WHEN 3 THEN 'new' ELSE name END",
        [("update", 1, at((3, 3)))],
    ),
    "another key": (
        "UPDATE odd.trees SET id = 30 WHERE id = 3",
        [("update", 1, at((3, 3)))],
    ),
    "other keys": (
        "UPDATE odd.trees SET id = id + 30 WHERE id < 3",
        [("update", 4, at((1, 1), (1, 1), (2, 2), (2, 2)))],
    ),
    "keys that change places": (
        "UPDATE odd.trees SET id = CASE id WHEN 90 THEN 1 ELSE 90 END WHERE id = 1",
        [("update", 1, at((1, 1)))],
    ),
    "a delete": ("DELETE FROM odd.trees WHERE id IN (4, 5)", [("delete", 2, at((4, 4), (5, 5)))]),
    "nothing": ("UPDATE odd.trees SET name = 'new' WHERE id = 99", []),
    "nothing deleted": ("DELETE FROM odd.trees WHERE false", []),
    "a truncate": ("TRUNCATE odd.trees", [("truncate", 0, None)]),
    "a row without geometry": (
        "INSERT INTO odd.trees VALUES (20, 'a', 'b', NULL)",
        [("insert", 1, [])],
    ),
    "an empty geometry": (
        "INSERT INTO odd.trees VALUES (20, 'a', 'b', 'SRID=4326;POINT EMPTY')",
        [("insert", 1, [])],
    ),
    "a geometry that is lost": (
        "UPDATE odd.trees SET geom = NULL WHERE id = 1",
        [("update", 1, at((1, 1)))],
    ),
    "coordinates that are no place": (
        "INSERT INTO odd.trees VALUES (20, '', '', ST_SetSRID(ST_MakePoint('NaN', 1), 4326))",
        [("insert", 1, None)],
    ),
    "one of them among others": (
        (
            "INSERT INTO odd.trees SELECT i, '', '', ST_SetSRID(ST_MakePoint("
            "CASE WHEN i = 22 THEN 'NaN'::float8 ELSE i END, 1), 4326)"
            " FROM generate_series(20, 25) i"
        ),
        [("insert", 6, None)],
    ),
    "infinity": (
        "UPDATE odd.trees SET geom = ST_SetSRID(ST_MakePoint('infinity', 1), 4326) WHERE id = 1",
        [("update", 1, None)],
    ),
    "an upsert": (
        (
            "INSERT INTO odd.trees VALUES (1, 'new', '', 'SRID=4326;POINT(2 2)'),"
            " (20, 'a', '', 'SRID=4326;POINT(20 20)') ON CONFLICT (id) DO UPDATE"
            " SET name = excluded.name, geom = excluded.geom"
        ),
        [("insert", 1, at((20, 20))), ("update", 1, at((1, 1), (2, 2)))],
    ),
    "an upsert that does nothing": (
        "INSERT INTO odd.trees VALUES (1, 'new', '', NULL) ON CONFLICT DO NOTHING",
        [],
    ),
    "a merge": (
        (
            "MERGE INTO odd.trees t USING (VALUES (1), (2), (20)) AS s (id) ON t.id = s.id"
            " WHEN MATCHED AND t.id = 1 THEN DELETE"
            " WHEN MATCHED THEN UPDATE SET name = 'merged'"
            " WHEN NOT MATCHED THEN INSERT VALUES (s.id, '', '', ST_Point(7, 8, 4326))"
        ),
        [("delete", 1, at((1, 1))), ("insert", 1, at((7, 8))), ("update", 1, at((2, 2)))],
    ),
    "a writing WITH": (
        (
            "WITH gone AS (DELETE FROM odd.trees WHERE id = 1 RETURNING *)"
            " INSERT INTO odd.trees SELECT 20, name, secret, ST_Point(9, 8, 4326) FROM gone"
        ),
        [("delete", 1, at((1, 1))), ("insert", 1, at((9, 8)))],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_statement_says_where_it_changed_something(trees: Layer, case: str) -> None:
    statement, wanted = CASES[case]
    found = logged(statement)
    assert sorted((one.what, one.rows, one.boxes) for one in found) == sorted(wanted)
    assert all(one.srid in (4326, 0) and one.relation == "odd.trees" for one in found)
    assert all(one.what != "unknown" for one in found)


def test_it_is_tracked(trees: Layer) -> None:
    assert (trees.freshness, trees.trouble, trees.cacheable) == ("tracked", "", True)
