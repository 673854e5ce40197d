"""The front: public tiles out of this process's memory, before Django is asked at all."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from core import request_id
from core.problems import Problem
from tileserver import metrics, process, wire
from tileserver.encode import GZIP, IDENTITY, TileBytes, accepts, names
from tileserver.memory import KEEP, MADE, Answer, Keep, Memory
from tileserver.recall import Recall, Spot
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
Fields = Mapping[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
PREFIX, CHANGES = "/tiles/", "/changes"
ODD = "?"
# What is longer is nothing that a client says twice, and would only fill the memory.
LONGEST = 300
# Of Django's headers these are the content's own, or told anew with each answer.
OWN = frozenset(
    {
        *("content-type", "content-encoding", "content-length", "etag"),
        *("cache-control", "cache-status", "server-timing", "x-request-id"),
    }
)
GIVEN_ID = "HTTP_X_REQUEST_ID"
AGE, HOW = "Cache-Control", "Cache-Status"
REVALIDATED = wire.lines([(AGE, revalidated())])
KEPT_FOR_GOOD = wire.lines([(AGE, FOR_GOOD)])
HIT = wire.lines([(HOW, "graticule; hit; detail=memory")])


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


def coding_of(fields: Fields) -> str:
    """The `coding_class` of a request, ODD for what is too long to be remembered by."""
    host, accepted = fields.get("HTTP_HOST", ""), fields.get("HTTP_ACCEPT_ENCODING")
    if len(host) > LONGEST or (accepted is not None and len(accepted) > LONGEST):
        return ODD
    return coding_class(host, accepted)


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


class Reply(NamedTuple):
    """What is sent: the status, the field lines, and the body that a GET gets."""

    status: str
    lines: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """A tile that is asked for, and perhaps remembered.

    `coding` is a coding class, `version` that of a frozen tileset or "", `known` what the client
    says in If-None-Match, `address` what the answer is remembered under.
    """

    path: str
    coding: str
    version: str
    known: str | None
    address: str

    @classmethod
    def read(cls, path: str, query: str, fields: Fields) -> Self | None:
        """What a GET or HEAD asks for, by the fields of its environ; None if Django must see it."""
        if len(path) > LONGEST or not path.startswith(PREFIX) or path.endswith(CHANGES):
            return None
        coding, version = coding_of(fields), version_asked(query)
        if coding == ODD or version is None:
            return None
        return cls(path, coding, version, fields.get("HTTP_IF_NONE_MATCH"), f"{path} {coding}")

    def has(self, answer: Answer) -> bool:
        """Whether the client says that it has this content, in whatever coding."""
        known = self.known
        return known is not None and (known == answer.etag or names(known, answer.digest))


def at_once(asked: Asked) -> Reply | None:
    """The answer in this process's memory, if there is one that may be given now."""
    here = process.current()
    answer = here.memory.get(asked.address)
    if answer is None or not here.watcher.believes(answer.revision, answer.until):
        return None
    return reply(asked, answer, "memory", HIT)


def reply(asked: Asked, answer: Answer, outcome: str, how: bytes) -> Reply:
    """The answer as it is told to who asked. `how` it was had, in field lines."""
    for_good = asked.version and asked.version == answer.version
    lines = answer.common + (KEPT_FOR_GOOD if for_good else REVALIDATED) + how
    if asked.has(answer):
        metrics.count("not_modified", answer.zooms)
        return Reply("304 Not Modified", lines, b"")
    metrics.count(outcome, answer.zooms)
    return Reply(answer.status, lines + answer.content, answer.body)


