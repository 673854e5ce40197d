"""What a check found in a style document (pure)."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """An error keeps a version from being published; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One sentence about one place: `path` such as `layers[3].paint.fill-color`, `line` from 1."""

    severity: Severity
    path: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        place = f"line {self.line}, {self.path}" if self.line and self.path else self.path
        return f"{place}: {self.message}" if place else self.message

    def document(self) -> dict[str, Any]:
        """As JSON, for the API, the admin and the database."""
        return asdict(self)


def error(path: str, message: str, line: int | None = None) -> Finding:
    """A finding that forbids publication."""
    return Finding(Severity.ERROR, path, message, line)


def warning(path: str, message: str, line: int | None = None) -> Finding:
    """A finding that is only said."""
    return Finding(Severity.WARNING, path, message, line)


def errors(findings: list[Finding]) -> list[Finding]:
    """The findings that forbid publication."""
    return [one for one in findings if one.severity is Severity.ERROR]
