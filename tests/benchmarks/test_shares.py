"""Shares of the processors, given to services as compose.yaml gives them, and taken back."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import place
from benchmarks.servers import shares


def group(pid: int) -> str:
    """The control group that says which part of the processors a process has."""
    lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    return next(line.split(":")[2] for line in lines if line.split(":")[1] == "cpu")


def test_a_server_has_its_share_while_it_is_given(django_db_setup: None) -> None:
    here = place.here("odd_bench")
    if reason := shares.missing(here):
        pytest.skip(reason)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as server:
        before = group(server.pid)
        with shares.given(here, server.pid):
            given = shares.GROUPS / group(server.pid).lstrip("/")
            assert (given / "cpu.shares").read_text().strip() == str(shares.of_web())
        assert group(server.pid) == before
        server.terminate()
    assert not given.exists()


def test_cached_tiles_go_before_those_that_are_made() -> None:
    assert shares.of_web() == 4 * shares.USUAL


def test_the_processes_of_a_server_elsewhere_are_not_looked_for_here(
    django_db_setup: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "_postgres", lambda place: 0)
    assert shares.missing(place.here("odd_bench")) == "PostgreSQL or Redis runs elsewhere"
