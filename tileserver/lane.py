"""The lane: plain requests for tiles, answered in bytes past the HTTP server's own road.

What is remembered is given by `at_once`, which waits for nothing; `had` gives that and all else,
may take as long as a tile takes, and wants a thread.
"""

import gc
import io
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings

from tileserver import db, front, metrics, plain, wire
from tileserver.again import Again
from tileserver.asked import Asked
from tileserver.front import Front
from tileserver.plain import Plain
from tileserver.precedence import PRECEDENCE
from tileserver.reply import GIVEN_ID, Environ
from tileserver.wire import Parts, Sending

# A client asks for a tile in the same words each time: so many heads, of so many bytes, are known.
KNOWN_HEADS, SHORT = 4096, 1024
# Objects made and not gone before Python looks for garbage among them; its own choice is 700.
GARBAGE = 20_000
About = Callable[[], Mapping[str, str]]


@dataclass(slots=True)
class Wanted:
    """A plain request; `asked` is the tile that it is for, None if Django must see it.

    `again`: what was last said to it at once.
    """

    plain: Plain
    asked: Asked | None
    again: Again | None = None


def prepare(number: int, processes: int) -> None:
    """Be the web process of this number, of so many. For the thread that answers at once."""
    # What is loaded stays: to look through it for garbage takes 40 ms, with everybody waiting.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)
    if settings.HOT_FIRST:
        PRECEDENCE.join(number, processes, db.share())
        metrics.follow(metrics.hot_first, lambda: PRECEDENCE.pressed)


def read(head: bytes) -> Wanted | None:
    """What the head of a request asks for; None where it is no plain request."""
    return _known(head) if len(head) <= SHORT else _read(head)


def _read(head: bytes) -> Wanted | None:
    found = plain.read(head)
    if found is None:
        return None
    return Wanted(found, Asked.read(found.path, found.query, found.fields))


_known = lru_cache(KNOWN_HEADS)(_read)


def at_once(wanted: Wanted) -> Parts | None:
    """The answer out of this process's memory; None where there is none that may be given."""
    again = wanted.again
    if again is not None and (parts := again.parts()) is not None:
        return parts
    wanted.again = again = None if wanted.asked is None else Again.found(wanted.asked)
    return None if again is None else again.parts()


def had(application: Front, wanted: Wanted, about: About, send: Sending) -> bool:
    """Send the answer, made if need be; gives whether it was remembered.

    It is sent as soon as it is there: what is made is kept after that. `about` gives what an
    environ says of server and client.
    """
    asked, fields = wanted.asked, wanted.plain.fields
    notes: Environ = {GIVEN_ID: fields[GIVEN_ID]} if GIVEN_ID in fields else {}
    if asked is not None:
        if (ready := front.at_once(asked)) is not None:
            send.reply(ready)
            return True
        if (found := application.recalled(asked, notes, send.reply)) is not None:
            send.reply(found)
    if not send.done:
        send(_django(application, wanted, {**about(), **notes}))
    return False


def _django(application: Front, wanted: Wanted, more: Environ) -> Parts:
    """Django's answer, or that of the changes feed."""
    told: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        told[:] = [status, headers]

    environ = {**_environ(wanted.plain), **more}
    if wanted.asked is None:
        body = application(environ, start_response)
    else:
        body = application.asked_of_django(wanted.asked, environ, start_response)
    content = _whole(body)
    return wire.answer(told[0], told[1], content)


def _environ(request: Plain) -> Environ:
    """The environ of PEP 3333 for a plain request."""
    return {
        **request.fields,
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path,
        "QUERY_STRING": request.query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _whole(body: Iterable[bytes]) -> bytes:
    try:
        return b"".join(body)
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()
