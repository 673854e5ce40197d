"""script/test's two runs of pytest: what both say is shown, and either may fail."""

import sys
from pathlib import Path

import pytest

from script.local import suites

ONE = """
import pytest

@pytest.mark.{0}
def test_with_a_browser() -> None:
    assert {1}

def test_without() -> None:
    assert {2}
"""


@pytest.mark.parametrize(("with_one", "without"), [(True, True), (False, True), (True, False)])
def test_both_are_run_and_either_may_fail(
    with_one: bool, without: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  browser\n  data\n")
    (tmp_path / "test_one.py").write_text(ONE.format("browser", with_one, without))
    monkeypatch.setattr(suites, "CHECKOUT", tmp_path)
    monkeypatch.setattr(suites, "PYTEST", (sys.executable, "-m", "pytest"))
    code = suites.run_all({})
    said = capsys.readouterr().out
    assert (code == 0) is (with_one and without)
    beside = said.partition("Beside these, with a browser or much data:")[2].rstrip()
    *_, other, last = [line for line in beside.splitlines() if "1 deselected" in line]
    assert [word(with_one), word(without)] == [other.split()[2], last.split()[2]]
    assert beside.endswith(last), "the last line is that of the larger run"


def word(well: bool) -> str:
    """How pytest puts it."""
    return "passed," if well else "failed,"
