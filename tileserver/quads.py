"""Polygons with four corners, as most buildings are, put on a tile's grid without ST_AsMVTGeom.

ST_AsMVTGeom is the larger part of a tile of buildings, because it makes every polygon valid anew.
One that lies within the buffered tile only has its corners rounded, and with four of them it can be
told from area and perimeter that it is still valid: if such a ring touches or crosses itself, it
falls apart into two triangles that are turned against each other, or one and a line. So the area by
the surveyor's formula is at most that of the largest triangle with its perimeter, the equilateral
one: perimeter² · √3 / 36. What has more than that is valid. The rest goes the long way.

docs/architecture.md says what it gains.
"""

from psycopg2 import sql

from core.published import LayerInfo
from tileserver import shape
from tileserver.boxes import HALF_WORLD, TILE, envelope
from tileserver.once import Once

POINTS = 5
# More than any such polygon has, with Z and M; looked at first, because it unpacks nothing.
BYTES = 240
# A little above the square root of sqrt(3) / 36: the side of a square, for each unit of perimeter.
LEAST_SIDE = 0.2196
KINDS = ("POLYGON", "MULTIPOLYGON")


def joins(layer: LayerInfo, zoom: int) -> sql.Composed:
    """What `geometry` needs behind the rows `s` of the Layer in a FROM clause.

    `w.whole` is the geometry in EPSG:3857, where it is not in it already; `q.quad`, on the tile's
    grid, is NULL for what is no quad.
    """
    if not _may_have_quads(layer):
        return sql.SQL("").format()
    whole = _whole(layer, zoom)
    text = """{first} CROSS JOIN LATERAL (SELECT CASE WHEN pg_column_size({whole}) <= {bytes}
AND {whole} @ {box} AND ST_NPoints({whole}) <= {points}
THEN ST_ForcePolygonCCW(ST_SnapToGrid(ST_Affine({whole},
{scale}, 0, 0, -{scale},
{left}, {top}), 1)) END AS quad OFFSET 0) AS q"""
    return sql.SQL(text).format(
        first=_transformed(layer, zoom),
        whole=whole,
        points=sql.Literal(POINTS),
        bytes=sql.Literal(BYTES),
        box=envelope(layer.buffer / layer.extent),
        scale=_of_tile(layer, "{extent} * 2 ^ $1 / {world}"),
        left=_of_tile(layer, "{extent} * (2 ^ $1 / 2 - $2)"),
        top=_of_tile(layer, "{extent} * (2 ^ $1 / 2 - $3)"),
    )


def _of_tile(layer: LayerInfo, text: str) -> Once:
    extent, world = sql.Literal(float(layer.extent)), sql.Literal(2 * HALF_WORLD)
    return Once(sql.SQL(text).format(extent=extent, world=world))


def geometry(layer: LayerInfo, zoom: int) -> sql.Composed:
    """The geometry of a row as ST_AsMVT takes it: in tile units, clipped, and valid."""
    plain = sql.SQL("ST_AsMVTGeom({}, {}, {}, {}, true)").format(
        _whole(layer, zoom),
        TILE,
        sql.Literal(layer.extent),
        sql.Literal(layer.buffer),
    )
    if not _may_have_quads(layer):
        return plain
    # Of less than a square unit ST_AsMVTGeom may leave out what we would draw.
    text = """CASE WHEN sqrt(ST_Area(q.quad)) > greatest(1, {least} * ST_Perimeter(q.quad))
THEN q.quad ELSE {plain} END"""
    return sql.SQL(text).format(least=sql.Literal(LEAST_SIDE), plain=plain)


def _may_have_quads(layer: LayerInfo) -> bool:
    # A Layer with large shapes is none of buildings, and its SQL is long enough.
    return layer.geometry_type in KINDS and not layer.large_shapes


def _is_transformed_first(layer: LayerInfo) -> bool:
    return _may_have_quads(layer) and layer.srid != 3857


def _whole(layer: LayerInfo, zoom: int) -> sql.Composed:
    if _is_transformed_first(layer):
        return sql.SQL("w.whole").format()
    return shape.drawn(layer, zoom)


def _transformed(layer: LayerInfo, zoom: int) -> sql.Composed:
    if not _is_transformed_first(layer):
        return sql.SQL("").format()
    text = " CROSS JOIN LATERAL (SELECT {} AS whole OFFSET 0) AS w"
    return sql.SQL(text).format(shape.drawn(layer, zoom))
