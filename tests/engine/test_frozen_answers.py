"""Frozen tilesets through the front: kept for good under the current version, and only there."""

import io
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client

from core import snapshot
from tests.database import execute
from tests.listening import wait_for_belief
from tests.odd import OddTable, forget_tiles
from tileserver import process
from tileserver.asked import version_asked
from tileserver.front import Front

FOR_GOOD = "public, max-age=31536000, immutable"
REVALIDATE = "public, max-age=0, must-revalidate"
DJANGO = WSGIHandler()


@dataclass(frozen=True)
class Answer:
    """What the front sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def age(self) -> str:
        """Its Cache-Control."""
        return self.headers["Cache-Control"]

    @property
    def tier(self) -> str:
        """Where it came from."""
        return self.headers["Cache-Status"].rpartition("=")[2]


def ask(url: str, **headers: str) -> Answer:
    """GET a URL of ours through a front of this process, as a browser does."""
    parts, told = urlsplit(url), []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_ACCEPT_ENCODING": "gzip",
        "SERVER_PORT": "8000",
        "SERVER_NAME": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
        **headers,
    }
    body = Front(DJANGO)(environ, lambda *words: told.append(words))
    status, fields = told[0]
    return Answer(int(status.split()[0]), dict(fields), b"".join(body))


def url_of(name: str) -> str:
    """The tile URL of the tile 0/0/0 as TileJSON tells it now."""
    snapshot.forget()
    [url] = Client().get(f"/tiles/{name}.json").json()["tiles"]
    return str(url).format(z=0, x=0, y=0)


@pytest.fixture
def url(odd: OddTable) -> str:
    """A tile of a frozen Layer, in no cache."""
    odd("ranked", frozen=True)
    forget_tiles()
    wait_for_belief()
    return url_of("ranked")


def in_memory(url: str, age: str = "") -> Answer:
    """The answer once it comes out of memory: the lease must have heard of the new revision."""
    for _ in range(200):
        answer = ask(url)
        if answer.tier == "memory" and age in ("", answer.age):
            return answer
        time.sleep(0.05)
    pytest.fail(f"still {answer.tier}, {answer.age}")


def test_the_current_version_is_kept_for_good_from_every_tier(url: str) -> None:
    first, hot = ask(url), in_memory(url)
    assert first.tier == "render"
    assert {first.age, hot.age} == {FOR_GOOD}
    assert first.body == hot.body
    same = ask(url, HTTP_IF_NONE_MATCH=hot.headers["ETag"])
    assert (same.status, same.age, same.body) == (304, FOR_GOOD, b"")
    process.current().memory.clear()
    assert ask(url).age == FOR_GOOD


@pytest.mark.parametrize("query", ["", "?v=0123456789ab", "?v=%31", "?v=", "?v=1&v=2", "?_=1"])
def test_no_version_and_any_other_revalidates(url: str, query: str) -> None:
    other = url.partition("?")[0] + query
    assert ask(other).age == REVALIDATE
    in_memory(url)
    answer = ask(other)
    assert answer.age == REVALIDATE
    assert ask(other, HTTP_IF_NONE_MATCH=answer.headers["ETag"]).age == REVALIDATE


def test_who_asked_first_decides_nothing_for_the_next(url: str) -> None:
    plain = url.partition("?")[0]
    assert in_memory(plain).age == REVALIDATE
    assert ask(url).tier == "memory"
    assert ask(url).age == FOR_GOOD


def test_made_up_versions_fill_no_memory(url: str) -> None:
    plain = url.partition("?")[0]
    in_memory(url)
    held = len(process.current().memory)
    assert {ask(f"{plain}?v=made{number}").tier for number in range(50)} == {"memory"}
    for number in range(5):
        ask(f"{plain}?v=made-{number}"), ask(f"{plain}?v={number}&_={number}")
    assert len(process.current().memory) == held


def test_raising_the_generation_ends_the_old_version(odd: OddTable, url: str) -> None:
    in_memory(url)
    snapshot.forget()
    execute("UPDATE core_resource SET generation = generation + 1 WHERE name = 'ranked'")
    new = url_of("ranked")
    assert new != url
    # Until the lease tells the new revision, the old answer is given, and revalidates.
    assert in_memory(new, FOR_GOOD)
    assert in_memory(url).age == REVALIDATE


def test_an_empty_tile_is_kept_for_good_too(odd: OddTable) -> None:
    odd("no_rows", frozen=True)
    answer = ask(url_of("no_rows"))
    assert (answer.status, answer.age) == (204, FOR_GOOD)


def test_what_only_staff_may_see_is_never_kept_for_good(odd: OddTable, staff: Client) -> None:
    odd("ranked", frozen=True, access="staff")
    snapshot.forget()
    [url] = staff.get("/tiles/ranked.json").json()["tiles"]
    parts = urlsplit(url.format(z=0, x=0, y=0))
    answer = staff.get(f"{parts.path}?{parts.query}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, max-age=0, must-revalidate"


def test_a_tileset_that_is_not_frozen_takes_any_version_and_revalidates(odd: OddTable) -> None:
    odd("ranked")
    path = url_of("ranked")
    assert {in_memory(path).age, ask(f"{path}?v=abc").age} == {REVALIDATE}
    assert ask(f"{path}?v=abc").tier == "memory"


@pytest.mark.parametrize(
    ("query", "asked"),
    [("", ""), ("v=abc1", "abc1"), ("v=", None), ("v=a&v=b", None), ("x=1", None), ("v=%61", None),
     ("v=a+b", None), ("V=abc", None), ("v=é", None), ("v=" + "a" * 400, None)],
)  # fmt: skip
def test_only_a_plain_version_is_read_before_django(query: str, asked: str | None) -> None:
    assert version_asked(query) == asked
