"""`script/bench`, once everything is set up: arguments, a run, results."""

import argparse
import signal
import sys
import time
from dataclasses import replace

from benchmarks import place
from benchmarks.plan import CASES, QUICK, REAL, SERVERS, TINY, Plan


def main() -> int:
    """Run and write the results; 1 if a case failed."""
    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {text}", flush=True)

    where = place.enter(given.database)
    from benchmarks import run  # noqa: PLC0415 - Django is ready now

    found = run.run(where, plan(given), say)
    return 0 if found else 1


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
