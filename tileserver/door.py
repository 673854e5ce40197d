"""A door: so many may be inside, the others come in as they came.

Python's own semaphore lets in whoever is there first, and takes as long as a look-up in the memory.
"""

import threading
from collections import deque


class Door:
    """Every method may be called from any thread."""

    def __init__(self, most: int) -> None:
        self.most, self.inside = most, 0
        self._waiting: deque[threading.Lock] = deque()
        self._lock = threading.Lock()

    def enter(self, seconds: float = 0) -> bool:
        """Go in, after waiting for up to so long; False when it was in vain."""
        with self._lock:
            if self.inside < self.most:
                self.inside += 1
                return True
            if seconds <= 0:
                return False
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=seconds):
            return True
        with self._lock:
            if mine not in self._waiting:
                return True  # Let in at the last moment.
            self._waiting.remove(mine)
        return False

    def leave(self) -> None:
        """Go out, and let the next one in."""
        with self._lock:
            self.inside -= 1
            if self._waiting:
                self._let_in()

    def allow(self, most: int) -> None:
        """Let so many be inside from now on; who is inside already may stay."""
        with self._lock:
            self.most = most
            self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self.inside < self.most:
            self.inside += 1
            self._waiting.popleft().release()
