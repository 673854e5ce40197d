"""Shares of the processors as compose.yaml gives them: a control group for each service.

Containers have groups of their own. Bare processes have those that the kernel makes for terminals,
and every PostgreSQL backend is a session: with four at work, web processes get a fifth.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import redis

from benchmarks.place import CHECKOUT, Place
from benchmarks.servers import process

GROUPS = Path("/sys/fs/cgroup/cpu")
COMPOSE = CHECKOUT / "compose" / "compose.yaml"
USUAL = 1024


def missing(place: Place) -> str:
    """Why there are no shares to be given here; empty when there are."""
    # Redis is one program with several names, and may go by any of them.
    redis_name = process.name(_redis(place))
    if process.name(_postgres(place)) != "postgres" or not redis_name.startswith("redis"):
        return "PostgreSQL or Redis runs elsewhere"
    probe = GROUPS / f"graticule-probe-{os.getpid()}"
    try:
        probe.mkdir()
        probe.rmdir()
    except OSError as fault:
        return f"no control groups (version 1) that may be made: {fault.strerror}"
    return ""


def of_web() -> int:
    """What compose.yaml gives to web processes, where a service has 1024 if nothing is said."""
    web = COMPOSE.read_text("utf-8").partition("\n  web:\n")[2].partition("\n\n")[0]
    found = re.search(r"cpu_shares: (\d+)", web)
    return int(found[1]) if found else USUAL


@contextmanager
def given(place: Place, web: int) -> Iterator[None]:
    """While the block runs, shares as of containers: of PostgreSQL, Redis, and a server's pid."""
    with (
        _group("database", USUAL, _postgres(place)),
        _group("redis", USUAL, _redis(place)),
        _group("web", of_web(), web),
    ):
        yield


@contextmanager
def _group(name: str, shares: int, leader: int) -> Iterator[None]:
    """A group for a process and all that descend from it."""
    group = GROUPS / f"graticule-{name}-{os.getpid()}"
    group.mkdir()
    try:
        (group / "cpu.shares").write_text(str(shares))
        _move(group, process.family(leader))
        yield
    finally:
        # A backend may be forked between the look and the move.
        while pids := (group / "cgroup.procs").read_text().split():
            _move(GROUPS, map(int, pids))
        group.rmdir()


def _move(group: Path, pids: Iterable[int]) -> None:
    """Children that come later follow by themselves."""
    for pid in pids:
        try:
            (group / "cgroup.procs").write_text(str(pid))
        except ProcessLookupError:
            continue  # It has ended meanwhile.


def _postgres(place: Place) -> int:
    with closing(place.connect()) as made:
        return process.parent(made.info.backend_pid)


def _redis(place: Place) -> int:
    with redis.from_url(place.redis_url) as client:
        return int(client.info("server")["process_id"])
