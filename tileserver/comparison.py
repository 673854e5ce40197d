"""One variant of a cached tile, and whether the database says the same."""

from collections.abc import Mapping
from dataclasses import dataclass

from google.protobuf.message import DecodeError
from mapbox_vector_tile.Mapbox import vector_tile_pb2

from core.published import PROMISES, LayerInfo
from core.selection import Selection
from core.snapshot import Snapshot
from tileserver import cache, index, params, redis_link
from tileserver.encode import TileBytes, digest_of
from tileserver.render import Recipe, recipe_for
from tileserver.tile import Tile

UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Found:
    """A variant of a cached tile as it stood in Redis: key, field and value."""

    key: str
    field: str
    value: bytes

    @property
    def tile(self) -> Tile:
        """Its address; raises ValueError for a key that is none of a tile."""
        return index.parsed(self.key).tile

    @property
    def variant(self) -> str:
        """Permission class and parameters."""
        return self.field.partition("|")[2]

    def still_there(self) -> bool:
        """True while Redis has this very value: nothing has touched it. Raises RedisError."""
        return bool(redis_link.client().hget(self.key, self.field) == self.value)


@dataclass(frozen=True)
class Difference:
    """What was kept and what the database says, and the Layers that promised otherwise."""

    found: Found
    layers: tuple[LayerInfo, ...]
    kept: str
    fresh: str


def find(key: str, field: str) -> Found | None:
    """What Redis has there, None when nothing; raises RedisError."""
    value = redis_link.client().hget(key, field)
    return None if value is None else Found(key, field, value)


def variants(key: str) -> list[str]:
    """The fields of the tiles, in every variant, under a key; raises RedisError."""
    fields = (field.decode() for field in redis_link.client().hkeys(key))
    return sorted(field for field in fields if field.startswith("v|"))


def recipe_of(found: Found, published: Snapshot) -> Recipe | None:
    """What makes the tile; None when nobody is given it now, or it promises nothing."""
    kept = cache.unpacked(found.value)
    if kept is None or not kept.fresh:
        return None  # Nobody is given it.
    try:
        key = index.parsed(found.key)
        wanted = params.from_key(found.field.split("|", 2)[2])
    except (ValueError, IndexError):
        return None
    by_id = {layer.id: layer for layer in published.layers.values()}
    layers = tuple(by_id[one] for one in key.layer_ids if one in by_id)
    if tuple(layer.generation for layer in layers) != key.generations:
        return None
    if not any(_promises(layer, key.tile) for layer in layers):
        return None
    return recipe_for(_selection(layers, key.budget, published), key.tile, wanted)


def _promises(layer: LayerInfo, tile: Tile) -> bool:
    return layer.freshness in PROMISES and layer.cacheable and layer.in_zoom(tile.z)


def _selection(layers: tuple[LayerInfo, ...], budget: int | None, published: Snapshot) -> Selection:
    """The Layers as a tile URL has them, under the name of a Tileset if there is one of them."""
    ids = {layer.id for layer in layers}
    same = [one for one in published.tilesets.values() if {m.id for m in one.layers} == ids]
    return Selection(
        name=same[0].name if same else ",".join(layer.name for layer in layers),
        title="",
        description="",
        attribution="",
        layers=layers,
        guarded=layers,
        byte_budget=sum(layer.byte_budget for layer in layers) if budget is None else budget,
    )


def compare(found: Found, recipe: Recipe) -> Difference | None:
    """The tile rendered again, without waiting for a seat, and compared byte by byte.

    None when they are the same, or differ only in Layers that promise nothing. Raises Busy,
    Unavailable or Unreadable (see `tileserver.db`).
    """
    fresh = recipe.make(wait=False).as_identity().body
    kept = cache.unpacked(found.value)
    body = _believable(kept.tile) if kept else None
    if body == fresh:
        return None
    layers = recipe.series.selection.layers
    wrong = layers if body is None else _differing(body, fresh, layers)
    promised = tuple(layer for layer in wrong if _promises(layer, recipe.tile))
    if not promised:
        return None
    digest = UNREADABLE if body is None else digest_of(body)
    return Difference(found, promised, digest, digest_of(fresh))


def _believable(tile: TileBytes) -> bytes | None:
    """The MVT of a tile; None when it cannot be unpacked, or is not what is said of it."""
    body = tile.content()
    said = (tile.digest, tile.raw_size)
    return None if body is None or (digest_of(body), len(body)) != said else body


def _differing(kept: bytes, fresh: bytes, layers: tuple[LayerInfo, ...]) -> tuple[LayerInfo, ...]:
    """The Layers whose part of the tile differs; all of them where that cannot be told."""
    try:
        old, new = _parts(kept), _parts(fresh)
    except DecodeError:
        return layers
    names = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    return tuple(layer for layer in layers if layer.layer_name in names) or layers


def _parts(mvt: bytes) -> Mapping[str, bytes]:
    message = vector_tile_pb2.tile()
    message.ParseFromString(mvt)
    return {layer.name: layer.SerializeToString() for layer in message.layers}
