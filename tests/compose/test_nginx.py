"""nginx with our configuration in front of real web processes."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from tests.site import free_port

START = settings.BASE_DIR / "compose" / "nginx" / "start"
TILE = "/tiles/world/0/0/0.mvt"


@dataclass(frozen=True)
class Answer:
    """Status, headers in lower case, body."""

    status: int
    headers: dict[str, str]
    body: bytes


def get(port: int, path: str, **headers: str) -> Answer:
    """GET without anything that a client would add or undo by itself."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip", **headers})
    found = connection.getresponse()
    answer = Answer(found.status, {k.lower(): v for k, v in found.getheaders()}, found.read())
    connection.close()
    return answer


@contextmanager
def nginx(folder: Path, web: str, **more: str) -> Iterator[int]:
    """nginx on a free port; ends with the block."""
    port, health = free_port(), free_port()
    ports = {"HTTP_PORT": str(port), "HEALTH_PORT": str(health), "BIND": "127.0.0.1"}
    places = {"RUN_DIR": str(folder / "run"), "STATIC_DIR": str(folder / "static")}
    env = {**os.environ, **ports, **places, "WEB": web.removeprefix("http://"), **more}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([str(START)], env=env, stdout=log, stderr=log)
        try:
            wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait(10)
    # nginx says on its error log what it does not like, such as a type that is given twice.
    assert "[warn]" not in (folder / "log").read_text("utf-8")


def wait_for(port: int) -> None:
    """Return when somebody listens."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("nginx did not start")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that nginx's own account can read too, with two static files."""
    made = Path(tempfile.mkdtemp(prefix="graticule-nginx-"))
    made.chmod(0o755)
    static = made / "static" / "vendor"
    static.mkdir(parents=True)
    for name in ("map.mjs", "map.0123456789ab.mjs"):
        (static / name).write_text("export const map = 1;\n" * 100, "utf-8")
    yield made
    shutil.rmtree(made)


def test_a_tile_passes_as_it_is(site: str, folder: Path) -> None:
    with nginx(folder, site) as port:
        behind = get(int(site.rpartition(":")[2]), TILE)
        front = get(port, TILE)
        assert (front.status, front.body) == (200, behind.body)
        for name in ("etag", "content-encoding", "content-type", "cache-control", "vary"):
            assert front.headers[name] == behind.headers[name]
        assert get(port, TILE, **{"If-None-Match": front.headers["etag"]}).status == 304


def test_a_module_has_a_javascript_type_and_hashed_names_stay(site: str, folder: Path) -> None:
    with nginx(folder, site) as port:
        plain = get(port, "/static/vendor/map.mjs")
        hashed = get(port, "/static/vendor/map.0123456789ab.mjs")
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert plain.headers["content-encoding"] == "gzip"
    assert plain.headers["cache-control"] == "public, max-age=60"
    assert hashed.headers["content-type"] == "text/javascript; charset=utf-8"
    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_long_query_is_answered_by_us(site: str, folder: Path) -> None:
    with nginx(folder, site) as port:
        answer = get(port, f"{TILE}?x={'a' * 8000}")
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_path_of_the_public_address_is_cut_off(site: str, folder: Path) -> None:
    with nginx(folder, site, PUBLIC_URL="https://town.example/maps") as port:
        assert get(port, f"/maps{TILE}").body == get(port, TILE).body
        assert get(port, "/maps/tiles/nope/0/0/0.mvt").status == 404
        assert get(port, "/maps/static/vendor/map.mjs").status == 200
        assert get(port, "/maps/fonts/Noto%20Sans%20Nope/0-255.pbf").status == 404


def test_with_the_web_process_away_the_answer_is_a_problem(folder: Path) -> None:
    with nginx(folder, f"127.0.0.1:{free_port()}") as port:
        answer = get(port, TILE)
    assert answer.status == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "5"
    assert json.loads(answer.body)["status"] == 503
