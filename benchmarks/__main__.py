"""`script/bench`, once everything is set up: arguments, a run, results."""

import argparse
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from benchmarks import place
from benchmarks.plan import CASES, QUICK, REAL, SERVERS, TINY, Plan
from benchmarks.results import Results


def main() -> int:
    """Run and write the results; 1 if a case failed."""
    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {text}", flush=True)

    where = place.enter(given.database)
    from benchmarks import run  # noqa: PLC0415 - Django is ready now

    try:
        found = run.run(where, plan(given), say)
    finally:
        place.empty(where)
    keep(found, where.folder / "last.json", kept=given.keep)
    say(f"Written: {where.folder / 'last.json'} and {where.folder / 'last.md'}")
    return 1 if any(row.not_run.startswith("failed") for row in found.rows) else 0


def keep(found: Results, last: Path, *, kept: bool) -> None:
    """Write the results as JSON and Markdown; to be kept, into the checkout and its docs too."""
    from benchmarks import report  # noqa: PLC0415 - Django is ready now

    found.write(last)
    last.with_suffix(".md").write_text(report.markdown(found), "utf-8")
    if kept:
        name = f"{found.about['when'][:10]}-{found.about['commit']}"
        found.write(place.CHECKOUT / "benchmarks" / "results" / f"{name}.json")
        report.put(found, place.CHECKOUT / "docs" / "performance.md")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("--cases", type=words(CASES), help=f"of {', '.join(CASES)}")
    parser.add_argument("--datasets", type=words(REAL + TINY))
    parser.add_argument("--servers", type=words(SERVERS), help=f"of {', '.join(SERVERS)}")
    parser.add_argument("--seconds", type=int, help="of each load")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--share", type=float, help="of each list of addresses, 1 is all")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--quick", action="store_true", help="everything once, on tiny data")
    parser.add_argument("--keep", action="store_true", help="for docs/performance.md")
    parser.add_argument("--database", default=place.DATABASE)
    return parser.parse_args()


def words(known: tuple[str, ...]):  # type: ignore[no-untyped-def]
    """A reader of a comma-divided list of known words."""

    def read(text: str) -> tuple[str, ...]:
        found = tuple(text.split(","))
        for word in found:
            if word not in known:
                raise argparse.ArgumentTypeError(f"{word!r} is not one of {', '.join(known)}")
        return found

    return read


def plan(given: argparse.Namespace) -> Plan:
    """The plan that was asked for."""
    names = ("cases", "datasets", "servers", "seconds", "rounds", "share", "seed")
    told = {name: getattr(given, name) for name in names if getattr(given, name) is not None}
    return replace(QUICK if given.quick else Plan(), **told)


if __name__ == "__main__":
    raise SystemExit(main())
