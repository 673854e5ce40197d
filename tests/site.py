"""Graticule as people get it: web processes on a free port, against the test database."""

import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0
STOP_SECONDS = 10.0


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    log: Path, env: Mapping[str, str] | None = None, *, workers: int = 2, port: int = 0
) -> Iterator[str]:
    """Web processes with `env` added to their environment; gives the base URL, ends them by pid."""
    port = port or free_port()
    base = f"http://127.0.0.1:{port}"
    told = {**os.environ, "PUBLIC_URL": base, "PYTHONWARNINGS": "default", **(env or {})}
    command = [
        *(sys.executable, "-m", "gunicorn", "--worker-class", "tileserver.worker.Worker"),
        *("--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", "64"),
        *("--keep-alive", "75", "--graceful-timeout", "3", "--limit-request-line", "0"),
        "--permit-unconventional-http-method",
        *("--forwarded-allow-ips", "", "--no-control-socket", "core.wsgi:application"),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=told, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            wait_until_alive(process, base, log)
            yield base
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)


def wait_until_alive(process: subprocess.Popen[bytes], base: str, log: Path) -> None:
    """Return when the server answers; fail with its log when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{base}/health/live", timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{log.read_text('utf-8', 'replace')[-4000:]}")


@pytest.fixture(scope="session")
def site(world: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of two real web processes that serve the tests' world."""
    with serving(tmp_path_factory.mktemp("site") / "web.log") as base:
        yield base


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files and writes no log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def foreign_site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Another origin: the base URL of a static server, and the folder to put its pages into."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    handler = partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", folder
        server.shutdown()
        thread.join()
