"""The SQL of a tile: one statement for all Layers, the tile's address its only parameters.

Built without a database, so that it can be read and tested without one. `$1`, `$2`, `$3` are z, x
and y. docs/architecture.md says where each choice was measured.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

from psycopg2 import sql

from core.published import FieldInfo, LayerInfo
from tileserver import shape, snapped
from tileserver.boxes import tile_box
from tileserver.names import free, of_row
from tileserver.params import NONE, Params

# Part of the epoch: raise it when the same Layer makes other bytes than before, or another digest.
SQL_VERSION = 5

AS_IS = frozenset({"smallint", "integer", "bigint", "real", "double precision", "boolean", "text"})
EMPTY = sql.SQL("''::bytea")
UNSORTED = sql.SQL("")
# Of a statement's parameters the first three are z, x and y.
ADDRESS = 3
# Queries that are told apart: so many as are in use.
KNOWN = 1024
# From here on a tile is so small a part of the world that the geometry finds its rows best.
SELECTIVE_FROM_ZOOM = 10


class Query(Protocol):
    """A statement that can be prepared. It is hashable: equal queries have the same text."""

    @property
    def label(self) -> str:
        """What it is about, for logs and SQL comments."""

    @property
    def statement(self) -> sql.Composable:
        """The text, with parameters `$1` …, all of them whole numbers."""

    @property
    def parameters(self) -> int:
        """How many parameters it has; the first three are z, x and y."""

    @property
    def is_plain(self) -> bool:
        """True when one plan is good for all tiles: rows of tables, found by their geometry."""


@dataclass(frozen=True, eq=False)
class TileQuery:
    """Gives one row with one bytea for each Layer: its MVT layer, empty if nothing is drawn.

    `tile_query` makes them, each once: so it is found by what it is, not by what is in it.
    """

    layers: tuple[LayerInfo, ...]
    zoom: int
    params: Params = NONE
    parameters: int = ADDRESS

    @cached_property
    def label(self) -> str:
        """The names of the Layers."""
        return ",".join(layer.name for layer in self.layers)

    @property
    def is_plain(self) -> bool:
        """True when the geometry alone says which rows of a table are drawn."""
        return all(_is_plain(layer, self.zoom) for layer in self.layers)

    @property
    def statement(self) -> sql.Composed:
        """The text of the statement."""
        parts = [_layer(layer, self.zoom, self.params) for layer in self.layers]
        return sql.SQL("SELECT {}").format(sql.SQL(",\n").join(parts or [EMPTY]))


@dataclass(frozen=True)
class CutQuery:
    """Gives one row: how many features are drawn, the bytes of the Layer cut to each of some
    limits (0 where the limit before cuts nothing), and the largest of these MVTs that fits.

    Parameters after z, x, y: the bytes that it must fit in, how many features to look at, and
    `limits` feature limits in rising order.
    """

    layer: LayerInfo
    zoom: int
    limits: int
    params: Params = NONE
    is_plain: bool = False

    @property
    def label(self) -> str:
        """The name of the Layer."""
        return f"{self.layer.name} cut"

    @property
    def parameters(self) -> int:
        """As many as there are limits, and five more."""
        return ADDRESS + 2 + self.limits

    @property
    def statement(self) -> sql.Composed:
        """The text of the statement."""
        return _cut(self.layer, self.zoom, self.params, self.limits)


@lru_cache(KNOWN)
def tile_query(layers: tuple[LayerInfo, ...], zoom: int, params: Params = NONE) -> TileQuery:
    """The statement for those of these Layers that have tiles at `zoom`, in their order."""
    return TileQuery(tuple(layer for layer in layers if layer.in_zoom(zoom)), zoom, params)


def _is_plain(layer: LayerInfo, zoom: int) -> bool:
    # Only tables can be tracked. A rank may have an index that is better than the geometry's, and
    # so may a zoom column at low zooms; only with the box at hand PostgreSQL can tell.
    by_zoom = layer.min_zoom_column or layer.max_zoom_column
    narrowed = layer.feature_limit or (by_zoom and zoom < SELECTIVE_FROM_ZOOM)
    return layer.freshness == "tracked" and not narrowed


def _layer(layer: LayerInfo, zoom: int, params: Params) -> sql.Composed:
    # ST_AsMVT takes the rows as they come, so they are put in order before anything is computed of
    # them: the same bytes whatever the plan, and cheaper than to sort what has been computed.
    # No `WHERE geom IS NOT NULL` around it: ST_AsMVT skips NULL itself, and the filter would
    # make PostgreSQL run ST_AsMVTGeom twice. `t.*` is the row, even if a column is called t.
    text = """(/* layer {label} */
{constants}SELECT coalesce({mvt}, ''::bytea)
FROM {rows} AS s CROSS JOIN LATERAL (SELECT {columns}) AS t)"""
    return sql.SQL(text).format(
        label=sql.SQL(layer.name),
        constants=shape.constants(layer, zoom),
        mvt=_mvt(layer, sql.SQL("t.*")),
        rows=_rows(layer, zoom),
        columns=sql.SQL(", ").join(_columns(layer, zoom, params)),
    )


def _cut(layer: LayerInfo, zoom: int, params: Params, limits: int) -> sql.Composed:
    # OFFSET 0 keeps the steps apart: rows in their order, then shapes one by one until enough of
    # them are drawn, each computed once. `r` is the whole feature, so that no name can clash.
    text = """/* layer {label} cut */
{constants}SELECT c.drawn, ARRAY[{sizes}],
CASE {fitting} ELSE ''::bytea END
FROM (SELECT count(*) AS drawn, {mvts} FROM (
SELECT d.r, row_number() OVER () AS n, count(*) OVER () AS drawn FROM (
SELECT (t.*)::record AS r
FROM {rows} AS s CROSS JOIN LATERAL (SELECT {columns} OFFSET 0) AS t
WHERE t.{geometry} IS NOT NULL LIMIT $5) AS d) AS n) AS c"""
    numbers = range(limits)
    return sql.SQL(text).format(
        label=sql.SQL(layer.name),
        constants=shape.constants(layer, zoom),
        sizes=sql.SQL(", ".join(f"octet_length(c.m{i})" for i in numbers)),
        fitting=sql.SQL(" ".join(_fitting(i) for i in reversed(numbers))),
        mvts=sql.SQL(", ").join(_prefix(layer, i) for i in numbers),
        rows=_rows(layer, zoom),
        columns=sql.SQL(", ").join(_columns(layer, zoom, params)),
        geometry=sql.Identifier(geometry_alias(layer)),
    )


def _fitting(i: int) -> str:
    return f"WHEN octet_length(c.m{i}) BETWEEN 1 AND $4 THEN c.m{i}"


def _prefix(layer: LayerInfo, i: int) -> sql.Composed:
    """The MVT of the first features, as many as the limit number `i` says."""
    number = ADDRESS + 3 + i
    more = f" AND n.drawn > ${number - 1}" if i else ""
    text = "coalesce({mvt} FILTER (WHERE n.n <= {limit}{more}), ''::bytea) AS {name}"
    return sql.SQL(text).format(
        mvt=_mvt(layer, sql.SQL("n.r"), sql.SQL(" ORDER BY n.n")),
        limit=sql.SQL(f"${number}"),
        more=sql.SQL(more),
        name=sql.SQL(f"m{i}"),
    )


def _mvt(layer: LayerInfo, row: sql.SQL, order: sql.SQL = UNSORTED) -> sql.Composed:
    text = "ST_AsMVT({row}, {mvt_name}, {extent}, {geom}{fid}{order})"
    alias = feature_id_alias(layer)
    return sql.SQL(text).format(
        row=row,
        mvt_name=sql.Literal(layer.layer_name),
        extent=sql.Literal(layer.extent),
        geom=sql.Literal(geometry_alias(layer)),
        fid=sql.SQL(", {}").format(sql.Literal(alias)) if alias else sql.SQL(""),
        order=order,
    )


def geometry_alias(layer: LayerInfo) -> str:
    """A name for the tile geometry that no visible field has."""
    return free("geom", {field.name for field in layer.fields})


def feature_id_alias(layer: LayerInfo) -> str:
    """A name for the feature id that no visible field has; empty when there are no ids."""
    names = {field.name for field in layer.fields}
    return free("fid", names) if layer.id_is_feature_id else ""


def _columns(layer: LayerInfo, zoom: int, params: Params) -> list[sql.Composable]:
    shown = [f for f in layer.fields if params.properties is None or f.name in params.properties]
    columns: list[sql.Composable] = [
        sql.SQL("{} AS {}").format(_value(field), sql.Identifier(field.name)) for field in shown
    ]
    alias = feature_id_alias(layer)
    if alias:
        key = of_row(layer.id_column)
        columns.append(sql.SQL("{} AS {}").format(key, sql.Identifier(alias)))
    drawn = sql.SQL("{} AS {}").format(
        snapped.geometry(layer, zoom), sql.Identifier(geometry_alias(layer))
    )
    return [*columns, drawn]


def _value(field: FieldInfo) -> sql.Composed:
    """A property as MVT has it: number, text or boolean. The rest becomes text.

    jsonb too: ST_AsMVT would make a property of each of its keys, none of which is published.
    """
    column = of_row(field.name)
    base = field.type.split("(")[0]
    if base in AS_IS:
        return column
    if base == "numeric":
        return sql.SQL("{}::float8").format(column)
    return sql.SQL("{}::text").format(column)


def _order(layer: LayerInfo) -> sql.Composed:
    keys: list[sql.Composable] = []
    if layer.rank_column:
        keys.append(sql.SQL("{} NULLS LAST").format(of_row(layer.rank_column)))
    if layer.id_column:
        keys.append(of_row(layer.id_column))
    if not (layer.id_column and layer.id_is_unique):
        keys += [_binary(layer), sql.SQL("(s.*)::text")]
    return sql.SQL(", ").join(keys)


def _binary(layer: LayerInfo) -> sql.Composed:
    return sql.SQL("{}::geometry").format(of_row(layer.geometry_column))


def _rows(layer: LayerInfo, zoom: int) -> sql.Composed:
    """The rows in the tile's box, in order, with what their geometry is computed from."""
    return snapped.rows(layer, zoom, _ordered(layer, zoom))


