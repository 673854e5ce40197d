"""Errors of the REST API as problem+json (RFC 9457)."""

from typing import Any

from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.problems import BadRequest, Problem


def problem_details(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error is problem+json (RFC 9457)."""
    if isinstance(exc, RecursionError):
        exc = BadRequest("The JSON is nested too deeply.")
    if isinstance(exc, Problem):
        return _problem(exc.status, exc.document())
    response = exception_handler(exc, context)
    if response is None:
        return None
    title = exc.default_detail if isinstance(exc, APIException) else "Not found"
    body = {"type": "about:blank", "title": str(title), "status": response.status_code}
    detail = response.data
    if isinstance(detail, dict) and set(detail) == {"detail"}:
        said = detail["detail"]
        body["detail"] = " ".join(map(str, said)) if isinstance(said, list) else str(said)
    else:
        body |= {"detail": "Some fields cannot be used; see errors.", "errors": detail}
    answer = _problem(response.status_code, body)
    for name, value in response.headers.items():
        if name != "Content-Type":
            answer.headers[name] = value
    return answer


def _problem(code: int, body: dict[str, Any]) -> Response:
    return Response(body, status=code, content_type="application/problem+json")