class Front:
    """A WSGI application around another: answers what it remembers, and remembers what it may."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._recall = Recall()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._application(environ, start_response)
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        asked = Asked.read(path, query, environ)
        if asked is None:
            return self._others(environ, start_response, path, query)
        found = at_once(asked) or self.recalled(asked, environ)
        if found is None:
            return self.asked_of_django(asked, environ, start_response)
        start_response(found.status, wire.fields(found.lines))
        return _body(found.body, environ)

    def recalled(self, asked: Asked, notes: Environ) -> Reply | None:
        """The tile out of Redis or made, without Django, where it has spoken of its tileset.

        None where it is Django's to answer; `notes`, an environ, has then what came of it.
        """
        here = process.current()
        began = here.memory.now()
        spot = self._recall.find(asked.path, here.watcher)
        rendered = None if spot is None else spot.kept() or _made(spot, notes)
        if spot is None or rendered is None:
            return None
        sent = rendered.tile if asked.coding == "g" else rendered.tile.as_identity()
        answer = answer_of(spot.keep(rendered, sent), spot.known.lines)
        here.memory.put(asked.address, answer, began)
        return reply(asked, answer, rendered.outcome, _how(rendered, notes))

    def asked_of_django(
        self, asked: Asked, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Django's answer, remembered if it is marked as one that may be."""
        memory: Memory = process.current().memory
        began = memory.now()
        told: list[Any] = []

        def hear(status: str, headers: Headers, *rest: Any) -> Any:
            told.append(headers)
            return start_response(status, headers, *rest)

        body = self._application(environ, hear)
        keep: Keep | None = environ.pop(KEEP, None)
        if keep is not None and told:
            lines = wire.lines(field for field in told[0] if field[0].lower() not in OWN)
            memory.put(asked.address, answer_of(keep, lines), began)
            self._recall.learn(asked.path, keep, lines)
        return body

    def _others(
        self, environ: Environ, start_response: StartResponse, path: str, query: str
    ) -> Iterable[bytes]:
        """The changes feed of a public tileset; the rest is Django's to say."""
        answer = None
        coding = coding_of(environ) if _is_feed(path) else ODD
        if coding != ODD:
            here = process.current()
            answer = here.feed.quick(path, query, here.watcher.revision)
        if answer is None or (coding == "i" and answer.coding != IDENTITY):
            return self._application(environ, start_response)
        start_response("200 OK", feed_headers(answer))
        return _body(answer.body, environ)


def _is_feed(path: str) -> bool:
    return len(path) <= LONGEST and path.startswith(PREFIX) and path.endswith(CHANGES)


def _made(spot: Spot, notes: Environ) -> Rendered | None:
    """The tile, made now if need be; None where Django is to say what came of it."""
    notes[GIVEN_ID] = request_id.begin(notes.get(GIVEN_ID))
    try:
        rendered = spot.made()
    except Problem as problem:
        notes[MADE] = problem
        return None
    if rendered.key:
        return rendered
    notes[MADE] = rendered
    return None


def answer_of(keep: Keep, lines: bytes) -> Answer:
    """What will be sent the next time; `lines` are the same for all tiles of the tileset."""
    tile = keep.tile
    return Answer(
        key=keep.key,
        revision=keep.common.revision,
        until=time.monotonic() + keep.life,
        digest=tile.digest,
        zooms=keep.zooms,
        status="204 No Content" if tile.empty else "200 OK",
        common=lines + wire.lines([("ETag", tile.etag)]),
        content=b"" if tile.empty else wire.lines(_content(tile)),
        body=tile.body,
        coding=tile.coding,
        etag=tile.etag,
        version=keep.common.version,
    )


def _content(tile: TileBytes) -> Headers:
    found = [("Content-Type", MVT), ("Content-Length", str(len(tile.body)))]
    return found if tile.coding == IDENTITY else [*found, ("Content-Encoding", tile.coding)]


def _how(rendered: Rendered, notes: Environ) -> bytes:
    """The field lines that tell how a tile was had."""
    own = [(HOW, cache_status(rendered))]
    if rendered.outcome == "render":
        own += [("Server-Timing", server_timing(rendered)), ("X-Request-ID", notes[GIVEN_ID])]
    return wire.lines(own)


def _body(content: bytes, environ: Environ) -> list[bytes]:
    """What is sent of a content: nothing to a HEAD."""
    return [content] if environ["REQUEST_METHOD"] == "GET" and content else []
