"""New connections go to the process that has fewest."""

import socket
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tileserver import balance
from tileserver.balance import Balance

ESTABLISHED = "01"
BURST = 64


def test_the_least_of_all_that_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Balance()
    assert shared.least() == float("inf")
    shared.tell(1, 7)
    shared.tell(balance.SLOTS + 2, 3)
    assert shared.least() == 3
    shared.tell(2, 9)
    assert shared.least() == 7
    monkeypatch.setattr(balance, "SILENT_SECONDS", -1.0)
    assert shared.least() == float("inf"), "they have told nothing of late"


def connections(port: int) -> list[int]:
    """How many connections to a loopback port each process has accepted."""
    ours = set()
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        words = line.split()
        if int(words[1].partition(":")[2], 16) == port and words[3] == ESTABLISHED:
            ours.add(f"socket:[{words[9]}]")
    counts: Counter[str] = Counter()
    for file in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            counts[file.parts[2]] += str(file.readlink()) in ours
        except OSError:
            continue  # It has ended meanwhile, or is another user's.
    return [count for count in counts.values() if count]


@pytest.mark.slow
def test_a_burst_is_shared_evenly(site: str) -> None:
    port = int(urlsplit(site).port or 0)
    already = sum(connections(port))
    with ExitStack() as stack:
        for _ in range(BURST):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        deadline = time.monotonic() + 10
        while sum(found := connections(port)) < already + BURST:
            assert time.monotonic() < deadline, found
            time.sleep(0.05)
    assert len(found) == 2
    assert max(found) - min(found) <= BURST // 8, found
