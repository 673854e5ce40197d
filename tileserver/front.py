"""The front: public tiles out of this process's memory, before Django is asked at all."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from core import request_id
from core.problems import Problem
from tileserver import process, wire
from tileserver.asked import CHANGES, LONGEST, ODD, PREFIX, Asked, coding_of
from tileserver.encode import IDENTITY
from tileserver.memory import KEEP, MADE, Answer, Keep, Memory
from tileserver.recall import Recall, Spot
from tileserver.render import Early, Rendered
from tileserver.reply import GIVEN_ID, HIT, Environ, Headers, Telling, answer_of, reply
from tileserver.responses import feed_headers
from tileserver.wire import Reply

StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
# Of Django's headers these are the content's own, or told anew with each answer.
OWN = frozenset(
    {
        *("content-type", "content-encoding", "content-length", "etag"),
        *("cache-control", "cache-status", "server-timing", "x-request-id"),
    }
)


def at_once(asked: Asked) -> Reply | None:
    """What is said out of this process's memory, if there is an answer that may be given now."""
    answer = remembered(asked)
    return None if answer is None else reply(asked, answer, "memory", HIT)


def remembered(asked: Asked) -> Answer | None:
    """The answer in this process's memory, if there is one that may be given now."""
    here = process.current()
    answer = here.memory.get(asked.address)
    if answer is None or not here.watcher.believes(answer.revision, answer.until):
        return None
    return answer


class Front:
    """A WSGI application around another: answers what it remembers, and remembers what it may."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._recall = Recall()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            return self._application(environ, start_response)
        body = self._answer(environ, start_response)
        return body if method == "GET" else _without(body)

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        asked = Asked.read(path, query, environ)
        if asked is None:
            return self._others(environ, start_response, path, query)
        found = at_once(asked) or self.recalled(asked, environ)
        if found is None:
            return self.asked_of_django(asked, environ, start_response)
        start_response(found.status, wire.fields(found.lines))
        return [found.body] if found.body else []

    def recalled(
        self, asked: Asked, notes: Environ, send: Callable[[Reply], None] | None = None
    ) -> Reply | None:
        """The tile out of Redis or made, without Django, where it has spoken of its tileset.

        What is made goes to `send` before it is kept. None where it is Django's to answer; `notes`,
        an environ, has then what came of it.
        """
        here = process.current()
        began = here.memory.now()
        spot = self._recall.find(asked.path, here.watcher)
        if spot is None:
            return None
        telling = Telling(asked, spot, notes, partial(here.memory.stands, began=began), send)
        rendered = spot.kept() or _made(spot, notes, telling.early)
        if rendered is None:
            return None
        said = telling.said(rendered)
        if said.tile is rendered.tile:
            here.memory.put(asked.address, said.answer, began)
        return said.reply

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
        return [answer.body]


def _is_feed(path: str) -> bool:
    return len(path) <= LONGEST and path.startswith(PREFIX) and path.endswith(CHANGES)


def _made(spot: Spot, notes: Environ, early: Early) -> Rendered | None:
    """The tile, made now if need be; None where Django is to say what came of it."""
    notes[GIVEN_ID] = request_id.begin(notes.get(GIVEN_ID))
    try:
        rendered = spot.made(early)
    except Problem as problem:
        notes[MADE] = problem
        return None
    if rendered.key:
        return rendered
    notes[MADE] = rendered
    return None


def _without(body: Iterable[bytes]) -> list[bytes]:
    """Nothing, which a HEAD gets (RFC 9110, section 9.3.2); Django leaves that to others."""
    close = getattr(body, "close", None)
    if close is not None:
        close()
    return []
