"""What was cut of tiles that are over their budget: remembered in Redis, for renderers and people.

    g:<epoch>.<run id>:cuts:<ids>:<generations>  a hash: <z>/<x>/<y>|<budget>|<parameters> to cuts
    g:<epoch>.<run id>:over                      a sorted set: <place>|<layer id> by bytes uncut
    g:<epoch>.<run id>:over:what                 a hash: the same to the rest of the record

All of it is bounded, may be evicted, and may be missing: it saves work, and decides nothing.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import NamedTuple

from core import snapshot
from core.published import LayerInfo
from tileserver import cache, db, redis_link
from tileserver.params import NONE
from tileserver.series import Series
from tileserver.tile import Tile

MOST_TILES, MOST_WORST, MOST_KNOWN = 20_000, 1000, 4096
KEPT_SECONDS = 30 * 86400
LOOK_SECONDS = 5.0

# KEYS cuts; ARGV field, value, most fields, seconds to live.
_REMEMBER = """
local new = redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0
if new and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""

# KEYS over, what; ARGV most, seconds to live, number of records to forget, these, then for each
# record to keep: name, bytes, the rest.
_RECORD = """
local gone = tonumber(ARGV[3])
for i = 4, 3 + gone do
  redis.call('ZREM', KEYS[1], ARGV[i])
  redis.call('HDEL', KEYS[2], ARGV[i])
end
for i = 4 + gone, #ARGV, 3 do
  redis.call('ZADD', KEYS[1], ARGV[i + 1], ARGV[i])
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2])
end
while redis.call('ZCARD', KEYS[1]) > tonumber(ARGV[1]) do
  redis.call('HDEL', KEYS[2], redis.call('ZPOPMIN', KEYS[1])[1])
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return 1
"""


@dataclass(frozen=True)
class Cut:
    """A Layer cut to `limit` features in one tile: `features` and `whole` bytes without the cut,
    `bytes` with it."""

    layer_id: int
    limit: int
    features: int
    whole: int
    bytes: int


class Place(NamedTuple):
    """Where the cuts of one variant of a tile are remembered; `start` is "" when Redis is away."""

    start: str
    tile: Tile
    series: Series

    @property
    def field(self) -> str:
        """Under which name."""
        return f"{self.tile}|{self.series.selection.byte_budget}|{self.series.params.key}"

    @property
    def layers(self) -> tuple[LayerInfo, ...]:
        """All that may be cut in it."""
        return self.series.selection.layers


@dataclass(frozen=True)
class OverBudget:
    """A Layer that was cut in a tile: bytes of it, uncompressed, and features before and after.

    `budget` is of the whole tile, in bytes; `at` in seconds since 1970.
    """

    tile: Tile
    layer: str
    budget: int
    bytes_before: int
    bytes_after: int
    features_before: int
    features_after: int
    at: float


def place(series: Series, tile: Tile) -> Place:
    """Where what is cut of this tile is remembered."""
    return Place(cache.prefix(db.epoch()), tile, series)


# Whether anything is remembered of some Layers, and how long that is believed: most have nothing,
# and no tile asks Redis for it.
_any: dict[str, tuple[bool, float]] = {}
_UNKNOWN = (False, 0.0)


def recall(series: Series, tile: Tile) -> dict[int, Cut]:
    """What was cut of the tile the last time, by Layer; empty when nothing is known."""
    if _known(series) is False:
        return {}
    return _recall(place(series, tile)) or {}


def _known(series: Series) -> bool | None:
    """Whether anything is remembered of its Layers; None when Redis must be asked."""
    known, until = _any.get(series.making, _UNKNOWN)
    return known if time.monotonic() < until else None


@cache.or_none
def _recall(where: Place) -> dict[int, Cut] | None:
    if not where.start or not _has_any(where):
        return None
    value = redis_link.ask("HGET", _key(where), where.field)
    found = (Cut(*numbers) for numbers in json.loads(value or "[]"))
    return {cut.layer_id: cut for cut in found}


def _has_any(where: Place) -> bool:
    known = _known(where.series)
    return _noted(where, bool(redis_link.ask("EXISTS", _key(where)))) if known is None else known


def _noted(where: Place, known: bool) -> bool:
    if len(_any) >= MOST_KNOWN:
        _any.clear()
    _any[where.series.making] = known, time.monotonic() + LOOK_SECONDS
    return known


@cache.or_none
def remember(where: Place, found: Sequence[Cut]) -> None:
    """Remember what was cut of the tile; nothing, if nothing was."""
    if not where.start:
        return
    key = _key(where)
    if found:
        value = json.dumps([astuple(cut) for cut in found])
        arguments = [where.field, value, MOST_TILES, KEPT_SECONDS]
        redis_link.run(_REMEMBER, [key], arguments)
        _noted(where, True)
    else:
        redis_link.ask("HDEL", key, where.field)
    if where.series.params == NONE:
        _record(where, found)


def _key(where: Place) -> str:
    return f"{where.start}:cuts:{cache.making(where.layers)}"


def _record(where: Place, found: Sequence[Cut]) -> None:
    """Note the worst of them for `worst`, and that the other Layers of the tile fit."""
    cut = {one.layer_id for one in found}
    gone = [_name(where, layer.id) for layer in where.layers if layer.id not in cut]
    arguments: list[str | int] = [MOST_WORST, KEPT_SECONDS, len(gone), *gone]
    generations = {layer.id: layer.generation for layer in where.layers}
    for one in found:
        rest = json.dumps([generations[one.layer_id], time.time(), *astuple(one)])
        arguments += [_name(where, one.layer_id), one.whole, rest]
    keys = [f"{where.start}:over", f"{where.start}:over:what"]
    redis_link.run(_RECORD, keys, arguments)


def _name(where: Place, layer_id: int) -> str:
    return f"{layer_id}|{where.field}"


def worst(limit: int = 100) -> list[OverBudget]:
    """The tiles that are furthest over their budget, as they were last rendered, worst first.

    Empty when Redis is away. Layers that have changed as a whole since are left out.
    """
    start = cache.prefix(db.epoch())
    return _worst(start, limit) or [] if start else []


@cache.or_none
def _worst(start: str, limit: int) -> list[OverBudget]:
    client = redis_link.client()
    names = client.zrevrange(f"{start}:over", 0, MOST_WORST)
    if not names:
        return []
    rest = client.hmget(f"{start}:over:what", names)
    told = zip(names, rest, strict=True)
    return list(_current({name.decode(): value for name, value in told if value}))[:limit]


def _current(records: dict[str, bytes]) -> Iterator[OverBudget]:
    layers = {layer.id: layer for layer in snapshot.current().layers.values()}
    for name, value in records.items():
        generation, at, *numbers = json.loads(value)
        cut, layer = Cut(*numbers), layers.get(numbers[0])
        if layer is None or layer.generation != generation:
            continue
        _, address, budget, _ = name.split("|", 3)
        z, x, y = map(int, address.split("/"))
        yield OverBudget(
            tile=Tile(z, x, y),
            layer=layer.name,
            budget=int(budget),
            bytes_before=cut.whole,
            bytes_after=cut.bytes,
            features_before=cut.features,
            features_after=cut.limit,
            at=at,
        )
