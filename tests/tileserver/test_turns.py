"""At most so many at once."""

import threading

from tileserver.turns import Turns


def test_no_more_begin_than_may() -> None:
    turns = Turns(2)
    assert (turns.begin(), turns.begin(), turns.begin()) == (True, True, False)
    assert turns.taken == 2
    turns.end()
    assert turns.taken == 1
    assert turns.begin()


def test_who_waits_begins_when_another_ends() -> None:
    turns = Turns(1)
    assert turns.begin()
    timer = threading.Timer(0.05, turns.end)
    timer.start()
    assert turns.begin(30)
    assert not turns.begin(0.01), "and waits no longer than was said"
    timer.join()
