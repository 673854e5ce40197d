"""What was said out of memory is said again, until anything may have changed."""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import ParamSpec, TypeVar
from weakref import ref

import pytest

from tests.engine.test_memory import ROOM, answer
from tests.engine.test_recall import Asker, table
from tests.listening import wait_for_belief
from tests.odd import Published
from tileserver import again, front, lane, metrics, process
from tileserver.again import Again
from tileserver.lane import Wanted
from tileserver.memory import Memory

__all__ = ["table"]
P = ParamSpec("P")
R = TypeVar("R")


class Clock(SimpleNamespace):
    """Stands still at the end of a second, until it is moved: not for long, or no lease lasts."""

    def __init__(self) -> None:
        super().__init__()
        self.passed, self._began = 0.0, time.monotonic()

    def monotonic(self) -> float:
        """As `time.monotonic`."""
        return self._began + self.passed

    def time(self) -> float:
        """As `time.time`."""
        return 1_800_000_000.95 + self.passed


class Asking:
    """Asks the lane for a tile in memory; `looks` is how often the answer was found anew."""

    def __init__(self, table: Published, patch: pytest.MonkeyPatch) -> None:
        self._path = f"/tiles/{table.layer.name}/0/0/0.mvt"
        _, self.headers, self.body = Asker().get(self._path)
        self.clock, self.looks = Clock(), 0
        patch.setattr(again, "time", self.clock)
        patch.setattr(front, "remembered", self._counted(front.remembered))
        self.wanted = self.wants()

    def wants(self, *fields: str) -> Wanted:
        """A request, with more fields."""
        lines = (f"GET {self._path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Encoding: gzip", *fields)
        found = lane._read("\r\n".join((*lines, "", "")).encode())
        assert found is not None
        return found

    def _counted(self, look: Callable[P, R]) -> Callable[P, R]:
        def counting(*args: P.args, **kwargs: P.kwargs) -> R:
            self.looks += 1
            return look(*args, **kwargs)

        return counting


@pytest.fixture
def asking(table: Published, monkeypatch: pytest.MonkeyPatch) -> Asking:
    """Of a tile that is in memory."""
    return Asking(table, monkeypatch)


def counted(outcome: str) -> int:
    """Answers that were counted and not carried over."""
    return sum(number for (kind, _), number in metrics._counted.items() if kind == outcome)


def test_an_answer_is_found_once_in_a_second(asking: Asking) -> None:
    first = lane.at_once(asking.wanted)
    assert first is not None
    head = bytes(first[0])
    assert head.startswith(b"HTTP/1.1 200 OK\r\nDate: ")
    assert head.endswith(b"\r\n\r\n")
    assert asking.headers["ETag"].encode() in head
    assert first[1] == asking.body
    assert [lane.at_once(asking.wanted) for _ in range(3)] == [first] * 3
    assert asking.looks == 1
    asking.clock.passed = 0.06
    assert lane.at_once(asking.wanted) is not None
    assert asking.looks == 2


def test_each_is_counted(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody carries them over meanwhile.
    monkeypatch.setattr(metrics, "_counted", dict.fromkeys(metrics._counted, 0))
    for _ in range(3):
        lane.at_once(asking.wanted)
    assert counted("memory") == 3
    known = asking.wants(f"If-None-Match: {asking.headers['ETag']}")
    for _ in range(2):
        lane.at_once(known)
    assert counted("not_modified") == 2
    assert counted("memory") == 3


def test_a_client_that_has_it_gets_no_body_again_either(asking: Asking) -> None:
    known = asking.wants(f"If-None-Match: {asking.headers['ETag']}")
    first, second = lane.at_once(known), lane.at_once(known)
    assert first is not None
    assert len(first) == 1
    assert bytes(first[0]).startswith(b"HTTP/1.1 304 Not Modified\r\n")
    assert second == first
    assert asking.looks == 1


@pytest.mark.parametrize(
    "change",
    [lambda here: here.memory.clear(), lambda here: here.watcher._doubt()],
    ids=["everything", "no belief"],
)
def test_after_a_change_it_is_looked_up(
    asking: Asking, change: Callable[[process.Process], None]
) -> None:
    assert lane.at_once(asking.wanted) is not None
    change(process.current())
    assert lane.at_once(asking.wanted) is None
    assert asking.looks == 2
    wait_for_belief()


def test_a_change_in_another_tile_is_none_in_this(asking: Asking) -> None:
    first = lane.at_once(asking.wanted)
    process.current().memory.expire("another tile")
    assert lane.at_once(asking.wanted) == first
    assert asking.looks == 1


def test_an_expired_tile_is_not_said_again(asking: Asking) -> None:
    assert lane.at_once(asking.wanted) is not None
    found = process.current().memory.sample()
    assert found is not None
    process.current().memory.expire(found[1].key)
    assert lane.at_once(asking.wanted) is None


def test_it_is_said_no_longer_than_it_may_be_believed(asking: Asking) -> None:
    watcher = process.current().watcher
    lane.at_once(asking.wanted)
    said = asking.wanted.again
    assert said is not None
    # The lease is renewed all the time: what was known when it was found is what counts.
    assert said.until <= watcher.good_until(watcher.revision, float("inf"))
    assert watcher.good_until(watcher.revision, 7.0) == 7.0
    assert watcher.good_until(watcher.revision + 1, float("inf")) == 0.0


def test_what_is_evicted_is_not_held() -> None:
    memory = Memory(ROOM)
    memory.put("/first", answer("first"), memory.now())
    first = memory.get("/first")
    assert first is not None
    said = Again(ref(first), memory, memory.now(), float("inf"), b"head", "memory", whole=True)
    assert said.parts() == (b"head", first.body)
    del first
    for number in range(ROOM // 1000):
        memory.put(f"/{number}", answer(f"k{number}"), memory.now())
    assert said.parts() is None
