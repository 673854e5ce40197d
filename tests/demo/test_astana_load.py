"""The whole load, on the real data, in a transaction that is rolled back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from core.demo import search
from core.demo.astana import load
from core.demo.astana.layers import BANDS, specs

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        with transaction.atomic():
            load(connection, lambda _: None)
            yield
            transaction.set_rollback(True)
        connection.close()


def rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def tables() -> list[str]:
    bands = [f"astana_{name}_z{low}" for name, pairs in BANDS.items() for low, _ in pairs]
    return [spec.relation.removeprefix("demo.") for spec in specs()] + bands


@pytest.mark.usefixtures("city")
class TestCity:
    """What must be true of the tables."""

    def test_every_table_is_there_with_an_index_and_valid_geometry(self) -> None:
        for table in tables():
            found = rows(
                f"SELECT count(*), count(*) FILTER (WHERE NOT ST_IsValid(geom)), min(id)"
                f" FROM demo.{table}"
            )
            assert found[0][0] > 0, table
            assert found[0][1] == 0, table
            assert found[0][2] >= 0, table
            indexes = rows(f"SELECT indexdef FROM pg_indexes WHERE tablename = '{table}'")
            assert any("gist" in one[0] for one in indexes), table

    def test_the_counts_are_those_that_were_measured(self) -> None:
        counts = dict(
            rows(
                "SELECT 'buildings', count(*) FROM demo.astana_buildings UNION ALL"
                " SELECT 'levels', count(levels) FROM demo.astana_buildings UNION ALL"
                " SELECT 'roads', count(*) FROM demo.astana_roads UNION ALL"
                " SELECT 'bridges', count(*) FILTER (WHERE bridge) FROM demo.astana_roads"
            )
        )
        assert counts == {"buildings": 32054, "levels": 20258, "roads": 10176, "bridges": 135}

    def test_classes_have_about_the_measured_numbers_of_ways(self) -> None:
        counts = dict(rows("SELECT class, count(*) FROM demo.astana_roads GROUP BY 1"))
        assert counts["service"] > counts["residential"] > counts["tertiary"] > counts["trunk"] > 50

    def test_low_zooms_have_few_lines(self) -> None:
        assert rows("SELECT count(*) < 60 FROM demo.astana_roads_z7") == [(True,)]
        assert rows("SELECT count(*) < 400 FROM demo.astana_roads_z10") == [(True,)]

    def test_the_river_is_an_area_across_the_city(self) -> None:
        query = (
            "SELECT sum(ST_Area(geom)) > 4e6, max(ST_XMax(geom)) - min(ST_XMin(geom)) > 10000"
            " FROM demo.astana_water WHERE class = 'river'"
        )
        assert rows(query) == [(True, True)]

    def test_under_forty_pois_share_a_window_at_each_zoom(self) -> None:
        window = "(1280 * 800 * power(78271.517 / power(2, {z}), 2))"
        for zoom in (14, 15, 16):
            busiest = rows(
                f"SELECT max(n) FROM (SELECT count(*) n FROM demo.astana_pois"
                f" WHERE rank < 100 * ({zoom} - 12)"
                f" GROUP BY ST_SnapToGrid(geom, sqrt{window.format(z=zoom)})) cells"
            )
            assert busiest[0][0] < 40, zoom

    def test_nobody_who_mapped_is_named(self) -> None:
        query = (
            "SELECT count(*) FROM information_schema.columns"
            " WHERE table_schema = 'demo' AND column_name IN ('user', 'uid')"
        )
        assert rows(query) == [(0,)]

    @pytest.mark.parametrize("text", ["проспект Абая", "Abaya", "mangilik", "Байтерек", "Заречный"])
    def test_search_finds_it(self, text: str) -> None:
        with connection.cursor() as cursor:
            found = search.find(cursor, text, 5)
        assert any(entry.context == "Astana" for entry in found), text
