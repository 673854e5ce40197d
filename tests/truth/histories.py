"""Random histories of a table: what editors, scripts and interleaved transactions do to it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg2
from django.conf import settings
from hypothesis import strategies as st
from psycopg2 import errors

from core.env import postgres_dict

TABLE = "odd.histories"
MAKE = f"""
CREATE TABLE {TABLE} (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text,
  geom geometry(Geometry, 3857)
);
CREATE INDEX ON {TABLE} USING gist (geom);
"""
HALF_WORLD = 20037508.34
KINDS = ("road", "house", "park")
PICKED = f"id = (SELECT id FROM {TABLE} ORDER BY id OFFSET %s LIMIT 1)"
ENDS = ("commit", "rollback", "savepoint", "back")
WRITES = ("insert", "batch", "rename", "move", "reshape", "delete", "update all", "same")


@dataclass(frozen=True)
class Step:
    """What one of the sessions does; `seed` decides which row, where and how large."""

    session: int
    what: str
    seed: int


def steps() -> st.SearchStrategy[list[Step]]:
    """Histories of two sessions that hold transactions open, and one that commits at once."""
    anything = st.sampled_from([*WRITES, *WRITES, *ENDS, "truncate"])
    step = st.builds(Step, st.integers(0, 2), anything, st.integers(0, 2**20))
    return st.lists(step, min_size=4, max_size=16)


def geometry(dice: random.Random) -> str:
    """A point, a line or a polygon somewhere, as EWKT: from a few metres to a continent."""
    x, y = dice.uniform(-0.95, 0.95) * HALF_WORLD, dice.uniform(-0.95, 0.95) * HALF_WORLD
    size = 10 ** dice.uniform(1, 6.8)
    form = dice.choice(("point", "line", "square", "blob", "nothing"))
    if form == "point":
        return f"SRID=3857;POINT({x} {y})"
    if form == "line":
        return f"SRID=3857;LINESTRING({x} {y}, {x + size} {y + size / 3}, {x + size} {y - size})"
    if form == "nothing":
        return "SRID=3857;POLYGON EMPTY"
    corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    if form == "blob":
        # Enough points to be sent as a difference.
        corners = [(dice.random(), n / 300) for n in range(300)] + [(2.0, 1.0), (2.0, 0.0)]
    ring = ", ".join(f"{x + a * size} {y + b * size}" for a, b in [*corners, corners[0]])
    return f"SRID=3857;POLYGON(({ring}))"


@dataclass
class Story:
    """Carries a history out."""

    sessions: list[Any] = field(default_factory=list)
    saved: set[int] = field(default_factory=set)

    def __enter__(self) -> "Story":
        for number in range(3):
            made = psycopg2.connect(**postgres_dict(settings.DATABASE_URL))
            made.autocommit = number == 2
            with made.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'; SET application_name = 'editor'")
            if number < 2:
                made.commit()
            self.sessions.append(made)
        return self

    def __exit__(self, *_: object) -> None:
        for session in self.sessions:
            session.close()

    def tell(self, step: Step) -> None:
        """Take one step; who waits too long for a lock gives up its transaction."""
        session = self.sessions[step.session]
        try:
            if step.what in ENDS:
                self._end(step)
            elif step.what == "truncate":
                # Held open it would keep every reader waiting.
                self.sessions[2].cursor().execute(f"TRUNCATE {TABLE}")
            else:
                _write(session.cursor(), step)
        except (errors.LockNotAvailable, errors.DeadlockDetected, errors.InFailedSqlTransaction):
            if step.session < 2:
                session.rollback()
                self.saved.discard(step.session)

    def _end(self, step: Step) -> None:
        number = step.session
        if number == 2:
            return
        session = self.sessions[number]
        if step.what == "savepoint":
            session.cursor().execute("SAVEPOINT here")
            self.saved.add(number)
        elif step.what == "back":
            if number in self.saved:
                session.cursor().execute("ROLLBACK TO SAVEPOINT here")
        else:
            self.saved.discard(number)
            session.commit() if step.what == "commit" else session.rollback()

    def finish(self, seed: int) -> None:
        """End what is open, in an order of its own, one way or the other."""
        dice = random.Random(seed)
        for session in dice.sample(self.sessions[:2], 2):
            session.commit() if dice.random() < 0.7 else session.rollback()


def _write(cursor: Any, step: Step) -> None:
    dice = random.Random(step.seed)
    pick = dice.randrange(12)
    kind = dice.choice(KINDS)
    does: dict[str, Callable[[], Any]] = {
        "insert": lambda: _insert(cursor, dice, 1),
        "batch": lambda: _insert(cursor, dice, dice.randrange(2, 60)),
        "rename": lambda: cursor.execute(
            f"UPDATE {TABLE} SET kind = %s WHERE {PICKED}", (kind, pick)
        ),
        "move": lambda: cursor.execute(
            f"UPDATE {TABLE} SET geom = ST_Translate(geom, %s, %s) WHERE {PICKED}",
            (dice.gauss(0, 1e6), dice.gauss(0, 1e4), pick),
        ),
        "reshape": lambda: cursor.execute(
            f"UPDATE {TABLE} SET geom = %s::geometry WHERE {PICKED}", (geometry(dice), pick)
        ),
        "delete": lambda: cursor.execute(f"DELETE FROM {TABLE} WHERE {PICKED}", (pick,)),
        "update all": lambda: cursor.execute(
            f"UPDATE {TABLE} SET kind = %s WHERE id %% 3 = %s", (kind, pick % 3)
        ),
        "same": lambda: cursor.execute(f"UPDATE {TABLE} SET kind = kind WHERE {PICKED}", (pick,)),
    }
    does[step.what]()


def _insert(cursor: Any, dice: random.Random, count: int) -> None:
    rows = [(dice.choice(KINDS), geometry(dice)) for _ in range(count)]
    values = b",".join(cursor.mogrify("(%s, %s::geometry)", row) for row in rows)
    cursor.execute(f"INSERT INTO {TABLE} (kind, geom) VALUES ".encode() + values)
