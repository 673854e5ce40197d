"""Seats for pages that use the ORM."""

import threading
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.http import HttpRequest

from core import seats
from core.problems import Busy


@pytest.fixture
def seated() -> Iterator[list[HttpRequest]]:
    """Every seat is taken."""
    taken = [HttpRequest() for _ in range(settings.ORM_SEATS)]
    for request in taken:
        seats.take(request)
    yield taken
    for request in taken:
        seats.give_back(request)


def test_a_request_takes_one_seat_however_often_it_asks(seated: list[HttpRequest]) -> None:
    seats.take(seated[0])
    seats.give_back(seated[0])
    seats.give_back(seated[0])
    other = HttpRequest()
    seats.take(other)
    seats.give_back(other)


def test_who_waits_gets_the_next_seat_and_a_full_line_is_refused_at_once(
    seated: list[HttpRequest],
) -> None:
    got: list[HttpRequest] = []

    def wait() -> None:
        request = HttpRequest()
        seats.take(request)
        got.append(request)
        seats.give_back(request)

    line = [
        threading.Thread(target=wait) for _ in range(settings.ORM_SEATS * seats.WAITING_FOR_EACH)
    ]
    for thread in line:
        thread.start()
    deadline = time.monotonic() + 5
    while seats._line._value and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(Busy):
        seats.take(HttpRequest())
    seats.give_back(seated[0])
    for thread in line:
        thread.join()
    assert len(got) == len(line)
