"""The batches of changes that this process heard, in their order, for some minutes.

A position that was not announced here before the truth lease names it is a gap: all before it is
unknown.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tileserver.places import Places

KEPT_SECONDS = 300.0
KEPT_BATCHES = 10_000
KEPT_PLACES = 50_000


@dataclass(frozen=True)
class Batch:
    """What the listener applied at once: the position after it, and where, by Layer id.

    `heard` is a moment of the clock.
    """

    seq: int
    heard: float
    layers: Mapping[int, Places]

    @property
    def size(self) -> int:
        """How many places it names."""
        return sum(places.size for places in self.layers.values())


class Batches:
    """The log of one process. Not safe for threads by itself.

    A batch is shown `settle` seconds after it was heard. `start` is the position after which
    every batch is known, None while nothing is; `shown` and `heard` are the last ones.
    """

    def __init__(self, clock: Callable[[], float], settle: float) -> None:
        self._clock = clock
        self._settle = settle
        self._log: deque[Batch] = deque()
        self._pending: deque[Batch] = deque()
        self._size = 0
        # Every batch that was heard later than this is in the log.
        self._known_since = math.inf
        self.start: int | None = None
        self.heard = 0
        self.shown = 0

    @property
    def due(self) -> float:
        """The moment at which the next batch can be shown."""
        return self._pending[0].heard + self._settle if self._pending else math.inf

    def begin(self, position: int) -> None:
        """Know nothing of what came up to this position, nor of what was heard until now."""
        position = max(position, self.heard)
        self.forget()
        self.start = self.heard = self.shown = position
        self._known_since = self._clock()

    def forget(self) -> None:
        """Know nothing."""
        self.start, self.heard = None, 0
        self._log.clear()
        self._pending.clear()
        self._size, self._known_since = 0, math.inf

    def add(self, seq: int, layers: Mapping[int, Places]) -> None:
        """Hear a batch; one that is heard again (a listener died, the next replays) is not new."""
        if seq <= self.heard:
            return
        self.heard = seq
        if self.start is not None:
            self._pending.append(Batch(seq, self._clock(), layers))

    def settle(self) -> bool:
        """Show what has been heard long enough, let go of what is too old; True if any is new."""
        before, now = self.shown, self._clock()
        while self.due <= now:
            batch = self._pending.popleft()
            self._log.append(batch)
            self._size += batch.size
            self.shown = batch.seq
        while self._log and self._too_much(now):
            gone = self._log.popleft()
            self._size -= gone.size
            self.start, self._known_since = gone.seq, gone.heard
        return self.shown != before

    def _too_much(self, now: float) -> bool:
        return (
            len(self._log) > KEPT_BATCHES
            or self._size > KEPT_PLACES
            or now - self._log[0].heard > KEPT_SECONDS
        )

    def position_at(self, moment: float) -> int | None:
        """The position that was the last one heard before a moment; None when that is unknown."""
        if moment < self._known_since:
            return None
        for batch in reversed(self._log):
            if batch.heard < moment:
                return batch.seq
        return self.start

    def after(self, position: int) -> Iterator[Batch]:
        """The shown batches after a position, the newest first."""
        for batch in reversed(self._log):
            if batch.seq <= position:
                return
            yield batch
