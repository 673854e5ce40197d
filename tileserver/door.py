"""A door: so many may be inside, the others come in as they came."""

import threading
from collections import deque


class Door:
    """Every method may be called from any thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._inside = 0
        self._waiting: deque[threading.Lock] = deque()
        self._lock = threading.Lock()

    def enter(self, seconds: float) -> bool:
        """Go in, after waiting for up to so long; False when it was in vain."""
        with self._lock:
            if self._inside < self._most:
                self._inside += 1
                return True
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
            self._inside -= 1
            self._let_in()

    def allow(self, most: int) -> None:
        """Let so many be inside from now on; who is inside already may stay."""
        with self._lock:
            self._most = most
            self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._inside < self._most:
            self._inside += 1
            self._waiting.popleft().release()
