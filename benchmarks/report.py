"""A run in Markdown: where it ran, what met its target, and every number, losses in bold."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.results import Results, Row
from benchmarks.targets import BEST, OURS, Outcome, outcomes

BEGIN, END = "<!-- benchmark: begin -->", "<!-- benchmark: end -->"
TITLES = {
    "hot": "Hot tiles from memory, 32 connections",
    "redis": "Hot tiles from Redis alone, 32 connections",
    "not-modified": "Not modified, 32 connections",
    "connections": "Hot tiles of 11 kB over some connections",
    "alone": "Cold tiles, one connection",
    "together": "Cold tiles, 8 connections",
    "mixed": "Nine hot tiles to one cold, 32 connections",
    "stampede": "A crowd on one large cold tile",
    "crowded": "Hot tiles at 30 % of capacity, alone and beside cold ones",
    "memory": "Memory",
    "triggers": "What the change log costs a writer",
    "fresh": "From a commit to the tile, under load",
    "feed": "The changes feed",
}
# Facts that a table of this case has columns for: name, heading, how to show it.
FACTS = {
    "hot": (("pss", "Pss of each process, MB"), ("features", "features : ours")),
    "redis": (("pss", "Pss of each process, MB"),),
    "alone": (
        ("tiles", "tiles"), ("over_raw_ms", "ms over raw SQL"), ("features", "features : ours"),
    ),
    "together": (("tiles", "tiles"), ("features", "features : ours")),
    "stampede": (
        ("statements", "statements"),
        ("last_seconds", "last answer, s"),
        ("one_render_seconds", "one render, s"),
        ("statuses", "answers by status"),
    ),
    "crowded": (("rate", "asked for/s"), ("cold_rate", "cold tiles/s"), ("late", "sent late")),
    "memory": (
        ("workers_pss", "Pss of each web process, MB"),
        ("cache_mb", "its cache, MB"),
        ("over_cache_mb", "Pss over its cache, MB"),
    ),
    "triggers": (
        ("plain", "without"), ("tracked", "with"), ("unit", ""), ("percent", "more, %"),
        ("more_ms", "more, ms"),
    ),
    "fresh": (
        ("changes", "changes"), ("p50_ms", "p50 ms"), ("p99_ms", "p99 ms"),
        ("longest_ms", "longest ms"), ("never", "never seen"), ("wrong", "wrong after"),
        ("load", "hot load/s"),
    ),
}  # fmt: skip
# Cases whose rows are no loads: only their facts are shown.
FACTS_ONLY = ("triggers", "fresh", "memory")
LOADS = (
    *("requests/s", "p50 ms", "p95 ms", "p99 ms", "ours : theirs", "errors, wrong of checked"),
)
# Where a smaller p50 is the better one; elsewhere a higher rate is.
BY_TIME = ("alone",)


def markdown(results: Results) -> str:
    """The whole report, without a heading of its own."""
    parts = [_where(results), _targets(outcomes(results))]
    parts += [_case(results, case) for case in TITLES if any(results.of_case(case))]
    return "\n\n".join(parts) + "\n"


def put(results: Results, page: Path) -> None:
    """Replace what stands between the marks of a page."""
    text = page.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{markdown(results)}\n{END}{after}", "utf-8")


def _where(results: Results) -> str:
    about = results.about
    machine, plan = about["machine"], about["plan"]
    settings = ", ".join(f"`{name} = {text}`" for name, text in sorted(about["postgresql"].items()))
    versions = ", ".join(f"{name} {text}" for name, text in about["versions"].items())
    lines = (
        f"Run of {about['when'][:10]}, commit `{about['commit']}`, seed {plan['seed']}: "
        f"{plan['rounds']} rounds of {plan['seconds']:g} s, medians.\n\n"
        f"Machine: {machine['processors']} x {machine['processor']}, {machine['memory_gb']:g} GB, "
        f"{machine['system']}; everything on it, the load generator too. Load before the run: "
        f"{machine['load_before']:.1f}.\n\nVersions: {versions}.\n\nPostgreSQL: {settings}."
    )
    data = [f"- {name}: {words}" for name, words in plan["datasets"].items()]
    servers = [f"- {name}: `{text}`" for name, text in about.get("servers", {}).items()]
    return "\n".join([lines, "", "Data:", "", *data, "", "Servers:", "", *servers])


def _targets(found: list[Outcome]) -> str:
    words = {True: "yes", False: "**no**", None: "not run"}
    rows = [(one.case, one.target, one.found, words[one.met]) for one in found]
    return "### Targets\n\n" + table(("case", "target", "found", "met"), rows)


def _case(results: Results, case: str) -> str:
    rows = list(results.of_case(case))
    facts = FACTS.get(case, ())
    loads = () if case in FACTS_ONLY else LOADS
    heading = ("what", "server", *loads, *(words for _, words in facts))
    lines = [
        (row.what, row.server, *(_load(results, row) if loads else ()), *_facts(row, facts))
        for row in rows
        if not row.not_run
    ]
    absent = dict.fromkeys(f"{row.server}: {row.not_run}" for row in rows if row.not_run)
    note = f"\n\nNot run: {'; '.join(absent)}." if absent else ""
    took = results.about.get("seconds", {}).get(case)
    return f"### {TITLES[case]}\n\n{table(heading, lines)}{note}" + (
        f"\n\nThis took {took:.0f} s." if took else ""
    )


def _load(results: Results, row: Row) -> Iterator[str]:
    one = row.middle
    yield f"{one.rate:,.0f}"
    yield from (f"{value:.2f}" for value in (one.p50, one.p95, one.p99))
    yield _ratio(results, row)
    yield f"{one.errors}, {one.wrong} of {one.checked}"


def _ratio(results: Results, row: Row) -> str:
    """Ours over theirs, above 1 where we are better; a loss is bold."""
    ours = results.find(row.case, row.what, OURS) or results.find(
        row.case, row.what, f"{OURS}, no memory"
    )
    if ours is None or ours is row or row.case == "crowded":
        return ""
    mine, theirs = ours.middle, row.middle
    pair = (theirs.p50, mine.p50) if row.case in BY_TIME else (mine.rate, theirs.rate)
    if not pair[1]:
        return ""
    ratio = pair[0] / pair[1]
    # Nothing can be faster than the statement alone: that is no loss.
    lost = ratio < 1 and row.server != BEST
    return f"**{ratio:.2f}**" if lost else f"{ratio:.2f}"


def _facts(row: Row, facts: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, _ in facts:
        yield shown(row.facts.get(name, ""))


def shown(value: Any) -> str:
    """A fact in a cell."""
    if isinstance(value, list | tuple):
        return ", ".join(shown(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {shown(one)}" for key, one in value.items())
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return "" if value is None else f"{value}"


def table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of Markdown."""
    cells = [list(heading)]
    lines = [cells[0], ["---"] * len(cells[0]), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
