"""Whatever stands in two tables, a release makes them alike and touches only what differs."""

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.layer_spec import LayerSpec
from core.models import Layer
from core.publishing import publish
from tests.database import execute
from tests.release.town import ask, content, released

NAMES = st.sampled_from(["a", "b", "", None])
PLACES = st.sampled_from(["POINT(0 0)", "POINT(-0 0)", "POINT(9 9)", "POINT EMPTY", None])
VALUES = st.tuples(NAMES, PLACES)
KEYED = st.dictionaries(st.integers(1, 9), VALUES, max_size=9)
BAGS = st.lists(st.tuples(st.integers(1, 2), VALUES), max_size=9)
SLOWLY = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def keyed(committed: None) -> Layer:
    """A Layer of a table with a primary key and a unique column."""
    return made("id integer PRIMARY KEY, name text, geom geometry(Point, 4326), UNIQUE (geom)")


@pytest.fixture
def bag(committed: None) -> Layer:
    """A Layer of a table without any key."""
    return made("id integer, name text, geom geometry(Point, 4326)")


def made(columns: str) -> Layer:
    """A Layer of a table with these columns, and a table to load."""
    execute(f"CREATE TABLE odd.thing ({columns}); CREATE TABLE odd.load (LIKE odd.thing)")
    return publish(LayerSpec(name="thing", relation="odd.thing", srid=4326))


def fill(table: str, rows: list[tuple[int, Any, Any]]) -> None:
    """Give a table these rows and no others."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE odd.{table}")
        cursor.executemany(
            f"INSERT INTO odd.{table} VALUES (%s, %s, ST_GeomFromText(%s, 4326))", rows
        )


def flat(rows: Any) -> list[tuple[int, Any, Any]]:
    """Rows as `fill` takes them, each place at most once if there is a key."""
    found: list[tuple[int, Any, Any]] = []
    seen: set[str] = set()
    for key, (name, place) in rows.items() if isinstance(rows, dict) else rows:
        shown = None if isinstance(rows, dict) and place and _same(place) in seen else place
        seen.add(_same(place) if place else "")
        found.append((key, name, shown))
    return found


def _same(place: str) -> str:
    """What a unique index takes for equal."""
    return place.replace("-0", "0")


def places() -> Counter[tuple[str, str, str]]:
    """Where each row stands, and who wrote it."""
    return Counter(ask("SELECT t::text, ctid::text, xmin::text FROM odd.thing t"))


@SLOWLY
@given(KEYED, KEYED)
def test_with_a_key(keyed: Layer, old: Any, new: Any) -> None:
    fill("thing", flat(old))
    fill("load", flat(new))
    before = places()
    report = released(keyed, force=True, allow_empty=True)
    assert content("odd", "thing") == content("odd", "load")
    assert sum((before & places()).values()) == report.same
    assert report.same + report.changed + report.removed == len(old)
    assert report.same + report.changed + report.added == len(new)


@SLOWLY
@given(BAGS, BAGS)
def test_without_a_key(bag: Layer, old: Any, new: Any) -> None:
    fill("thing", flat(old))
    fill("load", flat(new))
    before = places()
    expected = sum((Counter(flat(old)) & Counter(flat(new))).values())
    report = released(bag, force=True, allow_empty=True)
    assert content("odd", "thing") == content("odd", "load")
    assert sum((before & places()).values()) == report.same == expected
    assert (report.removed, report.added) == (len(old) - report.same, len(new) - report.same)
