"""The lane: plain requests for tiles, answered in bytes past the HTTP server's own road.

What is remembered is given by `at_once`, which waits for nothing; `had` gives that and all else,
may take as long as a tile takes, and wants a thread.
"""

import io
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from tileserver import front, wire
from tileserver.front import GIVEN_ID, Asked, Environ, Front, Reply
from tileserver.plain import Plain
from tileserver.wire import Parts


def at_once(plain: Plain) -> Parts | None:
    """The answer out of this process's memory; None where there is none that may be given."""
    asked = Asked.read(plain.path, plain.query, plain.fields)
    found = None if asked is None else front.at_once(asked)
    return None if found is None else _parts(found)


def had(application: Front, plain: Plain, about: Mapping[str, Any]) -> tuple[Parts, bool]:
    """The answer, made if need be, and whether it was remembered.

    `about` is what an environ says of server and client.
    """
    notes: Environ = {GIVEN_ID: plain.fields[GIVEN_ID]} if GIVEN_ID in plain.fields else {}
    asked = Asked.read(plain.path, plain.query, plain.fields)
    if asked is not None:
        if (ready := front.at_once(asked)) is not None:
            return _parts(ready), True
        if (found := application.recalled(asked, notes)) is not None:
            return _parts(found), False
    return _django(application, plain, asked, {**about, **notes}), False


def _django(application: Front, plain: Plain, asked: Asked | None, more: Environ) -> Parts:
    """Django's answer, or that of the changes feed."""
    told: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        told[:] = [status, headers]

    environ = {**_environ(plain), **more}
    if asked is None:
        body = application(environ, start_response)
    else:
        body = application.asked_of_django(asked, environ, start_response)
    content = _whole(body)
    return wire.answer(told[0], told[1], content)


def _parts(found: Reply) -> Parts:
    return wire.start(found.status), found.lines, b"\r\n", found.body


def _environ(plain: Plain) -> Environ:
    """The environ of PEP 3333 for a plain request."""
    return {
        **plain.fields,
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": plain.path,
        "QUERY_STRING": plain.query,
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
