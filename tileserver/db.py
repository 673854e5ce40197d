"""The one module of the tile road that opens a cursor: a bounded pool of render connections."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import psycopg2
from django.conf import settings
from psycopg2 import errors
from psycopg2.extensions import connection as PostgresConnection  # noqa: N812 - a class

from core import pooler, request_id, standby
from core.env import patient, postgres_dict
from core.problems import Busy, NotFound, Unavailable
from tileserver import history, metrics, pooled, statements
from tileserver.door import Door
from tileserver.sql import KNOWN, Query
from tileserver.statements import EACH, KEPT, Statement
from tileserver.tile import Tile

logger = logging.getLogger(__name__)
MAX_PREPARED = 200
Row = tuple[Any, ...]
# Parallel plans halve the throughput under load; the JIT costs more than it gives here.
SESSION = {
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "default_transaction_read_only": "on",
    "DateStyle": "ISO, YMD",
    "TimeZone": "UTC",
    "IntervalStyle": "iso_8601",
    "bytea_output": "hex",
    "client_min_messages": "warning",
}
# libpq gives no SQLSTATE for a refused connection, only these words.
FULL = (
    *("too many connections", "remaining connection slots", "too many clients"),
    "no more connections allowed",  # PgBouncer
)
FULL_WAIT_SECONDS = 0.05


class Unreadable(NotFound):
    """The relation under a Layer is gone, altered, or not readable by the render role."""


class Seat:
    """One render connection with its prepared statements; used by one thread at a time."""

    def __init__(self) -> None:
        self._connection: PostgresConnection | None = None
        # The names of what is prepared, and which of it runs a query.
        self._prepared: OrderedDict[str, None] = OrderedDict()
        self._ready: dict[Query, Statement] = {}
        self._preamble = ""

    def run(self, query: Query, tile: Tile, more: Sequence[int] = ()) -> Row:
        """The row that `query` gives for `tile`; the connection is made again once if it is lost.

        `more` are the values of the parameters after z, x and y.
        """
        values = (tile.z, tile.x, tile.y, *more)
        try:
            return self._execute(query, tile, values)
        except psycopg2.Error as error:
            if self._connection is None or not self.lost(error):
                raise
            logger.warning("the render connection was lost and is made again")
            self.close()
            return self._execute(query, tile, values)

    def lost(self, error: psycopg2.Error) -> bool:
        """True when the connection is gone: a fault that the server reported has a SQLSTATE.

        A server that crashes can also leave psycopg2 with an answer that it cannot read.
        """
        return error.pgcode is None or self._connection is None or self._connection.closed != 0

    def close(self) -> None:
        """Drop the connection; the next use makes a new one."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._prepared.clear()
        self._ready.clear()

    def connect(self) -> PostgresConnection:
        """The open connection; raises psycopg2.OperationalError."""
        if self._connection is None:
            made = connect_when_free()
            self._preamble = preamble(made)
            self._connection = made
        return self._connection

    def _execute(self, query: Query, tile: Tile, values: tuple[int, ...]) -> Row:
        with self.connect().cursor() as cursor:
            note = f"/* graticule {query.label} {tile} {request_id.current()} */ "
            cursor.execute(self.sql(cursor, query, values, note))
            row: Row | None = cursor.fetchone()
        return row or ()

    def sql(
        self, cursor: Any, query: Query, values: tuple[int, ...], note: str = "", asking: str = ""
    ) -> str:
        """The SQL that runs a query, or asks something about that; it is prepared if it can be."""
        if self._preamble:
            text = statements.of(query, cursor, keep=False)
            return f"{self._preamble}{note}{asking}{pooled.inlined(text.text, values)}"
        ready = self._ready.get(query) or self._made_ready(cursor, query)
        return f"{note}{ready.execute(values, asking)}"

    def _made_ready(self, cursor: Any, query: Query) -> Statement:
        """What runs the query, prepared. Queries may share it."""
        text = statements.of(query, cursor)
        if text.name not in self._prepared:
            if len(self._prepared) >= MAX_PREPARED:
                self._make_room(cursor)
            cursor.execute(text.prepare)
        self._prepared[text.name] = None
        self._prepared.move_to_end(text.name)
        if len(self._ready) >= KNOWN:
            self._ready.clear()
        self._ready[query] = text
        return text

    def _make_room(self, cursor: Any) -> None:
        """Give up what nobody has come for in the longest time, since room was made last."""
        old, _ = self._prepared.popitem(last=False)
        self._ready.clear()
        cursor.execute(f"DEALLOCATE {old}")


def connect_when_free() -> PostgresConnection:
    """A connection, waiting while the render role's CONNECTION LIMIT is used up by others.

    Raises Busy at the deadline, psycopg2.OperationalError for any other fault.
    """
    deadline = time.monotonic() + settings.TILE_DEADLINE_SECONDS
    while True:
        try:
            return connect()
        except psycopg2.OperationalError as error:
            if not any(words in str(error) for words in FULL):
                raise
            if time.monotonic() > deadline:
                raise Busy("The database takes no more tile queries just now.") from error
        time.sleep(FULL_WAIT_SECONDS)