def _ordered(layer: LayerInfo, zoom: int) -> sql.Composed:
    table, where, order = layer.source_at(zoom), _where(layer, zoom), _order(layer)
    found = sql.SQL("SELECT s.* FROM {} AS s{}").format(sql.Identifier(*table), where)
    if layer.feature_limit:
        limit = sql.SQL(f"LIMIT {layer.feature_limit}")
        return sql.SQL("({} ORDER BY {} {})").format(found, order, limit)
    # OFFSET 0 between the two: or PostgreSQL may read a whole table by its key, to spare the sort.
    return sql.SQL("(SELECT s.* FROM ({} OFFSET 0) AS s ORDER BY {} OFFSET 0)").format(found, order)


def _where(layer: LayerInfo, zoom: int) -> sql.Composed:
    conditions: list[sql.Composable] = []
    box = tile_box(layer, zoom)
    if box is not None:
        column = of_row(layer.geometry_column)
        conditions.append(sql.SQL("{} && {}").format(column, box))
    if layer.min_zoom_column:
        column = of_row(layer.min_zoom_column)
        conditions.append(sql.SQL("coalesce({}, 0) < $1 + 1").format(column))
    if layer.max_zoom_column:
        column = of_row(layer.max_zoom_column)
        conditions.append(sql.SQL("coalesce({}, 99) > $1").format(column))
    if not conditions:
        return sql.SQL("").format()
    return sql.SQL(" WHERE {}").format(sql.SQL(" AND ").join(conditions))
