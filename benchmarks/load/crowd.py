"""Many clients that ask for one tile in the same moment."""

import selectors
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from benchmarks.load.answer import Answer, Content, content_of
from benchmarks.load.client import END, parse_head
from benchmarks.load.measure import Measure, of_times

PATIENCE_SECONDS = 75.0
BLOCK = 1 << 20
# Every tenth answer is kept and compared whole; of the others status and length.
KEPT = 10


@dataclass
class Asker:
    """One client: what it has received so far."""

    connection: socket.socket
    keeps: bool
    head: bytes = b""
    tail: bytes = b""
    parts: list[bytes] = field(default_factory=list)
    have: int = 0
    seconds: float = 0.0
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    ended: bool = False

    def take(self, block: bytes) -> None:
        """Take what arrived."""
        if not self.headers:
            self.head += block
            if END not in self.head:
                return
            head, _, block = self.head.partition(END)
            self.status, self.headers = parse_head(head)
        self.have += len(block)
        self.tail = (self.tail + block[-8:])[-8:]
        if self.keeps:
            self.parts.append(block)

    @property
    def whole(self) -> bool:
        """Whether the answer is complete."""
        if not self.headers:
            return False
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            return self.tail.endswith(b"\r\n0\r\n\r\n") or self.tail[-5:] == b"0\r\n\r\n"
        return self.have >= int(self.headers.get("content-length", 0))

    def content(self) -> Content | None:
        """What it holds, of an answer that was kept."""
        body = b"".join(self.parts)
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            body = unchunked(body)
        return content_of(Answer(self.status, self.headers, body, self.seconds))


@dataclass(frozen=True)
class Crowded:
    """What a crowd met: the measure of the right answers, and the contents of those kept.

    `statuses` counts answers by status; 0 is a connection that gave none.
    """

    measure: Measure
    last_seconds: float
    statuses: dict[int, int]
    contents: list[Content | None]


def ask(base: str, path: str, count: int) -> Crowded:
    """`count` connections, opened before, ask for `path` at once, with gzip."""
    parts = urlsplit(base)
    request = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: gzip\r\n\r\n"
    where = (parts.hostname or "127.0.0.1", parts.port or 80)
    askers = [Asker(socket.create_connection(where), n % KEPT == 0) for n in range(count)]
    try:
        _listen(askers, request.encode("ascii"))
        return _judged(askers)
    finally:
        for asker in askers:
            asker.connection.close()


def _listen(askers: list[Asker], request: bytes) -> None:
    began = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for asker in askers:
            asker.connection.sendall(request)
            asker.connection.setblocking(False)
            selector.register(asker.connection, selectors.EVENT_READ, asker)
        open_ones = len(askers)
        while open_ones and time.perf_counter() - began < PATIENCE_SECONDS:
            for key, _ in selector.select(1):
                if _received(key.data):
                    key.data.seconds = time.perf_counter() - began
                    selector.unregister(key.fileobj)
                    open_ones -= 1


def _received(asker: Asker) -> bool:
    """Take what is there; True at the end of the answer, or of the connection."""
    try:
        block = asker.connection.recv(BLOCK)
    except OSError:
        block = b""
    if not block:
        return True
    asker.take(block)
    asker.ended = asker.whole
    return asker.ended


def _judged(askers: list[Asker]) -> Crowded:
    statuses = Counter(asker.status if asker.ended else 0 for asker in askers)
    right = [asker for asker in askers if asker.ended and asker.status == 200]
    last = max((asker.seconds for asker in right), default=0.0)
    measure = of_times([asker.seconds for asker in right], last)
    measure.bytes = sum(asker.have for asker in right)
    measure.errors = len(askers) - len(right)
    lengths = {asker.have for asker in right if "content-length" in asker.headers}
    measure.wrong = max(0, len(lengths) - 1)
    contents = [asker.content() for asker in right if asker.keeps]
    return Crowded(measure, last, dict(statuses), contents)


def unchunked(data: bytes) -> bytes:
    """A chunked body as one."""
    parts = []
    while data:
        line, _, data = data.partition(b"\r\n")
        size = int(line.partition(b";")[0], 16)
        parts.append(data[:size])
        data = data[size + 2 :] if size else b""
    return b"".join(parts)
