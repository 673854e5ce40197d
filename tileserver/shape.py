"""The geometry of a row as a tile draws it, in EPSG:3857, in SQL.

To transform a country costs more than all else in its tile, and most of it lies elsewhere. So in
Layers that have large shapes, lines and polygons are clipped first, in their own coordinate system,
to a box somewhat wider than the tile with its buffer. docs/architecture.md says why that is right.
"""

from psycopg2 import sql

from core.published import LayerInfo
from tileserver.boxes import tile_box, wholly_usable
from tileserver.names import of_row

FLAT = ("POINT", "LINESTRING", "POLYGON")
SIMPLE = ("LINESTRING", "MULTILINESTRING", "POLYGON", "MULTIPOLYGON")
# The clipping box is wider than the tile's by this part of its larger side.
WIDER = 1 / 64
# Below this most of a large shape is in the tile, and to clip it costs more than it saves.
CLIPPED_FROM_ZOOM = 2
# From here on no edge that is shorter than the clipping box bends by half a tile unit.
STRAIGHT_FROM_ZOOM = 14
# An edge of 1 / sqrt(BEND / 2 ^ z) tiles bends by a quarter of a unit (of 4096) in EPSG:3857.
BEND = 12800


WIDE = sql.SQL("(SELECT k.wide FROM k)")
DOT = sql.SQL("(SELECT k.dot FROM k)")
STEP = sql.SQL("(SELECT k.step FROM k)")


def constants(layer: LayerInfo, zoom: int) -> sql.Composed:
    """The WITH clause that `drawn` needs: boxes computed once a tile.

    It has no row where the Layer's CRS cannot be computed with in all of the tile.
    """
    box = tile_box(layer, zoom)
    if box is None or not _is_clipped(layer):
        return sql.SQL("").format()
    text = """WITH k AS MATERIALIZED (
SELECT ST_Expand(b, side * {wider}) AS wide, ST_Expand(ST_Centroid(b), side / 1e6) AS dot,
side * sqrt(2 ^ $1 / {bend}) AS step
FROM (SELECT b, greatest(ST_XMax(b) - ST_XMin(b), ST_YMax(b) - ST_YMin(b)) AS side
FROM (SELECT {box} AS b OFFSET 0) AS b WHERE {usable}) AS b)
"""
    return sql.SQL(text).format(
        wider=sql.Literal(WIDER), bend=sql.Literal(BEND), box=box, usable=wholly_usable(layer)
    )


def drawn(layer: LayerInfo, zoom: int) -> sql.Composed:
    """The geometry of a row `s` of the Layer, in EPSG:3857, as far as the tile needs it.

    To be used under the WITH clause of `constants`.
    """
    column = of_row(layer.geometry_column)
    geometry = sql.SQL("{}::geometry").format(column) if layer.geography else column
    if not _is_flat(layer):
        # Curves and surfaces make ST_AsMVTGeom fail, or draw nothing: lines and polygons first.
        geometry = sql.SQL("ST_ForceSFS({})").format(geometry)
    if layer.srid == 3857:
        return geometry
    if _is_clipped(layer):
        if zoom >= CLIPPED_FROM_ZOOM:
            geometry = _clipped(layer, column, geometry)
        if zoom < STRAIGHT_FROM_ZOOM:
            # Edges are straight in their own system: so one that is cut in two tiles, at
            # different places, is drawn at the same place by both.
            geometry = sql.SQL("ST_Segmentize({}, coalesce({}, 1e300))").format(geometry, STEP)
    return sql.SQL("ST_Transform({}, 3857)").format(geometry)


def _is_clipped(layer: LayerInfo) -> bool:
    return layer.large_shapes and not _kind(layer).startswith("POINT")


def _kind(layer: LayerInfo) -> str:
    return layer.geometry_type.removeprefix("MULTI")


def _is_flat(layer: LayerInfo) -> bool:
    return _kind(layer).startswith(FLAT)


def _clipped(layer: LayerInfo, column: sql.Composed, geometry: sql.Composed) -> sql.Composed:
    """The geometry within a box wider than the tile's, or whole where that cannot be had.

    Clipping cuts a polygon at the box and closes it along the box. All edges inside are as they
    were, so by the even-odd rule the inside is right everywhere if it is right at one dot. A
    polygon that crosses itself may come out turned over, or in parts that overlap: not that one.
    """
    if _kind(layer).startswith("LINESTRING"):
        return sql.SQL("coalesce(ST_ClipByBox2D({}, {}), {})").format(geometry, WIDE, geometry)
    text = """CASE WHEN {outright} THEN {geometry} ELSE (
SELECT CASE WHEN (ST_NumGeometries(c.clipped) = 1 OR ST_IsValid(c.clipped))
AND ST_IsEmpty(ST_ClipByBox2D(c.clipped, {dot})) = ST_IsEmpty(ST_ClipByBox2D(c.whole, {dot}))
THEN c.clipped ELSE c.whole END FROM (
SELECT w.whole, ST_ClipByBox2D(w.whole, {wide}) AS clipped FROM (
SELECT ST_Force2D({geometry}) AS whole OFFSET 0) AS w OFFSET 0) AS c) END"""
    return sql.SQL(text).format(
        outright=_outright(layer, column, geometry), geometry=geometry, wide=WIDE, dot=DOT
    )


def _outright(layer: LayerInfo, column: sql.Composed, geometry: sql.Composed) -> sql.Composed:
    """True for a row that lies within the box, for all where there is no box."""
    within = sql.SQL("({} @ {}) IS NOT FALSE").format(column, WIDE)
    if _is_flat(layer):
        return within
    # A collection would be of another kind without what is cut off.
    simple = sql.SQL(", ").join(sql.Literal(kind) for kind in SIMPLE)
    return sql.SQL("{} OR GeometryType({}) NOT IN ({})").format(within, geometry, simple)
