"""Connections, shared evenly by the processes of a server.

All of them hear of a new connection, and the kernel gives it to whoever comes first: often the
same one, again and again. So a process that has more than another leaves it to that one, for a
moment; who takes what is left then does not matter.
"""

import mmap
import time

SLOTS = 64
# Who has told nothing for so long is no more.
SILENT_SECONDS = 2.0
REST_SECONDS = 0.001


class Balance:
    """How many connections each process has; to be made before they are forked."""

    def __init__(self) -> None:
        self._numbers = memoryview(mmap.mmap(-1, SLOTS * 16)).cast("d")

    def tell(self, slot: int, count: int) -> None:
        """Say how many this process has; `slot` is its own number."""
        at = 2 * (slot % SLOTS)
        self._numbers[at], self._numbers[at + 1] = count, time.monotonic()

    def least(self) -> float:
        """The fewest that a process has; infinite when none has told of late."""
        since = time.monotonic() - SILENT_SECONDS
        counts, told = self._numbers[::2].tolist(), self._numbers[1::2].tolist()
        fresh = (count for count, when in zip(counts, told, strict=True) if when > since)
        return min(fresh, default=float("inf"))
