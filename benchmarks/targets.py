"""The targets, and whether a run met them: ratios within one run, on one machine."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.results import Results, Row

OURS, MARTIN, COLD_MARTIN = "graticule", "martin", "martin, no cache"
BEST = "raw SQL, best"


@dataclass(frozen=True)
class Outcome:
    """A target and what was found; `met` is None where it could not be measured."""

    case: str
    target: str
    found: str
    met: bool | None


@dataclass(frozen=True)
class Ratio:
    """Our rate over another's must be at least `least`, in one variant of a case."""

    case: str
    what: str
    theirs: str
    least: float
    ours: str = OURS

    def outcome(self, results: Results) -> Outcome:
        """Of a run."""
        target = f"{self.what}: >= {self.least:g} x {self.theirs}"
        mine = results.find(self.case, self.what, self.ours)
        other = results.find(self.case, self.what, self.theirs)
        if mine is None or other is None or not other.middle.rate:
            return Outcome(self.case, target, "not run", None)
        ratio = mine.middle.rate / other.middle.rate
        rates = f"{mine.middle.rate:,.0f}/s against {other.middle.rate:,.0f}/s"
        return Outcome(self.case, target, f"{ratio:.2f} x ({rates})", ratio >= self.least)


RATIOS = (
    Ratio("hot", "11 kB, gzip", "nginx", 0.6),
    Ratio("hot", "20 kB, gzip", "nginx", 0.7),
    Ratio("hot", "11 kB, gzip", MARTIN, 10),
    Ratio("hot", "20 kB, gzip", MARTIN, 10),
    Ratio("hot", "11 kB, identity", MARTIN, 1),
    Ratio("hot", "20 kB, identity", MARTIN, 1),
    Ratio("redis", "11 kB", "django view", 3, "graticule, no memory"),
    Ratio("redis", "20 kB", "django view", 3, "graticule, no memory"),
    Ratio("together", "footprints z14-16", COLD_MARTIN, 1.2),
    Ratio("together", "footprints z12-13", COLD_MARTIN, 1.5),
    Ratio("together", "countries z3-5", COLD_MARTIN, 1.5),
    Ratio("together", "footprints z14-16", "pg_tileserv", 1.8),
    Ratio("together", "footprints z12-13", "pg_tileserv", 1.8),
    Ratio("together", "countries z3-5", "pg_tileserv", 1.3),
)


def outcomes(results: Results) -> list[Outcome]:
    """All targets of a run, in the order of the cases."""
    found = [ratio.outcome(results) for ratio in RATIOS]
    found += [*_not_modified(results), *_alone(results), *_stampede(results)]
    found += [*_crowded(results), *_memory(results), *_truth(results)]
    return found


def _not_modified(results: Results) -> Iterator[Outcome]:
    rows = [results.find("not-modified", what, OURS) for what in ("304", "200")]
    target = "304: >= 1.2 x the same tiles sent whole"
    if None in rows:
        yield Outcome("not-modified", target, "not run", None)
        return
    short, whole = (row.middle.rate for row in rows if row)
    yield Outcome("not-modified", target, f"{short / whole:.2f} x", short / whole >= 1.2)


def _alone(results: Results) -> Iterator[Outcome]:
    whats = dict.fromkeys(row.what for row in results.of_case("alone") if row.what)
    for what in whats:
        ours, best = results.find("alone", what, OURS), results.find("alone", what, BEST)
        if ours and best and "2 kB" not in what:
            yield _against_raw(what, ours, best)
        martin = results.find("alone", what, COLD_MARTIN)
        if ours and martin and "2 kB" in what:
            yield _against_martin(what, ours, martin)


def _against_raw(what: str, ours: Row, best: Row) -> Outcome:
    mine, raw = ours.middle.p50, best.middle.p50
    target = f"{what}: p50 of raw SQL + 0.6 ms, or + 5 %"
    found = f"{mine:.2f} ms against {raw:.2f} ms"
    return Outcome("alone", target, found, mine <= max(raw + 0.6, raw * 1.05))


