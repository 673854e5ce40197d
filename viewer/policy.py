"""The Content-Security-Policy of the viewer's pages: nothing but what is ours, nothing inline."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from core.errors import problem_response
from core.problems import Problem

# `img-src`: MapLibre's style sheet has its icons as data; sprites are drawn from blobs.
_SOURCES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
)

View = Callable[..., HttpResponse]


def _framed_by(ancestors: str) -> Callable[[View], View]:
    policy = f"{_SOURCES}frame-ancestors {ancestors}"

    def decorate(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = _answer(view, request, *args, **kwargs)
            response.headers["Content-Security-Policy"] = policy
            response.xframe_options_exempt = True
            return response

        # These pages come from memory, so they take no seat for the ORM.
        answered.without_orm = True  # type: ignore[attr-defined]
        return answered

    return decorate


def _answer(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """The answer, also where it is a problem: a frame shall show it, and not stay blank."""
    try:
        return view(request, *args, **kwargs)
    except Problem as problem:
        return problem_response(request, problem)


own_page = _framed_by("'self'")
"""A page that only our own pages may frame."""

frameable_page = _framed_by("*")
"""A page that any site may frame."""
