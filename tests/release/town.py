"""Tables of a town: one that is published, and loads that shall replace its content."""

from typing import Any

from django.db import connection
from psycopg2 import sql

from core.models import Layer
from core.release import jobs
from core.release.merge import Options, release
from core.release.report import Report

TREES = """
CREATE TABLE odd.trees (id integer PRIMARY KEY, name text, geom geometry(Point, 3857));
INSERT INTO odd.trees SELECT n, 'tree ' || n, ST_SetSRID(ST_MakePoint(n * 1000, n), 3857)
FROM generate_series(1, 100) n;
CREATE TABLE odd.load AS TABLE odd.trees;
"""


def released(layer: Layer, source: str = "odd.load", **words: Any) -> Report:
    """Release a table into a Layer; `words` are for the job or for the options."""
    options = {name: words.pop(name) for name in Options.__dataclass_fields__ if name in words}
    job = jobs.from_table(layer, source, **words)
    [report] = release([job], Options(**options))
    return report


def counts(report: Report) -> tuple[int, int, int, int]:
    """The same, changed, added, removed."""
    return report.same, report.changed, report.added, report.removed


def content(schema: str, name: str, columns: str = "*") -> list[Any]:
    """All rows, each as the text that PostgreSQL writes, sorted."""
    query = sql.SQL("SELECT t::text FROM (SELECT {} FROM {}) t ORDER BY 1").format(
        sql.SQL(columns), sql.Identifier(schema, name)
    )
    return [row[0] for row in ask(query)]


def ask(query: Any) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
