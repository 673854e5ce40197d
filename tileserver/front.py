"""The front: public tiles out of this process's memory, before Django is asked at all."""

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from core import request_id
from core.problems import Problem
from tileserver import metrics, process
from tileserver.encode import GZIP, IDENTITY, TileBytes, accepts, names
from tileserver.memory import KEEP, MADE, Answer, Keep, Memory
from tileserver.process import Process
from tileserver.recall import Headers, Recall, Spot
from tileserver.render import Rendered
from tileserver.responses import (
    FOR_GOOD,
    MVT,
    cache_status,
    feed_headers,
    revalidated,
    server_timing,
)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
# Path, coding class and version of a request.
Asked = tuple[str, str, str]
PREFIX, CHANGES = "/tiles/", "/changes"
ODD = "?"
# What is longer is nothing that a client says twice, and would only fill the memory.
LONGEST = 300
# Of Django's headers these are the answer's own, or told anew.
OWN = frozenset(
    {
        *("content-type", "content-encoding", "content-length"),
        *("cache-control", "cache-status", "server-timing", "x-request-id"),
    }
)
HOW = "Cache-Status"
HIT = (HOW, "graticule; hit; detail=memory")
AGE = "Cache-Control"
GIVEN_ID = "HTTP_X_REQUEST_ID"
REVALIDATED = (AGE, revalidated())


@lru_cache(1024)
def coding_class(host: str, accepted: str | None) -> str:
    """How clients are served that send this Host and Accept-Encoding: `g`, `i`, or ODD.

    ODD is for Django to say: a host that is not ours, or a client that takes no plain answer.
    """
    domain, _ = split_domain_port(host)
    ours = bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
    if not ours or not accepts(accepted, IDENTITY):
        return ODD
    return "g" if accepted is not None and accepts(accepted, GZIP) else "i"


def coding_of(environ: Environ) -> str:
    """The `coding_class` of a GET or HEAD, ODD for what is too long to be remembered by."""
    host, accepted = environ.get("HTTP_HOST", ""), environ.get("HTTP_ACCEPT_ENCODING")
    if len(host) > LONGEST or (accepted is not None and len(accepted) > LONGEST):
        return ODD
    asks = environ["REQUEST_METHOD"] in ("GET", "HEAD")
    return coding_class(host, accepted) if asks else ODD


def version_asked(query: str) -> str | None:
    """The `v` of a query string with nothing else in it; None for one that Django must read.

    It is no part of the address that an answer is remembered under: whatever a caller makes up
    for it, there is one answer, and only its age is told in another way.
    """
    if not query:
        return ""
    value = query[2:]
    plain = query.startswith("v=") and len(value) <= LONGEST and value.isascii()
    return value if plain and value.isalnum() else None


