"""Seats for views that use the ORM: a web process has hundreds of threads, but few of these.

Every thread that touches the ORM holds a database connection, so their number is bounded by
`ORM_SEATS` a process, whatever the number of threads. Only some may wait for one: threads that wait
are missing where a tile could be answered.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest

from core.problems import Busy

WAIT_SECONDS = 10.0
WAITING_FOR_EACH = 3
_seats = threading.BoundedSemaphore(settings.ORM_SEATS)
_line = threading.BoundedSemaphore(settings.ORM_SEATS * WAITING_FOR_EACH)


def take(request: HttpRequest) -> None:
    """Take a seat for `request`, once.

    Raises Busy when none comes free in time, and at once when too many wait already.
    """
    if getattr(request, "graticule_seat", False):
        return
    if not _seats.acquire(blocking=False) and not _waited():
        raise Busy("Every seat for database pages is taken. Try again in a moment.")
    request.graticule_seat = True  # type: ignore[attr-defined]


def _waited() -> bool:
    """Wait in line for a seat; False when the line is full, or moves too slowly."""
    if not _line.acquire(blocking=False):
        return False
    try:
        return _seats.acquire(timeout=WAIT_SECONDS)
    finally:
        _line.release()


def give_back(request: HttpRequest) -> None:
    """Give the seat of `request` back, if it has one."""
    if getattr(request, "graticule_seat", False):
        request.graticule_seat = False  # type: ignore[attr-defined]
        _seats.release()


@contextmanager
def orm_seat(request: HttpRequest) -> Iterator[None]:
    """A seat for as long as the block runs; nothing more if the request already has one."""
    had = getattr(request, "graticule_seat", False)
    take(request)
    try:
        yield
    finally:
        if not had:
            give_back(request)
