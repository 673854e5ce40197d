"""The index of what is cached or in flight: by Layer and zoom, in Morton order.

    <prefix>:i:<layer id>:<matrix set>:<zoom>  a sorted set: tile key by its Morton code
    <prefix>:u:<layer id>:<matrix set>:<zoom>  a sorted set: tile key by its last millisecond

The tiles below any tile are one range of Morton codes (a code of 2 x 24 bits is exact in a double),
so that to find what is cached under a change costs what is found, whatever else is cached. Neither
set has a TTL: an index that Redis evicted would hide what must be expired.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tileserver import grid, redis_link, scripts
from tileserver.tile import Tile
from tileserver.truth import channel

EXPIRE_AT_ONCE = 100
ASK_AT_ONCE = 1000
# What is the same for all tiles of some Layers is put together once.
REMEMBERED = 4096
KEY_PARTS = 5


@dataclass(frozen=True)
class Shelf:
    """The cached tiles of one Layer at one zoom. `start` is what every key begins with."""

    start: str
    layer_id: int
    matrix_set: str
    zoom: int

    @property
    def keys(self) -> tuple[str, str]:
        """Its two sorted sets: by Morton code, and by last millisecond."""
        rest = f"{self.layer_id}:{self.matrix_set}:{self.zoom}"
        return f"{self.start}:i:{rest}", f"{self.start}:u:{rest}"


@lru_cache(REMEMBERED)
def indexes(start: str, layer_ids: tuple[int, ...], matrix_set: str, zoom: int) -> tuple[str, ...]:
    """The sorted sets that name tiles of these Layers at a zoom, two for each Layer."""
    shelves = (Shelf(start, one, matrix_set, zoom) for one in layer_ids)
    return tuple(key for shelf in shelves for key in shelf.keys)


def find(shelf: Shelf, ranges: Sequence[tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """The keys cached or in flight in these ranges of Morton codes, with column and row.

    Ranges have both ends in them. Raises RedisError.
    """
    found: dict[str, tuple[int, int]] = {}
    by_code = shelf.keys[0]
    for part in _parts(ranges, ASK_AT_ONCE):
        asked = redis_link.client().pipeline(transaction=False)
        for first, last in part:
            asked.zrangebyscore(by_code, first, last, withscores=True)
        for answer in asked.execute():
            found.update((key.decode(), grid.unspread(int(code))) for key, code in answer)
    return found


def everything(zoom: int) -> list[tuple[int, int]]:
    """The one range that holds every tile of a zoom."""
    return [(0, 4**zoom - 1)]


def count(shelf: Shelf, ranges: Sequence[tuple[int, int]]) -> int:
    """How many keys `find` would give; some may have lapsed. Raises RedisError."""
    asked = redis_link.client().pipeline(transaction=False)
    for first, last in ranges:
        asked.zcount(shelf.keys[0], first, last)
    return sum(asked.execute())


@dataclass(frozen=True)
class Key:
    """What the name of a tile key says.

    `budget` is what all the Layers have together, in bytes; None where each has only its own.
    """

    start: str
    layer_ids: tuple[int, ...]
    generations: tuple[int, ...]
    tile: Tile
    budget: int | None = None


def parsed(key: str) -> Key:
    """The parts of a tile key; raises ValueError for another key."""
    parts = key.split(":")
    if len(parts) != KEY_PARTS:
        raise ValueError(f"{key!r} is no tile key")
    generations, _, budget = parts[3].partition("/")
    matrix_set, z, x, y = parts[4].strip("{}").split("/")
    return Key(
        start=":".join(parts[:2]),
        layer_ids=tuple(int(one) for one in parts[2].split(".")),
        generations=tuple(int(one) for one in generations.split(".")),
        tile=Tile(int(z), int(x), int(y), matrix_set),
        budget=int(budget) if budget else None,
    )


def expire(epoch: str, keys: Sequence[str]) -> int:
    """Drop these tiles in every variant, in every process, and fence their renders.

    Returns how many there were; raises RedisError, because what is not expired is a wrong tile.
    """
    gone = 0
    for part in _parts(keys, EXPIRE_AT_ONCE):
        names: list[str] = []
        counts: list[int] = []
        for key in part:
            found = parsed(key)
            tile = found.tile
            named = indexes(found.start, found.layer_ids, tile.matrix_set, tile.z)
            names += [key, *named]
            counts.append(len(named))
        gone += int(redis_link.run(scripts.EXPIRE, names, [channel(epoch), *counts]))
    return gone


def _parts(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
