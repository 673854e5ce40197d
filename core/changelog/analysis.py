"""What a relation's rows come from, and so what can be known of its changes."""

from collections.abc import Collection
from dataclasses import dataclass, field

from core.changelog.rules import Rule, rule_of
from core.changelog.schema import Cursor

UPDATE = 4


@dataclass(frozen=True)
class Found:
    """A relation as the catalog has it. `kind` is relkind."""

    oid: int
    schema: str
    name: str
    kind: str
    row_security: bool = False

    @property
    def label(self) -> str:
        """`schema.name`, for people."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Base:
    """A table whose changes are felt, within `reach` metres (None: anywhere).

    `shape` is the geometry column that the rows are drawn with, where it is known: of the table
    itself, or copied plainly by a view. `columns` are those that are used; None: all. `srid` is
    that of `shape`; 0: the Layer's.
    """

    table: Found
    reach: float | None
    shape: str = ""
    columns: tuple[str, ...] | None = None
    srid: int = 0
    geography: bool = False


@dataclass
class Analysis:
    """What `analyse` finds.

    `session`: what its rows depend on beside tables, so that nothing may be cached. `doubt`: why
    its changes cannot be known. `seen`: every relation that it stands on, itself first.
    """

    relation: Found
    bases: list[Base] = field(default_factory=list)
    seen: list[Found] = field(default_factory=list)
    functions: list[int] = field(default_factory=list)
    opaque: list[str] = field(default_factory=list)
    session: list[str] = field(default_factory=list)
    doubt: str = ""


_FOUND = """
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text,
  c.relrowsecurity AND NOT coalesce(r.rolsuper OR r.rolbypassrls, false)
    AND (c.relforcerowsecurity OR NOT coalesce(pg_has_role(r.oid, c.relowner, 'USAGE'), false))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_roles r ON r.rolname = coalesce(%s, (SELECT o.rolname FROM pg_roles o
  JOIN pg_class v ON v.relowner = o.oid WHERE v.oid = %s))
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {}
"""


def find(
    cursor: Cursor, names: Collection[tuple[str, str]], reader: str
) -> dict[tuple[str, str], Found]:
    """The relations of those names that are there; `row_security` as the role `reader` has it."""
    where = "(n.nspname, c.relname) IN (SELECT * FROM unnest(%s::name[], %s::name[]))"
    schemas, relations = zip(*names, strict=True) if names else ((), ())
    cursor.execute(_FOUND.format(where), [reader, 0, list(schemas), list(relations)])
    return {(row[1], row[2]): Found(*row) for row in cursor.fetchall()}


def _found(cursor: Cursor, oid: int, reader: str | None, view: int) -> Found:
    """The relation with that oid, as the role `reader` sees it, or else the owner of `view`."""
    cursor.execute(_FOUND.format("c.oid = %s"), [reader, view, oid])
    return Found(*cursor.fetchone())


def analyse(cursor: Cursor, relation: Found, shape: str, reader: str) -> Analysis:
    """Follow a relation to the tables behind it.

    `shape` is its geometry column, `reader` the role that renders.
    """
    analysis = Analysis(relation)
    _follow(cursor, analysis, Base(relation, 0.0, shape), reader)
    analysis.session = list(dict.fromkeys(analysis.session))
    return analysis


def _follow(cursor: Cursor, analysis: Analysis, base: Base, reader: str | None) -> None:
    table = base.table
    analysis.seen.append(table)
    if table.kind in "rp":
        analysis.bases.append(base)
        if table.row_security:
            analysis.session.append(f"row level security of {table.label}")
    elif table.kind == "f":
        analysis.doubt = f"{table.label} is a foreign table: its changes happen elsewhere."
    elif table.kind == "v":
        _follow_view(cursor, analysis, base, reader)


def _follow_view(cursor: Cursor, analysis: Analysis, view: Base, reader: str | None) -> None:
    rule = rule_of(cursor, view.table.oid)
    analysis.session += rule.session
    analysis.functions += [f.oid for f in rule.functions if not f.session]
    analysis.opaque += [f.name for f in rule.functions if f.opaque]
    role = reader if _as_invoker(cursor, view.table.oid) else None
    for oid, columns in rule.relations.items():
        below = _found(cursor, oid, role, view.table.oid)
        plain = _plain_column(cursor, rule, view, oid)
        reach = view.reach if plain else None
        _follow(cursor, analysis, Base(below, reach, plain, columns), role)


def _as_invoker(cursor: Cursor, view: int) -> bool:
    cursor.execute(
        "SELECT coalesce('security_invoker=true' = ANY (reloptions)"
        " OR 'security_invoker=on' = ANY (reloptions), false) FROM pg_class WHERE oid = %s",
        [view],
    )
    return bool(cursor.fetchone()[0])


_PLAIN = """
SELECT b.attname::text FROM pg_attribute v, pg_attribute b
WHERE v.attrelid = %s AND v.attname = %s AND b.attrelid = %s AND b.attnum = %s
  AND pg_relation_is_updatable(v.attrelid, false) & %s <> 0
  AND pg_column_is_updatable(v.attrelid, v.attnum, false)
"""


def _plain_column(cursor: Cursor, rule: Rule, view: Base, oid: int) -> str:
    """The column of relation `oid` that the view's geometry copies; "" where it is not so simple.

    Only of a view that could be updated: each of its rows is then one row of one table. A table
    that stands in it twice (in a sub-select) may be felt anywhere.
    """
    if not view.shape or view.reach is None or rule.times.get(oid) != 1:
        return ""
    origin = rule.origin(view.shape)
    if origin is None or origin[0] != oid:
        return ""
    cursor.execute(_PLAIN, [view.table.oid, view.shape, oid, origin[1], UPDATE])
    row = cursor.fetchone()
    return str(row[0]) if row else ""
