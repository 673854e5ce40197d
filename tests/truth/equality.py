"""The one claim: every cached tile, in every tier, equals a fresh render byte for byte."""

import gzip
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django_redis import get_redis_connection

from core import snapshot
from core.changelog import reader
from core.published import LayerInfo
from tests.raw import request
from tileserver import cache, db, index
from tileserver.index import Shelf
from tileserver.sql import tile_query
from tileserver.tile import DEFAULT_MATRIX_SET, Tile

GZIP = {"Accept-Encoding": "gzip"}
# Contract C4: a second after a commit nobody serves the old tile.
C4_SECONDS = 1.0
SETTLE_SECONDS = 20.0


@dataclass(frozen=True)
class Kept:
    """A tile in Redis: its key, its address and its uncompressed bytes."""

    key: str
    tile: Tile
    body: bytes


def info(name: str) -> LayerInfo:
    """The Layer as it is published now."""
    snapshot.forget()
    return snapshot.current().layers[name]


def fresh(layer: LayerInfo, tile: Tile) -> bytes:
    """The tile out of the database, now."""
    return b"".join(db.run(tile_query((layer,), tile.z), tile))


def settle() -> None:
    """Wait until every committed change has been applied, then for what C4 allows."""
    name = reader.cursor_name(settings.REDIS_URL)
    deadline = time.monotonic() + SETTLE_SECONDS
    while (batch := reader.read(name)).changes or batch.position is None:
        assert time.monotonic() < deadline, f"not applied: {batch.changes[:3]}"
        time.sleep(0.02)
    connection.close()
    time.sleep(C4_SECONDS)


def kept(layer: LayerInfo) -> list[Kept]:
    """Every tile of the Layer that Redis has, of its present generation."""
    found: list[Kept] = []
    redis: Any = get_redis_connection("tiles")
    for zoom in range(layer.min_zoom, layer.max_zoom + 1):
        shelf = Shelf(cache.prefix(db.epoch()), layer.id, DEFAULT_MATRIX_SET, zoom)
        for key in index.find(shelf, index.everything(zoom)):
            parts = index.parsed(key)
            if parts.generations != (layer.generation,):
                continue
            for name, value in redis.hgetall(key).items():
                if name.startswith(b"v|"):
                    tile = cache.unpacked(value)
                    assert tile is not None
                    found.append(Kept(key, parts.tile, tile.tile.as_identity().body))
    return found


def wrong_in_redis(layer: LayerInfo) -> list[str]:
    """The tiles that Redis has and that are not what a render gives."""
    return [str(one.tile) for one in kept(layer) if one.body != fresh(layer, one.tile)]


def served(site: str, name: str, tile: Tile) -> tuple[bytes, str]:
    """A tile as that site serves it, uncompressed, and where it had it from."""
    answer = request(site, f"/tiles/{name}/{tile}.mvt", headers=GZIP)
    assert answer.status in (200, 204), (answer.status, answer.body[:200])
    packed = answer.headers.get("content-encoding") == "gzip"
    how = answer.headers.get("cache-status", "").rpartition("=")[2]
    return gzip.decompress(answer.body) if packed else answer.body, how


def wrong_at(site: str, layer: LayerInfo, tiles: list[Tile]) -> list[str]:
    """The tiles that a site serves and that are not what a render gives."""
    wrong: list[str] = []
    for tile in tiles:
        body, how = served(site, layer.name, tile)
        if body != fresh(layer, tile):
            wrong.append(f"{tile} from {how}")
    return wrong
