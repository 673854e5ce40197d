"""How much waits for a release: an estimate out of PostgreSQL's own statistics, which is free."""

from django.db import connection

from core.models import Layer

_WRITTEN = """
SELECT sum(pg_stat_get_tuples_inserted(part) + pg_stat_get_tuples_updated(part)
           + pg_stat_get_tuples_deleted(part))::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
LATERAL (SELECT c.oid AS part WHERE c.relkind = 'r'
         UNION ALL SELECT relid FROM pg_partition_tree(c.oid) WHERE isleaf AND c.relkind = 'p') p
WHERE n.nspname = %s AND c.relname = %s
"""


def written(layer: Layer) -> int | None:
    """Rows ever written to the table under a Layer; None where that is no table."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN, [layer.relation_schema, layer.relation_name])
        row = cursor.fetchone()
    return None if row is None else row[0]


def edits(layer: Layer) -> int | None:
    """Rows written to the table of a held Layer since the last release; None: nobody knows.

    A row that was edited twice counts twice, and so does what was rolled back: a dry run of the
    release says exactly what differs.
    """
    now = written(layer) if layer.held else None
    if now is None or layer.released_writes is None or now < layer.released_writes:
        return None
    return now - layer.released_writes


def state(layer: Layer) -> str:
    """For people: whether it is held, and about how much waits."""
    if not layer.held:
        return "live"
    count = edits(layer)
    return "held" if count is None else f"held, {count:,} edits wait"
