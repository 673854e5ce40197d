"""Which statements PostgreSQL runs on a table, seen by looking often: for what takes long."""

import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2

from core.env import postgres_dict

LOOK_SECONDS = 0.02
_ACTIVE = """
SELECT pid, query_start, query FROM pg_stat_activity
WHERE state = 'active' AND query LIKE %s AND query NOT LIKE 'PREPARE %%'
  AND pid <> pg_backend_pid()
"""
# Our own statements name the request that they are for; the auditor's are for none.
_UNASKED = re.compile(r"/\* graticule \S+ \S+  ?\*/")


class Statements:
    """What was seen: each statement once."""

    def __init__(self) -> None:
        self._seen: set[tuple[Any, Any]] = set()

    @property
    def count(self) -> int:
        """How many statements there were."""
        return len(self._seen)

    def look(self, cursor: Any, table: str) -> None:
        """See what runs now."""
        cursor.execute(_ACTIVE, [f"%{table}%"])
        for pid, began, query in cursor.fetchall():
            if not _UNASKED.search(query):
                self._seen.add((pid, began))


@contextmanager
def watching(url: str, table: str) -> Iterator[Statements]:
    """Statements that name the table, while the block runs; those under 20 ms may be missed.

    `url` has the role that runs them: others are not shown what they are.
    """
    found, over = Statements(), threading.Event()

    def watch() -> None:
        with closing(psycopg2.connect(**postgres_dict(url))) as made, made.cursor() as cursor:
            made.autocommit = True
            while not over.wait(LOOK_SECONDS):
                found.look(cursor, table)

    thread = threading.Thread(target=watch, name="statements")
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()
