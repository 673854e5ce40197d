"""The one room where a tile is made; the HTTP view and the warmer are its two doors."""

import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from core.problems import Busy, Unavailable
from core.selection import Selection
from tileserver import budget, cache, metrics, process
from tileserver.budget import Fitted
from tileserver.cache import NOWHERE, Entry
from tileserver.encode import TileBytes, encode
from tileserver.flight import Flights, Landed
from tileserver.params import NONE, Params
from tileserver.series import Series
from tileserver.series import of as series_of
from tileserver.tile import Tile

EMPTY = encode(b"")
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


# No Layer has tiles at this zoom: the answer is empty, and costs no SQL.
OUTSIDE = Rendered(EMPTY, "outside")


class Recipe(NamedTuple):
    """What makes one tile."""

    series: Series
    tile: Tile

    def fit(self, wait: bool = True) -> Fitted:
        """The tile out of the database, cut to its budget.

        Raises Busy (at once if not `wait`), Unavailable or Unreadable.
        """
        return budget.fit(self.series, self.tile, wait)

    def make(self, wait: bool = True, hear: Callable[[TileBytes], None] | None = None) -> TileBytes:
        """The same, encoded. `hear` is told of it before anything else is done."""
        started = time.perf_counter()
        try:
            made = encode(self.fit(wait).mvt)
        except Exception:
            metrics.rendered(self.series.zooms, time.perf_counter() - started)
            raise
        took = time.perf_counter() - started
        if hear is not None:
            hear(made)
        metrics.rendered(self.series.zooms, took)
        return made


def recipe_for(selection: Selection, tile: Tile, params: Params = NONE) -> Recipe:
    """What makes a tile of these Layers."""
    return Recipe(series_of(selection, tile.z, params), tile)


def render(
    selection: Selection,
    tile: Tile,
    params: Params = NONE,
    permission_class: str = "public",
) -> Rendered:
    """The tile of these Layers: kept in Redis, or made now, by one of all who ask, and kept.

    Raises Busy, Unavailable or Unreadable (see `tileserver.db`) when there is nothing to give.
    """
    return render_one(series_of(selection, tile.z, params), tile, permission_class)


def render_one(
    series: Series, tile: Tile, permission_class: str = "public", early: Early | None = None
) -> Rendered:
    """The same of a tile of a series. `early` hears of it in between, if it is made here and to be
    kept."""
    if not series.layers:
        return OUTSIDE
    where, made = series.entry(tile, permission_class), Recipe(series, tile)
    if series.passing:
        return _passing(where, made)
    here = process.current()
    if not here.watcher.believed():
        return _unverified(where, made)
    try:
        return _fetched(here.flights, where, made, early)
    except (Busy, Unavailable) as problem:
        return _last_resort(where, problem)


def refresh(selection: Selection, tile: Tile, permission_class: str = "public") -> Rendered:
    """The tile made now, whatever is kept: for a warmer that is told to replace all."""
    series = series_of(selection, tile.z)
    if not series.layers:
        return OUTSIDE
    where, made = series.entry(tile, permission_class), Recipe(series, tile)
    if series.passing:
        return _passing(where, made)
    started = time.perf_counter()
    landed = process.current().flights.replace(where, made.make)
    return _rendered(landed, where, started)


def unkept(selection: Selection, tile: Tile, params: Params = NONE) -> Rendered:
    """The tile made now and kept nowhere: for what only its editors may see."""
    series = series_of(selection, tile.z, params)
    if not series.layers:
        return OUTSIDE
    started = time.perf_counter()
    made = Recipe(series, tile).make()
    return Rendered(made, "render", seconds=time.perf_counter() - started)


def place(
    selection: Selection, tile: Tile, params: Params = NONE, permission_class: str = "public"
) -> Entry:
    """Where this variant of the tile is kept."""
    return series_of(selection, tile.z, params).entry(tile, permission_class)


def _fetched(flights: Flights, where: Entry, recipe: Recipe, early: Early | None) -> Rendered:
    started = time.perf_counter()

    def hear(tile: TileBytes) -> None:
        if early is not None and where.key:
            took = time.perf_counter() - started
            early(Rendered(tile, "render", took, 0.0, float(where.ttl), where.key, where.variant))

    landed = flights.fetch(where, partial(recipe.make, hear=hear))
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
