"""The one room where a tile is made; the HTTP view and the warmer are its two doors."""

import time
from dataclasses import dataclass

from core.selection import Selection
from tileserver import cache, db
from tileserver.encode import TileBytes, encode
from tileserver.params import NONE, Params
from tileserver.sql import in_zoom, tile_query
from tileserver.tile import Tile

EMPTY = encode(b"")


@dataclass(frozen=True)
class Rendered:
    """A tile and how it was had: `outcome` is redis, render or outside."""

    tile: TileBytes
    outcome: str
    seconds: float = 0.0
    age: float = 0.0


def render(
    selection: Selection, tile: Tile, params: Params = NONE, permission_class: str = "public"
) -> Rendered:
    """The tile of these Layers: kept in Redis, or made now and kept.

    Raises Busy, Unavailable or Unreadable (see `tileserver.db`).
    """
    if outside(selection, tile):
        return Rendered(EMPTY, "outside")
    where = cache.entry(db.epoch(), selection.layers, tile, params, permission_class)
    kept = cache.get(where)
    if kept is not None:
        return Rendered(kept.tile, "redis", age=kept.age)
    return _fresh(selection, tile, params, where)


def refresh(selection: Selection, tile: Tile, permission_class: str = "public") -> Rendered:
    """The tile made now, whatever is kept: for a warmer that is told to replace all."""
    if outside(selection, tile):
        return Rendered(EMPTY, "outside")
    where = cache.entry(db.epoch(), selection.layers, tile, NONE, permission_class)
    return _fresh(selection, tile, NONE, where)


def outside(selection: Selection, tile: Tile) -> bool:
    """True when no Layer has tiles at this zoom: the answer is empty, and costs no SQL."""
    return not any(in_zoom(layer, tile.z) for layer in selection.layers)


def _fresh(selection: Selection, tile: Tile, params: Params, where: cache.Entry) -> Rendered:
    started = time.perf_counter()
    made = encode(db.run(tile_query(selection.layers, tile.z, params), tile))
    cache.put(where, made)
    return Rendered(made, "render", time.perf_counter() - started)
