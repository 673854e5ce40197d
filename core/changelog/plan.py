"""The triggers that a family of tables should have, and the SQL that brings it there.

The plan is the difference between what should be and what is: empty when all is well. So the same
code installs, renews after ALTER TABLE, repairs, checks and prints.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql

from core.changelog.body import source
from core.changelog.family import Family, Member
from core.changelog.needs import Want
from core.changelog.schema import Cursor
from core.changelog.tables import OPERATIONS, Shape, Table

# A SET clause of a function: nothing that its caller has set changes what it does.
SETTINGS = ("search_path=pg_catalog, pg_temp", "jit=off")
# Of `pg_trigger.tgenabled`. Where we own the table a trigger fires always (A): one that fires as
# usual (O) was switched off and on again, for an unknown time.
GOOD_STATES, GOOD_OF_OWN = ("O", "A"), ("A",)
REFERENCING = {
    "insert": "REFERENCING NEW TABLE AS graticule_new ",
    "update": "REFERENCING OLD TABLE AS graticule_old NEW TABLE AS graticule_new ",
    "delete": "REFERENCING OLD TABLE AS graticule_old ",
    "truncate": "",
}


@dataclass(frozen=True)
class Units:
    """By SRID, the side of a box that is large: some ten kilometres."""

    wide: dict[int, float]

    def of(self, srid: int) -> float:
        """The side, in units of that SRID."""
        return self.wide.get(srid, 10_000.0)


@dataclass(frozen=True)
class Installed:
    """What is in the database: function sources by name, and (function, state) by trigger."""

    functions: dict[str, str]
    triggers: dict[tuple[int, str], tuple[str, str]]
    owned: frozenset[int]


_FUNCTIONS = """
SELECT p.proname::text, CASE WHEN p.prosecdef AND p.proconfig = %s::text[] THEN p.prosrc ELSE '' END
FROM pg_proc p WHERE p.pronamespace = to_regnamespace('graticule') AND p.proname LIKE 'log\\_%%'
"""

_TRIGGERS = """
SELECT t.tgrelid::bigint, t.tgname::text, t.tgenabled::text,
  CASE WHEN p.pronamespace = to_regnamespace('graticule') THEN p.proname::text ELSE '' END
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE t.tgrelid = ANY (%s::oid[]) AND t.tgname LIKE 'graticule\\_%%' AND NOT t.tgisinternal
"""

_OWNED = """
SELECT c.oid::bigint FROM pg_class c
WHERE c.oid = ANY (%s::oid[]) AND pg_has_role(c.relowner, 'USAGE')
"""

_UNITS = """
SELECT srid, CASE WHEN proj4text LIKE '%%+proj=longlat%%' THEN 0.1
  WHEN proj4text LIKE '%%+units=us-ft%%' OR proj4text LIKE '%%+units=ft%%' THEN 32808.0
  ELSE 10000.0 END::float8
