"""Small polygons, as buildings are, put on a tile's grid without ST_AsMVTGeom where that is sure.

ST_AsMVTGeom is the larger part of a tile of buildings, because it makes every polygon valid anew.
One that lies within the buffered tile only has its corners rounded, and nearly always that leaves
it valid. So it is rounded, and looked at afterwards; what fails goes the long way.

With four corners, area and perimeter tell. If such a ring touches or crosses itself, it falls apart
into two triangles that are turned against each other, or one and a line. So the area by the
surveyor's formula is at most that of the largest triangle with its perimeter, the equilateral one:
perimeter² · √3 / 36. What has more than that is valid. Of any other ST_IsValid is asked.

It is turned before it is rounded, since that costs less. Can rounding turn it over? A ring of n
corners that each move by √½ at most gains or loses no more area than perimeter · √½ + n / 4: too
little if the perimeter is above 16 and the test above is passed. Below that there are few enough
to try them all, and none of more than five square units can. Others are asked how they are turned.

docs/architecture.md says what it gains.
"""

from collections.abc import Collection, Iterable

from psycopg2 import sql

from core.published import LayerInfo
from tileserver import shape
from tileserver.boxes import HALF_WORLD, TILE, envelope
from tileserver.names import free, of_row
from tileserver.once import Once

# Of the geometry as it is stored: some 36 corners. Looked at first, because it unpacks nothing.
BYTES = 640
# Of PostGIS's own form in memory: a polygon, or a collection of one, with one ring of 5 points.
# Six, a hole, a second part or a third coordinate all take more.
FOUR_CORNERS_BYTES = 128
# A little above the square root of √3 / 36: the side of a square, for each unit of perimeter.
LEAST_SIDE = 0.2196
# A little above the square root of 5.
TURNED_SIDE = 2.24
KINDS = ("POLYGON", "MULTIPOLYGON")


def rows(layer: LayerInfo, zoom: int, ordered: sql.Composed) -> sql.Composed:
    """What to select from as `s`: the rows `ordered`, with what `geometry` needs beside them.

    OFFSET 0 keeps the steps apart: each is computed once.
    """
    if not _may_be_snapped(layer):
        return ordered
    columns = [*_read(layer)]
    found = ordered
    if _is_transformed_first(layer):
        whole = _name(layer, "whole")
        found = _with(found, columns, shape.drawn(layer, zoom), whole)
        columns.append(whole)
    return _with(found, columns, _snapped(layer, zoom), _name(layer, "snapped"))


def _with(
    found: sql.Composed, columns: Iterable[str], value: sql.Composed, name: str
) -> sql.Composed:
    kept = sql.SQL(", ").join(map(of_row, columns))
    text = "(SELECT {}, {} AS {} FROM {} AS s OFFSET 0)"
    return sql.SQL(text).format(kept, value, sql.Identifier(name), found)


def _read(layer: LayerInfo) -> Collection[str]:
    """The columns that a tile is made of; any other may have the name of one of ours."""
    shown = (field.name for field in layer.fields)
    return dict.fromkeys(filter(None, (*shown, layer.id_column, layer.geometry_column)))


def _name(layer: LayerInfo, name: str) -> str:
    return free(name, _read(layer))


def _snapped(layer: LayerInfo, zoom: int) -> sql.Composed:
    """On the tile's grid, or NULL for what does not lie within the tile or is too large."""
    text = """CASE WHEN pg_column_size({whole}) <= {bytes} AND {whole} @ {box}
THEN ST_SnapToGrid(ST_Affine(ST_ForcePolygonCW({whole}), {scale}, 0, 0, -{scale},
{left}, {top}), 1) END"""
    return sql.SQL(text).format(
        whole=_whole(layer, zoom),
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
    """The geometry of a row of `rows` as ST_AsMVT takes it: in tile units, clipped, and valid."""
    plain = sql.SQL("ST_AsMVTGeom({}, {}, {}, {}, true)").format(
        _whole(layer, zoom),
        TILE,
        sql.Literal(layer.extent),
        sql.Literal(layer.buffer),
    )
    if not _may_be_snapped(layer):
        return plain
    snapped = of_row(_name(layer, "snapped"))
    side = sql.SQL("{} * ST_Perimeter({})").format(sql.Literal(LEAST_SIDE), snapped)
    longer = sql.SQL("greatest({}, {})").format(sql.Literal(TURNED_SIDE), side)
    # Of less than a square unit ST_AsMVTGeom may leave out what we would draw.
    text = """CASE WHEN {unasked}
OR ST_Area({snapped}) > 1 AND ST_IsPolygonCCW({snapped}) AND ({sure} OR ST_IsValid({snapped}))
THEN {snapped} ELSE {plain} END"""
    return sql.SQL(text).format(
        unasked=_has_four_corners(snapped, longer),
        sure=_has_four_corners(snapped, side),
        snapped=snapped,
        plain=plain,
    )


def _has_four_corners(snapped: sql.Composed, side: sql.Composed) -> sql.Composed:
    """True for a ring of at most four corners with more area than a square of this side."""
    text = "pg_column_size({snapped}) <= {four}\nAND sqrt(ST_Area({snapped})) > {side}"
    four = sql.Literal(FOUR_CORNERS_BYTES)
    return sql.SQL(text).format(snapped=snapped, four=four, side=side)


def _may_be_snapped(layer: LayerInfo) -> bool:
    # A Layer with large shapes is none of buildings, and its SQL is long enough.
    return layer.geometry_type in KINDS and not layer.large_shapes


def _is_transformed_first(layer: LayerInfo) -> bool:
    return _may_be_snapped(layer) and layer.srid != 3857


def _whole(layer: LayerInfo, zoom: int) -> sql.Composed:
    if _is_transformed_first(layer):
        return of_row(_name(layer, "whole"))
    return shape.drawn(layer, zoom)
