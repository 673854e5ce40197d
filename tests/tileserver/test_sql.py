"""The SQL of a tile, held against files that people can read.

After a change that is meant: WRITE_GOLDEN=1 pytest tests/tileserver/test_sql.py, and read the diff.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from core.published import FieldInfo, LayerInfo, OverviewInfo
from tileserver import db as tile_db
from tileserver.params import Params
from tileserver.sql import tile_query

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
    "out_of_zoom": ([PLAIN], 20, Params()),
}


@pytest.mark.parametrize("case", CASES)
def test_the_statement_is_the_one_that_was_read(django_db_setup: None, case: str) -> None:
    layers, zoom, params = CASES[case]
    connection = tile_db.connect()
    with connection.cursor() as cursor:
        text = tile_query(layers, zoom, params).statement.as_string(cursor) + "\n"
    connection.close()
    file = GOLDEN / f"{case}.sql"
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
