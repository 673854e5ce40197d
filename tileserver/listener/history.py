"""Whether the database is still the one that what is cached was made from.

A backup that was restored, a standby that was behind, a server that lost commits when it crashed:
each goes back in something that otherwise only grows. What was seen last stands in Redis, beside
the tiles that it vouches for; a Redis that lost it has lost them too.
"""

import hashlib
import json
from dataclasses import asdict, dataclass

from django.conf import settings

from core.changelog.reader import State
from core.env import postgres_dict
from tileserver import redis_link


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


def seen_key() -> str:
    """Where what was seen of this database is kept, by its address; no TTL.

    A copy that is restored to the same address is the same database to whoever asks it.
    """
    where = postgres_dict(settings.DATABASE_URL)
    address = "/".join(str(where.get(part, "")) for part in ("host", "port", "dbname"))
    return f"g:seen:{hashlib.blake2b(address.encode(), digest_size=8).hexdigest()}"


def recall() -> Seen | None:
    """What was seen last; raises RedisError."""
    value = redis_link.client().get(seen_key())
    if value is None:
        return None
    return Seen(**json.loads(value))


def note(seen: Seen) -> None:
    """Remember what is seen now; raises RedisError."""
    redis_link.client().set(seen_key(), json.dumps(asdict(seen)))