def _against_martin(what: str, ours: Row, martin: Row) -> Outcome:
    small = "< 2 kB" in what
    most, words = (1.1, "<= 1.1 x Martin's p50") if small else (1.0, "< Martin's p50")
    ratio = ours.middle.p50 / martin.middle.p50 if martin.middle.p50 else 0.0
    found = f"{ratio:.2f} x ({ours.middle.p50:.2f} ms against {martin.middle.p50:.2f} ms)"
    return Outcome("alone", f"{what}: {words}", found, ratio <= most)


def _stampede(results: Results) -> Iterator[Outcome]:
    row = next((r for r in results.of_case("stampede") if r.server == OURS and r.rounds), None)
    if row is None:
        yield Outcome("stampede", "one statement, no errors, 3 renders", "not run", None)
        return
    ran, one = row.facts["statements"], row.middle
    yield Outcome("stampede", "1 statement", f"{ran}", None if ran is None else ran == 1)
    errors = one.errors + one.wrong
    yield Outcome("stampede", "0 errors", f"{errors} of {one.answers + one.errors}", errors == 0)
    last, render = row.facts["last_seconds"], row.facts["one_render_seconds"]
    found = f"{last:.2f} s, one render {render:.2f} s"
    yield Outcome("stampede", "last answer within 3 x one render", found, last <= 3 * render)


def _crowded(results: Results) -> Iterator[Outcome]:
    alone = results.find("crowded", "alone", OURS)
    for name in ("beside cold tiles", "beside cold tiles, shares of compose.yaml"):
        beside = results.find("crowded", name, OURS)
        target = f"hot p99 at 30 % of capacity {name}: <= 3 x alone"
        if alone is None or beside is None:
            yield Outcome("crowded", target, "not run", None)
            continue
        was, now = alone.middle.p99, beside.middle.p99
        found = f"{now / was:.2f} x ({now:.2f} ms against {was:.2f} ms)"
        yield Outcome("crowded", target, found, now <= 3 * was)


def _memory(results: Results) -> Iterator[Outcome]:
    row = results.find("memory", "the cache full", OURS)
    target = "Pss of a web process: its cache + 150 MB at most"
    if row is None:
        yield Outcome("memory", target, "not run", None)
        return
    over = row.facts["over_cache_mb"]
    yield Outcome("memory", target, f"cache + {over:.0f} MB", over <= 150)


def _truth(results: Results) -> Iterator[Outcome]:
    """The targets of what keeps tiles true."""
    for case, what, fact, most, words in TRUTH:
        row = results.find(case, what, OURS)
        if row is None:
            yield Outcome(case, words, "not run", None)
            continue
        value = row.facts[fact]
        yield Outcome(case, words, f"{value:g}", value <= most)


# case, variant, the fact that is looked at, its most, in words.
TRUTH = (
    ("triggers", "update 100,000 rows", "percent", 25, "update of 100,000 rows: <= 25 % more"),
    ("triggers", "move 100,000 rows", "percent", 25, "move of 100,000 rows: <= 25 % more"),
    ("triggers", "delete 100,000 rows", "percent", 25, "delete of 100,000 rows: <= 25 % more"),
    ("triggers", "insert 100,000 rows", "percent", 25, "insert of 100,000 rows: <= 25 % more"),
    ("triggers", "update one row", "more_ms", 0.2, "update of one row: <= 0.2 ms more"),
    ("triggers", "50 writers, one row each", "more_ms", 0.2, "50 writers: <= 0.2 ms more a row"),
    (
        "triggers",
        "50 writers, one row each, on disk",
        "more_ms",
        0.2,
        "50 writers, each commit on disk: <= 0.2 ms more a row",
    ),
    ("fresh", "commit to fresh", "p99_ms", 1000, "commit to fresh everywhere, p99: <= 1,000 ms"),
    ("fresh", "commit to screen", "p99_ms", 2000, "commit to screen, p99: <= 2,000 ms"),
)
