"""The memory tier: finished answers of this process, bounded in bytes and fenced.

An answer is put with the moment at which its making began; if its tile was expired since, or
everything was, it is refused: a slow render never brings an old tile back.
"""

import random
import threading
from collections import OrderedDict
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from cachetools import LRUCache

from core.selection import Selection
from tileserver.encode import IDENTITY, TileBytes

# Measured: headers, addresses and bookkeeping of one answer.
OVERHEAD_BYTES = 1500
REMEMBERED = 100_000
# Names in the environ of a request: what the front is told, and what it has had made for Django.
KEEP, MADE = "graticule.keep", "graticule.made"


@dataclass(frozen=True)
class Common:
    """What all tiles of a tileset have in common, at one revision.

    `selection` is what its address serves; `version` that of a frozen tileset, or ""; `variant`
    the field of Redis.
    """

    revision: int
    selection: Selection
    version: str
    variant: str


class Keep(NamedTuple):
    """What the front may remember of an answer: public, settled, for `life` seconds."""

    key: str
    life: float
    zooms: str
    tile: TileBytes
    common: Common


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Answer:
    """A public answer, ready to be sent: status, field lines, body.

    `common` are the lines that are sent with the content and without it, `content` those of the
    content itself; how it was had, and how long it may be kept, is said of each anew.

    Good until `until`, of the monotonic clock. Who asks under `version`, that of a frozen tileset,
    may keep it for good.
    """

    key: str
    revision: int
    until: float
    digest: str
    zooms: str
    status: str
    common: bytes
    content: bytes
    body: bytes
    coding: str = IDENTITY
    etag: str = ""
    version: str = ""

    @property
    def size(self) -> int:
        """Bytes that it takes in memory, about."""
        return len(self.body) + OVERHEAD_BYTES


class _Store(LRUCache[str, Answer]):
    """Answers by address, least recently used first to go; knows the addresses of each tile.

    `answers` are the same, to be looked at: that makes none more recently used.
    """

    def __init__(self, maxsize: int) -> None:
        super().__init__(maxsize, getsizeof=attrgetter("size"))
        self.answers: dict[str, Answer] = {}
        self.addresses: dict[str, set[str]] = {}

    def __setitem__(self, address: str, answer: Answer) -> None:
        super().__setitem__(address, answer)
        self.answers[address] = answer
        self.addresses.setdefault(answer.key, set()).add(address)

    def __delitem__(self, address: str) -> None:
        super().__delitem__(address)
        key = self.answers.pop(address).key
        left = self.addresses.get(key, set())
        left.discard(address)
        if not left:
            self.addresses.pop(key, None)


class Memory:
    """The answers of one process; every method may be called from any thread."""

    def __init__(self, max_bytes: int) -> None:
        self._lock = threading.Lock()
        self._store = _Store(max_bytes)
        # One answer must not push out all others.
        self._most = max_bytes // 8
        self._moment = 0
        # Its own: tests that draw at random watch the common one.
        self._dice = random.Random()  # noqa: S311 - no secret
        self._expired: OrderedDict[str, int] = OrderedDict()
        self._floor = 0

    def now(self) -> int:
        """The moment, to be given to `put`; take it before the tile is looked up anywhere."""
        return self._moment

    def get(self, address: str) -> Answer | None:
        """The answer for an address, or None."""
        if address not in self._store.answers:
            return None
        with self._lock:
            try:
                found: Answer = self._store[address]
            except KeyError:
                return None
            return found

    def sample(self) -> tuple[str, Answer] | None:
        """An address and its answer, at random; None when there is none. It counts as no use."""
        with self._lock:
            number = self._dice.randrange(len(self._store) or 1)
            address = next(islice(self._store, number, None), None)
            return None if address is None else (address, self._store.answers[address])

    def holds(self, address: str, answer: Answer) -> bool:
        """True while this very answer is what is given at an address."""
        with self._lock:
            return self._store.answers.get(address) is answer

    def put(self, address: str, answer: Answer, began: int) -> bool:
        """Keep an answer whose making began at `began`; False if it was expired since."""
        with self._lock:
            if not self.stands(answer.key, began):
                return False
            if answer.size > self._most:
                return False
            self._store[address] = answer
            return True

    def stands(self, key: str, began: int) -> bool:
        """True while nothing is known to have changed in a tile since its making began."""
        return self._expired.get(key, self._floor) <= began and self._floor <= began

    def expire(self, key: str) -> None:
        """Drop a tile at all its addresses, and refuse what is being made of it."""
        with self._lock:
            self._moment += 1
            self._expired[key] = self._moment
            self._expired.move_to_end(key)
            if len(self._expired) > REMEMBERED:
                _, self._floor = self._expired.popitem(last=False)
            for address in list(self._store.addresses.get(key, ())):
                del self._store[address]

    def clear(self) -> None:
        """Drop everything, and refuse everything that is being made."""
        with self._lock:
            self._moment += 1
            self._floor = self._moment
            self._expired.clear()
            self._store.clear()
            self._store.addresses.clear()

    @property
    def bytes(self) -> int:
        """Bytes taken, about."""
        return int(self._store.currsize)

    def __len__(self) -> int:
        return len(self._store)
