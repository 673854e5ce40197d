"""What PostgreSQL knows of a relation: columns, geometry, keys. Asked, never guessed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg2 import sql

GEOMETRY_TYPES = ("geometry", "geography")
INTEGER_TYPES = ("smallint", "integer", "bigint")
SYSTEM_SCHEMAS = (
    "pg_catalog", "information_schema", "topology", "tiger", "graticule", "graticule_held",
)  # fmt: skip

# A thousand points of two coordinates.
LARGE_BYTES = 16_000


def split(relation: str) -> tuple[str, str]:
    """`schema.name` as a pair; a name without a schema is in `public`."""
    schema, dot, name = relation.partition(".")
    return (schema, name) if dot else ("public", schema)


class NoSuchRelation(ValueError):
    """The relation is not in the database, or is nothing that can be read as a table."""


@dataclass(frozen=True)
class Column:
    """A column: its name, its type as `format_type` writes it, and its comment."""

    name: str
    type: str
    comment: str = ""

    @property
    def is_geometry(self) -> bool:
        """True for `geometry` and `geography`, with or without type modifiers."""
        return self.type.split("(")[0] in GEOMETRY_TYPES


@dataclass(frozen=True)
class Relation:
    """A relation with its columns in order, and the columns that alone name a row."""

    schema: str
    name: str
    kind: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    primary: str = ""

    @property
    def geometry_columns(self) -> tuple[Column, ...]:
        """The columns that can be drawn."""
        return tuple(column for column in self.columns if column.is_geometry)

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class Geometry:
    """What the rows of a geometry column have in common."""

    type: str
    srid: int
    geography: bool


KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialised view", "f": "foreign table"}

_COLUMNS = """
SELECT c.relkind, a.attname, format_type(a.atttypid, a.atttypmod),
       coalesce(col_description(c.oid, a.attnum), '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY a.attnum
"""

_UNIQUE = """
SELECT a.attname, i.indisprimary
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
WHERE n.nspname = %s AND c.relname = %s AND i.indisunique AND i.indnkeyatts = 1
  AND i.indpred IS NULL AND i.indexprs IS NULL AND (i.indisprimary OR a.attnotnull)
ORDER BY i.indisprimary DESC, a.attnum
"""

_SPATIAL = """
SELECT n.nspname, c.relname, c.relkind, c.reltuples::bigint,
       array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE t.typname IN ('geometry', 'geography') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT c.relispartition AND n.nspname <> ALL (%s) AND n.nspname NOT LIKE 'pg\\_%%'
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2
"""


def _rows(query: str | sql.Composable, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, list(values) or None)
        return list(cursor.fetchall())


def describe(schema: str, name: str) -> Relation:
    """The relation as PostgreSQL has it; raises NoSuchRelation when there is none."""
    rows = _rows(_COLUMNS, (schema, name))
    if not rows:
        raise NoSuchRelation(f"There is no table or view {schema}.{name} in the database.")
    unique = _rows(_UNIQUE, (schema, name))
    return Relation(
        schema=schema,
        name=name,
        kind=KINDS[rows[0][0]],
        columns=tuple(Column(*row[1:]) for row in rows),
        unique=tuple(row[0] for row in unique),
        primary=next((row[0] for row in unique if row[1]), ""),
    )


@dataclass(frozen=True)
class Proposal:
    """A relation that has a geometry, and so could be published."""

    schema: str
    name: str
    kind: str
    estimated_rows: int
    geometry_columns: tuple[str, ...]


def proposals() -> list[Proposal]:
    """Every relation with a geometry column, but for system schemas and single partitions."""
    rows = _rows(_SPATIAL, (list(SYSTEM_SCHEMAS),))
    return [Proposal(s, n, KINDS[kind], max(0, rows_), tuple(g)) for s, n, kind, rows_, g in rows]


def geometry_of(relation: Relation, column: str) -> Geometry:
    """Type and SRID of a column: as declared, else as its rows say.

    Raises ValueError when neither says, or when the rows differ in SRID.
    """
    geography = relation.column(column).type.startswith("geography")  # type: ignore[union-attr]
    view = "geography_columns" if geography else "geometry_columns"
    key = "f_geography_column" if geography else "f_geometry_column"
    query = sql.SQL(
        "SELECT type, srid FROM {} WHERE f_table_schema = %s AND f_table_name = %s AND {} = %s"
    ).format(sql.Identifier(view), sql.Identifier(key))
    rows = _rows(query, (relation.schema, relation.name, column))
    declared, srid = rows[0] if rows else ("GEOMETRY", 0)
    if srid == 0:
        srid = _srid_of_rows(relation, column)
    return Geometry(str(declared).upper(), srid, geography)


def srids_of_rows(relation: Relation, column: str) -> list[int]:
    """The SRIDs of the geometries, three at most."""
    query = sql.SQL(
        "SELECT DISTINCT ST_SRID({0}::geometry) FROM {1} WHERE {0} IS NOT NULL LIMIT 3"
    ).format(sql.Identifier(column), sql.Identifier(relation.schema, relation.name))
    return [int(row[0]) for row in _rows(query)]


def _srid_of_rows(relation: Relation, column: str) -> int:
    found = srids_of_rows(relation, column)
    if len(found) != 1 or found[0] == 0:
        raise ValueError(
            f"The SRID of {relation.schema}.{relation.name}.{column} is not known (found: "
            f"{', '.join(map(str, found)) or 'no rows'}). Set it with UpdateGeometrySRID"
            f"{'.' if found else ', or give it when publishing (--srid).'}"
        )
    return found[0]


def bounds_of(
    relation: Relation, column: str, srid: int
) -> tuple[float, float, float, float] | None:
    """West, south, east, north of all rows in degrees (EPSG:4326).

    None when there are no rows, or coordinates of one are no numbers.
    """
    query = sql.SQL(
        "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM (SELECT ST_Transform("
        "ST_Segmentize(ST_SetSRID(ST_Extent({0}::geometry)::geometry, {2}), 1e5), 4326) b FROM {1})"
        " t WHERE b IS NOT NULL"
    ).format(
        sql.Identifier(column), sql.Identifier(relation.schema, relation.name), sql.Literal(srid)
    )
    rows = _rows(query)
    if not rows or rows[0][0] is None:
        return None
    west, south, east, north = (float(side) for side in rows[0])
    if not all(map(math.isfinite, (west, south, east, north))):
        return None
    return max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0)


def has_large(relation: Relation, column: str) -> bool:
    """True when a geometry has a thousand points or more; their sizes are read, not the points."""
    query = sql.SQL("SELECT EXISTS (SELECT 1 FROM {} WHERE ST_MemSize({}) >= {})").format(
        sql.Identifier(relation.schema, relation.name),
        sql.Identifier(column),
        sql.Literal(LARGE_BYTES),
    )
    return bool(_rows(query)[0][0])


def has_negative(relation: Relation, column: str) -> bool:
    """True when an integer column holds a negative value anywhere."""
    query = sql.SQL("SELECT EXISTS (SELECT 1 FROM {} WHERE {} < 0)").format(
        sql.Identifier(relation.schema, relation.name), sql.Identifier(column)
    )
    return bool(_rows(query)[0][0])