FROM spatial_ref_sys WHERE srid = ANY (%s)
"""


def installed(cursor: Cursor, tables: Iterable[int]) -> Installed:
    """What there is of our functions, and of triggers on these tables."""
    oids = sorted(tables)
    cursor.execute(_FUNCTIONS, [list(SETTINGS)])
    functions = dict(cursor.fetchall())
    cursor.execute(_TRIGGERS, [oids])
    triggers = {(oid, name): (function, state) for oid, name, state, function in cursor.fetchall()}
    cursor.execute(_OWNED, [oids])
    return Installed(functions, triggers, frozenset(row[0] for row in cursor.fetchall()))


def units(cursor: Cursor, wants: Iterable[Want]) -> Units:
    """What is large in the SRIDs of these wants."""
    cursor.execute(_UNITS, [sorted({want.srid for want in wants})])
    return Units(dict(cursor.fetchall()))


def table_for(member: Member, family: Family, wants: Sequence[Want], units: Units) -> Table:
    """What the function of one member is to be made for."""
    shapes = {
        (want.shape, want.srid): Shape(
            column=want.shape,
            srid=want.srid,
            geography=want.geography,
            point=want.shape in member.points,
            wide=0.1 if want.geography else units.of(want.srid),
        )
        for want in wants
        if want.shape in member.columns
    }
    named = {name for want in wants for name in want.base.columns or member.columns}
    return Table(
        relation=family.root.oid,
        shapes=tuple(shapes[key] for key in sorted(shapes)),
        visible=tuple(name for name in member.columns if name in named),
        key=member.key,
    )


class Plan:
    """The statements that give a family the triggers that `wants` ask for; none without wants."""

    def __init__(
        self, family: Family, wants: Sequence[Want], there: Installed, makings: "Makings"
    ) -> None:
        self.family = family
        self.wants = wants
        self._there = there
        self._names: dict[str, str] = {}
        self._of: dict[int, str] = {}
        for member in family.members if wants else ():
            body = makings.body(table_for(member, family, wants, makings.units))
            self._of[member.oid] = self._names.setdefault(body, f"log_{member.oid}")

    def functions(self) -> list[sql.Composable]:
        """Make functions, or make them anew; takes no lock on any table."""
        return [
            _function(name, body)
            for body, name in self._names.items()
            if self._there.functions.get(name) != body
        ]

    def triggers(self) -> list[sql.Composable]:
        """Make and drop triggers; each statement locks its table against writing."""
        wanted = {
            (member.oid, f"graticule_{operation}"): (member, operation)
            for member in self.family.members
            for operation in (OPERATIONS if member.oid in self._of else ())
        }
        found: list[sql.Composable] = []
        for member in self.family.members:
            for oid, name in self._there.triggers:
                if oid == member.oid and (oid, name) not in wanted:
                    found.append(_drop_trigger(member, name))
        for (_, name), (member, operation) in wanted.items():
            found += self._trigger(member, name, operation)
        return found

    def _trigger(self, member: Member, name: str, operation: str) -> list[sql.Composable]:
        function = self._of[member.oid]
        there = self._there.triggers.get((member.oid, name))
        if there is not None and there[0] == function:
            return [] if there[1] in self._good(member) else [_always(member, name)]
        found = [_drop_trigger(member, name)] if there is not None else []
        found.append(_create_trigger(member, name, operation, function))
        if member.oid in self._there.owned:
            found.append(_always(member, name))
        return found

    def _good(self, member: Member) -> tuple[str, ...]:
        return GOOD_OF_OWN if member.oid in self._there.owned else GOOD_STATES

    def faults(self) -> list[str]:
        """What is not as it should be, in words; empty when nothing needs to be done."""
        return list(dict.fromkeys([*self._function_faults(), *self._trigger_faults()]))

    def _function_faults(self) -> Iterable[str]:
        for body, name in self._names.items():
            there = self._there.functions.get(name)
            if there is None:
                yield f"the trigger function of {self.family.root.label} is missing"
            elif there != body:
                yield f"the trigger function of {self.family.root.label} is not what it should be"

    def _trigger_faults(self) -> Iterable[str]:
        for member in self.family.members if self._of else ():
            for operation in OPERATIONS:
                there = self._there.triggers.get((member.oid, f"graticule_{operation}"))
                if there is None:
                    yield f"{member.label} has no trigger for {operation.upper()}"
                elif there[1] not in self._good(member):
                    state = "was switched off and on" if there[1] in GOOD_STATES else "is disabled"
                    yield f"the trigger of {member.label} for {operation.upper()} {state}"
                elif there[0] != self._of[member.oid]:
                    yield f"the trigger of {member.label} for {operation.upper()} calls another"


@dataclass(frozen=True)
class Makings:
    """What bodies are made with. `context` is a psycopg2 connection, to quote for."""

    postgis: str
    units: Units
    context: Any

    def body(self, table: Table) -> str:
        """The text of a function."""
        key = (self.postgis, table)
        if key not in _bodies:
            if len(_bodies) > MOST_BODIES:
                _bodies.clear()
            _bodies[key] = source(table, sql.SQL(self.postgis)).as_string(self.context)
        return _bodies[key]


# The same for the same table: they are compared with what is installed every two seconds.
MOST_BODIES = 2000
_bodies: dict[tuple[str, Table], str] = {}


def _function(name: str, body: str) -> sql.Composable:
    tag = "$graticule$"
    while tag in body:
        tag = f"{tag[:-1]}_$"
    return sql.SQL(
        "CREATE OR REPLACE FUNCTION graticule.{name} () RETURNS trigger LANGUAGE plpgsql"
        " SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS {body};\n"
        "REVOKE ALL ON FUNCTION graticule.{name} () FROM PUBLIC"
    ).format(name=sql.Identifier(name), body=sql.SQL(f"{tag}{body}{tag}"))


def _drop_trigger(member: Member, name: str) -> sql.Composable:
    return sql.SQL("DROP TRIGGER IF EXISTS {} ON {}").format(sql.Identifier(name), _table(member))


def _create_trigger(member: Member, name: str, operation: str, function: str) -> sql.Composable:
    text = (
        "CREATE TRIGGER {name} AFTER {operation} ON {table} {referencing}"
        "FOR EACH STATEMENT EXECUTE FUNCTION graticule.{function} ()"
    )
    return sql.SQL(text).format(
        name=sql.Identifier(name),
        operation=sql.SQL(operation.upper()),
        table=_table(member),
        referencing=sql.SQL(REFERENCING[operation]),
        function=sql.Identifier(function),
    )


def _always(member: Member, name: str) -> sql.Composable:
    """Fire for sessions with session_replication_role = replica too; only an owner may say so."""
    return sql.SQL("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}").format(
        _table(member), sql.Identifier(name)
    )


def _table(member: Member) -> sql.Composable:
    return sql.Identifier(member.schema, member.name)
