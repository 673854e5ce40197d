"""Tiles per second of a running server, the first time and again.

`python -m benchmarks.tiles URL [--tileset world] [--connections 8] [--seconds 5]`
"""

import argparse
import http.client
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

# Of each zoom, the tiles around this place: longitude and latitude are far from any edge.
COLUMN, ROW = 0.56, 0.34
ZOOMS = range(7)
AROUND = 4


@dataclass
class Score:
    """What was measured: seconds of each answer, bytes, and answers that were no tile."""

    seconds: list[float] = field(default_factory=list)
    bytes: int = 0
    errors: int = 0

    def row(self, name: str, took: float) -> str:
        """One line of the table."""
        if not self.seconds:
            return f"{name:<6}{'no answer':>12}"
        milli = [1000 * s for s in sorted(self.seconds)]
        p99 = milli[min(len(milli) - 1, int(len(milli) * 0.99))]
        rate = len(milli) / took
        return (
            f"{name:<6}{len(milli):>9}{rate:>10.0f}{statistics.median(milli):>10.2f}"
            f"{p99:>10.2f}{self.bytes / 1e6:>10.1f}{self.errors:>8}"
        )


def addresses(tileset: str) -> list[str]:
    """The paths of the tiles that are asked for."""
    return [
        f"/tiles/{tileset}/{z}/{x}/{y}.mvt"
        for z in ZOOMS
        for x in window(int(COLUMN * 2**z), 2**z)
        for y in window(int(ROW * 2**z), 2**z)
    ]


def window(middle: int, count: int) -> range:
    """Up to AROUND numbers about the middle, of 0 to count - 1."""
    first = max(0, min(middle - AROUND // 2, count - AROUND))
    return range(first, min(count, first + AROUND))


def ask(base: str, paths: Iterator[str], score: Score, lock: threading.Lock) -> None:
    """Ask for one tile after the other on one connection, as a map would."""
    parts = urlsplit(base)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80)
    while True:
        with lock:
            path = next(paths, None)
        if path is None:
            return connection.close()
        begun = time.perf_counter()
        connection.request("GET", parts.path + path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - begun
        with lock:
            score.seconds.append(took)
            score.bytes += len(body)
            score.errors += answer.status not in {200, 204}


def measure(base: str, paths: Iterator[str], connections: int) -> tuple[Score, float]:
    """Ask for all paths over some connections; returns the score and the seconds it took."""
    score, lock = Score(), threading.Lock()
    threads = [
        threading.Thread(target=ask, args=(base, paths, score, lock)) for _ in range(connections)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return score, time.perf_counter() - begun


def again(paths: list[str], seconds: float) -> Iterator[str]:
    """The same paths over and over, for some time."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        yield from paths


def listens(base: str) -> bool:
    """Whether a server accepts connections."""
    parts = urlsplit(base)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), timeout=5).close()
    except OSError:
        return False
    return True


def main() -> int:
    """Measure and print a table; 1 if an answer was no tile."""
    parser = argparse.ArgumentParser(description="Tiles per second of a running server.")
    parser.add_argument("url")
    parser.add_argument("--tileset", default="world")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5)
    given = parser.parse_args()
    paths = addresses(given.tileset)
    if not listens(given.url):
        print(f"Nobody answers at {given.url}: start script/server first.", file=sys.stderr)
        return 1
    print(f"{given.url} {given.tileset}: {len(paths)} tiles, {given.connections} connections")
    print("run     answers    per s    p50 ms    p99 ms        MB  errors")
    first, took = measure(given.url, iter(paths), given.connections)
    print(first.row("first", took))
    hot, took = measure(given.url, again(paths, given.seconds), given.connections)
    print(hot.row("again", took))
    return 1 if first.errors or hot.errors else 0


if __name__ == "__main__":
    raise SystemExit(main())
