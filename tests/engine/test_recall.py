"""Tiles of a known tileset are recalled or made before Django is asked, once it has said how."""

import io
from typing import Any

import pytest

from tests.database import execute
from tests.listening import wait_for_belief, wait_for_revision
from tests.odd import OddTable, Published, forget_tiles
from tileserver import db, index, process
from tileserver.front import Front
from tileserver.tile import Tile


class Behind:
    """The application behind a front, which counts how often it was asked."""

    def __init__(self) -> None:
        from core.wsgi import application  # noqa: PLC0415 - needs the settings

        self._application: Any = application
        while isinstance(self._application, Front):
            self._application = self._application._application
        self.asked = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.asked += 1
        return self._application(environ, start_response)


class Asker:
    """A front of its own, and what it answers."""

    def __init__(self) -> None:
        self.behind = Behind()
        self.front = Front(self.behind)

    def get(
        self, path: str, coding: str = "gzip", **more: str
    ) -> tuple[str, dict[str, str], bytes]:
        """Status, headers and body; `more` goes into the environ."""
        told: list[Any] = []
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_ACCEPT_ENCODING": coding,
            "wsgi.input": io.BytesIO(),
            **more,
        }
        body = b"".join(self.front(environ, lambda *words: told.append(words)))
        return told[0][0], dict(told[0][1]), body


@pytest.fixture
def table(odd: OddTable) -> Published:
    """A published table, and nothing cached."""
    forget_tiles()
    published = odd("text_ids")
    wait_for_belief()
    wait_for_revision()
    return published


def test_what_redis_keeps_needs_no_django(table: Published) -> None:
    asker = Asker()
    first, other = (f"/tiles/{table.layer.name}/{tile}.mvt" for tile in ("0/0/0", "1/1/0"))
    told = {path: asker.get(path) for path in (first, other)}
    asked = asker.behind.asked
    process.current().memory.clear()
    for path in (first, other):
        status, headers, body = asker.get(path)
        assert headers.pop("Cache-Status") == "graticule; hit; detail=redis"
        assert (status, body) == (told[path][0], told[path][2])
        for name in ("ETag", "Vary", "Cache-Control", "Access-Control-Allow-Origin"):
            assert headers.get(name) == told[path][1].get(name), name
    assert asker.behind.asked == asked
    assert asker.get(first)[1]["Cache-Status"] == "graticule; hit; detail=memory"


def test_a_client_without_gzip_gets_the_same_tile_plain(table: Published) -> None:
    asker = Asker()
    path = f"/tiles/{table.layer.name}/0/0/0.mvt"
    plain = asker.get(path, "identity")
    asker.get(path)
    process.current().memory.clear()
    status, headers, body = asker.get(path, "identity")
    assert (status, body, headers["ETag"]) == (plain[0], plain[2], plain[1]["ETag"])
    assert "Content-Encoding" not in headers


def test_what_is_expired_is_made_without_django(table: Published) -> None:
    asker = Asker()
    path = f"/tiles/{table.layer.name}/0/0/0.mvt"
    before = asker.get(path)
    where = table.entry(Tile(0, 0, 0))
    index.expire(db.epoch(), [where.key])
    process.current().memory.clear()
    asked = asker.behind.asked
    status, headers, body = asker.get(path, HTTP_X_REQUEST_ID="given-by-a-proxy")
    assert headers["Cache-Status"] == "graticule; fwd=miss; detail=render"
    assert headers["X-Request-ID"] == "given-by-a-proxy"
    assert headers["Server-Timing"].startswith("render;dur=")
    assert (status, body) == (before[0], before[2])
    assert headers.keys() == before[1].keys()
    assert asker.behind.asked == asked


def test_a_tile_that_was_never_kept_is_made_without_django(table: Published) -> None:
    asker = Asker()
    asker.get(f"/tiles/{table.layer.name}/0/0/0.mvt")
    asked = asker.behind.asked
    path = f"/tiles/{table.layer.name}/1/1/0.mvt"
    made = asker.get(path)
    assert made[1]["Cache-Status"] == "graticule; fwd=miss; detail=render"
    known = asker.get(path, HTTP_IF_NONE_MATCH=made[1]["ETag"])
    assert (known[0], known[2]) == ("304 Not Modified", b"")
    assert asker.get(path, REQUEST_METHOD="HEAD")[2] == b""
    assert asker.behind.asked == asked


def test_what_is_no_address_is_for_django_to_say(table: Published) -> None:
    asker = Asker()
    asker.get(f"/tiles/{table.layer.name}/0/0/0.mvt")
    asked = asker.behind.asked
    assert asker.get(f"/tiles/{table.layer.name}/0/0/7.mvt")[0].startswith("400")
    outside = asker.get(f"/tiles/{table.layer.name}/22/0/0.mvt")
    assert outside[0].startswith("204")
    assert outside[1]["Cache-Status"] == "graticule; fwd=miss; detail=outside"
    assert asker.behind.asked == asked + 2


def test_a_fault_is_met_once_and_said_by_django(
    table: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = Asker()
    asker.get(f"/tiles/{table.layer.name}/0/0/0.mvt")
    ran = []
    run = db.Pool.run

    def counted(*args: Any, **more: Any) -> Any:
        ran.append(args)
        return run(*args, **more)

    monkeypatch.setattr(db.Pool, "run", counted)
    execute(f"ALTER TABLE odd.{table.layer.relation_name} RENAME TO elsewhere")
    asked = asker.behind.asked
    status, headers, body = asker.get(f"/tiles/{table.layer.name}/1/0/0.mvt")
    assert status.startswith("404")
    assert headers["Content-Type"] == "application/problem+json"
    assert b"Publish it again" in body
    assert (asker.behind.asked, len(ran)) == (asked + 1, 1)


def test_without_the_truth_lease_django_is_asked(
    table: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = Asker()
    asker.get(f"/tiles/{table.layer.name}/0/0/0.mvt")
    asked = asker.behind.asked
    watcher = process.current().watcher
    monkeypatch.setattr(type(watcher), "believes", lambda *_: False)
    assert asker.get(f"/tiles/{table.layer.name}/1/0/0.mvt")[0].startswith("200")
    assert asker.behind.asked == asked + 1
