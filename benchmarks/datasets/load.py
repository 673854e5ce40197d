"""Loading: table, index, order, statistics, spots; then published. Done once a version."""

import csv
import hashlib
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from psycopg2 import sql

from benchmarks.datasets.dataset import Dataset, Report, Row
from benchmarks.place import Place
from core.layer_spec import LayerSpec
from core.publishing import publish

SPOTS = 30_000
# Raise it when tables are made in another way: all are loaded again then.
FORMAT = b"1"
# No server of the others has a byte budget: with ours the tiles would not be the same.
NO_BUDGET = 2_000_000_000
NULL = "\\N"
LOADS = """
CREATE SCHEMA IF NOT EXISTS {schema};
CREATE TABLE IF NOT EXISTS {schema}.loads (dataset text PRIMARY KEY, version text NOT NULL);
CREATE TABLE IF NOT EXISTS {schema}.spots (dataset text, number integer, x float8, y float8,
  PRIMARY KEY (dataset, number));
"""
FILL = """
DROP TABLE IF EXISTS {table} CASCADE;
CREATE TABLE {table} (id bigint PRIMARY KEY, {columns}, geom geometry({geometry}, {srid}) NOT NULL);
INSERT INTO {table} SELECT id, {names}, ST_Transform(geom, {srid}) FROM stage
  WHERE NOT ST_IsEmpty(geom) ORDER BY ST_Transform(geom, 3857);
DROP TABLE stage;
CREATE INDEX ON {table} USING gist (geom);
ANALYZE {table};
"""
NOTE = """
INSERT INTO {} VALUES (%s, %s) ON CONFLICT (dataset) DO UPDATE SET version = excluded.version
"""
SPOT = (
    """
DELETE FROM {spots} WHERE dataset = {name};
INSERT INTO {spots}
SELECT {name}, row_number() OVER (ORDER BY md5(x || ' ' || y)), x, y
FROM (SELECT DISTINCT x, y FROM (""",
    """) AS found) AS one_each
ORDER BY md5(x || ' ' || y) LIMIT {limit}
""",
)


def ensure(place: Place, datasets: Sequence[Dataset], report: Report) -> None:
    """Load and publish what is not there in this version; raises core.demo.fetch.Unfetchable."""
    with closing(place.connect()) as made, made.cursor() as cursor:
        cursor.execute(sql.SQL(LOADS).format(schema=sql.Identifier(place.schema)))
        for dataset in datasets:
            if _version_there(cursor, place, dataset) != version(dataset):
                _load(cursor, place, dataset, report)
    for dataset in datasets:
        publish(spec(place, dataset))


def spec(place: Place, dataset: Dataset) -> LayerSpec:
    """How the table is published: everything as by default, but without a byte budget."""
    return LayerSpec(
        name=dataset.name,
        relation=f"{place.schema}.{dataset.name}",
        title=dataset.words,
        attribution=dataset.attribution,
        id_column="id",
        max_zoom=dataset.max_zoom,
        byte_budget=NO_BUDGET,
    )


def version(dataset: Dataset) -> str:
    """A digest of the loader's source, so that another loader loads again."""
    module = Path(__file__).with_name(f"{dataset.name}.py")
    return hashlib.sha256(module.read_bytes() + FORMAT).hexdigest()[:16]


def _version_there(cursor: Any, place: Place, dataset: Dataset) -> str | None:
    query = sql.SQL("SELECT version FROM {} WHERE dataset = %s")
    cursor.execute(query.format(sql.Identifier(place.schema, "loads")), [dataset.name])
    row = cursor.fetchone()
    return row[0] if row else None


def _load(cursor: Any, place: Place, dataset: Dataset, report: Report) -> None:
    report(f"Loading {dataset.name}: {dataset.words} ...")
    names = {"table": sql.Identifier(place.schema, dataset.name)}
    columns = [sql.SQL(f"{name} {kind}") for name, kind in dataset.columns]
    words = {
        **names,
        "columns": sql.SQL(", ").join(columns),
        "names": sql.SQL(", ").join(sql.Identifier(name) for name, _ in dataset.columns),
        "geometry": sql.SQL(dataset.geometry),
        "srid": sql.Literal(dataset.srid),
    }
    cursor.execute(
        sql.SQL("CREATE TEMP TABLE stage (id bigint, {columns}, geom geometry)").format(**words)
    )
    count = copy(cursor, dataset.rows(place.folder, report))
    cursor.execute(sql.SQL(FILL).format(**words))
    _mark_spots(cursor, place, dataset)
    note = sql.SQL(NOTE).format(sql.Identifier(place.schema, "loads"))
    cursor.execute(note, [dataset.name, version(dataset)])
    report(f"Loaded {dataset.name}: {count:,} rows")


def _mark_spots(cursor: Any, place: Place, dataset: Dataset) -> None:
    """Note points to look at, in an order that is as good as random and always the same."""
    words = {
        "spots": sql.Identifier(place.schema, "spots"),
        "table": sql.Identifier(place.schema, dataset.name),
        "name": sql.Literal(dataset.name),
        "limit": sql.Literal(SPOTS),
    }
    before, after = SPOT
    cursor.execute(sql.SQL(before + dataset.spots + after).format(**words))


def copy(cursor: Any, rows: Iterable[Row]) -> int:
    """COPY rows into the stage, through a file: they may be more than fits the memory."""
    with tempfile.TemporaryFile("w+", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([NULL if value is None else value for value in row] for row in rows)
        file.seek(0)
        cursor.copy_expert(f"COPY stage FROM STDIN WITH (FORMAT csv, NULL '{NULL}')", file)
    return int(cursor.rowcount)
