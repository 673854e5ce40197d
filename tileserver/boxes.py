"""A tile's box in SQL, in the coordinate system of a Layer, buffer included.

`$1`, `$2`, `$3` are z, x and y. All of it hangs on them alone, so that a geometry index serves.
docs/architecture.md says why the boxes are made as they are.
"""

import math

from psycopg2 import sql

from core.published import LayerInfo
from tileserver.once import Once

HALF_WORLD = 20037508.342789244
GEOGRAPHY_BOX_FROM_ZOOM = 3
TILE = Once(sql.SQL("ST_TileEnvelope($1, $2, $3)"))


def tile_box(layer: LayerInfo, zoom: int) -> sql.Composable | None:
    """The tile with its buffer, as a box in the Layer's own SRID; None where all rows count.

    Clamped to the world square before it is transformed (beyond it longitudes wrap, and z0 and
    x=0 would lose the Americas), cut to where the CRS can be computed with, densified because
    straight edges bend, and only then boxed.
    """
    margin = layer.buffer / layer.extent
    if layer.srid == 3857:
        return envelope(margin)
    if layer.geography:
        return _geography_box(margin) if zoom >= GEOGRAPHY_BOX_FROM_ZOOM else None
    if layer.srid == 4326:
        return Once(sql.SQL("ST_Transform({}, 4326)").format(_cut(envelope(margin), WORLD_SQUARE)))
    # 2 % of the tile more than the buffer: what the bend between two densified points may hide.
    usable = _cut(envelope(margin + 0.02), _mercator_box(layer.area_of_use))
    text = "ST_Envelope(ST_Transform(ST_Segmentize({}, {} / 2 ^ $1), {}))"
    step = sql.Literal(2 * HALF_WORLD / 32)
    return Once(sql.SQL(text).format(usable, step, sql.Literal(layer.srid)))


def wholly_usable(layer: LayerInfo) -> sql.Composed:
    """SQL that is true when the Layer's CRS can be computed with in all of the tile."""
    within = sql.SQL("{} ~ ST_TileEnvelope($1, $2, $3, margin => -0.01)")
    return within.format(_mercator_box(layer.area_of_use))


def _geography_box(margin: float) -> Once:
    clamped = _cut(envelope(margin + 0.02), WORLD_SQUARE)
    text = "ST_Transform(ST_Segmentize({}, {} / 2 ^ $1), 4326)::geography"
    return Once(sql.SQL(text).format(clamped, sql.Literal(2 * HALF_WORLD / 16)))


def envelope(margin: float) -> Once:
    """The tile in EPSG:3857 with a margin, in parts of its side."""
    text = "ST_TileEnvelope($1, $2, $3, margin => {})"
    return Once(sql.SQL(text).format(sql.Literal(margin)))


def _rectangle(west: float, south: float, east: float, north: float) -> sql.Composed:
    sides = sql.SQL(", ").join(sql.Literal(side) for side in (west, south, east, north))
    return sql.SQL("ST_MakeEnvelope({}, 3857)").format(sides)


WORLD_SQUARE = _rectangle(-HALF_WORLD, -HALF_WORLD, HALF_WORLD, HALF_WORLD)


def _cut(box: sql.Composable, other: sql.Composable) -> sql.Composed:
    return sql.SQL("ST_Intersection({}, {})").format(box, other)


def _mercator_box(degrees: tuple[float, float, float, float]) -> sql.Composed:
    west, south, east, north = degrees
    scale = HALF_WORLD / 180
    return _rectangle(west * scale, _northing(south), east * scale, _northing(north))


def _northing(latitude: float) -> float:
    """EPSG:3857 northing in metres of a latitude in degrees, kept on the world square."""
    if abs(latitude) >= 85.05:
        return math.copysign(HALF_WORLD, latitude)
    return math.asinh(math.tan(math.radians(latitude))) * HALF_WORLD / math.pi
