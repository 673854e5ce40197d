"""What the query of a view says of itself, read from the tree that PostgreSQL keeps of it.

`pg_depend` does not name what PostgreSQL itself brings (`now()`, `random()`, `CURRENT_USER`) nor a
row that is used whole, so the text of `pg_rewrite.ev_action` is searched as well.
"""

import re
from dataclasses import dataclass

from core.changelog.schema import Cursor

_RULE = """
SELECT r.ev_action::text FROM pg_rewrite r WHERE r.ev_class = %s AND r.rulename = '_RETURN'
"""

_COLUMNS = """
SELECT d.refobjid::bigint, array_agg(DISTINCT a.attname::text)
         FILTER (WHERE a.attname IS NOT NULL)
FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
  AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  AND d.refobjsubid <> 0
WHERE r.ev_class = %s AND r.rulename = '_RETURN' GROUP BY 1 ORDER BY 1
"""

_FUNCTIONS = """
SELECT p.oid::bigint, p.proname::text, p.provolatile::text,
       l.lanname IN ('internal', 'c') OR EXISTS (SELECT FROM pg_depend e
         WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e'),
       n.nspname = 'pg_catalog'
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.oid = ANY (%s::oid[])
   OR p.oid IN (SELECT o.oprcode::oid FROM pg_operator o WHERE o.oid = ANY (%s::oid[]))
ORDER BY p.proname
"""

_CALLED = re.compile(r":(?:funcid|opfuncid|aggfnoid|winfnoid) (\d+)")
_OPERATOR = re.compile(r":opno (\d+)")
_RELATION = re.compile(r":rtekind 0 :relid (\d+)")
# In PostgreSQL's own schema, marked STABLE: the same within a statement, not from one to the next.
_SESSION = frozenset({
    "age", "current_database", "current_schema", "current_schemas", "current_setting",
    "current_user", "getpgusername", "inet_client_addr", "inet_client_port", "now",
    "pg_backend_pid", "pg_current_snapshot", "pg_has_role", "row_security_active", "session_user",
    "statement_timestamp", "transaction_timestamp", "txid_current_snapshot",
})  # fmt: skip


@dataclass(frozen=True)
class Function:
    """A function that a view calls. `opaque`: what it reads is not to be seen from outside."""

    oid: int
    name: str
    session: bool
    opaque: bool


@dataclass(frozen=True)
class Rule:
    """The query of a view.

    `relations` are the oids that it reads, each with the names of the columns it uses (None: all),
    and `times` says how often each stands in it. `session` names what of it depends on the clock,
    chance or the session.
    """

    relations: dict[int, tuple[str, ...] | None]
    times: dict[int, int]
    functions: tuple[Function, ...]
    session: tuple[str, ...]
    text: str

    def origin(self, column: str) -> tuple[int, int] | None:
        """The relation (oid) and column number that a column of the view is a plain copy of."""
        name = re.escape(column.replace("\\", "\\\\").replace(" ", "\\ "))
        found = re.search(
            rf":resname {name} :ressortgroupref \d+ :resorigtbl (\d+) :resorigcol (\d+)", self.text
        )
        return (int(found[1]), int(found[2])) if found and found[1] != "0" else None


def rule_of(cursor: Cursor, view: int) -> Rule:
    """The query of the view with that oid."""
    cursor.execute(_RULE, [view])
    text = str(cursor.fetchone()[0])
    cursor.execute(_COLUMNS, [view])
    whole = ":varattno 0 " in text
    relations = {
        oid: None if whole or names is None else tuple(names) for oid, names in cursor.fetchall()
    }
    functions = _functions(cursor, text)
    return Rule(
        relations=relations,
        times=_times(text),
        functions=functions,
        session=tuple(dict.fromkeys([*_values(text), *(f.name for f in functions if f.session)])),
        text=text,
    )


def _times(text: str) -> dict[int, int]:
    found = [int(oid) for oid in _RELATION.findall(text)]
    return {oid: found.count(oid) for oid in found}


def _functions(cursor: Cursor, text: str) -> tuple[Function, ...]:
    called = sorted({int(oid) for oid in _CALLED.findall(text)})
    operators = sorted({int(oid) for oid in _OPERATOR.findall(text)})
    cursor.execute(_FUNCTIONS, [called, operators])
    return tuple(_function(*row) for row in cursor.fetchall())


def _function(oid: int, name: str, volatility: str, known: bool, own: bool) -> Function:
    told = own and (name in _SESSION or name.startswith("has_"))
    return Function(
        oid=oid,
        name=f"{name}()",
        session=volatility == "v" or (volatility == "s" and told),
        opaque=volatility == "s" and not known,
    )


def _values(text: str) -> list[str]:
    """CURRENT_DATE, CURRENT_USER and their like are no functions; nor is a random sample."""
    found = []
    if "{SQLVALUEFUNCTION " in text:
        found.append("CURRENT_DATE, CURRENT_USER or their like")
    if "{NEXTVALUEEXPR " in text:
        found.append("nextval()")
    if ":repeatable <>" in text:
        found.append("TABLESAMPLE")
    return found
