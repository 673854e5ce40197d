"""Middleware: problems as documents, hosts checked, headers, seats for ORM views."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from core import request_id, seats
from core.errors import problem_response
from core.problems import BadRequest, Problem

GetResponse = Callable[[HttpRequest], HttpResponseBase]

PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; "
    "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)

PAGE_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class RequestId:
    """Gives each request an id, and tells it in `X-Request-ID`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request_id.begin(request.headers.get("X-Request-ID"))
        response = self.get_response(request)
        response.headers["X-Request-ID"] = chosen
        return response


class Problems:
    """Turns a Problem that a view raises into its problem+json document."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self.get_response(request)
        except Problem as problem:
            return problem_response(request, problem)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a Problem; leave everything else to Django."""
        return problem_response(request, exception) if isinstance(exception, Problem) else None


class CheckedHost:
    """Refuses a request for a host that is not ours, before anything else looks at it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            request.get_host()
        except DisallowedHost:
            fault = BadRequest("This host is not served here: set ALLOWED_HOSTS to serve it.")
            return problem_response(request, fault)
        return self.get_response(request)


class CheckedCookies:
    """Refuses a cookie with a NUL in it, which no database takes."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if any("\0" in value for value in request.COOKIES.values()):
            return problem_response(request, BadRequest("A cookie has a NUL character in it."))
        return self.get_response(request)


class SecurityHeaders:
    """A strict policy on every page that does not set its own; a tile has no use for one.

    And nothing about a body where there is none: RFC 9110, sections 8.6 and 15.4.5, forbids the
    `Content-Length: 0` that Django gives a 204 or 304.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code in (204, 304):
            del response.headers["Content-Length"], response.headers["Content-Type"]
        elif response.get("Content-Type", "").startswith("text/html"):
            for name, value in PAGE_HEADERS.items():
                response.headers.setdefault(name, value)
            if not getattr(response, "xframe_options_exempt", False):
                response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        return response


class DatabaseSeats:
    """Gives every view a seat for the ORM, unless it is marked as one that needs none."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self.get_response(request)
        finally:
            seats.give_back(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponseBase | None:
        """Take the seat just before the view runs."""
        if getattr(view, "without_orm", False):
            return None
        try:
            seats.take(request)
        except Problem as problem:
            # Raised from here, it would pass `Problems` by.
            return problem_response(request, problem)
        return None
