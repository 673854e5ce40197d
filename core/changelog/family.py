"""A table with its partitions and inheritance children: rows of one are seen through another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.changelog.schema import Cursor
from core.changelog.tables import Key


@dataclass(frozen=True)
class Member:
    """One table of a family. `key` is its primary key, `kind` its relkind.

    `points` are the geometry columns that hold nothing but points.
    """

    oid: int
    schema: str
    name: str
    kind: str
    columns: tuple[str, ...]
    points: tuple[str, ...]
    key: tuple[Key, ...]
    subscribed: bool = False

    @property
    def label(self) -> str:
        """`schema.name`, for people."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Family:
    """Tables that share rows; changes of all are logged under the oid of the root."""

    root: Member
    members: tuple[Member, ...]

    @property
    def oids(self) -> frozenset[int]:
        """The oids of all members."""
        return frozenset(member.oid for member in self.members)

    @property
    def doubt(self) -> str:
        """Why its triggers would not hear of every change; "" when they would."""
        for member in self.members:
            if member.kind == "f":
                return f"{member.label} is a foreign table: its changes happen elsewhere."
            if member.subscribed:
                return f"{member.label} is filled by logical replication, which fires no trigger."
        return ""


# Up and down, since a row that is written through any table of a tree is seen through others.
_OIDS = """
WITH RECURSIVE family AS (
  SELECT unnest(%s::oid[]) AS start, unnest(%s::oid[]) AS oid
  UNION
  SELECT f.start, CASE WHEN i.inhparent = f.oid THEN i.inhrelid ELSE i.inhparent END
  FROM family f JOIN pg_inherits i ON f.oid IN (i.inhparent, i.inhrelid)
)
SELECT f.start::bigint, f.oid::bigint, EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = f.oid)
FROM family f ORDER BY 3, 2
"""

_MEMBERS = """
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text,
  array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
    AND NOT a.attisdropped ORDER BY a.attnum),
  array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
    AND NOT a.attisdropped AND format_type(a.atttypid, a.atttypmod) ~ '\\((Multi)?Point[ZM]*[,)]'),
  array(SELECT ARRAY[a.attname::text, n.nspname::text, o.oprname::text]
    FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey, i.indclass) AS k (attnum, opclass)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
    JOIN pg_opclass oc ON oc.oid = k.opclass
    JOIN pg_amop am ON am.amopfamily = oc.opcfamily AND am.amopstrategy = 3
      AND am.amoplefttype = oc.opcintype AND am.amoprighttype = oc.opcintype
    JOIN pg_operator o ON o.oid = am.amopopr JOIN pg_namespace n ON n.oid = o.oprnamespace
    WHERE i.indrelid = c.oid AND i.indisprimary),
  EXISTS (SELECT FROM pg_subscription_rel s WHERE s.srrelid = c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ANY (%s::oid[])
"""


def families(cursor: Cursor, tables: Iterable[int]) -> dict[int, Family]:
    """By oid, the family of each table that is there; the same object for all its members."""
    wanted = sorted(set(tables))
    cursor.execute(_OIDS, [wanted, wanted])
    trees: dict[int, list[int]] = {}
    for start, oid, _is_child in cursor.fetchall():
        trees.setdefault(start, []).append(oid)
    members = _members(cursor, {oid for tree in trees.values() for oid in tree})
    made: dict[frozenset[int], Family] = {}
    found: dict[int, Family] = {}
    for start, oids in trees.items():
        tree = tuple(members[oid] for oid in oids if oid in members)
        if start in members:
            found[start] = made.setdefault(frozenset(oids), Family(tree[0], tree))
    return found


def _members(cursor: Cursor, oids: set[int]) -> dict[int, Member]:
    cursor.execute(_MEMBERS, [sorted(oids)])
    return {row[0]: _member(row) for row in cursor.fetchall()}


def _member(row: Sequence[Any]) -> Member:
    oid, schema, name, kind, columns, points, key, subscribed = row
    keys = tuple(Key(*one) for one in key)
    return Member(oid, schema, name, kind, tuple(columns), tuple(points), keys, subscribed)
