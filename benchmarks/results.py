"""Results as they are kept: rows of a case, and facts about the machine and the servers."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.load.measure import Measure, middle

FORMAT = 1


@dataclass
class Row:
    """What one server did in one variant (`what`) of a case, over some rounds.

    `facts` are numbers that only this case has. `not_run` says why there is nothing.
    """

    case: str
    what: str
    server: str
    rounds: list[Measure] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    not_run: str = ""

    @property
    def middle(self) -> Measure:
        """The medians."""
        return middle(self.rounds) if self.rounds else Measure()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "case": self.case,
            "what": self.what,
            "server": self.server,
            "not_run": self.not_run,
            "middle": self.middle.as_dict() if self.rounds else None,
            "rounds": [one.as_dict() for one in self.rounds],
            "facts": self.facts,
        }

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Row":
        """Out of JSON."""
        rounds = [Measure(**one) for one in said["rounds"]]
        words = {name: said[name] for name in ("case", "what", "server", "facts", "not_run")}
        return cls(**words, rounds=rounds)


@dataclass
class Results:
    """A whole run."""

    about: dict[str, Any] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def find(self, case: str, what: str, server: str) -> Row | None:
        """A row that was run, or None."""
        wanted = (case, what, server)
        found = (r for r in self.rows if (r.case, r.what, r.server) == wanted and not r.not_run)
        return next(found, None)

    def of_case(self, case: str) -> Iterator[Row]:
        """The rows of a case, in the order they were made."""
        return (row for row in self.rows if row.case == case)

    def write(self, path: Path) -> None:
        """As JSON."""
        document = {
            "format": FORMAT,
            "about": self.about,
            "rows": [row.as_dict() for row in self.rows],
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> "Results":
        """From JSON."""
        document = json.loads(path.read_text("utf-8"))
        return cls(document["about"], [Row.of(one) for one in document["rows"]])


def unique(values: Iterable[str]) -> Sequence[str]:
    """The values in the order of their first appearance."""
    return list(dict.fromkeys(values))
