"""Errors as answers: problem+json for programs, a plain page for people (RFC 9457)."""

import json

from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string

from core.problems import BadRequest, NotFound, Problem

API_PREFIXES = (
    "/tiles/", "/styles/", "/fonts/", "/api/", "/catalog.json", "/health/", "/k/", "/metrics",
    "/live.js", "/preview/tiles/", "/preview/styles/", "/preview/catalog.json",
)  # fmt: skip
HOW_TO_LIST = "See /catalog.json for what is there."


def wants_page(request: HttpRequest) -> bool:
    """True when a person looks: an address for pages, and a client that asks for HTML."""
    return not request.path_info.startswith(API_PREFIXES) and request.accepts("text/html")


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as the client wants it; never cached, and readable from any origin."""
    if wants_page(request):
        response = _page(request, problem)
    else:
        body = json.dumps(problem.document(), ensure_ascii=False)
        response = HttpResponse(body, content_type="application/problem+json")
    response.status_code = problem.status
    response.headers["Cache-Control"] = "no-store"
    response.headers["Access-Control-Allow-Origin"] = "*"
    if problem.allow is not None:
        response.headers["Allow"] = problem.allow
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    return response


def _page(request: HttpRequest, problem: Problem) -> HttpResponse:
    try:
        return HttpResponse(render_to_string("problem.html", {"problem": problem}, request))
    except TemplateDoesNotExist:
        return HttpResponse(problem.detail, content_type="text/plain; charset=utf-8")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return problem_response(request, NotFound(f"There is nothing at this address. {HOW_TO_LIST}"))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return problem_response(request, BadRequest("The request cannot be read; see the address."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    problem = Problem("You may not do this. Log in as staff at /admin/.")
    problem.status, problem.title = 403, "Forbidden"
    return problem_response(request, problem)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: says nothing of the inside; the log has the trace."""
    return problem_response(request, Problem("Something failed here; the server's log says what."))
