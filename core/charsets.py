"""A guard before Django: it looks a body's charset up before any of its own guards can answer."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from core.problems import UnsupportedMediaType

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_CHARSET = re.compile(r"charset\s*=\s*\"?([^\s;\",]+)", re.IGNORECASE)
KNOWN = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1"})


def guarded(application: Application) -> Application:
    """The application, asked only about bodies in a charset that can be read."""

    def answered(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        named = _CHARSET.findall(environ.get("CONTENT_TYPE", ""))
        if all(name.lower() in KNOWN for name in named):
            return application(environ, start_response)
        problem = UnsupportedMediaType("The charset of the body is not known here. Send UTF-8.")
        start_response(
            f"{problem.status} {problem.title}",
            [("Content-Type", "application/problem+json"), ("Cache-Control", "no-store")],
        )
        return [json.dumps(problem.document()).encode()]

    return answered
