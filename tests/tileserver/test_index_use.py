"""A tile of a high zoom is found through the geometry's index, whatever the table."""

from contextlib import closing

import mercantile
import pytest

from tests.odd import TABLES, OddTable
from tests.tileserver.test_columns import QUOTED
from tileserver import db
from tileserver.pooled import inlined
from tileserver.sql import CutQuery

# Without rows, rows that lie elsewhere, and the other words that publication needs.
WHERE: dict[str, tuple[float, float]] = {
    "srid_2263": (-74.0, 40.7),
    "srid_27700": (-2.0, 52.0),
}
WORDS: dict[str, dict[str, object]] = {
    "mixed_case_and_quotes": {"relation": QUOTED},
    "geography": {"geometry_column": "geog"},
    "ranked": {"rank_column": "rank", "feature_limit": 10},
    "zoom_columns": {"min_zoom_column": "appears", "max_zoom_column": "leaves"},
}


@pytest.mark.parametrize("oddity", sorted(path.stem for path in TABLES.glob("*.sql")))
def test_the_spatial_index_is_used(odd: OddTable, oddity: str) -> None:
    table = odd(oddity, **WORDS.get(oddity, {}))
    tile = mercantile.tile(*WHERE.get(oddity, (1.0, 1.0)), 14)
    plan = table.plan(tile.z, tile.x, tile.y)
    assert "Index Cond:" in plan, plan
    assert "&&" in plan, plan
    assert "Seq Scan" not in plan, plan


def test_no_plan_computes_a_geometry_twice(odd: OddTable) -> None:
    tile = mercantile.tile(-2.0, 52.0, 14)
    plan = odd("srid_27700").plan(tile.z, tile.x, tile.y)
    assert plan.lower().count("st_asmvtgeom(") == 1, plan


@pytest.mark.parametrize("oddity", ["heavy", "large_shapes", "ranked"])
def test_a_cut_uses_the_index_and_computes_a_geometry_once(odd: OddTable, oddity: str) -> None:
    table = odd(oddity, **WORDS.get(oddity, {}))
    tile = mercantile.tile(1.0, 1.0, 14)
    text = CutQuery(table.info(), tile.z, 2).statement
    with closing(db.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        values = (tile.z, tile.x, tile.y, 5000, 8, 4, 8)
        cursor.execute("EXPLAIN (VERBOSE) " + inlined(text.as_string(cursor), values))
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Cond:" in plan, plan
    assert "Seq Scan" not in plan, plan
    assert plan.lower().count("st_asmvtgeom(") == 1, plan
