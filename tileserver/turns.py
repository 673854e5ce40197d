"""At most so many at once: a semaphore for the tile road.

Python's own takes as long as a look-up in the memory; `queue.SimpleQueue` waits and wakes in C.
"""

from queue import Empty, SimpleQueue


class Turns:
    """So many may be at work; every method may be called from any thread."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._left: SimpleQueue[None] = SimpleQueue()
        for _ in range(most):
            self.end()

    def begin(self, seconds: float = 0) -> bool:
        """Take a turn, waiting up to `seconds` for one; False when there is none."""
        try:
            self._left.get(seconds > 0, seconds)
        except Empty:
            return False
        return True

    def end(self) -> None:
        """Give the turn back."""
        self._left.put(None)

    @property
    def taken(self) -> int:
        """How many are at work."""
        return self.most - self._left.qsize()
