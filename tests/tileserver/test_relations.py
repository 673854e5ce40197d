"""Relations that are not plain tables, and tables that lack something."""

import pytest
from django.test import Client

from core.models import Layer
from core.publishing import CannotPublish
from tests.database import execute
from tests.odd import OddTable, forget_tiles, load, publish_odd


def test_a_view_is_served_without_what_it_hides(odd: OddTable) -> None:
    table = odd("a_view", id_column="id")
    features = table.features(0, 0, 0)
    assert [(one.id, one.properties) for one in features] == [
        (n, {"name": f"N{n}"}) for n in range(1, 6)
    ]


def test_a_view_without_a_key_has_no_feature_ids(odd: OddTable) -> None:
    features = odd("a_view").features(0, 0, 0)
    assert {one.id for one in features} == {None}
    assert {one.properties["id"] for one in features} == {1, 2, 3, 4, 5}


def test_a_materialised_view_shows_new_rows_once_refreshed(odd: OddTable) -> None:
    table = odd("materialised_view", id_column="id")
    assert table.ids(0, 0, 0) == set(range(1, 11))
    execute("INSERT INTO odd.materialised_base VALUES (11, 'SRID=4326;POINT(11 11)')")
    execute("REFRESH MATERIALIZED VIEW odd.materialised_view")
    forget_tiles()
    assert table.ids(0, 0, 0) == set(range(1, 12))


def test_all_partitions_are_read_the_later_ones_too(odd: OddTable) -> None:
    table = odd("partitioned", id_column="id")
    assert {one.properties["id"] for one in table.features(0, 0, 0)} == set(range(-9, 11))
    execute(
        "CREATE TABLE odd.partitioned_north PARTITION OF odd.partitioned FOR VALUES IN ('north');"
        "INSERT INTO odd.partitioned VALUES (99, 'north', 'SRID=4326;POINT(50 50)')"
    )
    forget_tiles()
    assert 99 in {one.properties["id"] for one in table.features(0, 0, 0)}


def test_a_table_without_rows_gives_empty_tiles_and_whole_bounds(odd: OddTable) -> None:
    table = odd("no_rows")
    answer = table.answer((0, 0, 0))
    assert (answer.status_code, answer.content) == (204, b"")
    assert table.layer.bounds is None
    execute(
        "INSERT INTO odd.no_rows VALUES (1, 'first', 'SRID=4326;POLYGON((0 0, 9 0, 9 9, 0 0))')"
    )
    forget_tiles()
    assert table.ids(0, 0, 0) == {1}


def test_a_row_outside_of_the_bounds_at_publication_is_still_served(odd: OddTable) -> None:
    table = odd("text_ids")
    execute("INSERT INTO odd.text_ids VALUES ('far', 'SRID=4326;POINT(-100 -50)')")
    assert [one.properties["code"] for one in table.features(2, 0, 2)] == ["far"]


def test_the_srid_of_an_undeclared_column_is_read_from_its_rows(odd: OddTable) -> None:
    table = odd("undeclared_srid")
    assert table.layer.srid == 3857
    assert round(table.features(0, 0, 0)[0].geometry.bounds[0]) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE odd.undeclared_srid",
        "INSERT INTO odd.undeclared_srid VALUES (2, 'SRID=4326;POINT(1 1)')",
        "UPDATE odd.undeclared_srid SET geom = ST_SetSRID(geom, 0)",
    ],
    ids=["no rows", "two", "none"],
)
def test_an_srid_that_cannot_be_known_is_asked_for(committed: None, statement: str) -> None:
    load("undeclared_srid")
    execute(statement)
    with pytest.raises(CannotPublish, match="UpdateGeometrySRID"):
        publish_odd("undeclared_srid")
    assert not Layer.objects.filter(name="undeclared_srid").exists()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE odd.undeclared_srid SET geom = ST_SetSRID(geom, 0)", "have 0 for their SRID"),
        ("INSERT INTO odd.undeclared_srid VALUES (2, 'SRID=4326;POINT(1 1)')", "have 3857 for"),
    ],
    ids=["none", "two"],
)
def test_an_srid_that_rows_do_not_have_is_refused(
    committed: None, statement: str, said: str
) -> None:
    load("undeclared_srid")
    execute(statement)
    with pytest.raises(CannotPublish, match=said):
        publish_odd("undeclared_srid", srid=4326)
    assert not Layer.objects.filter(name="undeclared_srid").exists()


def test_an_srid_may_be_given_for_a_table_without_rows(committed: None) -> None:
    load("undeclared_srid")
    execute("TRUNCATE odd.undeclared_srid")
    table = publish_odd("undeclared_srid", srid=4326)
    execute("INSERT INTO odd.undeclared_srid VALUES (2, 'SRID=4326;POINT(1 1)')")
    assert [one.id for one in table.features(0, 0, 0)] == [2]


def test_coordinates_that_are_no_numbers_have_no_bounds(committed: None) -> None:
    execute("CREATE TABLE odd.nan (id integer PRIMARY KEY, geom geometry(Point, 4326))")
    execute("INSERT INTO odd.nan VALUES (1, 'SRID=4326;POINT(NaN NaN)')")
    assert publish_odd("nan").layer.bounds is None
    for path in ("/tiles/nan.json", "/catalog.json"):
        assert b"NaN" not in Client().get(path).content
