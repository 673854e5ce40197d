"""Single flight: of all who ask for a missing tile, in all processes, one renders.

In a process the first to ask leads, the others wait for it. Between processes the leaders agree
through the lease in Redis. Who renders, renews its lease; one that dies is replaced when the lease
lapses, within two seconds.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from core.problems import Busy, Problem
from tileserver import cache
from tileserver.cache import Entry, Kept, Taken
from tileserver.encode import TileBytes
from tileserver.precedence import PRECEDENCE
from tileserver.truth import Watcher

logger = logging.getLogger(__name__)
RENEW_SECONDS = 0.7
LOOK_SECONDS = 0.25
ROUNDS = 4


class Flight:
    """A tile that is being fetched in this process since `began`, of the monotonic clock."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.landed: Landed | None = None
        self.problem: Problem | None = None
        # An Event is five times as much work, and nearly always nobody waits.
        self._under_way = threading.Lock()
        self._under_way.acquire()

    def end(self) -> None:
        """Let those go who wait."""
        self._under_way.release()

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended; False when that takes longer."""
        ended = self._under_way.acquire(timeout=seconds)
        if ended:
            self._under_way.release()
        return ended


class Landed(NamedTuple):
    """A fetched tile: rendered here or kept in Redis; `settled` if it is the truth as kept.

    `age` and the `life` that is left are in seconds.
    """

    tile: TileBytes
    rendered: bool
    settled: bool
    age: float = 0.0
    life: float = 0.0


class Leases:
    """Renews the leases of the tiles that this process is rendering."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[Entry, str]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def hold(self, where: Entry, token: str) -> None:
        """Renew this lease until it is dropped."""
        with self._lock:
            self._held[token] = (where, token)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
                self._thread.start()

    def drop(self, token: str) -> None:
        """Renew it no longer."""
        with self._lock:
            self._held.pop(token, None)

    def _run(self) -> None:
        while True:
            time.sleep(RENEW_SECONDS)
            with self._lock:
                held = list(self._held.values())
            for where, token in held:
                self._renew(where, token)

    @staticmethod
    def _renew(where: Entry, token: str) -> None:
        try:
            cache.keep_lease(where, token)
        except Exception:
            # The thread must outlive any fault: a lease that lapses is only rendered twice.
            logger.exception("the lease of %s was not renewed", where.key)


class Flights:
    """The tiles that are being fetched in this process."""

    def __init__(self, watcher: Watcher, deadline: float) -> None:
        self._watcher = watcher
        self._deadline = deadline
        self._flying: dict[str, Flight] = {}
        self._lock = threading.Lock()
        self._leases = Leases()

    def fetch(self, where: Entry, make: Callable[[], TileBytes]) -> Landed:
        """The tile, kept or made by `make`; raises what `make` raises, or Busy at the deadline."""
        flight, leads = self._boarded(where)
        return self._lead(where, make, flight) if leads else self._follow(flight)

    def fetch_unverified(self, where: Entry, make: Callable[[], TileBytes]) -> Landed:
        """The tile made by `make`, kept nowhere; shared only by those who ask before it begins.

        Without the truth lease nobody says that a row changed while it was rendered. So a flight
        that was under way is waited for, and the next one taken.
        """
        arrived, apart = time.monotonic(), where._replace(key="", id=f"unverified {where.id}")
        while True:
            flight, leads = self._boarded(apart)
            if leads:
                return self._lead(apart, make, flight)
            if flight.began >= arrived:
                return self._follow(flight)
            if not flight.wait(self._deadline):
                raise Busy(f"The tile was not rendered within {self._deadline:g} seconds.")

    def _boarded(self, where: Entry) -> tuple[Flight, bool]:
        """The flight that fetches this tile, and whether it is ours to lead."""
        with self._lock:
            flight = self._flying.get(where.id)
            if flight is not None:
                return flight, False
            flight = self._flying[where.id] = Flight()
            return flight, True

    def replace(self, where: Entry, make: Callable[[], TileBytes]) -> Landed:
        """The tile made now, whatever is kept; kept, unless another is rendering it anyway."""
        taken = cache.take(where, kept_will_do=False) if where.key else None
        if taken is None or not taken.token:
            return Landed(make(), rendered=True, settled=False)
        return self._render(where, taken.token, make)

    def _follow(self, flight: Flight) -> Landed:
        if not flight.wait(self._deadline):
            raise Busy(f"The tile was not rendered within {self._deadline:g} seconds.")
        if flight.landed is None:
            raise flight.problem or Busy("The tile was given up. Try again.")
        return flight.landed

    def _lead(self, where: Entry, make: Callable[[], TileBytes], flight: Flight) -> Landed:
        try:
            flight.landed = self._agree(where, make, flight)
        except Problem as problem:
            flight.problem = problem
            raise
        finally:
            with self._lock:
                if self._flying.get(where.id) is flight:
                    del self._flying[where.id]
            flight.end()
        return flight.landed

    def _agree(self, where: Entry, make: Callable[[], TileBytes], flight: Flight) -> Landed:
        """Look, wait for another process, or render; again when it was expired meanwhile."""
        until = time.monotonic() + self._deadline
        rounds = 0
        while time.monotonic() < until:
            taken = self._taken(where)
            if taken is None:
                return self._render_unkept(make)
            if taken.kept is not None:
                return _kept(taken.kept)
            if not taken.token:
                continue
            landed = self._render(where, taken.token, make)
            rounds += 1
            if landed.settled or rounds == ROUNDS:
                return landed
            logger.info("%s was expired while it was rendered: again", where.key)
        raise Busy(f"The tile was not rendered within {self._deadline:g} seconds.")

    def _taken(self, where: Entry) -> Taken | None:
        """What Redis gives; if that is only how long another renders, wait for news of it."""
        taken = cache.take(where) if where.key else None
        if taken is None or not taken.wait:
            return taken
        with self._watcher.waiting_for(where.key) as told:
            # Again, now that they are heard: news of before may have been missed.
            taken = cache.take(where)
            if taken is not None and taken.wait:
                told.wait(min(taken.wait, LOOK_SECONDS))
        return taken

    def _render(self, where: Entry, token: str, make: Callable[[], TileBytes]) -> Landed:
        turn = None
        self._leases.hold(where, token)
        try:
            turn = PRECEDENCE.begin()
            tile = make()
            kept = bool(cache.put(where, token, tile))
        except BaseException:
            cache.give_up(where, token)
            raise
        finally:
            PRECEDENCE.end(turn)
            self._leases.drop(token)
        return Landed(tile, rendered=True, settled=kept, life=float(where.ttl))

    @staticmethod
    def _render_unkept(make: Callable[[], TileBytes]) -> Landed:
        turn = PRECEDENCE.begin()
        try:
            return Landed(make(), rendered=True, settled=False)
        finally:
            PRECEDENCE.end(turn)


def _kept(kept: Kept) -> Landed:
    left = kept.ttl - kept.age
    return Landed(kept.tile, rendered=False, settled=True, age=kept.age, life=left)
