"""Requests at a fixed rate, whatever the answers do: an open loop, for what users would feel.

A request that finds no free connection when it is due waits, and its time counts from when it was
due: a stall is felt by all who come meanwhile. If a connection was free, the generator itself was
late, and the time counts from when it was sent. One Python process keeps up with some 10,000
requests a second of 11 kB; `late` is the share that it sent over 2 ms after they were due. As root
it takes precedence over what it measures, as a client elsewhere would have.
"""

import os
import select
import socket
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from benchmarks.load.answer import Answer, content_of
from benchmarks.load.client import END, parse_head
from benchmarks.load.measure import Measure, of_times
from benchmarks.load.wrk import Walk

CHECK_EVERY = 50
# Sent so long after it was due although a connection was free: then the generator was the slow one.
LATE_SECONDS = 0.002
DRAIN_SECONDS = 30.0


@dataclass
class _Line:
    """A connection and what it is waiting for."""

    connection: socket.socket
    due: float = 0.0
    number: int = 0
    data: bytearray = field(default_factory=bytearray)
    length: int = 0


@dataclass(frozen=True)
class Paced:
    """The measure, and the share of requests that the generator itself sent late."""

    measure: Measure
    late: float


class Pace:
    """One load at `rate` requests a second over `connections`."""

    def __init__(self, walk: Walk, rate: float, connections: int) -> None:
        parts = urlsplit(walk.base)
        where = (parts.hostname or "127.0.0.1", parts.port or 80)
        coding = f"Accept-Encoding: {walk.coding}\r\n" if walk.coding else ""
        lines = f"Host: {parts.netloc}\r\n{coding}\r\n"
        self._walk = walk
        self._rate = rate
        self._requests = [f"GET {path} HTTP/1.1\r\n{lines}".encode("ascii") for path in walk.paths]
        self._lines = {}
        for _ in range(connections):
            connection = socket.create_connection(where)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._lines[connection.fileno()] = _Line(connection)
        self._free = deque(self._lines.values())
        self._seconds: list[float] = []
        self._kept: list[tuple[str, bytes]] = []
        self._errors = self._late = self._sent = 0

    def run(self, seconds: float) -> Paced:
        """Send for some seconds, then wait for the last answers."""
        try:
            with precedence():
                self._send_until(time.perf_counter(), seconds)
                self._drain()
        finally:
            for line in self._lines.values():
                line.connection.close()
        measure = of_times(self._seconds, seconds)
        measure.errors = self._errors + len(self._lines) - len(self._free)
        measure.checked = len(self._kept)
        measure.wrong = sum(self._is_wrong(path, data) for path, data in self._kept)
        return Paced(measure, self._late / max(1, self._sent))

    def _send_until(self, began: float, seconds: float) -> None:
        stalled = False
        while (now := time.perf_counter()) < began + seconds:
            due = began + self._sent / self._rate
            while due <= now and self._free:
                self._send(due if stalled else now, late=not stalled and now - due > LATE_SECONDS)
                due = began + self._sent / self._rate
            waiting = [fd for fd, line in self._lines.items() if line.due]
            # What falls due while no connection is free has to wait for the server.
            stalled = not self._free
            self._hear(waiting, 0.01 if stalled else max(0.0, due - now))

    def _drain(self) -> None:
        until = time.perf_counter() + DRAIN_SECONDS
        while len(self._free) < len(self._lines) and time.perf_counter() < until:
            self._hear([fd for fd, line in self._lines.items() if line.due], 0.1)

    def _send(self, due: float, *, late: bool) -> None:
        line = self._free.popleft()
        line.due, line.number = due, self._sent
        line.connection.sendall(self._requests[self._sent % len(self._requests)])
        self._sent += 1
        self._late += late

    def _hear(self, waiting: list[int], patience: float) -> None:
        readable, _, _ = select.select(waiting, [], [], patience)
        for fd in readable:
            line = self._lines[fd]
            line.data += line.connection.recv(262144)
            if not line.length:
                line.length = _length(line.data)
            if line.length and len(line.data) >= line.length:
                self._answered(line)

    def _answered(self, line: _Line) -> None:
        self._seconds.append(time.perf_counter() - line.due)
        self._errors += bytes(line.data[9:12]) not in (b"200", b"204")
        if line.number % CHECK_EVERY == 0:
            path = self._walk.paths[line.number % len(self._requests)]
            self._kept.append((path, bytes(line.data)))
        line.due, line.length = 0.0, 0
        line.data.clear()
        self._free.append(line)

    def _is_wrong(self, path: str, data: bytes) -> bool:
        head, _, body = data.partition(END)
        status, headers = parse_head(head)
        found = content_of(Answer(status, headers, body, 0.0))
        return path in self._walk.expected and not self._walk.same(found, path)


@contextmanager
def precedence() -> Iterator[None]:
    """Run before other processes of the machine, where that is allowed."""
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -10)
    except PermissionError:
        yield
        return
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, usual)


def _length(data: bytearray) -> int:
    """Bytes of a whole answer, head and body; 0 while the head is not complete."""
    end = data.find(END)
    if end < 0:
        return 0
    status, headers = parse_head(bytes(data[:end]))
    body = 0 if status in (204, 304) else int(headers["content-length"])
    return end + len(END) + body
