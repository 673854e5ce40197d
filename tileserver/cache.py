"""The Redis tier: one hash for each (sorted Layer ids, tile), two fields for each variant.

    key    g:<epoch>.<run id>:<ids>:<generations>[/<budget>]:{<matrix set>/<z>/<x>/<y>}
    field  v|<permission class>|<parameters>   the tile
           l|<permission class>|<parameters>   the lease of who renders it: <token> <until, ms>
           w|<permission class>|<parameters>   somebody waits for that
    value  G1|<digest>|<coding>|<raw bytes>|<stored, ms>|<seconds to live>\n<body>
    index  see tileserver/index.py

To expire a tile in every variant, and every render of it that is under way, is one UNLINK; the
index finds what is cached or in flight of a Layer without a SCAN. Storing succeeds only while the
lease still holds the renderer's token, so a tile that was expired meanwhile is not written. The
part in braces keeps a tile on one node of a cluster. The header of a value is never a number,
because django-redis would take such a value for one.
"""

import functools
import logging
import random
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, TypeVar

from redis.exceptions import RedisError

from core import fresh
from core.published import LayerInfo
from tileserver import index, redis_link, scripts
from tileserver.encode import TileBytes
from tileserver.tile import Tile
from tileserver.truth import DONE

logger = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")
MAGIC = b"G1"
HEADER_WORDS = 6
JITTER = 0.1
AWAY_SECONDS = 1.0
LEASE_MS = 2000
# After its life a tile stays this long, for when it cannot be rendered.
LAST_RESORT_SECONDS = 600


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


class Entry(NamedTuple):
    """Where a variant of a tile is kept, for `ttl` seconds, and where its news are told.

    The index names it for `named_ms` milliseconds.
    """

    key: str
    variant: str
    indexes: tuple[str, ...]
    spot: int
    ttl: int
    named_ms: int
    channel: str
    id: str


class Kept(NamedTuple):
    """A tile from the cache, its age and its life in seconds."""

    tile: TileBytes
    age: float
    ttl: int

    @property
    def fresh(self) -> bool:
        """True until its life is over; after that it is a last resort."""
        return self.age <= self.ttl


class _Away:
    """After a failure nobody asks Redis for a second: a dead server must not slow each tile.

    `until` is of the monotonic clock.
    """

    def __init__(self) -> None:
        self.until = 0.0
        self._lock = threading.Lock()

    def note(self, error: RedisError) -> None:
        with self._lock:
            now = time.monotonic()
            if now >= self.until:
                logger.warning("Redis is away, tiles are rendered without it: %s", error)
            self.until = now + AWAY_SECONDS


away = _Away()
NOWHERE = ""


def or_none(ask: Callable[P, R]) -> Callable[P, R | None]:
    """Redis away is not tiles away: the one place that decides what happens then."""

    @functools.wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R | None:
        if time.monotonic() < away.until:
            return None
        try:
            return ask(*args, **kwargs)
        except RedisError as error:
            away.note(error)
            return None

    return asked


@functools.lru_cache(index.REMEMBERED)
def making(layers: tuple[LayerInfo, ...]) -> str:
    """Ids and generations of Layers, as they stand in keys."""
    ids = ".".join(str(layer.id) for layer in layers)
    return f"{ids}:" + ".".join(str(layer.generation) for layer in layers)


def prefix(epoch: str) -> str:
    """What every tile key of this database in this Redis begins with; empty when it is away."""
    if time.monotonic() < away.until:
        return NOWHERE
    known = redis_link.known or _run_id()
    return f"g:{epoch}.{known}" if known else NOWHERE


_run_id = or_none(redis_link.run_id)


class Taken(NamedTuple):
    """What `take` found: a kept tile, or the lease (`token`), or how long another has it."""

    kept: Kept | None = None
    token: str = ""
    wait: float = 0.0


@or_none
def take(where: Entry, kept_will_do: bool = True) -> Taken | None:
    """The tile, or the lease to render it, or the seconds that another still has it.

    In one step. The lease lasts two seconds; None when Redis is away, or has as many variants of
    this tile as it takes.
    """
    token = fresh.name()
    args = [where.variant, token, LEASE_MS, int(kept_will_do), where.spot, where.named_ms]
    answer, value = redis_link.run(scripts.TAKE, [where.key, *where.indexes], args)
    if answer == b"ours":
        return Taken(token=token)
    if answer == b"full":
        return None
    if answer == b"wait":
        return Taken(wait=int(value) / 1000)
    kept = unpacked(value)
    return Taken(kept=kept) if kept is not None and kept.fresh else _asked_again(where)


def _asked_again(where: Entry) -> Taken:
    found: Taken | None = take.__wrapped__(where, kept_will_do=False)  # type: ignore[attr-defined]
    return found or Taken()


def get(where: Entry) -> Kept | None:
    """What is kept, fresh or not; None when nothing is, or Redis is away."""
    return look(where.key, where.variant)


@or_none
def look(key: str, variant: str) -> Kept | None:
    """What is kept of a variant under a tile key; None when nothing is, or Redis is away."""
    value = redis_link.ask("HGET", key, f"v|{variant}")
    return None if value is None else unpacked(value)


def spot(tile: Tile) -> str:
    """The last part of a tile key: which tile it is."""
    return f"{{{tile.matrix_set}/{tile.z}/{tile.x}/{tile.y}}}"


def unpacked(value: bytes) -> Kept | None:
    """The tile in a value, None in one that is not ours."""
    head, _, body = value.partition(b"\n")
    words = head.split(b"|")
    if len(words) != HEADER_WORDS or words[0] != MAGIC:
        return None  # Not ours, or another release's: as good as nothing.
    _, digest, coding, raw_size, stored_ms, ttl = words
    tile = TileBytes(body, coding.decode(), digest.decode(), int(raw_size))
    age = max(0.0, time.time() - int(stored_ms) / 1000)
    return Kept(tile, age, int(ttl))


@or_none
def keep_lease(where: Entry, token: str) -> bool:
    """Two more seconds; False when the lease is lost: the tile was expired, or we were too slow."""
    args = [where.variant, token, LEASE_MS]
    return bool(redis_link.run(scripts.KEEP_LEASE, [where.key], args))


@or_none
def put(where: Entry, token: str, tile: TileBytes) -> bool:
    """Keep the tile if the lease is still ours; None when Redis is away."""
    now = int(time.time() * 1000)
    # Tiles that were stored together must not all lapse together.
    ttl = int(where.ttl * (1 + JITTER * random.random()))  # noqa: S311 - no secret
    head = f"G1|{tile.digest}|{tile.coding}|{tile.raw_size}|{now}|{ttl}\n".encode()
    news = f"{DONE} {where.key}"
    args = [where.variant, token, where.channel, news, head + tile.body, _stays_ms(ttl)]
    return bool(redis_link.run(scripts.STORE, [where.key], args))


@or_none
def give_up(where: Entry, token: str) -> bool:
    """Let another render it: ours failed."""
    args = [where.variant, token, where.channel, f"{DONE} {where.key}"]
    return bool(redis_link.run(scripts.GIVE_UP, [where.key, *where.indexes], args))


def named_ms(ttl: int) -> int:
    """How long the index must name what is kept for `ttl` seconds: milliseconds.

    It is stored in the end, after a render of LAST_RESORT_SECONDS at most.
    """
    return _stays_ms(ttl * (1 + JITTER) + LAST_RESORT_SECONDS)


def _stays_ms(ttl: float) -> int:
    """How long what may be given for `ttl` seconds stays."""
    return int((ttl + LAST_RESORT_SECONDS) * 1000)
