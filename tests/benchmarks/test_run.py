"""A run on tiny data: everything between the data and the page of results."""

from pathlib import Path

import pytest

from benchmarks import datasets, place, report
from benchmarks.load.measure import Measure
from benchmarks.plan import TINY, Plan
from benchmarks.results import Results, Row
from benchmarks.run import run
from benchmarks.targets import outcomes

SMALL = Plan(cases=("alone",), datasets=TINY, servers=("nginx",), seconds=1, rounds=1, share=0.2)
MACHINE = {
    "processors": 2,
    "processor": "one",
    "memory_gb": 1,
    "system": "Debian",
    "load_before": 0,
}


def test_a_run_on_tiny_data_has_no_error(committed: None) -> None:
    said: list[str] = []
    results = run(place.here("odd_bench"), SMALL, said.append)
    failed = [row for row in results.rows if row.not_run.startswith("failed")]
    assert not failed
    ours = [row for row in results.rows if row.server == "graticule"]
    assert all(row.middle.answers > 0 for row in ours)
    assert sum(row.middle.errors + row.middle.wrong + row.facts["differ"] for row in ours) == 0
    assert results.find("alone", "squares z13-15", "raw SQL, textbook") is not None
    assert "not asked for" in report.markdown(results)


def test_countries_are_looked_at_where_places_are() -> None:
    assert [one.name for one in datasets.to_load(["countries"])] == ["places", "countries"]
    both = datasets.to_load(["gshhg", "countries", "places"])
    assert [one.name for one in both] == ["gshhg", "places", "countries"]


@pytest.fixture
def results() -> Results:
    """A run in which ours is half as fast as nginx, and Martin was not there."""
    about = {
        "when": "2026-01-02T03:04:05", "commit": "abc1234", "machine": MACHINE, "versions": {},
        "postgresql": {}, "plan": {"seed": 1, "rounds": 1, "seconds": 1, "datasets": {}},
    }  # fmt: skip
    return Results(
        about,
        [
            Row("hot", "11 kB, gzip", "graticule", [Measure(rate=500)], {"pss": [1.0]}),
            Row("hot", "11 kB, gzip", "nginx", [Measure(rate=1000)], {"pss": [1.0]}),
            Row("hot", "", "martin", not_run="not on the PATH"),
        ],
    )


def test_a_loss_is_bold_and_misses_its_target(results: Results) -> None:
    text = report.markdown(results)
    assert "| 11 kB, gzip | nginx | 1,000 |" in text
    assert "**0.50**" in text
    assert "| hot | 11 kB, gzip: >= 0.6 x nginx | 0.50 x (500/s against 1,000/s) | **no** |" in text


def test_what_was_not_run_says_why(results: Results) -> None:
    assert "Not run: martin: not on the PATH." in report.markdown(results)
    martin = next(one for one in outcomes(results) if "martin" in one.target)
    assert (martin.found, martin.met) == ("not run", None)


def test_results_survive_their_file(results: Results, tmp_path: Path) -> None:
    results.write(tmp_path / "one.json")
    assert Results.read(tmp_path / "one.json") == results


def test_a_page_keeps_what_is_written_around_the_results(results: Results, tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"Before\n{report.BEGIN}\nof the last run\n{report.END}\nAfter\n")
    report.put(results, page)
    text = page.read_text()
    assert text.startswith("Before\n")
    assert text.endswith(f"{report.END}\nAfter\n")
    assert "of the last run" not in text
