"""Answers as bytes, for those that no HTTP library sends (RFC 9112, section 4)."""

import time
from collections.abc import Callable, Iterable, Sequence
from email.utils import formatdate
from functools import lru_cache
from typing import NamedTuple

Headers = Iterable[tuple[str, str]]
# What is sent one after the other.
Parts = Sequence[bytes | memoryview]


class Reply(NamedTuple):
    """What is sent: the status, the field lines, and the body that a GET gets.

    `outcome` is what it is counted as.
    """

    status: str
    lines: bytes
    body: bytes
    outcome: str


class Sending:
    """One answer to one client: the first that is given to it.

    `rest` is what `sent` has left of it to be sent, None where the client has gone.
    """

    def __init__(self, sent: Callable[[Parts], memoryview | None]) -> None:
        self._sent = sent
        self.done = False
        self.rest: memoryview | None = memoryview(b"")

    def __call__(self, parts: Parts) -> None:
        if not self.done:
            self.done = True
            self.rest = self._sent(parts)

    def reply(self, found: Reply) -> None:
        """Send an answer, unless one was sent."""
        if not self.done:
            self((start(found.status), found.lines, b"\r\n", found.body))


def start(status: str) -> bytes:
    """Status line and Date: how an answer begins that is sent now."""
    return _start(status, int(time.time()))


@lru_cache(64)
def _start(status: str, now: int) -> bytes:
    return f"HTTP/1.1 {status}\r\nDate: {formatdate(now, usegmt=True)}\r\n".encode("ascii")


def lines(headers: Headers) -> bytes:
    """Field lines. Raises ValueError for a header that would be more than its line."""
    told = [f"{name}: {value}\r\n" for name, value in headers]
    text = "".join(told).encode("latin-1")
    if not text.count(b"\n") == text.count(b"\r") == len(told):
        raise ValueError("A header has a line break in it.")
    return text


def fields(text: bytes) -> list[tuple[str, str]]:
    """The headers of field lines: the other way round."""
    pairs = (line.partition(": ") for line in text.decode("latin-1").split("\r\n")[:-1])
    return [(name, value) for name, _, value in pairs]


def answer(status: str, headers: Sequence[tuple[str, str]], body: bytes) -> Parts:
    """An answer to a GET over a connection that stays open, with its length where it may have one.

    RFC 9110, section 8.6: a 204 tells no length, and a 304 not that of its own missing body.
    """
    names = {name.lower() for name, _ in headers}
    told = lines(headers)
    if status[:3] in ("204", "304"):
        return start(status), told, b"\r\n"
    if "content-length" not in names:
        told += b"Content-Length: %d\r\n" % len(body)
    return start(status), told, b"\r\n", body
