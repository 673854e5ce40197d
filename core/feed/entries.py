"""The lines of the feed: the changes of one transaction in one relation are one."""

import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from core import picture
from core.changelog import reader, sources
from core.feed import log
from core.feed.log import MOST_BOXES, Applied, Raised, Row, Wanted
from core.models import Layer
from core.picture import Degrees

WAITING, APPLIED, UNUSED, RAISED = "waiting", "applied", "unused", "raised"
# A batch of the listener has its row on its newest change: look so far ahead for it.
AHEAD = 5000
TRUNCATE = "truncate"
RAISES = 50
SURVEYED_SECONDS = 1.0
WORDS = {
    "insert": ("insert", "inserts"),
    "update": ("update", "updates"),
    "delete": ("delete", "deletes"),
    "load": ("row loaded", "rows loaded"),
    "tiles": ("tile list", "tile lists"),
    "unknown": ("unknown change", "unknown changes"),
}


@dataclass(frozen=True)
class Effect:
    """What was done to one Layer; `with_later`: counted with the later changes of its batch."""

    layer: str
    applied: Applied
    with_later: bool


@dataclass(frozen=True)
class Entry:
    """One line. `boxes` are in degrees; `anywhere`: it may be felt everywhere.

    `state` is waiting, applied, unused (no Layer is made from the relation) or raised (everything
    of a Layer was dropped, for a reason that is no change of a row; `what` says which).
    """

    key: str
    at: datetime
    relation: str
    layers: tuple[str, ...]
    what: str
    state: str
    rows: int = 0
    who: str = ""
    application: str = ""
    boxes: tuple[Degrees, ...] = ()
    anywhere: bool = False
    effects: tuple[Effect, ...] = ()

    @property
    def dirty(self) -> int:
        """Dirty tiles of all Layers, counted once."""
        return sum(one.applied.dirty for one in self.effects if not one.with_later)

    @property
    def cached(self) -> int:
        """Cached tiles among them, which were dropped."""
        return sum(one.applied.cached for one in self.effects if not one.with_later)

    @property
    def seconds(self) -> float | None:
        """Seconds from the change until no cache had its tiles any more."""
        return max((one.applied.seconds for one in self.effects), default=None)


@dataclass(frozen=True)
class Feed:
    """Entries, newest first; `more` is what to give as `before` for older ones, if there are."""

    entries: tuple[Entry, ...] = ()
    more: int | None = None


_VIEWS = """
SELECT l.resource_ptr_id, c.oid::bigint FROM core_layer l
JOIN pg_namespace n ON n.nspname = l.relation_schema
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = l.relation_name
WHERE c.relkind = 'v' AND NOT l.held
"""


@dataclass(frozen=True)
class Known:
    """The names of Layers by id, and the Layers that each relation feeds, by its oid."""

    names: dict[int, str]
    fed: dict[int, tuple[int, ...]]

    def layers(self, oid: int) -> tuple[str, ...]:
        """The names of the Layers that a relation feeds."""
        return tuple(self.names[pk] for pk in self.fed.get(oid, ()) if pk in self.names)

    def oids(self, layer: str) -> list[int]:
        """The relations that feed a Layer."""
        return [oid for oid in self.fed if layer in self.layers(oid)]


def known() -> Known:
    """What is published just now; which relations feed it, may be a second old.

    To find that out takes some queries for each view, and pages ask every two seconds.
    """
    global _surveyed  # noqa: PLW0603 - one a process
    names = dict(Layer.objects.values_list("pk", "name"))
    now, kept = time.monotonic(), _surveyed
    if kept is None or kept.known.names != names or now >= kept.until:
        fed = {
            oid: tuple(dict.fromkeys(one.layer_id for one in found))
            for oid, found in sources.sources().items()
        }
        # Nobody writes to a view, but to the copy of one that was held.
        fed |= {oid: (layer,) for layer, oid in log.ask(_VIEWS) if oid not in fed}
        _surveyed = kept = Surveyed(Known(names, fed), now + SURVEYED_SECONDS)
    return kept.known


class Surveyed(NamedTuple):
    """What was found to be published, and until when it is believed, of the monotonic clock."""

    known: Known
    until: float


_surveyed: Surveyed | None = None