class Front:
    """A WSGI application around another: answers what it remembers, and remembers what it may."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._recall = Recall()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        coding = coding_of(environ) if path.startswith(PREFIX) else ODD
        if coding == ODD or len(path) > LONGEST:
            return self._application(environ, start_response)
        if path.endswith(CHANGES):
            return self._changes(environ, start_response, path, coding)
        asked = version_asked(environ.get("QUERY_STRING", ""))
        if asked is None:
            return self._application(environ, start_response)
        here = process.current()
        address = f"{path} {coding}"
        answer = here.memory.get(address)
        if answer is None or not here.watcher.believes(answer.revision, answer.until):
            return self._recalled(environ, start_response, here, (path, coding, asked))
        return _send(answer, asked, environ, start_response)

    def _recalled(
        self, environ: Environ, start_response: StartResponse, here: Process, asked: Asked
    ) -> Iterable[bytes]:
        """The tile out of Redis or made, without Django, where it has spoken of its tileset."""
        path, coding, version = asked
        began = here.memory.now()
        spot = self._recall.find(path, here.watcher)
        rendered = None if spot is None else spot.kept() or _made(spot, environ)
        if spot is None or rendered is None:
            return self._asked(environ, start_response, here.memory, f"{path} {coding}")
        sent = rendered.tile if coding == "g" else rendered.tile.as_identity()
        common = [*spot.known.headers, ("ETag", sent.etag)]
        answer = answer_of(spot.keep(rendered, sent), common)
        here.memory.put(f"{path} {coding}", answer, began)
        return _send(answer, version, environ, start_response, rendered)

    def _changes(
        self, environ: Environ, start_response: StartResponse, path: str, coding: str
    ) -> Iterable[bytes]:
        """The changes feed of a public tileset; the rest is Django's to say."""
        here = process.current()
        answer = here.feed.quick(path, environ.get("QUERY_STRING", ""), here.watcher.revision)
        if answer is None or (coding == "i" and answer.coding != IDENTITY):
            return self._application(environ, start_response)
        start_response("200 OK", feed_headers(answer))
        return _body(answer.body, environ)

    def _asked(
        self, environ: Environ, start_response: StartResponse, memory: Memory, address: str
    ) -> Iterable[bytes]:
        """Django's answer, remembered if it is marked as one that may be."""
        began = memory.now()
        told: list[Any] = []

        def hear(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            told.append(headers)
            return start_response(status, headers, *rest)

        body = self._application(environ, hear)
        keep: Keep | None = environ.pop(KEEP, None)
        if keep is not None and told:
            answer = answer_of(keep, common_of(told[0]))
            memory.put(address, answer, began)
            self._recall.learn(environ["PATH_INFO"], keep, answer.not_modified)
        return body


def _made(spot: Spot, environ: Environ) -> Rendered | None:
    """The tile, made now if need be; None where Django is to say what came of it."""
    environ[GIVEN_ID] = request_id.begin(environ.get(GIVEN_ID))
    try:
        rendered = spot.made()
    except Problem as problem:
        environ[MADE] = problem
        return None
    if rendered.key:
        return rendered
    environ[MADE] = rendered
    return None


@lru_cache(256)
def shared(field: tuple[str, str]) -> tuple[str, str]:
    """The same header, one object for all answers that have it."""
    return field


def common_of(headers: Headers) -> Headers:
    """What is told with the content and without it, of the headers that Django gave."""
    common = [
        field if field[0] == "ETag" else shared(field)
        for field in headers
        if field[0].lower() not in OWN
    ]
    return [*common, REVALIDATED, HIT]


def answer_of(keep: Keep, common: Headers) -> Answer:
    """What will be sent the next time."""
    tile = keep.tile
    return Answer(
        key=keep.key,
        revision=keep.common.revision,
        until=time.monotonic() + keep.life,
        digest=tile.digest,
        etag=tile.etag,
        zooms=keep.zooms,
        status="204 No Content" if tile.empty else "200 OK",
        headers=common if tile.empty else common + _content(tile),
        not_modified=common,
        body=tile.body,
        version=keep.common.version,
    )


def _content(tile: TileBytes) -> list[tuple[str, str]]:
    found = [shared(("Content-Type", MVT)), ("Content-Length", str(len(tile.body)))]
    return found if tile.coding == IDENTITY else [*found, shared(("Content-Encoding", tile.coding))]


def _send(
    answer: Answer,
    asked: str,
    environ: Environ,
    start_response: StartResponse,
    rendered: Rendered | None = None,
) -> Iterable[bytes]:
    """`rendered`: how it was had, if not out of memory."""
    own = {} if rendered is None else _said_of(rendered, environ)
    if asked and asked == answer.version:
        own[AGE] = FOR_GOOD
    known = environ.get("HTTP_IF_NONE_MATCH")
    if known is not None and (known == answer.etag or names(known, answer.digest)):
        metrics.count("not_modified", answer.zooms)
        start_response("304 Not Modified", _told(answer.not_modified, own))
        return []
    metrics.count("memory" if rendered is None else rendered.outcome, answer.zooms)
    start_response(answer.status, _told(answer.headers, own))
    return _body(answer.body, environ)


def _body(content: bytes, environ: Environ) -> list[bytes]:
    """A list: Granian sends one whole, and asks any other iterable piece by piece."""
    return [content] if environ["REQUEST_METHOD"] == "GET" else []


def _said_of(rendered: Rendered, environ: Environ) -> dict[str, str]:
    """The headers that tell how a tile was had."""
    own = {HOW: cache_status(rendered)}
    if rendered.outcome == "render":
        own["Server-Timing"] = server_timing(rendered)
        own["X-Request-ID"] = environ[GIVEN_ID]
    return own


def _told(headers: Headers, own: dict[str, str]) -> Headers:
    """The headers, but for those that are this answer's own."""
    if not own:
        return headers
    return [field for field in headers if field[0] not in own] + list(own.items())
