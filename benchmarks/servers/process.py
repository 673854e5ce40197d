"""Processes of a server: started with a log, ended by pid, weighed by what they alone hold."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.load.client import Client

START_SECONDS = 60.0
STOP_SECONDS = 10.0


class NotStarted(RuntimeError):
    """A server did not come up; the message has the end of its log."""


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], env: Mapping[str, str], log: Path, folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own, with `env` added to the environment; ended at the end."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **env}, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process by SIGTERM, and its session by SIGKILL if it does not listen."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(base: str, path: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when `path` is answered with a tile or an empty one; raises NotStarted."""
    client, deadline = Client(base), time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if client.get(path).status in (200, 204):
                return client.close()
        except OSError:
            pass
        time.sleep(0.1)
    raise NotStarted(f"{base}{path} has no tile.\n{end_of(log)}")


def end_of(log: Path) -> str:
    """The last lines of a log."""
    return log.read_text("utf-8", "replace")[-2000:]


def said(*command: str) -> str:
    """The first line of what a program says about itself."""
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return (asked.stdout or asked.stderr).strip().partition("\n")[0]


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            children.setdefault(parent(int(entry.name)), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def parent(pid: int) -> int:
    """The process that started a process; 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def name(pid: int) -> str:
    """The name of a process of this machine; empty when there is none of that number."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def pss(pid: int) -> float:
    """Proportional set size in MB: memory shared with others is counted in parts; 0 if gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    kilobytes = next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return kilobytes * 1024 / 1e6


def family_pss(pid: int) -> list[float]:
    """Pss (MB) of each process of a family, largest first."""
    return sorted((size for one in family(pid) if (size := pss(one))), reverse=True)
