"""A tile's passport: where it is kept, what it weighs, the SQL that makes it, and its plan.

For operators: a web process never imports this, nor the decoder it uses.
"""

import json
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from mapbox_vector_tile.Mapbox import vector_tile_pb2

from core.selection import Selection
from tileserver import cache, db, pooled
from tileserver.budget import Fitted
from tileserver.params import NONE
from tileserver.render import Recipe, place
from tileserver.sql import tile_query
from tileserver.tile import Tile


@dataclass(frozen=True)
class LayerWeight:
    """What one MVT layer adds to a tile, in bytes, uncompressed."""

    name: str
    features: int
    total: int
    geometry: int
    attributes: dict[str, int]


def weights(mvt: bytes) -> list[LayerWeight]:
    """The layers of an uncompressed tile (MVT 2.1), heaviest first."""
    message = vector_tile_pb2.tile()
    message.ParseFromString(mvt)
    return sorted(map(_weight, message.layers), key=lambda layer: -layer.total)


def _weight(layer: Any) -> LayerWeight:
    values: dict[str, set[int]] = {}
    uses: Counter[str] = Counter()
    for feature in layer.features:
        pairs = zip(feature.tags[::2], feature.tags[1::2], strict=True)
        for key, value in pairs:
            values.setdefault(layer.keys[key], set()).add(value)
            uses[layer.keys[key]] += _varint(key) + _varint(value)
    stored = {
        name: sum(layer.values[i].ByteSize() + 2 for i in found) for name, found in values.items()
    }
    weighed = {name: stored[name] + uses[name] + len(name.encode()) + 2 for name in stored}
    return LayerWeight(
        name=layer.name,
        features=len(layer.features),
        total=layer.ByteSize(),
        geometry=sum(_varint(number) for feature in layer.features for number in feature.geometry),
        attributes=dict(sorted(weighed.items(), key=lambda item: -item[1])),
    )


def _varint(number: int) -> int:
    """The bytes that a number takes in protobuf."""
    return max(1, (number.bit_length() + 6) // 7)


def rendered(selection: Selection, tile: Tile) -> Fitted:
    """The tile made now, kept nowhere, and what is cut; raises Busy, Unavailable or Unreadable."""
    return Recipe(selection, tile, NONE).fit()


def statement(selection: Selection, tile: Tile) -> str:
    """The SQL of the tile, with its address in the place of the parameters."""
    with closing(db.connect()) as made, made.cursor() as cursor:
        text = tile_query(selection.layers, tile.z).statement.as_string(cursor)
    return pooled.inlined(text, (tile.z, tile.x, tile.y))


def plan(selection: Selection, tile: Tile) -> str:
    """PostgreSQL's plan of the tile, run by the render role, with times and buffers."""
    with closing(db.connect()) as made, made.cursor() as cursor:
        explain = "EXPLAIN (ANALYZE, BUFFERS) " + statement(selection, tile)
        cursor.execute(db.preamble(made) + explain)
        return "\n".join(row[0] for row in cursor.fetchall())


def where(selection: Selection, tile: Tile) -> dict[str, Any]:
    """The state of the tile in Redis; the memory of web processes is theirs (`Cache-Status`)."""
    spot = place(selection, tile)
    kept = cache.get(spot)
    found: dict[str, Any] = {"key": spot.key or None, "kept": kept is not None}
    if kept is not None:
        found |= {
            "etag": kept.tile.etag,
            "bytes": len(kept.tile.body),
            "coding": kept.tile.coding,
            "age_seconds": round(kept.age, 1),
            "life_seconds": kept.ttl,
            "fresh": kept.fresh,
        }
    return found


def as_json(value: object) -> str:
    """For people and for `jq`."""
    return json.dumps(value, ensure_ascii=False, indent=2)
