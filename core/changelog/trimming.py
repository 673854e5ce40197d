"""Trimming the change log: old rows go, once every listener has read them."""

from django.db import connection, transaction

from core.changelog import schema

KEEP_DAYS = 7
KEEP_ROWS = 1_000_000
AT_ONCE = 20_000

# A listener that was not heard of for so long begins anew when it comes back.
_CURSORS = """
DELETE FROM graticule.cursor WHERE at < clock_timestamp() - make_interval(days => %s)
"""
_CHANGES = """
DELETE FROM graticule.change WHERE id IN (
  SELECT c.id FROM graticule.change c
  WHERE (c.at < clock_timestamp() - make_interval(days => %s)
      OR c.id < (SELECT max(id) FROM graticule.change) - %s)
    AND NOT EXISTS (SELECT FROM graticule.cursor k
      WHERE NOT pg_visible_in_snapshot(c.xid, k.snapshot::pg_snapshot))
  ORDER BY c.id LIMIT %s)
"""
_APPLIED = """
DELETE FROM graticule.applied WHERE id IN (
  SELECT a.id FROM graticule.applied a
  WHERE a.at < clock_timestamp() - make_interval(days => %s)
     OR a.id < (SELECT max(id) FROM graticule.applied) - %s
  ORDER BY a.id LIMIT %s)
"""


def trim() -> int:
    """Drop rows of the log that are a week old, or too many, and were read; returns how many.

    At most AT_ONCE of each table: called again in a minute. Raises django.db.Error.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if not schema.version(cursor):
            return 0
        cursor.execute(_CURSORS, [KEEP_DAYS])
        cursor.execute(_CHANGES, [KEEP_DAYS, KEEP_ROWS, AT_ONCE])
        dropped = int(cursor.rowcount)
        cursor.execute(_APPLIED, [KEEP_DAYS, KEEP_ROWS, AT_ONCE])
        return dropped + int(cursor.rowcount)
