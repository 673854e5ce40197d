"""The Redis tier: one hash for each (sorted Layer ids, tile), a field for each variant.

    key    g:<epoch>:<ids>:<generations>:{<matrix set>/<z>/<x>/<y>}
    field  <permission class>|<parameters>
    value  G1|<digest>|<coding>|<raw bytes>|<stored, ms>|<seconds to live>\n<body>
    index  g:<epoch>:i:<layer id>:<matrix set>:<z>, a sorted set: tile key by its last millisecond

To expire a tile in every variant is one UNLINK; the index finds the tiles of a Layer without a
SCAN. The part in braces keeps a tile on one node of a cluster. The header of a value is never a
number, because django-redis would take such a value for one.
"""

import functools
import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from django_redis import get_redis_connection
from redis.exceptions import RedisError

from core.published import LayerInfo
from tileserver.encode import TileBytes
from tileserver.params import Params
from tileserver.tile import Tile

logger = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")
MAGIC = b"G1"
HEADER_WORDS = 6
JITTER = 0.1
AWAY_SECONDS = 1.0

# Everything of one store in one atomic step: the value, its life, and the index of each Layer.
_STORE = """
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
local life = tonumber(ARGV[3])
if redis.call('PTTL', KEYS[1]) < life then redis.call('PEXPIRE', KEYS[1], life) end
local now = tonumber(ARGV[4])
for i = 2, #KEYS do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
  redis.call('ZADD', KEYS[i], 'GT', now + life, KEYS[1])
  if redis.call('PTTL', KEYS[i]) < life then redis.call('PEXPIRE', KEYS[i], life) end
end
return 1
"""


class RawSerializer:
    """django-redis serializer that stores bytes as they are."""

    def __init__(self, options: dict[str, Any]) -> None:
        del options

    def dumps(self, value: bytes) -> bytes:
        """The value itself."""
        return value

    def loads(self, value: bytes) -> bytes:
        """The value itself."""
        return value


@dataclass(frozen=True)
class Entry:
    """Where a variant of a tile is kept, and for how long."""

    key: str
    variant: str
    indexes: tuple[str, ...]
    ttl: int


@dataclass(frozen=True)
class Kept:
    """A tile from the cache and its age in seconds."""

    tile: TileBytes
    age: float


class _Away:
    """After a failure nobody asks Redis for a second: a dead server must not slow each tile."""

    def __init__(self) -> None:
        self._until = 0.0
        self._lock = threading.Lock()

    def now(self) -> bool:
        return time.monotonic() < self._until

    def note(self, error: RedisError) -> None:
        with self._lock:
            if not self.now():
                logger.warning("Redis is away, tiles are rendered without it: %s", error)
            self._until = time.monotonic() + AWAY_SECONDS


away = _Away()


def or_none(ask: Callable[P, R]) -> Callable[P, R | None]:
    """Redis away is not tiles away: the one place that decides what happens then."""

    @functools.wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R | None:
        if away.now():
            return None
        try:
            return ask(*args, **kwargs)
        except RedisError as error:
            away.note(error)
            return None

    return asked


def entry(epoch: str, layers: Sequence[LayerInfo], tile: Tile, params: Params, cls: str) -> Entry:
    """Where the variant of this tile for `params` and permission class `cls` is kept.

    `layers` are sorted by id. Keys are on ids and generations, never on names.
    """
    ids = ".".join(str(layer.id) for layer in layers)
    generations = ".".join(str(layer.generation) for layer in layers)
    place = f"{tile.matrix_set}/{tile.z}/{tile.x}/{tile.y}"
    return Entry(
        key=f"g:{epoch}:{ids}:{generations}:{{{place}}}",
        variant=f"{cls}|{params.key}",
        indexes=tuple(index_key(epoch, layer.id, tile) for layer in layers),
        ttl=min(layer.ttl_seconds for layer in layers),
    )


def index_key(epoch: str, layer_id: int, tile: Tile) -> str:
    """The sorted set of the cached tile keys of one Layer at one zoom."""
    return f"g:{epoch}:i:{layer_id}:{tile.matrix_set}:{tile.z}"


def _client() -> Any:
    return get_redis_connection("tiles")


@or_none
def get(where: Entry) -> Kept | None:
    """What is kept, or None: nothing, too old, or Redis is away."""
    value = _client().hget(where.key, where.variant)
    return None if value is None else _unpacked(value)


def _unpacked(value: bytes) -> Kept | None:
    head, _, body = value.partition(b"\n")
    words = head.split(b"|")
    if len(words) != HEADER_WORDS or words[0] != MAGIC:
        return None  # Not ours, or another release's: as good as nothing.
    _, digest, coding, raw_size, stored_ms, ttl = words
    age = time.time() - int(stored_ms) / 1000
    if age > int(ttl):
        return None
    return Kept(TileBytes(body, coding.decode(), digest.decode(), int(raw_size)), max(0.0, age))


@or_none
def put(where: Entry, tile: TileBytes) -> bool:
    """Keep the tile; None when Redis is away."""
    now = int(time.time() * 1000)
    head = f"G1|{tile.digest}|{tile.coding}|{tile.raw_size}|{now}|{where.ttl}\n".encode()
    # Tiles that were stored together must not all lapse together.
    life = int(where.ttl * 1000 * (1 + random.uniform(0, JITTER)))  # noqa: S311 - no secret
    store = _client().register_script(_STORE)
    store(keys=[where.key, *where.indexes], args=[where.variant, head + tile.body, life, now])
    return True


@or_none
def expire(keys: Sequence[str]) -> int:
    """Drop these tiles in every variant; returns how many there were, None when Redis is away."""
    return int(_client().unlink(*keys)) if keys else 0


@or_none
def cached_keys(epoch: str, layer_id: int, tile: Tile) -> list[str]:
    """The keys of the tiles of a Layer that are cached at the zoom of `tile`."""
    now = int(time.time() * 1000)
    found = _client().zrangebyscore(index_key(epoch, layer_id, tile), now, "+inf")
    return [key.decode() for key in found]
