"""The one room where a tile is made; the HTTP view and the warmer are its two doors."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from core.problems import Busy, Unavailable
from core.selection import Selection
from tileserver import budget, cache, db, metrics, process
from tileserver.budget import Fitted
from tileserver.cache import NOWHERE, Entry
from tileserver.encode import TileBytes, encode
from tileserver.flight import Landed
from tileserver.params import NONE, Params
from tileserver.tile import Tile

EMPTY = encode(b"")
CACHEABLE = attrgetter("cacheable")
# Hears of a tile as soon as it is made, before it is kept; it may be made, and heard of, again.
Early = Callable[["Rendered"], None]


class Rendered(NamedTuple):
    """A tile and how it was had.

    `outcome` is redis, render, stale (the truth is not known, or it cannot be rendered now) or
    outside (no SQL). `key` names the tile where it may be believed until it is expired, and for
    `life` more seconds at most; else it is "". `passing`: it is true now only, and for nobody to
    keep.
    """

    tile: TileBytes
    outcome: str
    seconds: float = 0.0
    age: float = 0.0
    life: float = 0.0
    key: str = NOWHERE
    variant: str = ""
    passing: bool = False


@dataclass(frozen=True)
class Recipe:
    """What makes one tile."""

    selection: Selection
    tile: Tile
    params: Params

    @property
    def passing(self) -> bool:
        """True when a Layer's rows depend on the clock or the session: nothing is to be kept."""
        return not all(map(CACHEABLE, self.selection.at(self.tile.z)))

    def fit(self, wait: bool = True) -> Fitted:
        """The tile out of the database, cut to its budget.

        Raises Busy (at once if not `wait`), Unavailable or Unreadable.
        """
        return budget.fit(self.selection, self.tile, self.params, wait)

    def make(self, wait: bool = True, hear: Callable[[TileBytes], None] | None = None) -> TileBytes:
        """The same, encoded. `hear` is told of it before anything else is done."""
        started = time.perf_counter()
        try:
            made = encode(self.fit(wait).mvt)
        except Exception:
            self._count(time.perf_counter() - started)
            raise
        took = time.perf_counter() - started
        if hear is not None:
            hear(made)
        self._count(took)
        return made

    def _count(self, seconds: float) -> None:
        metrics.renders(metrics.band(self.tile.z)).observe(seconds)


def render(
    selection: Selection,
    tile: Tile,
    params: Params = NONE,
    permission_class: str = "public",
    early: Early | None = None,
) -> Rendered:
    """The tile of these Layers: kept in Redis, or made now, by one of all who ask, and kept.

    `early` hears of it in between, if it is made here and to be kept.
    Raises Busy, Unavailable or Unreadable (see `tileserver.db`) when there is nothing to give.
    """
    if outside(selection, tile):
        return Rendered(EMPTY, "outside")
    where = place(selection, tile, params, permission_class)
    recipe = Recipe(selection, tile, params)
    if recipe.passing:
        return _passing(where, recipe)
    if not process.current().watcher.believed():
        return _unverified(where, recipe)
    try:
        return _fetched(where, recipe, early)
    except (Busy, Unavailable) as problem:
        return _last_resort(where, problem)


def refresh(selection: Selection, tile: Tile, permission_class: str = "public") -> Rendered:
    """The tile made now, whatever is kept: for a warmer that is told to replace all."""
    if outside(selection, tile):
        return Rendered(EMPTY, "outside")
    where, recipe = place(selection, tile, NONE, permission_class), Recipe(selection, tile, NONE)
    if recipe.passing:
        return _passing(where, recipe)
    started = time.perf_counter()
    made = process.current().flights.replace(where, recipe.make)
    return _rendered(made, where, started)


def unkept(selection: Selection, tile: Tile, params: Params = NONE) -> Rendered:
    """The tile made now and kept nowhere: for what only its editors may see."""
    if outside(selection, tile):
        return Rendered(EMPTY, "outside")
    started = time.perf_counter()
    made = Recipe(selection, tile, params).make()
    return Rendered(made, "render", seconds=time.perf_counter() - started)


def place(
    selection: Selection, tile: Tile, params: Params = NONE, permission_class: str = "public"
) -> Entry:
    """Where this variant of the tile is kept."""
    return cache.entry(
        db.epoch(), selection.layers, tile, params, permission_class, selection.byte_budget
    )


def outside(selection: Selection, tile: Tile) -> bool:
    """True when no Layer has tiles at this zoom: the answer is empty, and costs no SQL."""
    return not selection.at(tile.z)


def _fetched(where: Entry, recipe: Recipe, early: Early | None) -> Rendered:
    started = time.perf_counter()

    def hear(tile: TileBytes) -> None:
        if early is not None and where.key:
            landed = Landed(tile, rendered=True, settled=True, life=float(where.ttl))
            early(_rendered(landed, where, started))

    landed = process.current().flights.fetch(where, lambda: recipe.make(hear=hear))
    return _rendered(landed, where, started)


def _rendered(landed: Landed, where: Entry, started: float) -> Rendered:
    return Rendered(
        landed.tile,
        outcome="render" if landed.rendered else "redis",
        seconds=time.perf_counter() - started,
        age=landed.age,
        life=landed.life,
        key=where.key if landed.settled else NOWHERE,
        variant=where.variant,
    )


def _passing(where: Entry, recipe: Recipe) -> Rendered:
    """Made for those who ask before it is begun, and for nobody after."""
    started = time.perf_counter()
    landed = process.current().flights.fetch_unverified(where, recipe.make)
    return _rendered(landed, where, started)._replace(passing=True)


def _unverified(where: Entry, recipe: Recipe) -> Rendered:
    """Nothing kept may be believed: render if a seat is free, else give what is kept, marked."""
    flights = process.current().flights
    started = time.perf_counter()
    try:
        landed = flights.fetch_unverified(where, lambda: recipe.make(wait=False))
    except (Busy, Unavailable):
        kept = cache.get(where)
        if kept is not None:
            return Rendered(kept.tile, "stale", age=kept.age)
        landed = flights.fetch_unverified(where, recipe.make)
    return _rendered(landed, where, started)


def _last_resort(where: Entry, problem: Busy | Unavailable) -> Rendered:
    """What is kept although its life is over: nothing is known to have changed."""
    kept = cache.get(where)
    if kept is None:
        raise problem
    return Rendered(kept.tile, "stale", age=kept.age)
