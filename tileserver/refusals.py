"""What a web process says of what is no request, as problem details (RFC 9457)."""

import json
from http import HTTPStatus

from gunicorn.http import errors

from core.problems import Problem
from tileserver.wire import Parts, answer

HEADERS = [
    ("Content-Type", "application/problem+json"),
    ("Cache-Control", "no-store"),
    ("Access-Control-Allow-Origin", "*"),
    ("Connection", "close"),
]
LONGEST_DETAIL = 300
TOO_LONG = "The head of the request is longer than 64 kB. Shorten the address or the headers."
BROKEN = "The request could not be answered. The log of the server says why."
# Of gunicorn's faults, those that are no plain 400.
_STATUSES: dict[type[Exception], int] = {
    errors.LimitRequestLine: 414,
    errors.LimitRequestHeaders: 431,
    errors.ExpectationFailed: 417,
    errors.UnsupportedTransferCoding: 501,
    errors.InvalidResponseHeader: 500,  # type: ignore[attr-defined]
    errors.InvalidResponseHeaderName: 500,  # type: ignore[attr-defined]
    errors.ConfigurationProblem: 500,
}


class NoHost(errors.ParseException):
    """A request that does not say whom it asks (RFC 9112, section 3.2)."""

    def __str__(self) -> str:
        return "The request has no Host header. Send one."


def status_of(fault: BaseException) -> int:
    """The status for a fault that gunicorn found: the client's, or 500."""
    known = [status for kind, status in _STATUSES.items() if isinstance(fault, kind)]
    return known[0] if known else 400 if isinstance(fault, errors.ParseException) else 500


def refusal(status: int, detail: str) -> Parts:
    """An answer that ends its connection."""
    problem = Problem(detail)
    problem.status, problem.title = status, HTTPStatus(status).phrase
    return answer(f"{status} {problem.title}", HEADERS, json.dumps(problem.document()).encode())
