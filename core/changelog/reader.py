"""Reading the change log: every change once its transaction is seen, whenever it was written.

The cursor is a snapshot, not a number: what is new is what the present snapshot sees and the
cursor's does not (`pg_visible_in_snapshot`). So a transaction that was held open across later
commits loses nothing, and nobody waits for it either.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DataError, InternalError, ProgrammingError, connection, transaction

from core.changelog.values import Box, Change

MAX_CHANGES = 5000
MAX_NUMBERS = 2_000_000


@dataclass(frozen=True)
class State:
    """What the database says of itself at one moment.

    `xid` is the next transaction id, `written` the end of the log in bytes: neither goes back
    while the history is the same. `started` names this run of the server, `safe` says that it
    loses no commit when it crashes. `tracked` is False where there is no change log.
    """

    revision: int
    epoch: int
    snapshot: str
    xid: int
    written: int
    started: str
    safe: bool
    tracked: bool


@dataclass(frozen=True)
class Batch:
    """The changes between the cursor and a moment.

    `position` is the cursor's; None where there is no cursor of this history.
    """

    state: State
    position: int | None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Applied:
    """What a change did to one Layer. `zooms` is dirty and cached tiles by zoom."""

    change: int | None
    layer: int
    seconds: float
    whole: bool
    zooms: dict[str, tuple[int, int]]
    cached: int
    note: str = ""


_STATE = """
SELECT r.value, r.epoch, pg_current_snapshot()::text,
       pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
       (pg_current_wal_insert_lsn() - '0/0')::bigint, pg_postmaster_start_time()::text,
       current_setting('synchronous_commit') <> 'off' AND current_setting('fsync') = 'on',
       to_regclass('graticule.cursor') IS NOT NULL AND to_regclass('graticule.change') IS NOT NULL
FROM core_revision r WHERE r.id = 1
"""
_CURSOR = "SELECT snapshot, position FROM graticule.cursor WHERE name = %s"
_AT = "%(at)s::pg_snapshot"
_NEW = f"xid >= pg_snapshot_xmin({_AT}) AND NOT pg_visible_in_snapshot(xid, {_AT})"
_SIZE = f"""
SELECT count(*), coalesce(sum(coalesce(cardinality(boxes), 0) + coalesce(cardinality(parts), 0)
                              + coalesce(cardinality(tiles), 0)), 0)
FROM graticule.change WHERE {_NEW}
"""  # noqa: S608 - constants of this module
_COLUMNS = "id, relation::bigint, what, rows, at, who, application, srid, boxes, parts, tiles"
_CHANGES = f"SELECT {_COLUMNS} FROM graticule.change WHERE {_NEW} ORDER BY id"  # noqa: S608
_RELATIONS = f"""
SELECT max(id), relation::bigint, 'unknown', sum(rows), min(at), NULL, NULL, NULL, NULL, NULL, NULL
FROM graticule.change WHERE {_NEW} GROUP BY relation
"""  # noqa: S608
_ADVANCE = """
INSERT INTO graticule.cursor (name, snapshot, position, at)
VALUES (%s, %s, %s, clock_timestamp())
ON CONFLICT (name) DO UPDATE SET snapshot = excluded.snapshot, position = excluded.position,
                                 at = excluded.at
"""
_APPLIED = """
INSERT INTO graticule.applied (change, position, layer, seconds, whole, zooms, cached, note)
VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s, %s)
"""


def cursor_name(url: str) -> str:
    """The name of the cursor of whoever fills the Redis at `url`."""
    return hashlib.blake2b(url.encode(), digest_size=8).hexdigest()


def read(name: str) -> Batch:
    """What is new for the cursor `name`; raises django.db.Error.

    Too many changes at once come as one change of each relation that may be anywhere.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        now = _state(cursor)
        if not now.tracked:
            return Batch(now, position=0)
        cursor.execute(_CURSOR, [name])
        row = cursor.fetchone()
        if row is None or _end(row[0]) > now.xid:
            return Batch(now, position=None)
        return Batch(now, row[1], _changes(cursor, row[0]))


def _end(snapshot: str) -> int:
    """The first transaction id after a snapshot; one of another history may be ahead of ours."""
    return int(snapshot.split(":")[1])


