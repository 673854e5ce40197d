"""The web process as clients meet it: slow ones, hasty ones, and those that go."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest

from tests.raw import Answer, exchange, heard, request
from tests.site import serving

TILE = "/tiles/world/0/0/0.mvt"
pytestmark = pytest.mark.slow


@contextmanager
def connected(site: str) -> Iterator[socket.socket]:
    """A connection that stays open."""
    parts = urlsplit(site)
    with socket.create_connection((str(parts.hostname), int(parts.port or 80)), 20) as sock:
        yield sock


def head(site: str, path: str = TILE, more: str = "Accept-Encoding: gzip\r\n") -> bytes:
    """A plain request."""
    return f"GET {path} HTTP/1.1\r\nHost: {urlsplit(site).netloc}\r\n{more}\r\n".encode()


def said(sock: socket.socket, data: bytes) -> Answer:
    """Say something, and hear the answer."""
    sock.sendall(data)
    return heard(sock)


def in_memory(site: str, sock: socket.socket, path: str) -> Answer:
    """The answer once it comes out of memory: the lease may name an older revision until then."""
    deadline = time.monotonic() + 10
    while True:
        found = said(sock, head(site, path))
        if found.headers["cache-status"] == "graticule; hit; detail=memory":
            return found
        assert time.monotonic() < deadline, found.headers["cache-status"]
        time.sleep(0.02)


def test_the_lane_and_gunicorn_say_the_same(site: str) -> None:
    other = {"date", "server", "connection", "cache-status", "server-timing", "x-request-id"}
    paths = [TILE, "/tiles/world/3/5/2.mvt", "/tiles/world/24/0/0.mvt", "/tiles/none/0/0/0.mvt"]
    with connected(site) as sock:
        for path in [*paths, "/tiles/world/99/0/0.mvt", "/tiles/world.json", f"{TILE}?a=b"]:
            lane = said(sock, head(site, path))
            plain = request(site, path, headers={"Accept-Encoding": "gzip"})
            assert (lane.status, lane.body) == (plain.status, plain.body), path
            for one in (lane, plain):
                assert "date" in one.headers
            told, wanted = (
                {name: value for name, value in one.headers.items() if name not in other}
                for one in (lane, plain)
            )
            assert told == wanted, path


def test_a_tile_that_was_made_is_in_memory(site: str) -> None:
    with connected(site) as sock:
        found = in_memory(site, sock, "/tiles/world/2/2/1.mvt")
        tag = found.headers["etag"]
        known = said(sock, head(site, "/tiles/world/2/2/1.mvt", f"If-None-Match: {tag}\r\n"))
        assert (known.status, known.body) == (304, b"")
        assert "content-length" not in known.headers


def test_requests_that_come_at_once_are_answered_in_their_order(site: str) -> None:
    paths = [TILE, "/health/live", "/tiles/world/1/0/0.mvt", "/tiles/none/0/0/0.mvt", TILE]
    with connected(site) as sock:
        sock.sendall(b"".join(head(site, path) for path in paths))
        file = sock.makefile("rb")
        statuses = []
        for _ in paths:
            statuses.append(int(file.readline().split()[1]))
            length = 0
            while (line := file.readline().strip().lower()) != b"":
                if line.startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            file.read(length)
        assert statuses == [200, 200, 200, 404, 200]
        assert said(sock, head(site)).status == 200


def test_a_request_may_come_byte_by_byte(site: str) -> None:
    with connected(site) as sock:
        for _ in range(2):
            for byte in head(site):
                sock.sendall(bytes([byte]))
            assert heard(sock).status == 200


def test_a_connection_goes_from_the_lane_to_gunicorn_and_back(site: str) -> None:
    with connected(site) as sock:
        for path in (TILE, "/health/live", TILE, "/catalog.json", "/tiles/world/%30/0/0.mvt", TILE):
            assert said(sock, head(site, path)).status == 200


def test_a_body_may_take_its_time(site: str) -> None:
    body = b"username=a&password=b"
    lines = f"POST /api/v1/layers HTTP/1.1\r\nHost: {urlsplit(site).netloc}\r\n"
    with connected(site) as sock:
        said(sock, head(site))
        sock.sendall(f"{lines}Content-Length: {len(body)}\r\n\r\n".encode())
        for part in (body[:5], body[5:]):
            time.sleep(0.2)
            sock.sendall(part)
        assert heard(sock).status in (401, 403)


def test_a_head_that_does_not_end_is_refused(site: str) -> None:
    with connected(site) as sock:
        sock.sendall(f"GET {TILE}?a=".encode())
        for _ in range(80):
            try:
                sock.sendall(b"x" * 1024)
            except OSError:
                break
            time.sleep(0.002)
        refused = heard(sock)
        assert refused.status == 431
        assert "64 kB" in refused.problem()["detail"]
        assert sock.recv(1) == b""


def test_slow_heads_and_silent_clients_take_no_thread(site: str) -> None:
    with ExitStack() as stack:
        for number in range(300):
            sock = stack.enter_context(connected(site))
            if number % 2:
                sock.sendall(head(site)[:-2])
        for path in (TILE, "/health/ready", "/tiles/world/3/4/2.mvt?_=1"):
            assert request(site, path).status in (200, 204)


def test_who_does_not_take_an_answer_keeps_nobody_waiting(site: str) -> None:
    times = 400
    with connected(site) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(2):
            whole = said(slow, head(site)).body
        sender = head(site)
        slow.setblocking(False)
        sent = 0
        for _ in range(times):
            try:
                slow.sendall(sender)
            except OSError:
                break
            sent += 1
            time.sleep(0.001)
        assert request(site, TILE).status == 200
        # Enough room again: with little each answer would take the kernel's timers to come.
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        slow.settimeout(20)
        file = slow.makefile("rb")
        for _ in range(sent - 1):
            assert file.readline().startswith(b"HTTP/1.1 200")
            while file.readline() != b"\r\n":
                pass
            assert file.read(len(whole)) == whole


def test_who_goes_while_a_tile_is_made_leaves_nothing_behind(site: str) -> None:
    for number in range(20):
        with connected(site) as sock:
            sock.sendall(head(site, f"/tiles/world/5/{number}/12.mvt"))
        assert request(site, "/health/live").status == 200


def test_an_old_client_is_answered_and_left(site: str) -> None:
    old = exchange(site, f"GET {TILE} HTTP/1.0\r\nHost: {urlsplit(site).netloc}\r\n\r\n".encode())
    assert (old.status, old.headers["connection"]) == (200, "close")


def test_a_line_that_is_no_request_is_a_400(site: str) -> None:
    for line in (
        b"nonsense\r\n\r\n",
        b"GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
    ):
        assert exchange(site, line).status == 400


def test_a_process_that_ends_answers_first(
    world: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with ExitStack() as stack:
        log = tmp_path_factory.mktemp("ending") / "web.log"
        with serving(log) as site:
            sock = stack.enter_context(connected(site))
            assert said(sock, head(site)).status == 200
            sock.sendall(head(site, "/tiles/world/4/8/5.mvt"))
            time.sleep(0.02)
        assert heard(sock).status in (200, 204)
