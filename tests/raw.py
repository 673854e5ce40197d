"""Requests as bytes, for what HTTP clients would put right before they send it."""

import json
import socket
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def problem(self) -> dict[str, Any]:
        """The problem details; asserts that the answer is one, and says its own status."""
        assert self.headers.get("content-type") == "application/problem+json", self
        document = self.json()
        assert isinstance(document, dict)
        assert document["status"] == self.status
        assert document["title"]
        assert document["detail"]
        return document


def exchange(base: str, request: bytes, timeout: float = 20) -> Answer:
    """Send `request` as it stands to the server of `base`, and read one answer."""
    parts = urlsplit(base)
    with socket.create_connection((str(parts.hostname), int(parts.port or 80)), timeout) as sock:
        sock.sendall(request)
        method = request.split(b" ", 1)[0].decode("latin-1")
        return heard(sock, method)


def heard(sock: socket.socket, method: str = "GET") -> Answer:
    """Read one answer, to a request with this method, off a connection."""
    # A response to HEAD has no body, whatever its Content-Length says.
    with HTTPResponse(sock, method=method) as response:
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read())


def request(
    base: str, target: bytes | str, method: str = "GET", headers: dict[str, str] | None = None
) -> Answer:
    """Ask for `target`, which is sent as it stands; `headers` may replace Host."""
    path = target.encode() if isinstance(target, str) else target
    fields = {"Host": urlsplit(base).netloc, "Connection": "close", **(headers or {})}
    lines = [b"%s %s HTTP/1.1" % (method.encode(), path)]
    lines += [f"{name}: {value}".encode("latin-1") for name, value in fields.items()]
    return exchange(base, b"\r\n".join([*lines, b"", b""]))
