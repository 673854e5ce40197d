"""A short id for each request: in the log, in the SQL comment, and in the answer."""

import contextvars
import re

from core import fresh

_current: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
_FIT = re.compile(r"[A-Za-z0-9-]{8,64}")


def begin(given: str | None) -> str:
    """Start a request: the id that a proxy gave, if it is fit to be logged, else a new one."""
    chosen = given if given and _FIT.fullmatch(given) else fresh.name()
    _current.set(chosen)
    return chosen


def current() -> str:
    """The id of the request that this thread works on; empty outside of one."""
    return _current.get()
