"""Hot answers first: who may make tiles while they are pressed."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from urllib.parse import urlsplit

import pytest

from tests.raw import request
from tileserver import precedence
from tileserver.door import Door
from tileserver.precedence import Precedence, Seen

SEATS = 3
TILE = "/tiles/world/0/0/0.mvt"


def until(true: Callable[[], bool]) -> None:
    """Wait for what other threads do."""
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def waiting(at: Door | None) -> int:
    """How many wait at a door."""
    assert at is not None
    return len(at._waiting)


def test_they_come_in_as_they_came() -> None:
    door, order = Door(1), list[int]()
    assert door.enter(0)

    def wait(number: int) -> None:
        assert door.enter(10)
        order.append(number)
        door.leave()

    with ThreadPoolExecutor(5) as threads:
        for number in range(5):
            threads.submit(wait, number)
            until(partial(lambda so_many: waiting(door) == so_many, number + 1))
        door.leave()
    assert order == list(range(5))
    assert door.enter(0)


def test_who_waits_in_vain_takes_no_place() -> None:
    door = Door(1)
    assert door.enter(0)
    assert not door.enter(0.01)
    door.leave()
    assert door.enter(0)


def test_more_are_let_in_at_once_and_fewer_as_they_go() -> None:
    door = Door(1)
    assert door.enter(0)
    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(door.enter, 10)
        until(lambda: waiting(door) == 1)
        door.allow(2)
        assert second.result()
    door.allow(1)
    door.leave()
    assert not door.enter(0), "one is still inside"
    door.leave()
    assert door.enter(0)


@pytest.mark.parametrize(
    ("hot", "ran", "waited", "pressed"),
    [(500, 0.1, 0.2, True), (500, 0.1, 0.09, False), (100, 0.1, 0.2, False)],
)
def test_pressed_are_many_that_wait_longer_than_they_run(
    hot: int, ran: float, waited: float, pressed: bool
) -> None:
    then = Seen(when=50, hot=10_000, ran=5, waited=2)
    now = Seen(when=50.25, hot=10_000 + hot, ran=5 + ran, waited=2 + waited)
    assert now.pressed_since(then) is pressed


def joined(processes: int = 1, processors: int = 2) -> Precedence:
    """A process's precedence."""
    made = Precedence(processors)
    made.join(1, processes, SEATS)
    return made


@contextmanager
def turn(one: Precedence) -> Iterator[None]:
    """A turn to make a tile, for as long as it takes."""
    mine = one.begin()
    try:
        yield
    finally:
        one.end(mine)


def at_once(one: Precedence, most: int = 20) -> int:
    """How many turns may be had at once, by threads that wait no longer."""
    with ExitStack() as stack, ThreadPoolExecutor(most) as threads:
        turns = [threads.submit(stack.enter_context, turn(one)) for _ in range(most)]
        until(lambda: sum(turn.done() for turn in turns) + waiting(one._door) == most)
        found = sum(turn.done() for turn in turns)
        one._door.allow(most)  # type: ignore[union-attr]
    return found


@pytest.mark.parametrize(
    ("processes", "processors", "pressed", "turns"),
    [(2, 2, False, 6), (2, 2, True, 1), (1, 8, True, 4), (2, 8, True, 2), (4, 8, True, 1)],
)
def test_turns_are_shared_out(processes: int, processors: int, pressed: bool, turns: int) -> None:
    one = joined(processes, processors)
    one.press(pressed)
    assert at_once(one) == turns


def test_who_is_no_web_process_waits_for_nothing() -> None:
    alone = Precedence(2)
    alone.look(10**9)
    alone.press(True)
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(turn(alone))


def test_a_slow_tile_hands_its_turn_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "SLOW_SECONDS", 0.0)
    one = joined()
    one.press(True)
    with turn(one), ThreadPoolExecutor(1) as threads:
        next_one = threads.submit(one.begin)
        until(lambda: waiting(one._door) == 1)
        time.sleep(precedence.LEAST_SECONDS)
        one.look(0)
        one.end(next_one.result())
    one.press(True)
    assert at_once(one) == 1, "the slow one has not given its turn back twice"


def test_nobody_waits_for_a_turn_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precedence, "PATIENCE_SECONDS", 0.01)
    one = joined()
    one.press(True)
    with turn(one), turn(one):
        pass
    assert at_once(one) == 1


@contextmanager
def another(one: Precedence) -> Iterator[int]:
    """Another process of the same server that has its turn; its pid."""
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        one.join(2, 2, SEATS)
        one.press(True)
        one.begin()
        os.write(tell, b".")
        signal.pause()
    assert os.read(told, 1)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(told)
        os.close(tell)


def test_processes_share_a_turn_and_one_that_is_killed_gives_it_back() -> None:
    one = joined(processes=2)
    one.press(True)
    began = threading.Event()

    def make() -> None:
        with turn(one):
            began.set()

    thread = threading.Thread(target=make)
    with another(one):
        thread.start()
        assert not began.wait(0.3)
    assert began.wait(10)
    thread.join()


@pytest.fixture
def busy() -> Iterator[None]:
    """Twice as many busy processes as there are processors."""
    count = 2 * len(os.sched_getaffinity(0))
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    yield
    for other in others:
        other.kill()
        other.wait()


@pytest.mark.usefixtures("busy")
def test_the_kernel_says_when_hot_answers_are_pressed() -> None:
    one, answers = joined(), 0
    deadline = time.monotonic() + 30
    while not one.pressed and time.monotonic() < deadline:
        answers += 10
        one.look(answers)
    assert one.pressed


@pytest.mark.slow
@pytest.mark.usefixtures("busy")
def test_a_server_says_that_its_hot_answers_are_pressed(site: str) -> None:
    where = urlsplit(site)
    etag = request(site, TILE, headers={"Accept-Encoding": "gzip"}).headers["etag"]
    asked = f"GET {TILE} HTTP/1.1\r\nHost: {where.netloc}\r\nAccept-Encoding: gzip\r\n"
    head = f"{asked}If-None-Match: {etag}\r\n\r\n".encode()
    deadline = time.monotonic() + 60
    with ExitStack() as stack:
        opened = (
            socket.create_connection((where.hostname or "", where.port or 80)) for _ in range(64)
        )
        clients = [stack.enter_context(one) for one in opened]
        while not pressed(site):
            assert time.monotonic() < deadline
            for _ in range(50):
                for one in clients:
                    one.sendall(head)
                for one in clients:
                    assert one.recv(4096).startswith(b"HTTP/1.1 304")


def pressed(site: str) -> bool:
    """Whether a process of the server gives precedence to hot answers."""
    lines = request(site, "/metrics").body.decode().splitlines()
    return any(
        line.startswith("graticule_hot_first ") and not line.endswith(" 0.0") for line in lines
    )
