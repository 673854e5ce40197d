"""The SQL of a tile, held against files that people can read.

After a change that is meant: WRITE_GOLDEN=1 pytest tests/tileserver/test_sql.py, and read the diff.
"""

import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.published import FieldInfo, LayerInfo, OverviewInfo
from tileserver import db as tile_db
from tileserver import statements
from tileserver.params import Params
from tileserver.sql import CutQuery, Query, tile_query

GOLDEN = Path(__file__).parents[1] / "fixtures" / "sql"
PLAIN = LayerInfo(
    id=1, name="towns", title="Towns", description="", attribution="", access="public",
    state="published", generation=1, layer_name="towns", relation_schema="demo",
    relation_name="towns", geometry_column="geom", geometry_type="POINT", geography=False,
    srid=3857, id_column="id", id_is_feature_id=True, id_is_unique=True,
    fields=(FieldInfo("name", "text"), FieldInfo("founded", "date")), min_zoom=0, max_zoom=14,
    rank_column="", min_zoom_column="", max_zoom_column="", bounds=None,
    area_of_use=(-180, -90, 180, 90), extent=4096, buffer=64, feature_limit=None,
    byte_budget=500_000, freshness="ttl", ttl_seconds=60,
    overviews=(OverviewInfo("demo", "towns_coarse", 0, 3),),
)  # fmt: skip
LIMITED = replace(
    PLAIN, name="limited", layer_name="limited", srid=4326, id_is_unique=False, feature_limit=100,
    rank_column="rank", min_zoom_column="appears", max_zoom_column="leaves", overviews=(),
)  # fmt: skip
GRID = replace(
    PLAIN, name="grid", layer_name="grid", srid=27700, geometry_type="GEOMETRY", id_column="",
    id_is_feature_id=False, id_is_unique=False, area_of_use=(-10, 48, 4, 62),
    fields=(FieldInfo("geom", "text"), FieldInfo("Per % cent", "numeric(5,2)")),
    geometry_column="shape",
)  # fmt: skip
LARGE = replace(
    PLAIN, name="large", layer_name="large", srid=4326, geometry_type="MULTIPOLYGON",
    large_shapes=True, overviews=(),
)  # fmt: skip
CASES = {
    "plain": ([PLAIN], 5, Params()),
    "overview": ([PLAIN], 3, Params()),
    "limited": ([LIMITED], 5, Params()),
    "national_grid": ([GRID], 5, Params()),
    "large_shapes": ([LARGE], 5, Params()),
    "large_lines": ([replace(LARGE, geometry_type="LINESTRING")], 5, Params()),
    "large_shapes_of_a_grid": ([replace(GRID, large_shapes=True)], 14, Params()),
    "geography": ([replace(PLAIN, geography=True, srid=4326)], 5, Params()),
    "two_layers_one_property": ([PLAIN, LIMITED], 5, Params(("name",))),
    "small_polygons": ([replace(PLAIN, geometry_type="POLYGON")], 5, Params()),
    "small_polygons_in_degrees": (
        [replace(LIMITED, geometry_type="MULTIPOLYGON")], 5, Params(("name",))
    ),
    "out_of_zoom": ([PLAIN], 20, Params()),
}  # fmt: skip


def assert_read(case: str, text: str) -> None:
    """Assert that the statement is that of the file; write the file if it is meant to change."""
    file = GOLDEN / f"{case}.sql"
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_the_statement_that_cuts_is_the_one_that_was_read(django_db_setup: None) -> None:
    with closing(tile_db.connect()) as connection, connection.cursor() as cursor:
        text = CutQuery(LIMITED, 5, 2).statement.as_string(cursor) + "\n"
    assert_read("cut", text)


@pytest.mark.parametrize("case", CASES)
def test_the_statement_is_the_one_that_was_read(django_db_setup: None, case: str) -> None:
    layers, zoom, params = CASES[case]
    with closing(tile_db.connect()) as connection, connection.cursor() as cursor:
        text = tile_query(tuple(layers), zoom, params).statement.as_string(cursor) + "\n"
    assert_read(case, text)


def test_a_text_is_composed_once_for_equal_layers_and_anew_for_others(
    django_db_setup: None,
) -> None:
    with closing(tile_db.connect()) as connection, connection.cursor() as cursor:
        first = statements.of(tile_query((PLAIN,), 5), cursor)
        assert statements.of(tile_query((replace(PLAIN),), 5), cursor) is first
        others: list[Query] = [
            tile_query((replace(PLAIN, generation=2, buffer=8),), 5),
            tile_query((replace(PLAIN, buffer=9),), 5),  # No such two are ever published.
            tile_query((PLAIN,), 5, Params(("name",))),
            tile_query((PLAIN,), 3),
            CutQuery(PLAIN, 5, 2),
            CutQuery(PLAIN, 5, 3),
        ]
        texts = {statements.of(query, cursor).text for query in others}
    assert len(texts | {first.text}) == len(others) + 1
