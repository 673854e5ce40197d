"""The texts of queries: composed once, and kept while they are of use.

To compose a statement takes longer than PostgreSQL takes for a small tile.
"""

import hashlib
import threading
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache

from tileserver.sql import ADDRESS, Query

MAX_BYTES = 4_000_000


@dataclass(frozen=True)
class Statement:
    """The text of a query, and the name and types under which it is prepared."""

    name: str
    types: str
    text: str


_texts: LRUCache[Query, Statement] = LRUCache(MAX_BYTES, lambda one: len(one.text))
_lock = threading.Lock()


def of(query: Query, cursor: Any) -> Statement:
    """The text of `query`; `cursor` is of any connection, all of them quote alike."""
    with _lock:
        found = _texts.get(query)
    if found is None:
        found = _composed(query, cursor)
        with _lock:
            if len(found.text) <= MAX_BYTES:
                _texts[query] = found
    return found


def _composed(query: Query, cursor: Any) -> Statement:
    text = query.statement.as_string(cursor)
    name = "g" + hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
    more = ", bigint" * (query.parameters - ADDRESS)
    return Statement(name, f"integer, integer, integer{more}", text)
