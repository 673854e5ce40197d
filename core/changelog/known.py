"""What each published relation looked like when it was last looked at, to notice when it moved.

Triggers do not fire when a table is renamed, swapped, altered or rewritten, when a partition is
attached, a materialised view refreshed or the value of an enum renamed, and not while they are
switched off. All of that leaves a trace in the catalog.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from core.changelog import schema
from core.changelog.family import Family
from core.changelog.needs import bands
from core.changelog.schema import Cursor
from core.changelog.survey import Survey

Name = tuple[str, str]
State = dict[str, Any]
Noted = dict[Name, str | None]
GONE: State = {}

# In the order in which they are told: the first that differs is the reason.
WORDS = {
    "oid": "is another relation of the same name",
    "kind": "is of another kind",
    "rule": "has another definition",
    "functions": "calls a function that was replaced",
    "refreshed": "was refreshed",
    "columns": "has other columns",
    "members": "has other partitions or children",
    "files": "was rewritten",
    "labels": "has enum values of other names",
    "triggers": "had triggers of ours switched off and on, or put in their place",
}
# Not noted from the beginning: what is not known of them has not moved.
LATER = ("labels", "triggers")

# `refreshed`: REFRESH writes the row of pg_class anew each time, CONCURRENTLY or not.
_STATE = """
SELECT c.oid::bigint, c.relkind::text,
  (SELECT md5(string_agg(format('%%s %%s %%s %%s', a.attname, a.atttypid, a.atttypmod, a.attnum),
    ',' ORDER BY a.attnum)) FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  (SELECT md5(r.ev_action::text) FROM pg_rewrite r
    WHERE r.ev_class = c.oid AND r.rulename = '_RETURN' AND c.relkind = 'v'),
  CASE c.relkind WHEN 'm' THEN c.relfilenode || ' ' || c.xmin END,
  (SELECT json_object_agg(e.oid, e.enumlabel)::text
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_enum e ON e.enumtypid IN (t.oid, t.typelem, t.typbasetype)
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
FROM pg_class c WHERE c.oid = ANY (%s::oid[])
"""

_FILES = "SELECT oid::bigint, relfilenode::bigint FROM pg_class WHERE oid = ANY (%s::oid[])"
_TRUNCATED = "SELECT member::bigint, file::bigint FROM graticule.truncated"
# To switch a trigger off or on writes its row anew.
_TRIGGERS = """
SELECT tgrelid || ' ' || tgname, xmin::text FROM pg_trigger
WHERE tgrelid = ANY (%s::oid[]) AND tgname LIKE 'graticule\\_%%' AND NOT tgisinternal
"""
_FUNCTIONS = "SELECT oid::bigint, xmin::text FROM pg_proc WHERE oid = ANY (%s::oid[])"

# Where there is no schema `graticule`: as long as the process lives.
_remembered: dict[Name, State] = {}


def names_of(found: Survey, layer_id: int) -> list[Name]:
    """The relations that a Layer stands on: published, below views, declared."""
    under = {(band.schema, band.name) for band in bands(found.layers[layer_id])}
    return sorted(under | {(one.schema, one.name) for one in found.needs[layer_id].seen})


def look(cursor: Cursor, found: Survey, layer_ids: Iterable[int]) -> dict[Name, State]:
    """What the relations under these Layers look like now; GONE for those that are not there."""
    ids = list(layer_ids)
    states: dict[Name, State] = {name: dict(GONE) for key in ids for name in names_of(found, key)}
    seen = {one.oid: one for key in ids for one in found.needs[key].seen}
    trees = {oid: found.families[oid].oids for oid in seen if oid in found.families}
    tables = {oid for tree in trees.values() for oid in tree}
    files, switched = _pairs(cursor, _FILES, tables), _pairs(cursor, _TRIGGERS, tables)
    cursor.execute(_STATE, [sorted(seen)])
    for oid, kind, columns, rule, refreshed, labels in cursor.fetchall():
        states[seen[oid].schema, seen[oid].name] = {
            "oid": oid,
            "kind": kind,
            "rule": rule,
            "refreshed": refreshed,
            "columns": columns,
            "members": sorted(trees.get(oid, ())),
            "files": {str(one): files[one] for one in sorted(trees.get(oid, ())) if one in files},
            "labels": json.loads(labels or "{}"),
            "triggers": _of(switched, trees.get(oid, ())),
        }
    _add_functions(cursor, found, ids, states)
    return states


def _add_functions(
    cursor: Cursor, found: Survey, ids: list[int], states: dict[Name, State]
) -> None:
    versions = _pairs(
        cursor, _FUNCTIONS, {oid for key in ids for oid in found.needs[key].functions}
    )
    for key in ids:
        own = states.get((found.layers[key].relation_schema, found.layers[key].relation_name))
        if own:
            calls = sorted(found.needs[key].functions)
            own["functions"] = {str(oid): versions.get(oid) for oid in calls}


def _of(triggers: dict[str, str], tables: Collection[int]) -> dict[str, str]:
    """Those that are on these tables."""
    return {name: at for name, at in triggers.items() if int(name.partition(" ")[0]) in tables}


def _pairs(cursor: Cursor, query: str, oids: set[int]) -> dict[Any, Any]:
    cursor.execute(query, [sorted(oids)])
    return dict(cursor.fetchall())


def moved(before: State, now: State, truncated: dict[int, int]) -> str:
    """What differs, as the end of a sentence; "" when nothing does.

    Files that TRUNCATE gave (`truncated`, by oid) do not count: it is in the change log.
    """
    if before == now:
        return ""
    if not now or not before:
        return "is there again" if now else "is not in the database any more"
    for key, words in WORDS.items():
        if key != "files" and _differ(key, before, now):
            return words
    old, new = before.get("files", {}), now.get("files", {})
    rewritten = [one for one in new if new[one] not in (old.get(one), truncated.get(int(one)))]
    return WORDS["files"] if rewritten else ""


def _differ(key: str, before: State, now: State) -> bool:
    if key in LATER and key not in before:
        return False
    old, new = before.get(key), now.get(key)
    if key == "labels" and old and new:  # Another value more is of no row.
        return any(new.get(one, label) != label for one, label in old.items())
    return bool(old != new)


def truncated(cursor: Cursor) -> dict[int, int]:
    """The file that TRUNCATE last gave to each tracked table."""
    if not schema.version(cursor):
        return {}
    cursor.execute(_TRUNCATED)
    return dict(cursor.fetchall())


def recall(cursor: Cursor) -> dict[Name, State]:
    """What was stored last."""
    if not schema.version(cursor):
        return dict(_remembered)
    cursor.execute("SELECT schema, name, state::text FROM graticule.known")
    return {(one, name): json.loads(state) for one, name, state in cursor.fetchall()}


_STORE = """
INSERT INTO graticule.known (schema, name, state) VALUES (%s, %s, %s)
ON CONFLICT (schema, name) DO UPDATE SET state = excluded.state, at = excluded.at
"""


def store(cursor: Cursor, states: dict[Name, State]) -> None:
    """Remember these states."""
    if not schema.version(cursor):
        _remembered.update(states)
        return
    for (one, name), state in states.items():
        cursor.execute(_STORE, [one, name, json.dumps(state)])


@contextmanager
def by_us(cursor: Cursor, families: Iterable[Family]) -> Iterator[None]:
    """What is done to triggers of these families within the block is known, and no move.

    But those that were not as known before it, somebody else had switched: that is still to be
    told.
    """
    tables = {oid for family in families for oid in family.oids}
    before = _pairs(cursor, _TRIGGERS, tables)
    yield
    after = _pairs(cursor, _TRIGGERS, tables)
    for name, state in recall(cursor).items() if before != after else ():
        members = set(state.get("members", ()))
        old, new = _of(before, members), _of(after, members)
        if state.get("triggers") == old != new:
            store(cursor, {name: {**state, "triggers": new}})


def noted(cursor: Cursor) -> Noted:
    """When what is known of each relation was noted."""
    if not schema.version(cursor):
        return dict.fromkeys(_remembered)
    cursor.execute("SELECT schema, name, at::text FROM graticule.known")
    return {(one, name): at for one, name, at in cursor.fetchall()}


_FORGET = "DELETE FROM graticule.known WHERE (schema, name, at) = (%s, %s, %s)"


def forget(cursor: Cursor, names: Noted) -> None:
    """Drop what is known of relations that no Layer stands on any more.

    But not what was noted again since: somebody has published the relation meanwhile.
    """
    for (one, name), at in names.items():
        _remembered.pop((one, name), None)
        if at:
            cursor.execute(_FORGET, [one, name, at])


def note(cursor: Cursor, found: Survey, layer_id: int) -> None:
    """Remember what a Layer stands on as it is now, since it has just been published so.

    But not what other Layers stand on too: if it has moved, they have yet to be told.
    """
    others = {
        name for key in found.layers if key != layer_id for name in names_of(found, key)
    } & recall(cursor).keys()
    states = look(cursor, found, [layer_id])
    store(cursor, {name: state for name, state in states.items() if name not in others})
