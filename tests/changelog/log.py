"""A change log to look at: what the triggers of a table wrote."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
from django.db import connection

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Logged:
    """A row of `graticule.change`, boxes as tuples."""

    what: str
    rows: int
    srid: int
    boxes: list[Box] | None
    parts: list[Box] | None
    who: str
    relation: str


def rows(query: str, values: Any = None) -> list[tuple[Any, ...]]:
    """What a query gives, as the owner."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def mark() -> int:
    """The newest row now."""
    return int(rows("SELECT coalesce(max(id), 0) FROM graticule.change")[0][0])


def since(before: int) -> list[Logged]:
    """What was logged after a mark, oldest first."""
    query = (
        "SELECT what, rows, srid, boxes, parts, who, relation::regclass::text"
        " FROM graticule.change WHERE id > %s ORDER BY id"
    )
    return [
        Logged(what, count, srid, boxes_of(flat), boxes_of(parts), who, relation)
        for what, count, srid, flat, parts, who, relation in rows(query, [before])
    ]


def boxes_of(flat: list[float] | None) -> list[Box] | None:
    """Four numbers are a box."""
    if flat is None:
        return None
    return sorted(zip(flat[::4], flat[1::4], flat[2::4], flat[3::4], strict=True))


def logged(statement: str) -> list[Logged]:
    """Run a statement as the owner; what the triggers wrote of it."""
    before = mark()
    with connection.cursor() as cursor:
        cursor.execute(statement)
    return since(before)


@contextmanager
def session(role: str = "") -> Iterator[Any]:
    """A connection of its own, in autocommit; as another role, if one is named."""
    parameters = connection.get_connection_params()
    for unknown in ("cursor_factory", "context"):
        parameters.pop(unknown, None)
    opened = psycopg2.connect(**parameters)
    opened.autocommit = True
    try:
        with opened.cursor() as cursor:
            if role:
                cursor.execute(f"SET ROLE {role}")
            yield cursor
    finally:
        opened.close()


def covered(box: Box, boxes: list[Box] | None) -> bool:
    """Whether a box lies in one of these, or they may be anywhere."""
    if boxes is None:
        return True
    west, south, east, north = box
    return any(w <= west and s <= south and e >= east and n >= north for w, s, e, n in boxes)