def state() -> State:
    """What the database says of itself now; raises django.db.Error."""
    with connection.cursor() as cursor:
        return _state(cursor)


def _state(cursor: Any) -> State:
    cursor.execute(_STATE)
    return State(*cursor.fetchone())


def _changes(cursor: Any, snapshot: str) -> tuple[Change, ...]:
    at = {"at": snapshot}
    cursor.execute(_SIZE, at)
    rows, numbers = cursor.fetchone()
    if not rows:
        return ()
    many = rows > MAX_CHANGES or numbers > MAX_NUMBERS
    cursor.execute(_RELATIONS if many else _CHANGES, at)
    return tuple(_change(row) for row in cursor.fetchall())


def _change(row: tuple[Any, ...]) -> Change:
    number, relation, what, rows, at, who, application, srid, boxes, parts, tiles = row
    return Change(
        id=number,
        relation=relation,
        what=what,
        rows=rows or 0,
        at=at,
        who=who or "",
        application=application or "",
        srid=srid or 0,
        boxes=_boxes(boxes),
        parts=_boxes(parts),
        tiles=_triples(tiles),
    )


def _boxes(flat: list[float] | None) -> tuple[Box, ...] | None:
    if flat is None:
        return None
    return tuple(zip(flat[0::4], flat[1::4], flat[2::4], flat[3::4], strict=True))


def _triples(flat: list[int] | None) -> tuple[tuple[int, int, int], ...]:
    if flat is None:
        return ()
    return tuple(zip(flat[0::3], flat[1::3], flat[2::3], strict=True))


def advance(name: str, snapshot: str, position: int, applied: list[Applied]) -> None:
    """Move the cursor to a snapshot whose changes have all been applied; raises Error."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ADVANCE, [name, snapshot, position])
        for one in applied:
            cursor.execute(_APPLIED, _row(one, position))


def _row(one: Applied, position: int) -> list[Any]:
    zooms = json.dumps(one.zooms)
    return [one.change, position, one.layer, one.seconds, one.whole, zooms, one.cached, one.note]


_NEW_EPOCH = """
UPDATE core_revision SET epoch = greatest(
  epoch + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint) WHERE id = 1
"""
_FROM_ELSEWHERE = "DELETE FROM graticule.change WHERE xid >= pg_snapshot_xmax(%s::pg_snapshot)"


def new_epoch() -> None:
    """Believe nothing that was cached before; raises django.db.Error.

    By the clock: a backup that is restored twice must not come to the same number twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEW_EPOCH)


def begin(name: str, at: State, position: int) -> None:
    """Start the cursor `name` at a state, in a history of which nothing earlier is believed.

    Rows of a restored log that claim a transaction yet to come would be new for ever: they go.
    """
    with transaction.atomic():
        new_epoch()
        if at.tracked:
            advance(name, at.snapshot, position, [])
            with connection.cursor() as cursor:
                cursor.execute(_FROM_ELSEWHERE, [at.snapshot])


_PROJECT = """
SELECT ST_XMin(g), ST_YMin(g), ST_XMax(g), ST_YMax(g)
FROM unnest(%(w)s::float8[], %(s)s::float8[], %(e)s::float8[], %(n)s::float8[])
     WITH ORDINALITY AS b(w, s, e, n, i),
LATERAL (SELECT ST_Transform(ST_Segmentize(
    ST_MakeEnvelope(w, s, e, n, %(srid)s), greatest((e - w) / 8, (n - s) / 8, 1e-9)), 3857) AS g) t
ORDER BY i
"""


def projected(boxes: Sequence[Box], srid: int) -> list[Box] | None:
    """Boxes of another CRS as boxes in EPSG:3857, by the PostGIS that renders too.

    A little larger, for what the bend between two points may hide. None where it cannot be
    computed.
    """
    sides = dict(zip("wsen", (list(one) for one in zip(*boxes, strict=True)), strict=True))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_PROJECT, {**sides, "srid": srid})
            found = cursor.fetchall()
    except (DataError, InternalError, ProgrammingError):
        return None
    if any(side is None or not math.isfinite(side) for box in found for side in box):
        return None
    return [_wider(box) for box in found]


def _wider(box: Box) -> Box:
    west, south, east, north = box
    more = 0.02 * max(east - west, north - south)
    return west - more, south - more, east + more, north + more
