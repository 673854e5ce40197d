"""Hot answers first: while they wait for a processor, fewer tiles are made at once.

A tile out of memory takes a hundredth of what a cold one does, and where processors are short it
waits for those. The kernel gives each backend of PostgreSQL as much as all threads of a web process
together, so the fewer are at work, the sooner a hot answer has its turn. Then half as many tiles
are made at once as there are processors, by all web processes of the machine. Without hot answers,
or with processors to spare, the seats for tile queries are the limit, as they are anyway.
"""

import fcntl
import os
import threading
import time
from typing import NamedTuple

from tileserver.door import Door

# Of one web process: some hundredths of what it can give. Fewer have no need of precedence.
MANY_A_SECOND = 1000
# It is looked at as often at most, and what is seen holds for so long.
LEAST_SECONDS, LASTING_SECONDS = 0.005, 1.0
# A tile that takes longer holds up no other, and nobody waits longer for a turn.
SLOW_SECONDS, PATIENCE_SECONDS = 0.25, 1.0
# One is stored, or waits, while another has the seat.
FOR_EACH_SEAT = 2
SCHEDSTAT = "/proc/thread-self/schedstat"


class Seen(NamedTuple):
    """A thread so far: hot answers it gave, seconds it ran and waited for a processor, and when."""

    when: float
    hot: int
    ran: float
    waited: float

    def pressed_since(self, then: "Seen") -> bool:
        """Whether it gave many hot answers since then, and waited for longer than it ran.

        With a processor to spare it would wait for next to nothing.
        """
        many = self.hot - then.hot > MANY_A_SECOND * (self.when - then.when)
        return many and self.waited - then.waited > self.ran - then.ran


class Precedence:
    """Whose turn it is to make a tile; made before web processes are forked, and used in each."""

    def __init__(self, processors: int) -> None:
        self.pressed = False
        self._at_once = max(1, processors // 2)
        self._turns = os.memfd_create("precedence")
        self._door: Door | None = None
        # Since when, and with the lock on which byte.
        self._held: dict[object, tuple[float, int | None]] = {}
        self._holding = threading.Lock()

    def join(self, number: int, processes: int, seats: int) -> None:
        """Be the web process of this number, of so many, with its seats for tile queries.

        To be called by the thread that gives hot answers; `look` too.
        """
        self._few, self._many = max(1, self._at_once // processes), FOR_EACH_SEAT * seats
        # More processes than turns: some share one.
        self._shared = number % self._at_once if processes > self._at_once else None
        self._schedstat = _opened(SCHEDSTAT)
        self._seen, self._until = self._see(0), 0.0
        self._door = Door(self._many)

    def look(self, hot: int) -> None:
        """See again whether hot answers are pressed; `hot` is how many were given so far."""
        if self._door is None or time.monotonic() < self._seen.when + LEAST_SECONDS:
            return
        then, self._seen = self._seen, self._see(hot)
        now = self._seen.when
        if self._seen.pressed_since(then):
            self._until = now + LASTING_SECONDS
        self.press(now < self._until)
        self._hand_on(now - SLOW_SECONDS)

    def press(self, pressed: bool) -> None:
        """Give precedence to hot answers, or to nobody."""
        if self._door is not None and pressed != self.pressed:
            self.pressed = pressed
            self._door.allow(self._few if pressed else self._many)

    def begin(self) -> object | None:
        """A turn to make a tile, for `end`; waited for where that is needed.

        None where none is needed, or had in time.
        """
        if self._door is None or not self._door.enter(PATIENCE_SECONDS):
            return None
        byte = self._shared if self.pressed else None
        if byte is not None:
            fcntl.lockf(self._turns, fcntl.LOCK_EX, 1, byte)
        mine = object()
        with self._holding:
            self._held[mine] = time.monotonic(), byte
        return mine

    def end(self, mine: object | None) -> None:
        """Give back a turn that `begin` gave."""
        if mine is None:
            return
        with self._holding:
            held = self._held.pop(mine, None)
        if held is None:
            return  # It was slow, and its turn has been handed on.
        if held[1] is not None:
            # The kernel does it for a process that is killed.
            fcntl.lockf(self._turns, fcntl.LOCK_UN, 1, held[1])
        if self._door is not None:
            self._door.leave()

    def _hand_on(self, since: float) -> None:
        """Let others have the turns of those who have had one since then."""
        with self._holding:
            slow = [mine for mine, (began, _) in self._held.items() if began < since]
        for mine in slow:
            self.end(mine)

    def _see(self, hot: int) -> Seen:
        """What the kernel says of the calling thread (Documentation/scheduler/sched-stats.rst)."""
        said = os.pread(self._schedstat, 100, 0).split() if self._schedstat is not None else (0, 0)
        return Seen(time.monotonic(), hot, int(said[0]) / 1e9, int(said[1]) / 1e9)


def _opened(name: str) -> int | None:
    """A file to read; None where the kernel has none."""
    try:
        return os.open(name, os.O_RDONLY)
    except OSError:
        return None


PRECEDENCE = Precedence(len(os.sched_getaffinity(0)))