def connect() -> PostgresConnection:
    """A new connection of the render role, read-only and set up for tile queries.

    Raises psycopg2.OperationalError, and Unavailable for a server that lags behind another.
    """
    parameters = patient(postgres_dict(settings.RENDER_DATABASE_URL))
    made = pooled.connect({**parameters, "application_name": "graticule render"}, session())
    if standby.is_standby(made):
        made.close()
        logger.error("%s %s", standby.REFUSAL, standby.REMEDY)
        raise Unavailable("Tiles cannot be rendered: see the server's log for what to correct.")
    return made


def session() -> dict[str, str]:
    """The settings of PostgreSQL under which a tile is rendered."""
    timeout = f"{settings.STATEMENT_TIMEOUT_SECONDS}s"
    return {**SESSION, **KEPT, "statement_timeout": timeout}


def preamble(made: PostgresConnection) -> str:
    """SQL to stand before each statement: the settings, where a pooler has not kept them.

    Empty on a connection of our own. Raises psycopg2.Error.
    """
    return pooled.locally({**session(), **EACH}) if pooler.is_between(made) else ""


class Pool:
    """At most `size` tile queries at once in this process; the rest wait, then get Busy."""

    def __init__(self, size: int, deadline: float) -> None:
        self._deadline = deadline
        self.door = Door(size)
        # The one that was used last at the end, its backend has everything at hand.
        self._free = [Seat() for _ in range(size)]

    def run(self, query: Query, tile: Tile, wait: bool = True, more: Sequence[int] = ()) -> Row:
        """What `query` gives; raises Busy (at once if not `wait`), Unavailable or Unreadable."""
        if not self.door.enter(self._deadline if wait else 0):
            raise Busy(f"Every seat for tile queries was taken for {self._deadline:g} seconds.")
        seat = self._free.pop()
        try:
            return seat.run(query, tile, more)
        except psycopg2.Error as error:
            raise self._as_problem(error, query, tile, seat) from error
        finally:
            self._free.append(seat)
            self.door.leave()

    @staticmethod
    def _as_problem(
        error: psycopg2.Error, query: Query, tile: Tile, seat: Seat
    ) -> NotFound | Unavailable:
        logger.error("tile %s of %s failed: %s", tile, query.label, str(error).strip())
        if isinstance(error, errors.QueryCanceled):
            return Unavailable("The tile took too long to render and was given up.")
        if seat.lost(error) or isinstance(error, psycopg2.OperationalError):
            seat.close()
            return Unavailable("The database does not answer. Try again soon.")
        if isinstance(error, psycopg2.ProgrammingError):
            return Unreadable(
                f"A relation under {query.label} was dropped, altered or may not be read. "
                "Publish it again."
            )
        # What PostGIS refuses: trying again would not help, so it is no 503.
        return Unreadable(
            f"A row under {query.label} cannot be drawn, or a column is of another type than at "
            "publication. The server's log says which."
        )

    def close(self) -> None:
        """Drop every connection that is not in use."""
        for seat in list(self._free):
            seat.close()


_pool: Pool | None = None
_epoch: str | None = None
_making = threading.Lock()


def pool() -> Pool:
    """This process's pool: its share of TILE_QUERIES."""
    global _pool  # noqa: PLW0603 - one pool a process, made at first use, after any fork
    with _making:
        if _pool is None:
            _pool = Pool(share(), settings.TILE_DEADLINE_SECONDS)
            door = _pool.door
            metrics.seats.set(door.most)
            metrics.follow(metrics.seats_busy, lambda: door.inside)
        return _pool


def share() -> int:
    """Tile queries at once for one process: every web and worker process has the same share."""
    return max(1, settings.TILE_QUERIES // (settings.WEB_PROCESSES + settings.WORKER_PROCESSES))


def run(query: Query, tile: Tile, wait: bool = True, more: Sequence[int] = ()) -> Row:
    """The row that `query` gives for `tile` and the values `more` of its further parameters.

    Raises Busy (at once if not `wait`), Unavailable or Unreadable.
    """
    return (_pool or pool()).run(query, tile, wait, more)


def epoch(again: bool = False) -> str:
    """12 digits that name this history of the database and this renderer.

    In every cache key: after a restore, a failover or an upgrade nothing old is believed. Asked
    once, and `again` when the truth lease of the known one is silent.
    """
    global _epoch  # noqa: PLW0603 - asked once a process
    if _epoch is not None and not again:  # Each tile asks: without the lock.
        return _epoch
    with _making:
        if _epoch is None or again:
            _epoch = history.ask()
        return _epoch


def reset() -> None:
    """Forget pool and epoch: for tests and after a fork."""
    global _pool, _epoch
    with _making:
        if _pool is not None:
            _pool.close()
        _pool, _epoch = None, None
