"""A selector that calls back: what is ready is told to whoever registered it."""

import select
import selectors
import socket
from collections.abc import Callable
from typing import Any

Told = Callable[[Any], object]
BATCH = 256
_EVENTS = {selectors.EVENT_READ: select.EPOLLIN, selectors.EVENT_WRITE: select.EPOLLOUT}


class Poller:
    """As much of `selectors.BaseSelector` as gunicorn uses, without its objects for each event."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._told: dict[int, tuple[Any, Told]] = {}

    def register(self, one: socket.socket | int, events: int, told: Told) -> None:
        """Call `told(one)` whenever it is ready. Raises OSError or ValueError when it cannot be."""
        number = _number(one)
        self._epoll.register(number, _EVENTS[events])
        self._told[number] = one, told

    def modify(self, one: socket.socket | int, events: int, told: Told) -> None:
        """The same, of one that is registered."""
        number = _number(one)
        self._epoll.modify(number, _EVENTS[events])
        self._told[number] = one, told

    def unregister(self, one: socket.socket | int) -> None:
        """Call no more. Raises KeyError for one that is not registered."""
        number = _number(one)
        del self._told[number]
        self._epoll.unregister(number)

    def dispatch(self, seconds: float) -> None:
        """Wait until something is ready, or for so long, and tell of it."""
        for number, _ in self._epoll.poll(seconds, BATCH):
            # Whoever was told before may have unregistered it.
            if number in self._told:
                one, told = self._told[number]
                told(one)

    def close(self) -> None:
        """Forget all."""
        self._epoll.close()
        self._told.clear()


def _number(one: socket.socket | int) -> int:
    return one if isinstance(one, int) else one.fileno()
