"""What came out of one load."""

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass
class Measure:
    """One load on one server: rates in requests a second, times in milliseconds.

    `errors` are answers that were no tile, and broken connections. `checked` answers were compared
    with what they should be, `wrong` of them were not that. `bytes` count bodies and headers.
    """

    rate: float = 0.0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    longest: float = 0.0
    answers: int = 0
    bytes: int = 0
    errors: int = 0
    checked: int = 0
    wrong: int = 0

    def as_dict(self) -> dict[str, Any]:
        """For JSON, rounded to what the clocks can tell."""
        return {
            key: round(value, 3) if isinstance(value, float) else value
            for key, value in asdict(self).items()
        }


def middle(rounds: list[Measure]) -> Measure:
    """The medians of some rounds; answers, bytes, errors and checks are summed."""
    found = Measure()
    for name in ("rate", "p50", "p95", "p99", "longest"):
        setattr(found, name, median(getattr(one, name) for one in rounds))
    for name in ("answers", "bytes", "errors", "checked", "wrong"):
        setattr(found, name, sum(getattr(one, name) for one in rounds))
    return found


def percentile(ordered: list[float], share: float) -> float:
    """The value that `share` of an ordered list lies at or below; 0 for an empty list."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def of_times(seconds: list[float], took: float) -> Measure:
    """A Measure of single answers (seconds each) over `took` seconds."""
    ordered = sorted(1000 * one for one in seconds)
    return Measure(
        rate=len(ordered) / took if took else 0.0,
        p50=percentile(ordered, 0.5),
        p95=percentile(ordered, 0.95),
        p99=percentile(ordered, 0.99),
        longest=ordered[-1] if ordered else 0.0,
        answers=len(ordered),
    )
