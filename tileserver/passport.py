"""A tile's passport: where it is kept, what it weighs, the SQL that makes it, and its plan.

For operators.
"""

import json
from contextlib import closing
from typing import Any

from core.selection import Selection
from tileserver import cache, db, pooled
from tileserver.budget import Fitted
from tileserver.render import place, recipe_for
from tileserver.sql import tile_query
from tileserver.tile import Tile

EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS) "


def rendered(selection: Selection, tile: Tile) -> Fitted:
    """The tile made now, kept nowhere, and what is cut; raises Busy, Unavailable or Unreadable."""
    return recipe_for(selection, tile).fit()


def statement(selection: Selection, tile: Tile) -> str:
    """The SQL of the tile, with its address in the place of the parameters."""
    with closing(db.connect()) as made, made.cursor() as cursor:
        text = tile_query(selection.layers, tile.z).statement.as_string(cursor)
    return pooled.inlined(text, (tile.z, tile.x, tile.y))


def plan(selection: Selection, tile: Tile) -> str:
    """PostgreSQL's plan of the tile, run by the render role, with times and buffers."""
    query, values = tile_query(selection.layers, tile.z), (tile.z, tile.x, tile.y)
    with closing(db.Seat()) as seat, seat.connect().cursor() as cursor:
        cursor.execute(seat.sql(cursor, query, values, asking=EXPLAIN))
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
