"""Tables that the cases about truth write into: copies of real rows, published and tracked."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from django.db import connection
from psycopg2 import sql

from benchmarks.bench import Bench
from core.layer_spec import LayerSpec
from core.models import Layer
from core.publishing import publish

COPY = """
DROP TABLE IF EXISTS {table};
CREATE TABLE {table} (id bigint PRIMARY KEY, value integer NOT NULL, geom {type} NOT NULL);
INSERT INTO {table} SELECT row_number() OVER (ORDER BY id), 0, geom FROM {source}
  ORDER BY id LIMIT {count};
CREATE INDEX ON {table} USING gist (geom);
ANALYZE {table};
"""


class NotTracked(RuntimeError):
    """The Layer promises less than `tracked`: there is nothing to measure."""


@contextmanager
def copies(bench: Bench, names: Sequence[str], count: int) -> Iterator[Any]:
    """Tables with the first rows of the first dataset; gives a cursor, and drops them afterwards.

    The name of each is that of a Layer too, where `track` is called for it.
    """
    dataset = bench.plan.datasets[0]
    with closing(bench.place.connect()) as made, made.cursor() as cursor:
        for name in names:
            cursor.execute(
                sql.SQL(COPY).format(
                    table=sql.Identifier(bench.place.schema, name),
                    source=sql.Identifier(bench.place.schema, dataset),
                    type=sql.SQL("geometry(MultiPolygon, 3857)"),
                    count=sql.Literal(count),
                )
            )
        try:
            yield cursor
        finally:
            Layer.objects.filter(name__in=names).delete()
            connection.close()
            for name in names:
                table = sql.Identifier(bench.place.schema, name)
                cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))


def track(bench: Bench, name: str, max_zoom: int = 16) -> Layer:
    """Publish a copy, which installs its triggers. Raises NotTracked."""
    publish(
        LayerSpec(name=name, relation=f"{bench.place.schema}.{name}", id_column="id",
                  max_zoom=max_zoom)
    )  # fmt: skip
    layer = Layer.objects.get(name=name)
    connection.close()
    if layer.freshness != "tracked":
        raise NotTracked(f"{name} is {layer.freshness}: {layer.trouble or 'no triggers'}")
    return layer
