"""What an attacker tried once: each stays an honest answer, and costs no more than it should."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django_redis import get_redis_connection

from core.publishing import publish_tileset
from tests.listening import wait_for_belief
from tests.odd import OddTable, forget_tiles
from tests.raw import request

TILE = "/tiles/world/0/0/0.mvt"


@pytest.mark.parametrize("charset", ["rot13", "undefined", "hex", "nothing-at-all", '"utf-16"'])
@pytest.mark.parametrize("path", ["/catalog.json?q=a%41", "/", f"{TILE}?_=1", "/admin/login/"])
def test_a_charset_that_nobody_can_read_is_a_415(site: str, path: str, charset: str) -> None:
    kind = {"Content-Type": f"text/plain; charset={charset}", "Accept-Encoding": "br"}
    answer = request(site, path, headers=kind)
    assert answer.status == 415
    assert "UTF-8" in answer.problem()["detail"]


@pytest.mark.parametrize("path", ["/api/v1/layers", "/catalog.json", "/admin/", TILE])
def test_a_cookie_with_a_nul_is_a_400(site: str, path: str) -> None:
    cookie = {"Cookie": f'{settings.SESSION_COOKIE_NAME}="aaaaaaaaaa\\000b"', "X-Fresh": "1"}
    assert request(site, f"{path}?_={time.time()}", headers=cookie).status == 400


@pytest.mark.parametrize(
    "query", ["limit=99999999999999999999999", "offset=99999999999999999999999"]
)
@pytest.mark.parametrize("path", ["layers", "styles"])
def test_a_list_has_an_end(site: str, path: str, query: str) -> None:
    assert request(site, f"/api/v1/{path}?{query}").status == 200


def test_a_foreign_host_is_refused_hot_or_cold(site: str) -> None:
    for _ in range(4):
        assert request(site, TILE).status == 200
        assert request(site, TILE, headers={"Host": "evil.example"}).status == 400


def test_a_tag_that_only_holds_the_digest_is_no_match(site: str) -> None:
    for _ in range(4):
        answer = request(site, TILE, headers={"Accept-Encoding": "gzip"})
        digest = answer.headers["etag"].strip('"').split("-")[0]
        near = {"Accept-Encoding": "gzip", "If-None-Match": f'"x{digest}y"'}
        assert request(site, TILE, headers=near).status == 200


@contextmanager
def slow_sender(site: str) -> Iterator[None]:
    """A login whose body never comes."""
    parts = urlsplit(site)
    lines = [
        b"POST /admin/login/ HTTP/1.1", f"Host: {parts.netloc}".encode(),
        b"Cookie: csrftoken=" + b"a" * 32, b"Content-Length: 5000",
        b"Content-Type: application/x-www-form-urlencoded", b"", b"a=",
    ]  # fmt: skip
    with socket.create_connection((str(parts.hostname), int(parts.port or 80))) as sock:
        sock.sendall(b"\r\n".join(lines))
        yield


def test_slow_senders_take_no_seat(site: str) -> None:
    with ExitStack() as stack:
        for _ in range(3 * settings.ORM_SEATS):
            stack.enter_context(slow_sender(site))
        time.sleep(0.5)
        for path in ("/health/ready", "/api/v1/layers", "/api/v1/search?q=ast"):
            assert request(site, path).status == 200


def test_a_tileset_with_a_hidden_member_is_hidden_in_the_api(odd: OddTable) -> None:
    hidden = odd("text_ids", access="staff").layer
    publish_tileset("over", [hidden.name])
    assert Client().get("/api/v1/tilesets/over").status_code == 404
    assert hidden.name not in Client().get("/api/v1/tilesets").content.decode()


def test_a_tile_keeps_a_bounded_number_of_variants(odd: OddTable) -> None:
    forget_tiles()
    published = odd("columns_150")
    wait_for_belief()
    for number in range(1, 80):
        answer = published.answer((0, 0, 0), f"?properties=c{number}")
        if answer.status_code == 400:
            pytest.fail(answer.content.decode())
        assert answer.status_code == 200
    redis = get_redis_connection("tiles")
    [key] = [key for key in redis.keys("g:*") if redis.type(key) == b"hash"]
    assert redis.hlen(key) <= 65


def test_memory_keeps_no_tile_longer_than_its_layer_allows(site: str, odd: OddTable) -> None:
    name = odd("text_ids", freshness="ttl", ttl_seconds=1).layer.name
    path, gzip = f"/tiles/{name}/0/0/0.mvt", {"Accept-Encoding": "gzip"}
    time.sleep(1.0)
    hows = []
    until = time.monotonic() + 3
    while time.monotonic() < until:
        answer = request(site, path, headers=gzip)
        hows.append(answer.headers["cache-status"].rpartition("=")[2])
        time.sleep(0.02)
    assert "memory" in hows
    assert hows.count("render") >= 2
