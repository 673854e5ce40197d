"""The texts of queries: composed once, and kept while they are of use.

To compose a statement takes longer than PostgreSQL takes for a small tile. And of its time there,
a third is for the plan; so where one is good for all tiles, it is made once and kept.
"""

import hashlib
import threading
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache

from tileserver.once import computed_once
from tileserver.pooled import locally
from tileserver.sql import ADDRESS, Query

MAX_BYTES = 4_000_000
# A plan that is kept does not know the box. A sequential scan, because the table was empty when it
# was made, would be wrong when it is full; row by row the index is slower than all at once for a
# large tile. Sessions are set up so, since most queries have one.
KEPT = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_indexscan": "off",
}
# For those that want a plan for each tile.
EACH = {"plan_cache_mode": "force_custom_plan", "enable_seqscan": "on", "enable_indexscan": "on"}


@dataclass(frozen=True)
class Statement:
    """The text of a query, the name and types under which it is prepared, and what must be said
    before it is run, in the same message."""

    name: str
    types: str
    text: str
    before: str

    @property
    def prepare(self) -> str:
        """SQL that prepares it."""
        return f"PREPARE {self.name} ({self.types}) AS {self.text}"

    def execute(self, values: tuple[int, ...], asking: str = "") -> str:
        """SQL that runs it, or that asks something about that."""
        return f"{self.before}{asking}EXECUTE {self.name} {values}"


_texts: LRUCache[tuple[Query, bool], Statement] = LRUCache(MAX_BYTES, lambda one: len(one.text))
_lock = threading.Lock()


def of(query: Query, cursor: Any, keep: bool = True) -> Statement:
    """The text of `query`; `cursor` is of any connection, all of them quote alike.

    It is for a session that is set up for plans that are kept. Not to `keep` any is for where
    nothing can be prepared.
    """
    wanted = query, keep
    with _lock:
        found = _texts.get(wanted)
    if found is None:
        found = _composed(query, cursor, keep and query.is_plain)
        with _lock:
            if len(found.text) <= MAX_BYTES:
                _texts[wanted] = found
    return found


def _composed(query: Query, cursor: Any, kept: bool) -> Statement:
    whole = query.statement
    text = (computed_once(whole) if kept else whole).as_string(cursor)
    name = "g" + hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
    more = ", bigint" * (query.parameters - ADDRESS)
    return Statement(name, f"integer, integer, integer{more}", text, "" if kept else locally(EACH))
