"""What `/metrics` counts, over all processes of a machine (prometheus_client's shared files).

Answers and renders are noted and carried over several times a second, and when somebody looks: a
Prometheus metric writes into a shared file at each step, which a tile has no time for.
"""

import functools
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

BANDS = ("z0-5", "z6-9", "z10-13", "z14-")
OUTCOMES = ("memory", "redis", "render", "stale", "outside", "busy", "not_modified")
# Of those that were not carried over yet, the last ones.
MOST_RENDERS = 100_000
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

requests = Counter(
    "graticule_tile_requests", "Tile requests by how they were answered.", ["outcome", "zooms"]
)
render_seconds = Histogram(
    "graticule_render_seconds", "Seconds to render a tile.", ["zooms"], buckets=SECONDS
)
over_budget = Counter(
    "graticule_tiles_over_budget", "Renders that cut features to keep the byte budget.", ["zooms"]
)
memory_bytes = Gauge(
    "graticule_memory_bytes", "Bytes in the memory tier.", multiprocess_mode="livesum"
)
seats_busy = Gauge(
    "graticule_seats_busy", "Render connections in use.", multiprocess_mode="livesum"
)
seats = Gauge("graticule_seats", "Render connections at most.", multiprocess_mode="livesum")
hot_first = Gauge(
    "graticule_hot_first",
    "Web processes whose hot answers wait for a processor, so that fewer tiles are made at once.",
    multiprocess_mode="livesum",
)
# The listener's. One is active, and the newest to say something is the one.
truth_position = Gauge(
    "graticule_truth_position",
    "The number of the last change that was applied.",
    multiprocess_mode="mostrecent",
)
oldest_change_seconds = Gauge(
    "graticule_oldest_change_seconds",
    "Age of the oldest change that is not applied yet; 0 when there is none.",
    multiprocess_mode="mostrecent",
)
changes_applied = Counter("graticule_changes_applied", "Changes turned into expired tiles.")
tiles_expired = Counter("graticule_tiles_expired", "Cached tiles dropped because of a change.")
change_seconds = Histogram(
    "graticule_change_seconds",
    "Seconds from a change to the moment at which no cache has its tiles any more.",
    buckets=SECONDS,
)
truth_checked = Counter(
    "graticule_truth_checked", "Cached tiles that were rendered again and compared.", ["tier"]
)
truth_mismatch = Counter(
    "graticule_truth_mismatch", "Cached tiles that were found to be wrong.", ["tier"]
)
TIERS = ("redis", "memory")
for _tier in TIERS:
    # An alarm on a number that rises needs the zero before it.
    truth_checked.labels(_tier)
    truth_mismatch.labels(_tier)

# Renders that are not carried over yet: zooms and seconds.
_rendered: deque[tuple[str, float]] = deque(maxlen=MOST_RENDERS)
_followed: dict[Gauge, Callable[[], float]] = {}
_counted = dict.fromkeys(((outcome, band) for outcome in OUTCOMES for band in BANDS), 0)
_counting = threading.Lock()


@functools.cache
def believed() -> Gauge:
    """Whether every process that keeps tiles holds the truth lease.

    Made at first use: a gauge is 0 from its making, and not every process keeps tiles.
    """
    return Gauge(
        "graticule_truth_believed",
        "1 where every process holds the truth lease, 0 where one does not.",
        multiprocess_mode="livemin",
    )


def band(zoom: int) -> str:
    """The zoom band that a zoom is counted under."""
    return BANDS[(zoom > 5) + (zoom > 9) + (zoom > 13)]


def count(outcome: str, zooms: str) -> None:
    """Count one answer; cheap enough for the front."""
    with _counting:
        _counted[outcome, zooms] += 1


def rendered(zooms: str, seconds: float) -> None:
    """Note one render, for the histogram of its zoom band."""
    _rendered.append((zooms, seconds))


def follow(gauge: Gauge, value: Callable[[], float]) -> None:
    """Set a gauge of this process to `value` whenever numbers are carried over."""
    _followed[gauge] = value


def carry() -> None:
    """Add what was counted since the last time to the Prometheus counters, and look at gauges."""
    for gauge, value in list(_followed.items()):
        gauge.set(value())
    with _counting:
        counted = {key: number for key, number in _counted.items() if number}
        _counted.update(dict.fromkeys(counted, 0))
        made = [_rendered.popleft() for _ in range(len(_rendered))]
    for key, number in counted.items():
        requests.labels(*key).inc(number)
    for zooms, seconds in made:
        render_seconds.labels(zooms).observe(seconds)


class _Shared(Collector):
    """The files of all processes in a folder and the folders in it.

    Containers that share a volume take a folder each: their process ids are the same.
    """

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def collect(self) -> Iterable[Metric]:
        """Each metric once, with what all processes have counted."""
        files = [str(file) for file in self._folder.rglob("*.db")]
        merged: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
        return merged


def exposition() -> bytes:
    """The numbers of all processes in Prometheus' text format."""
    return generate_latest(_registry())


def total(name: str, **labels: str) -> float:
    """The sum of a number over all processes, of those with such labels."""
    return sum(
        sample.value
        for metric in _registry().collect()
        for sample in metric.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def _registry() -> CollectorRegistry:
    """What all processes count where they share a folder, else what this one does."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder is None:
        return REGISTRY
    registry = CollectorRegistry()
    registry.register(_Shared(folder))
    return registry
