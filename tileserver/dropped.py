"""Why a cached tile was dropped: the changes that may have altered it, newest first.

The same rule as the listener's (see `tileserver.dirty`), the other way round: the tile, grown by
its buffer and by how far a change is felt, against the boxes of each change.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import DataError, InternalError, ProgrammingError, transaction

from core import picture
from core.changelog.sources import sources
from core.feed import entries, log
from core.feed.entries import Entry
from core.published import LayerInfo
from core.selection import Selection
from tileserver.grid import SLACK, margin
from tileserver.tile import BadAddress, Tile, parse

Box = tuple[float, float, float, float]
HALF_WORLD = 20037508.342789244
MOST = 50
MOST_LISTS = 200
ADDRESS = re.compile(
    r"(?:^|/)([^/\s]+)[/\s]+([0-9]+)/([0-9]+)/([0-9]+)(?:\.(?:mvt|pbf))?(?:\?\S*)?$"
)


def read(text: str) -> tuple[str, Tile]:
    """Tileset and tile out of a tile's URL, or `TILESET Z/X/Y`; raises BadAddress."""
    found = ADDRESS.search(text.strip())
    if found is None:
        raise BadAddress(
            "Give the URL of a tile, or a tileset and Z/X/Y, such as roads 12/2200/1343."
        )
    name, z, x, y = found.groups()
    return name, parse(z, x, y)


@dataclass(frozen=True)
class _Feed:
    """A relation that a Layer is made from at some zoom, and how far a change in it is felt."""

    oid: int
    layer: LayerInfo
    reach: float | None


def reasons(selection: Selection, tile: Tile) -> list[Entry]:
    """What may have dropped the tile, newest first; raises django.db.Error without a log."""
    feeds = list(_feeds(selection.layers, tile))
    ids = {number for feed in feeds for number in _changes(feed, tile)}
    layers = [layer.id for layer in selection.layers]
    raised = log.raised(log.Raised(layers, bare=False), MOST)
    ids |= {one.change for one in raised if one.change is not None}
    newest = sorted(ids, reverse=True)[:MOST]
    return entries.those(newest, layers)


def _feeds(layers: Sequence[LayerInfo], tile: Tile) -> Iterable[_Feed]:
    by_id = {layer.id: layer for layer in layers}
    for oid, found in sources().items():
        for one in found:
            if one.layer_id in by_id and one.min_zoom <= tile.z <= one.max_zoom:
                yield _Feed(oid, by_id[one.layer_id], one.reach)


_SRIDS = "SELECT DISTINCT srid FROM graticule.change WHERE relation = %s"
_TOUCHING = """
SELECT c.id FROM graticule.change c,
LATERAL (SELECT CASE WHEN %(exact)s THEN coalesce(c.parts, c.boxes) ELSE c.boxes END AS b) AS p
WHERE c.relation = %(oid)s AND c.srid = %(srid)s AND c.tiles IS NULL
AND (c.parts IS NOT NULL) = %(parts)s AND (c.boxes IS NULL OR
  %(anywhere)s AND cardinality(c.boxes) > 0 OR EXISTS (
    SELECT FROM generate_series(1, cardinality(b), 4) AS i
    WHERE b[i] <= %(east)s AND b[i + 2] >= %(west)s
      AND b[i + 1] <= %(north)s AND b[i + 3] >= %(south)s))
ORDER BY c.id DESC LIMIT %(most)s
"""
_LISTS = """
SELECT id, tiles FROM graticule.change WHERE relation = %s AND tiles IS NOT NULL
ORDER BY id DESC LIMIT %s
"""


def _changes(feed: _Feed, tile: Tile) -> Iterable[int]:
    """The newest changes of a relation whose cover has the tile in it."""
    for (srid,) in log.ask(_SRIDS, [feed.oid]):
        yield from _touching(feed, tile, srid, parts=False)
        yield from _touching(feed, tile, srid, parts=True)
    square = grown(tile, feed.layer, feed.reach or 0.0)
    for number, flat in log.ask(_LISTS, [feed.oid, MOST_LISTS]):
        listed = zip(flat[0::3], flat[1::3], flat[2::3], strict=False)
        if any(_meet(_metres(Tile(*one)), square) for one in listed):
            yield number


def _touching(feed: _Feed, tile: Tile, srid: int, *, parts: bool) -> Iterable[int]:
    """Those of the changes in one SRID that name parts of shapes, or those that do not."""
    square = grown(tile, feed.layer, feed.reach or 0.0, parts=parts)
    box = None if feed.reach is None else _in_srid(square, srid)
    west, south, east, north = box or (0.0, 0.0, 0.0, 0.0)
    values = {
        "oid": feed.oid,
        "srid": srid,
        "parts": parts,
        # A feature limit counts every row whose box touches a tile: then only boxes will do.
        "exact": not feed.layer.feature_limit,
        "anywhere": box is None,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "most": MOST,
    }
    return (row[0] for row in log.ask(_TOUCHING, values))


def grown(tile: Tile, layer: LayerInfo, reach: float, *, parts: bool = False) -> Box:
    """The square of a tile in EPSG:3857, with its buffer and `reach` metres on the ground."""
    west, south, east, north = _metres(tile)
    farthest = min(max(abs(south), abs(north)) + reach, HALF_WORLD)
    felt = reach * math.cosh(farthest * math.pi / HALF_WORLD)
    more = margin(layer.buffer, layer.extent, parts=parts) * (east - west) + SLACK + felt
    return west - more, south - more, east + more, north + more


def _metres(tile: Tile) -> Box:
    side = 2 * HALF_WORLD / 2**tile.z
    west, north = tile.x * side - HALF_WORLD, HALF_WORLD - tile.y * side
    return west, north - side, west + side, north


def _meet(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and one[2] >= other[0] and one[1] <= other[3] and one[3] >= other[1]


_TO_SRID = """
SELECT ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g) FROM (SELECT ST_Transform(
  ST_Segmentize(ST_MakeEnvelope(%s, %s, %s, %s, 3857), %s), %s::integer) AS g) AS t
"""


def _in_srid(square: Box, srid: int) -> Box | None:
    """A square in EPSG:3857 as a box of another system; None where it cannot be computed."""
    if srid == 3857:
        return square
    if srid == 4326:
        return picture.from_metres(square)
    inside = tuple(max(-HALF_WORLD, min(HALF_WORLD, side)) for side in square)
    try:
        with transaction.atomic():
            [row] = log.ask(_TO_SRID, [*inside, (inside[2] - inside[0]) / 8, srid])
    except (DataError, InternalError, ProgrammingError):
        return None
    if any(side is None or not math.isfinite(side) for side in row):
        return None
    return row[0], row[1], row[2], row[3]
