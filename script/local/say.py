"""What the commands show: numbered steps, details, and one plain sentence when they fail."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Failure(Exception):
    """A command cannot go on: one sentence says why, `remedy` what to do about it."""

    def __init__(self, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence)
        self.remedy = remedy


def line(text: str) -> None:
    """Print one line at once, also into a pipe."""
    print(text, flush=True)


def detail(text: str) -> None:
    """Print one line below the current step."""
    line(f"    {text}")


def failure(problem: Failure) -> None:
    """Print why a command stopped, and the remedy, on standard error."""
    print(f"\nStopped: {problem}", file=sys.stderr)
    if problem.remedy:
        print(f"Remedy:  {problem.remedy}", file=sys.stderr)
    sys.stderr.flush()


def size(count: int) -> str:
    """A number of bytes as people read it."""
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


class Steps:
    """Counts the steps of one command and tells how long each took."""

    def __init__(self, total: int, done: int = 0, begun: float | None = None) -> None:
        self.total = total
        self.number = done
        self.begun = time.monotonic() if begun is None else begun

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step, run the block, and tell the seconds if it took any time."""
        self.announce(title)
        begun = time.monotonic()
        yield
        seconds = time.monotonic() - begun
        if seconds >= 1:
            detail(f"done in {seconds:.1f} s")

    def announce(self, title: str) -> None:
        """Count a step and tell its title."""
        self.number += 1
        line(f"[{self.number}/{self.total}] {title}")

    def seconds(self) -> float:
        """Seconds since the command began (monotonic, so also across an exec)."""
        return time.monotonic() - self.begun
