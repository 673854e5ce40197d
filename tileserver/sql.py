"""The SQL of a tile: one statement for all Layers, the tile's address its only parameters.

Built without a database, so that it can be read and tested without one. `$1`, `$2`, `$3` are z, x
and y. docs/architecture.md says where each choice was measured.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2 import sql

from core.published import FieldInfo, LayerInfo
from tileserver.params import NONE, Params

# Part of the epoch: raise it when the same Layer makes other bytes than before.
SQL_VERSION = 1

HALF_WORLD = 20037508.342789244
GEOGRAPHY_BOX_FROM_ZOOM = 3
AS_IS = frozenset({"smallint", "integer", "bigint", "real", "double precision", "boolean", "text"})
FLAT = ("POINT", "LINESTRING", "POLYGON")
TILE = sql.SQL("ST_TileEnvelope($1, $2, $3)")
EMPTY = sql.SQL("''::bytea")


@dataclass(frozen=True)
class TileQuery:
    """A statement with the parameters z, x, y, that gives one bytea: the MVT of some Layers."""

    statement: sql.Composable
    label: str


def tile_query(layers: Sequence[LayerInfo], zoom: int, params: Params = NONE) -> TileQuery:
    """The statement for these Layers at `zoom`: the MVT layers one after the other."""
    parts = [_layer(layer, zoom, params) for layer in layers if in_zoom(layer, zoom)]
    body = sql.SQL(" || ").join(parts) if parts else EMPTY
    return TileQuery(
        statement=sql.SQL("SELECT {}").format(body),
        label=",".join(layer.name for layer in layers),
    )


def in_zoom(layer: LayerInfo, zoom: int) -> bool:
    """True when the Layer has tiles at `zoom`."""
    return layer.min_zoom <= zoom <= layer.max_zoom


def _layer(layer: LayerInfo, zoom: int, params: Params) -> sql.Composed:
    # The order stands inside the aggregate: free, and the same bytes whatever the plan.
    # No `WHERE geom IS NOT NULL` around it: ST_AsMVT skips NULL itself, and the filter would
    # make PostgreSQL run ST_AsMVTGeom twice. `t.*` is the row, even if a column is called t.
    text = """(/* layer {label} */
SELECT coalesce(ST_AsMVT(t.*, {mvt_name}, {extent}, {geom}{fid} ORDER BY {order}), ''::bytea)
FROM {rows} AS s CROSS JOIN LATERAL (SELECT {columns}) AS t{where})"""
    alias = feature_id_alias(layer) if layer.id_is_feature_id else ""
    return sql.SQL(text).format(
        label=sql.SQL(layer.name),
        mvt_name=sql.Literal(layer.layer_name),
        extent=sql.Literal(layer.extent),
        geom=sql.Literal(geometry_alias(layer)),
        fid=sql.SQL(", {}").format(sql.Literal(alias)) if alias else sql.SQL(""),
        order=_order(layer),
        rows=_rows(layer, zoom),
        columns=sql.SQL(", ").join(_columns(layer, params, alias)),
        where=sql.SQL("") if layer.feature_limit else _where(layer, zoom),
    )


def geometry_alias(layer: LayerInfo) -> str:
    """A name for the tile geometry that no visible field has."""
    return _free("geom", {field.name for field in layer.fields})


def feature_id_alias(layer: LayerInfo) -> str:
    """A name for the feature id that no visible field has."""
    return _free("fid", {field.name for field in layer.fields})


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name = f"_{name}"
    return name


def _source_column(name: str) -> sql.Composed:
    return sql.SQL("s.{}").format(sql.Identifier(name))


def _columns(layer: LayerInfo, params: Params, alias: str) -> list[sql.Composable]:
    shown = [f for f in layer.fields if params.properties is None or f.name in params.properties]
    columns: list[sql.Composable] = [
        sql.SQL("{} AS {}").format(_value(field), sql.Identifier(field.name)) for field in shown
    ]
    if alias:
        key = _source_column(layer.id_column)
        columns.append(sql.SQL("{} AS {}").format(key, sql.Identifier(alias)))
    geometry = sql.SQL("ST_AsMVTGeom({}, {}, {}, {}, true) AS {}").format(
        _mercator(layer),
        TILE,
        sql.Literal(layer.extent),
        sql.Literal(layer.buffer),
        sql.Identifier(geometry_alias(layer)),
    )
    return [*columns, geometry]


def _value(field: FieldInfo) -> sql.Composed:
    """A property as MVT has it: number, text or boolean. The rest becomes text.

    jsonb too: ST_AsMVT would make a property of each of its keys, none of which is published.
    """
    column = _source_column(field.name)
    base = field.type.split("(")[0]
    if base in AS_IS:
        return column
    if base == "numeric":
        return sql.SQL("{}::float8").format(column)
    return sql.SQL("{}::text").format(column)


def _mercator(layer: LayerInfo) -> sql.Composed:
    geometry = _source_column(layer.geometry_column)
    if layer.geography:
        geometry = sql.SQL("{}::geometry").format(geometry)
    if not layer.geometry_type.removeprefix("MULTI").startswith(FLAT):
        # Curves and surfaces make ST_AsMVTGeom fail, or draw nothing: lines and polygons first.
        geometry = sql.SQL("ST_ForceSFS({})").format(geometry)
    if layer.srid == 3857:
        return geometry
    return sql.SQL("ST_Transform({}, 3857)").format(geometry)


def _order(layer: LayerInfo) -> sql.Composed:
    keys: list[sql.Composable] = []
    if layer.rank_column:
        keys.append(sql.SQL("{} NULLS LAST").format(_source_column(layer.rank_column)))
    if layer.id_column:
        keys.append(_source_column(layer.id_column))
    if not (layer.id_column and layer.id_is_unique):
        keys += [_binary(layer), sql.SQL("(s.*)::text")]
    return sql.SQL(", ").join(keys)


def _binary(layer: LayerInfo) -> sql.Composed:
    return sql.SQL("{}::geometry").format(_source_column(layer.geometry_column))


def _rows(layer: LayerInfo, zoom: int) -> sql.Composed:
    relation = sql.Identifier(*layer.source_at(zoom))
    if not layer.feature_limit:
        return sql.SQL("{}").format(relation)
    # A limit needs its order inside, or it would cut at random.
    return sql.SQL("(SELECT s.* FROM {} AS s{} ORDER BY {} LIMIT {})").format(
        relation, _where(layer, zoom), _order(layer), sql.Literal(layer.feature_limit)
    )


def _where(layer: LayerInfo, zoom: int) -> sql.Composed:
    conditions: list[sql.Composable] = []
    box = _box(layer, zoom)
    if box is not None:
        column = _source_column(layer.geometry_column)
        conditions.append(sql.SQL("{} && {}").format(column, box))
    if layer.min_zoom_column:
        column = _source_column(layer.min_zoom_column)
        conditions.append(sql.SQL("coalesce({}, 0) < $1 + 1").format(column))
    if layer.max_zoom_column:
        column = _source_column(layer.max_zoom_column)
        conditions.append(sql.SQL("coalesce({}, 99) > $1").format(column))
    if not conditions:
        return sql.SQL("").format()
    return sql.SQL(" WHERE {}").format(sql.SQL(" AND ").join(conditions))


def _box(layer: LayerInfo, zoom: int) -> sql.Composable | None:
    """The tile with its buffer, as a box in the Layer's own SRID; None where all rows count.

    Clamped to the world square before it is transformed (beyond it longitudes wrap, and z0 and
    x=0 would lose the Americas), cut to where the CRS can be computed with, densified because
    straight edges bend, and only then boxed. All of it is constant for the planner.
    """
    margin = layer.buffer / layer.extent
    if layer.srid == 3857:
        return _envelope(margin)
    if layer.geography:
        return _geography_box(margin) if zoom >= GEOGRAPHY_BOX_FROM_ZOOM else None
    if layer.srid == 4326:
        return sql.SQL("ST_Transform({}, 4326)").format(_cut(_envelope(margin), WORLD_SQUARE))
    # 2 % of the tile more than the buffer: what the bend between two densified points may hide.
    usable = _cut(_envelope(margin + 0.02), _mercator_box(layer.area_of_use))
    text = "ST_Envelope(ST_Transform(ST_Segmentize({}, {} / 2 ^ $1), {}))"
    step = sql.Literal(2 * HALF_WORLD / 32)
    return sql.SQL(text).format(usable, step, sql.Literal(layer.srid))


def _geography_box(margin: float) -> sql.Composed:
    clamped = _cut(_envelope(margin + 0.02), WORLD_SQUARE)
    return sql.SQL("ST_Transform(ST_Segmentize({}, {} / 2 ^ $1), 4326)::geography").format(
        clamped, sql.Literal(2 * HALF_WORLD / 16)
    )


def _envelope(margin: float) -> sql.Composed:
    return sql.SQL("ST_TileEnvelope($1, $2, $3, margin => {})").format(sql.Literal(margin))


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
