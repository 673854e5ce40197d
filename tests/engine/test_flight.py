"""A flight: all who wait for it go when it ends, and not before."""

import time
from concurrent.futures import ThreadPoolExecutor

from tileserver.flight import Flight

MANY = 20


def test_all_who_wait_go_when_it_ends() -> None:
    flight = Flight()
    with ThreadPoolExecutor(MANY) as threads:
        waiting = [threads.submit(flight.wait, 30) for _ in range(MANY)]
        time.sleep(0.05)
        assert not any(one.done() for one in waiting)
        flight.end()
        assert all(one.result() for one in waiting)
    assert flight.wait(0), "who comes later does not wait"


def test_nobody_waits_for_longer_than_was_said() -> None:
    flight = Flight()
    assert not flight.wait(0.01)
    flight.end()
    assert flight.wait(0.01)
