"""What each process has one of: memory, watcher of the truth, tiles in flight, changes feed."""

import threading
from dataclasses import dataclass

from django.conf import settings

from tileserver import db, metrics
from tileserver.changes import Feed
from tileserver.flight import Flights
from tileserver.memory import Memory
from tileserver.memory_auditor import MemoryAuditor
from tileserver.truth import Watcher


@dataclass(frozen=True)
class Process:
    """The parts of the tile road that live as long as the process."""

    memory: Memory
    watcher: Watcher
    flights: Flights
    auditor: MemoryAuditor
    feed: Feed


_process: Process | None = None
_making = threading.Lock()


def current() -> Process:
    """This process's parts; made at first use, so after any fork. The watcher is running."""
    global _process  # noqa: PLW0603 - one a process
    if _process is not None:  # Each hot answer asks: without the lock.
        return _process
    with _making:
        if _process is None:
            _process = _made()
        return _process


def _made() -> Process:
    memory = Memory(settings.MEMORY_CACHE_BYTES)
    watcher = Watcher(db.epoch, memory)
    feed = Feed()
    watcher.hearers.append(feed)
    metrics.follow(metrics.memory_bytes, lambda: memory.bytes)
    metrics.follow(metrics.believed(), watcher.believed)
    watcher.start()
    auditor = MemoryAuditor(memory, watcher.believed, db.epoch)
    auditor.start()
    flights = Flights(watcher, settings.TILE_DEADLINE_SECONDS)
    return Process(memory, watcher, flights, auditor, feed)


def reset() -> None:
    """Stop and forget them: for tests."""
    global _process  # noqa: PLW0603 - see current()
    with _making:
        if _process is not None:
            _process.auditor.stop()
            _process.watcher.stop()
        _process = None
