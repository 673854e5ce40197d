"""What can go wrong, as facts; each has its HTTP status in one place (RFC 9457)."""


class Problem(Exception):
    """A request that cannot be answered; `detail` names the fault and the remedy."""

    status = 500
    title = "Internal error"
    retry_after: int | None = None
    allow: str | None = None

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def document(self) -> dict[str, str | int]:
        """The problem details object of RFC 9457, section 3."""
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }


class BadRequest(Problem):
    """What was sent cannot be understood."""

    status = 400
    title = "Bad request"


class NotFound(Problem):
    """It is not there, or the caller may not see it: the two are not told apart."""

    status = 404
    title = "Not found"


class MethodNotAllowed(Problem):
    """The resource does not know this method."""

    status = 405
    title = "Method not allowed"
    allow = "GET, HEAD, OPTIONS"


class NotAcceptable(Problem):
    """None of the forms we have is one that the client takes."""

    status = 406
    title = "Not acceptable"


class UnsupportedMediaType(Problem):
    """What was sent is in a form that is not read here."""

    status = 415
    title = "Unsupported media type"


class Busy(Problem):
    """Every seat is taken and none came free before the deadline."""

    status = 503
    title = "Busy"
    retry_after = 2


class Unavailable(Problem):
    """A server that we need does not answer just now."""

    status = 503
    title = "Unavailable"
    retry_after = 5
