"""Process records: what this checkout started, and how to end it for certain.

A pid alone proves nothing, since numbers are used again. A record also holds the start time
of the process and the boot it belongs to. Each recorded process leads a session of its own,
so its children can be found after it died.
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Seen:
    """What /proc tells of a process."""

    pid: int
    session: int
    start: int


@dataclass(frozen=True)
class Record:
    """One process that we started: `start` in clock ticks since `boot`."""

    pid: int
    start: int
    boot: str
    detached: bool = False

    @property
    def leader_alive(self) -> bool:
        """Whether the very process that was recorded still runs."""
        found = look(self.pid)
        return self.boot == boot() and found is not None and found.start == self.start

    def members(self) -> list[int]:
        """The process ids of the recorded process and of what is left of its session."""
        if self.boot != boot():
            return []
        leader = look(self.pid)
        if leader is not None and leader.start != self.start:
            return []
        return [p.pid for p in everything() if p.session == self.pid and p.start >= self.start]


def boot() -> str:
    """An id of this run of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def look(pid: int) -> Seen | None:
    """What /proc tells of a process; None if it is gone or only waits to be reaped."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command name, in brackets, may itself hold spaces and brackets.
    fields = stat.rpartition(")")[2].split()
    if fields[0] in {"Z", "X"}:
        return None
    return Seen(pid, session=int(fields[3]), start=int(fields[19]))


def everything() -> Iterator[Seen]:
    """All processes of the machine that we can see."""
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (found := look(int(entry))) is not None:
            yield found


def write(folder: Path, name: str, pid: int, *, detached: bool = False) -> Record:
    """Record a running process as `<name>.pid` in the folder."""
    found = look(pid)
    record = Record(pid, found.start if found else 0, boot(), detached)
    target = folder / f"{name}.pid"
    fresh = target.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(record)) + "\n")
    fresh.replace(target)
    return record


def read(folder: Path, name: str) -> Record | None:
    """The record of that name; None if there is none that can be read."""
    try:
        return Record(**json.loads((folder / f"{name}.pid").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def forget(folder: Path, name: str) -> None:
    """Remove a record."""
    (folder / f"{name}.pid").unlink(missing_ok=True)


def send(pids: list[int], number: signal.Signals) -> None:
    """Send a signal to each process that still is there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def end(record: Record, number: signal.Signals, patience: float) -> None:
    """End a recorded process and its session: first politely, after `patience` seconds not."""
    send([record.pid] if record.leader_alive else record.members(), number)
    until = time.monotonic() + patience
    while record.members():
        if time.monotonic() > until:
            send(record.members(), signal.SIGKILL)
        elif not record.leader_alive:
            send(record.members(), signal.SIGTERM)
        time.sleep(0.05)
