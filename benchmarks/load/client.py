"""One keep-alive connection that asks for one thing after the other and takes the time."""

import socket
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from benchmarks.load.answer import Answer

TIMEOUT_SECONDS = 120.0
END = b"\r\n\r\n"


class Client:
    """HTTP/1.1 over one socket; made again when the server closed it."""

    def __init__(self, base: str, headers: Mapping[str, str] | None = None) -> None:
        """`headers` are sent with each request; none but Host by default."""
        parts = urlsplit(base)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._lines = "".join(f"{key}: {value}\r\n" for key, value in (headers or {}).items())
        self._lines = f"Host: {parts.netloc}\r\n{self._lines}\r\n"
        self._socket: socket.socket | None = None

    def get(self, path: str) -> Answer:
        """The answer to a GET; raises OSError when there is none."""
        request = f"GET {path} HTTP/1.1\r\n{self._lines}".encode("ascii")
        connection = self._connected()
        began = time.perf_counter()
        try:
            connection.sendall(request)
            status, headers, body = _read(connection)
        except OSError:
            self.close()
            raise
        took = time.perf_counter() - began
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body, took)

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _connected(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=TIMEOUT_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket


def _read(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    data = b""
    while END not in data:
        data += _more(connection)
    head, _, body = data.partition(END)
    status, headers = parse_head(head)
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return status, headers, _chunked(connection, body)
    wanted = 0 if status in (204, 304) else int(headers.get("content-length", 0))
    parts, have = [body], len(body)
    while have < wanted:
        parts.append(_more(connection))
        have += len(parts[-1])
    return status, headers, b"".join(parts)


def parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers, names in lower case."""
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(first.split(" ", 2)[1]), {name.lower(): value.strip() for name, _, value in pairs}


def _chunked(connection: socket.socket, data: bytes) -> bytes:
    parts = []
    while True:
        while b"\r\n" not in data:
            data += _more(connection)
        line, _, data = data.partition(b"\r\n")
        size = int(line.partition(b";")[0], 16)
        blocks, have = [data], len(data)
        while have < size + 2:
            blocks.append(_more(connection))
            have += len(blocks[-1])
        data = b"".join(blocks)
        parts.append(data[:size])
        data = data[size + 2 :]
        if size == 0:
            return b"".join(parts)


def _more(connection: socket.socket) -> bytes:
    block = connection.recv(262144)
    if not block:
        raise ConnectionError("the server closed the connection in the middle of an answer")
    return block
