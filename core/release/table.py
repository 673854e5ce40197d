"""What PostgreSQL knows of a relation that is released from, or to."""

from dataclasses import dataclass
from typing import Any

from psycopg2 import sql

from core.release.refusal import CannotRelease

KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialised view", "f": "foreign table"}


@dataclass(frozen=True)
class Column:
    """A column.

    `type` is as `format_type` writes it, `base` the oid of the type below any domain. `computed` is
    a generated column, `identity` is 'a' (always), 'd' (by default) or '', `sequence` is what
    numbers it, quoted, or ''. `srid` is what a geometry column declares, 0 where it does not.
    """

    name: str
    type: str
    base: int
    computed: bool
    identity: str
    sequence: str
    srid: int

    @property
    def numbered(self) -> bool:
        """True when the database numbers new rows in it by itself."""
        return bool(self.identity or self.sequence)

    @property
    def is_geometry(self) -> bool:
        """True for `geometry` and `geography`."""
        return self.type.split("(")[0] in ("geometry", "geography")


@dataclass(frozen=True)
class Index:
    """A unique index or an exclusion constraint. `is_key`: it names every row."""

    columns: tuple[str, ...]
    is_key: bool
    primary: bool


@dataclass(frozen=True)
class Table:
    """A relation: columns in order, unique indexes (the primary key first), and our rights."""

    schema: str
    name: str
    oid: int
    root: int
    kind: str
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]
    hides_rows: bool
    owned: bool
    lacking: tuple[str, ...]

    @property
    def title(self) -> str:
        """For people: `schema.name`, unquoted."""
        return f"{self.schema}.{self.name}"

    @property
    def identifier(self) -> sql.Identifier:
        """For SQL."""
        return sql.Identifier(self.schema, self.name)

    @property
    def stores_rows(self) -> bool:
        """True when its rows have a place (`ctid`) that stands for them."""
        return self.kind in ("r", "p", "m")

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)


_RELATION = """
SELECT c.oid::bigint, coalesce(pg_partition_root(c.oid)::oid, c.oid)::bigint, c.relkind,
       row_security_active(c.oid), pg_has_role(c.relowner, 'USAGE'),
       ARRAY(SELECT one FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) one
             WHERE NOT has_table_privilege(c.oid, one))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""

_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod),
       coalesce(nullif(t.typbasetype, 0), t.oid)::bigint, a.attgenerated <> '', a.attidentity,
       coalesce(pg_get_serial_sequence(c.oid::regclass::text, a.attname), ''),
       CASE WHEN t.typname IN ('geometry', 'geography') AND a.atttypmod > 0
            THEN postgis_typmod_srid(a.atttypmod) ELSE 0 END
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""

_INDEXES = """
SELECT ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
             WHERE k.place <= i.indnkeyatts ORDER BY k.place),
       i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indisvalid
       AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = i.indrelid
                       AND a.attnum = ANY (i.indkey) AND NOT a.attnotnull),
       i.indisprimary
FROM pg_index i WHERE i.indrelid = %s AND (i.indisunique OR i.indisexclusion)
ORDER BY i.indisprimary DESC, i.indexrelid
"""


def read(cursor: Any, schema: str, name: str) -> Table:
    """The relation as PostgreSQL has it; raises CannotRelease when there is none."""
    cursor.execute(_RELATION, (schema, name))
    row = cursor.fetchone()
    if row is None:
        raise CannotRelease(f"There is no table or view {schema}.{name} in the database.")
    oid, root, kind, hides_rows, owned, lacking = row
    cursor.execute(_COLUMNS, (oid,))
    columns = tuple(Column(*one) for one in cursor.fetchall())
    cursor.execute(_INDEXES, (oid,))
    indexes = tuple(Index(tuple(names), key, first) for names, key, first in cursor.fetchall())
    return Table(
        schema=schema,
        name=name,
        oid=oid,
        root=root,
        kind=kind,
        columns=columns,
        indexes=indexes,
        hides_rows=hides_rows,
        owned=owned,
        lacking=tuple(lacking),
    )
