"""At most so many at once."""

import threading

from tileserver.door import Door


def test_no_more_enter_than_may() -> None:
    door = Door(2)
    assert (door.enter(), door.enter(), door.enter()) == (True, True, False)
    assert door.inside == 2
    door.leave()
    assert door.inside == 1
    assert door.enter()


def test_who_waits_enters_when_another_leaves() -> None:
    door = Door(1)
    assert door.enter()
    timer = threading.Timer(0.05, door.leave)
    timer.start()
    assert door.enter(30)
    assert not door.enter(0.01), "and waits no longer than was said"
    timer.join()
