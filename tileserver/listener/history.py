"""Whether the database is still the one that what is cached was made from.

A backup that was restored, a standby that was behind, a server that lost commits when it crashed:
each goes back in something that otherwise only grows. What was seen last stands in Redis, beside
the tiles that it vouches for; a Redis that lost it has lost them too.
"""

import json
import logging
from dataclasses import asdict, dataclass

from core.changelog.reader import State
from tileserver import redis_link

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Seen:
    """How far a database was when what is cached was still true of it."""

    epoch: str
    revision: int
    position: int
    xid: int
    written: int
    started: str

    @classmethod
    def of(cls, epoch: str, state: State, position: int) -> "Seen":
        """What is seen now."""
        return cls(epoch, state.revision, position, state.xid, state.written, state.started)

    def broken_by(self, state: State, position: int) -> str:
        """Why `state` is not what follows; empty if it is."""
        if state.xid < self.xid or state.written < self.written:
            return "its log ends before what was seen of it"
        if state.revision < self.revision or position < self.position:
            return "what is published or the cursor is older than what was seen of it"
        if state.started != self.started and not state.safe:
            return "it was restarted, and synchronous_commit or fsync is off: it may lack commits"
        return ""


def seen_key(name: str) -> str:
    """Where the listener with the cursor `name` keeps what it has seen; no TTL."""
    return f"g:seen:{name}"


def recall(name: str) -> Seen | None:
    """What was seen last; raises RedisError."""
    value = redis_link.client().get(seen_key(name))
    if value is None:
        return None
    return Seen(**json.loads(value))


def note(name: str, seen: Seen) -> None:
    """Remember what is seen now; raises RedisError."""
    redis_link.client().set(seen_key(name), json.dumps(asdict(seen)))
