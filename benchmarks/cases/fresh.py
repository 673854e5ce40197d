"""From a commit to the new tile: how long does any process still give the old one?"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg2 import sql

from benchmarks.addresses import Address, at
from benchmarks.bench import Bench
from benchmarks.cases import screen
from benchmarks.cases.hot import of_size
from benchmarks.cases.tracked import copies, track
from benchmarks.load import wrk
from benchmarks.load.answer import Content, content_of
from benchmarks.load.client import Client
from benchmarks.load.measure import percentile
from benchmarks.results import Row
from benchmarks.servers.graticule import Graticule
from benchmarks.servers.server import Server

EDITS = "edits"
ROWS = 20_000
CHANGES = 120
LOOKERS = 12
LOADING_CONNECTIONS = 8
ZOOM = 15
PATIENCE_SECONDS = 10.0
# Between two looks at a tile: what an answer takes, and this.
BLINK_SECONDS = 0.002
EDIT = "UPDATE {table} SET value = value + 1 WHERE id = %s"
PLACE = """
SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM {table} WHERE id = %s) AS t
"""


@dataclass
class Seen:
    """Milliseconds from each commit until the last looker saw the new tile."""

    times: list[float] = field(default_factory=list)
    never: int = 0
    wrong: int = 0

    def facts(self) -> dict[str, Any]:
        """For the report."""
        ordered = sorted(self.times)
        return {
            "changes": len(self.times) + self.never,
            "p50_ms": round(percentile(ordered, 0.5), 1),
            "p99_ms": round(percentile(ordered, 0.99), 1),
            "longest_ms": round(ordered[-1], 1) if ordered else 0.0,
            "never": self.never,
            "wrong": self.wrong,
        }


def fresh(bench: Bench) -> None:
    """Edits of single rows, at rest and under load, then on the screen of a browser."""
    with copies(bench, [EDITS], bench.plan.some(ROWS)) as cursor:
        track(bench, EDITS)
        hot = of_size(bench, "11 kB")
        with bench.serving("fresh", [Graticule(bench.place)], hot[0]) as started:
            for server in started:
                edits = Edits(bench, server, cursor)
                bench.warm(server, hot)
                _note(bench, "commit to fresh, at rest", edits.watched(), 0)
                with loading(server, hot) as press:
                    seen = edits.watched()
                _note(bench, "commit to fresh", seen, press.rate)
                edits.close()
                screen.shown(bench, server, cursor, EDITS)


@contextmanager
def loading(server: Server, hot: list[Address]) -> Iterator[wrk.Press]:
    """Hot tiles over 8 connections as fast as they are answered, while the block runs."""
    with wrk.pressing(server.walk(hot), LOADING_CONNECTIONS, again=True) as press:
        yield press


class Edits:
    """One row after the other is edited, and its tile watched over connections to all processes."""

    def __init__(self, bench: Bench, server: Server, cursor: Any) -> None:
        self._bench = bench
        self._server = server
        self._cursor = cursor
        self._table = sql.Identifier(bench.place.schema, EDITS)
        self._stack = ExitStack()
        bench.reference.reload()
        self._lookers = [
            self._stack.enter_context(closing(Client(server.base, {"Accept-Encoding": "gzip"})))
            for _ in range(LOOKERS)
        ]
        self._number = 0

    def close(self) -> None:
        """Close the connections."""
        self._stack.close()

    def watched(self) -> Seen:
        """Edit and watch, some 100 times."""
        seen = Seen()
        for _ in range(self._bench.plan.some(CHANGES)):
            self._number += 1
            self._edit(1 + self._number * 7919 % self._bench.plan.some(ROWS), seen)
        return seen

    def _edit(self, row: int, seen: Seen) -> None:
        address = self._address(row)
        old = self._content(address)
        for looker in self._lookers:
            looker.get(self._server.path(address))
        self._cursor.execute(sql.SQL(EDIT).format(self._table, table=self._table), [row])
        committed = time.perf_counter()
        last = self._look(address, old)
        if last is None:
            seen.never += 1
            return
        seen.times.append(1000 * (last - committed))
        new = self._content(address)
        seen.wrong += sum(self._seen_by(looker, address) != new for looker in self._lookers)

    def _look(self, address: Address, old: Content) -> float | None:
        """When the last looker saw something else than the old tile; None if one never did."""
        waiting, until = list(self._lookers), time.perf_counter() + PATIENCE_SECONDS
        last = time.perf_counter()
        while waiting and time.perf_counter() < until:
            for looker in list(waiting):
                if self._seen_by(looker, address) != old:
                    waiting.remove(looker)
                    last = time.perf_counter()
            time.sleep(BLINK_SECONDS)
        return None if waiting else last

    def _seen_by(self, looker: Client, address: Address) -> Content | None:
        return content_of(looker.get(self._server.path(address)))

    def _content(self, address: Address) -> Content:
        return Content.of(self._bench.reference.best(address)[0])

    def _address(self, row: int) -> Address:
        self._cursor.execute(sql.SQL(PLACE).format(table=self._table), [row])
        return at(EDITS, ZOOM, *self._cursor.fetchone())


def _note(bench: Bench, what: str, seen: Seen, load: float) -> None:
    facts = {**seen.facts(), "load": round(load)}
    bench.results.rows.append(Row("fresh", what, "graticule", [], facts))
    bench.say(
        f"fresh        {what:<28}p50 {facts['p50_ms']:.0f} ms, p99 {facts['p99_ms']:.0f} ms, "
        f"longest {facts['longest_ms']:.0f} ms, never {seen.never}, wrong {seen.wrong}"
    )