def feed(wanted: Wanted, layer: str = "") -> Feed:
    """The lines that are wanted, of one Layer if it is named; raises django.db.Error.

    With the changes come those lines of what was dropped as a whole that are of the same time.
    """
    here = known()
    oids = here.oids(layer) if layer else None
    rows = log.changes(replace(wanted, oids=oids))
    done = Done(log.applied(rows[-1].id, rows[0].id + AHEAD) if rows else [])
    entries = [_entry(group, here, done) for group in _transactions(rows)]
    more = rows[-1].id if len(rows) == wanted.limit else None
    if not (wanted.who or wanted.what):
        ids = [pk for pk, name in here.names.items() if name == layer] if layer else None
        until = log.changed_at(wanted.before) if wanted.before else None
        since = rows[-1].at if more else None
        entries += _raised(here, Raised(ids, since, until), max(wanted.limit, RAISES))
    return Feed(tuple(sorted(entries, key=lambda one: one.at, reverse=True)), more)


def those(changes: Sequence[int], layers: Sequence[int]) -> list[Entry]:
    """The entries of these changes, and of all that was dropped of these Layers, newest first."""
    here = known()
    rows = log.changes(Wanted(ids=changes, limit=max(1, len(changes))))
    done = Done(log.applied(rows[-1].id, rows[0].id + AHEAD) if rows else [])
    found = [_entry([row], here, done) for row in rows] + _raised(here, Raised(layers), RAISES)
    return sorted(found, key=lambda one: one.at, reverse=True)


def _transactions(rows: Sequence[Row]) -> Iterable[list[Row]]:
    """Rows of one transaction in one relation, which mostly stand together."""
    for _, group in groupby(rows, key=lambda row: (row.xid, row.oid)):
        yield list(group)


class Done:
    """What was done, by Layer, in the order of changes."""

    def __init__(self, done: Iterable[Applied]) -> None:
        self._rows: dict[int, list[Applied]] = {}
        for one in done:
            self._rows.setdefault(one.layer, []).append(one)

    def about(self, change: int, layer: int) -> Applied | None:
        """The batch that a change was in: the first at it or after it."""
        rows = self._rows.get(layer, [])
        at = bisect_left(rows, change, key=lambda one: one.change or 0)
        return rows[at] if at < len(rows) else None


def _entry(group: list[Row], here: Known, done: Done) -> Entry:
    newest = group[0]
    layers = here.layers(newest.oid)
    seen = all(row.seen for row in group)
    boxes = [box for row in group for box in degrees(row.srid, tuple(row.boxes), tuple(row.tiles))]
    return Entry(
        key=f"c{newest.id}",
        at=newest.at,
        relation=newest.relation,
        layers=layers,
        what=words(group),
        state=(APPLIED if seen else WAITING) if layers else UNUSED,
        rows=sum(row.rows for row in group),
        who=newest.who,
        application=newest.application,
        boxes=tuple(boxes[:MOST_BOXES]),
        anywhere=any(row.anywhere for row in group),
        effects=tuple(_effects(newest, here, done)) if seen else (),
    )


def words(group: Sequence[Row]) -> str:
    """What was done, such as `12 updates, 1 delete`."""
    counts: dict[str, int] = {}
    for row in group:
        own = 1 if row.what in ("tiles", "unknown", TRUNCATE) else row.rows
        counts[row.what] = counts.get(row.what, 0) + own
    said = (
        TRUNCATE if what == TRUNCATE else f"{count:,} {WORDS[what][count != 1]}"
        for what, count in counts.items()
    )
    return ", ".join(said)


def _effects(row: Row, here: Known, done: Done) -> Iterable[Effect]:
    for layer in here.fed.get(row.oid, ()):
        found = done.about(row.id, layer)
        if found is not None and layer in here.names:
            yield Effect(here.names[layer], found, with_later=found.change != row.id)


def _raised(here: Known, wanted: Raised, limit: int) -> list[Entry]:
    return [
        Entry(
            key=f"r{one.id}",
            at=one.at,
            relation="",
            layers=(here.names[one.layer],),
            what=one.note or "everything was dropped",
            state=RAISED,
            anywhere=True,
            effects=(Effect(here.names[one.layer], one, with_later=False),),
        )
        for one in log.raised(wanted, limit)
        if one.layer in here.names
    ]


@lru_cache(2000)
def degrees(srid: int, boxes: tuple[float, ...], tiles: tuple[int, ...]) -> tuple[Degrees, ...]:
    """The boxes and tiles of a change in degrees; none where they cannot be computed.

    Kept, because the feed is asked for every two seconds and a change stays as it is.
    """
    flat = list(zip(boxes[0::4], boxes[1::4], boxes[2::4], boxes[3::4], strict=True))
    listed = zip(tiles[0::3], tiles[1::3], tiles[2::3], strict=False)
    of_tiles = tuple(picture.of_tile(z, x, y) for z, x, y in listed)
    if srid == 4326:
        return (*flat, *of_tiles)
    found = flat if srid == 3857 or not flat else reader.projected(flat, srid)
    return (*(picture.from_metres(box) for box in found or ()), *of_tiles)
