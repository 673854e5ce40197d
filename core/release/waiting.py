"""How much waits for a release: an estimate out of the change log, which costs next to nothing."""

from django.db import connection

from core.models import Layer

_WAITING = """
SELECT coalesce(sum(h.rows), 0)
FROM graticule.change h JOIN pg_class c ON h.relation IN (c.oid, pg_partition_root(c.oid)::oid)
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND h.at > %s
"""
_TRACKED = """
SELECT EXISTS (SELECT 1 FROM graticule.tracked t JOIN pg_class c ON t.relation = c.oid
               JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = %s AND c.relname = %s)
"""


def edits(layer: Layer) -> int | None:
    """Rows written to the table of a held Layer since the last release; None: nobody counts.

    A row that was edited twice counts twice, and what is older than the log is not in it: a dry
    run of the release says exactly what differs.
    """
    if not layer.held or layer.released is None:
        return None
    name = (layer.relation_schema, layer.relation_name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('graticule.tracked') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(_TRACKED, name)
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(_WAITING, [*name, layer.released])
        return int(cursor.fetchone()[0])


def state(layer: Layer) -> str:
    """For people: whether it is held, and about how much waits."""
    if not layer.held:
        return "live"
    count = edits(layer)
    return "held" if count is None else f"held, {count:,} edits wait"
