"""What the tables of the change log say, as rows (see `core.changelog.schema`)."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from core.changelog import reader

MOST_BOXES = 64
LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Row:
    """A row of `graticule.change`; of `boxes` and `tiles` the first ones, as they are stored.

    `seen`: the listener has read it.
    """

    id: int
    xid: str
    at: datetime
    oid: int
    relation: str
    what: str
    rows: int
    who: str
    application: str
    srid: int
    anywhere: bool
    boxes: list[float]
    tiles: list[int]
    seen: bool


@dataclass(frozen=True)
class Applied:
    """A row of `graticule.applied`: what a batch of changes did to one Layer.

    `change` is the newest of the batch, None where something else was the reason. `zooms` is dirty
    and cached tiles by zoom, lowest first.
    """

    id: int
    layer: int
    change: int | None
    at: datetime
    seconds: float
    whole: bool
    zooms: dict[str, tuple[int, int]]
    cached: int
    note: str

    @property
    def dirty(self) -> int:
        """Dirty tiles over all zooms."""
        return sum(dirty for dirty, _ in self.zooms.values())


@dataclass(frozen=True)
class Wanted:
    """Which changes: these (None: all), in these relations, by this user or application, such.

    `before` is the id of a change: only older ones.
    """

    ids: Sequence[int] | None = None
    oids: Sequence[int] | None = None
    who: str = ""
    what: str = ""
    before: int | None = None
    limit: int = 100


class Raised(NamedTuple):
    """Of which Layers (None: all) everything was dropped, and when; `bare`: without a change."""

    layers: Sequence[int] | None = None
    since: datetime | None = None
    until: datetime | None = None
    bare: bool = True


RELATION = """
coalesce((SELECT n.nspname || '.' || r.relname FROM pg_class r
          JOIN pg_namespace n ON n.oid = r.relnamespace WHERE r.oid = c.relation),
         t.schema || '.' || t.name, 'a dropped relation')
"""
_CHANGES = f"""
SELECT c.id, c.xid::text, c.at, c.relation::bigint, {RELATION},
       c.what, c.rows, c.who, c.application, c.srid, c.boxes IS NULL AND c.tiles IS NULL,
       coalesce(c.boxes[1:%(numbers)s], '{{}}'), coalesce(c.tiles[1:%(numbers)s], '{{}}'),
       coalesce(pg_visible_in_snapshot(c.xid, k.snapshot::pg_snapshot), false)
FROM graticule.change c
LEFT JOIN graticule.tracked t ON t.relation = c.relation
LEFT JOIN graticule.cursor k ON k.name = %(cursor)s
WHERE (%(before)s::bigint IS NULL OR c.id < %(before)s)
  AND (%(ids)s::bigint[] IS NULL OR c.id = ANY (%(ids)s))
  AND (%(oids)s::bigint[] IS NULL OR c.relation::bigint = ANY (%(oids)s))
  AND (%(who)s = '' OR %(who)s IN (c.who, c.application))
  AND (%(what)s = '' OR c.what = %(what)s)
ORDER BY c.id DESC LIMIT %(limit)s
"""  # noqa: S608 - a constant of this module
_COLUMNS = "id, layer, change, at, seconds, whole, zooms, cached, note"
_APPLIED = f"""
SELECT {_COLUMNS} FROM graticule.applied WHERE change BETWEEN %s AND %s ORDER BY change
"""  # noqa: S608
_RAISED = f"""
SELECT {_COLUMNS} FROM graticule.applied
WHERE whole AND (change IS NULL OR NOT %(bare)s)
  AND (%(layers)s::bigint[] IS NULL OR layer = ANY (%(layers)s))
  AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
ORDER BY id DESC LIMIT %(limit)s
"""  # noqa: S608
_PEOPLE = """
SELECT DISTINCT unnest(ARRAY[who, application]) FROM (
  SELECT who, application FROM graticule.change ORDER BY id DESC LIMIT 2000) c ORDER BY 1
"""
_NOTE = "INSERT INTO graticule.applied (position, layer, whole, note) VALUES (0, %s, true, %s)"
_THERE = "SELECT to_regclass('graticule.change') IS NOT NULL"


def ask(query: str, values: Any = None) -> list[tuple[Any, ...]]:
    """The rows of a query; raises django.db.Error."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def is_there() -> bool:
    """Whether the database has a change log."""
    return bool(ask(_THERE)[0][0])


def began() -> datetime | None:
    """Since when there is a log; raises django.db.Error without one."""
    return next((row[0] for row in ask("SELECT at FROM graticule.version")), None)


def changes(wanted: Wanted) -> list[Row]:
    """Rows of `graticule.change`, newest first."""
    values = {
        **wanted.__dict__,
        "ids": None if wanted.ids is None else list(wanted.ids),
        "oids": None if wanted.oids is None else list(wanted.oids),
        "numbers": 4 * MOST_BOXES,
        "cursor": reader.cursor_name(settings.REDIS_URL),
    }
    return [Row(*row) for row in ask(_CHANGES, values)]


def applied(first: int, last: int) -> list[Applied]:
    """What was done about the changes with ids from `first` to `last`, in their order."""
    return [_applied(row) for row in ask(_APPLIED, [first, last])]


def raised(wanted: Raised, limit: int) -> list[Applied]:
    """When everything of some Layers was dropped, newest first."""
    layers = None if wanted.layers is None else list(wanted.layers)
    values = {**wanted._asdict(), "layers": layers, "limit": limit}
    return [_applied(row) for row in ask(_RAISED, values)]


def changed_at(change: int) -> datetime:
    """When a change was made; long ago, where it is not in the log any more."""
    rows = ask("SELECT at FROM graticule.change WHERE id = %s", [change])
    return rows[0][0] if rows else LONG_AGO


def _applied(row: tuple[Any, ...]) -> Applied:
    number, layer, change, at, seconds, whole, zooms, cached, note = row
    return Applied(number, layer, change, at, seconds, whole, _zooms(zooms), cached, note)


def _zooms(stored: Any) -> dict[str, tuple[int, int]]:
    found = json.loads(stored) if isinstance(stored, str) else stored
    pairs = ((zoom, (int(pair[0]), int(pair[1]))) for zoom, pair in found.items())
    return dict(sorted(pairs, key=lambda item: int(item[0])))


def note_raised(layers: Iterable[int], why: str) -> None:
    """Note that everything of these Layers was dropped for a reason that is no change of a row.

    Where there is no change log nothing is noted.
    """
    if is_there():
        with connection.cursor() as cursor:
            cursor.executemany(_NOTE, [(layer, why) for layer in layers])


def people() -> list[str]:
    """Users and applications of the newest changes."""
    return [str(row[0]) for row in ask(_PEOPLE) if row[0]]
