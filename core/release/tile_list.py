"""Lists of dirty tiles from outside: osm2pgsql and imposm write them, and so may anybody.

A list goes into the change log, for the listener to act on as on any other change.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.db import Error, connection, transaction
from psycopg2 import sql

from core.changelog import schema
from core.changelog.values import Address
from core.models import Layer
from core.models.layer import MAX_ZOOM
from core.relations import split
from core.release.held import relation_of

# One row of the log has this many at most.
TILES_A_ROW = 4096
READ_AT_ONCE = 50_000
SUFFIX = "*.tiles"


class BadTileList(ValueError):
    """The list cannot be used; the message names the place in it, the fault and the remedy."""


def files(path: Path) -> list[Path]:
    """The file, or every `*.tiles` below a folder, as imposm keeps them; raises BadTileList."""
    if path.is_file():
        return [path]
    found = sorted(path.rglob(SUFFIX)) if path.is_dir() else []
    if not found:
        raise BadTileList(f"{path} is no file, nor a folder with {SUFFIX} files in it.")
    return found


def from_file(path: Path) -> Iterator[Address]:
    """The tiles of a file with a line `z/x/y` for each; raises BadTileList."""
    try:
        with path.open(encoding="utf-8") as lines:
            yield from from_lines(lines, str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise BadTileList(f"{path} cannot be read: {error}") from error


def from_lines(lines: Iterable[str] | IO[str], name: str) -> Iterator[Address]:
    """The tiles of lines `z/x/y`, empty ones left out; raises BadTileList."""
    for number, line in enumerate(lines, 1):
        if text := line.strip():
            yield _address(text.split("/"), f"{name}, line {number}: {text[:40]!r}")


def from_table(relation: str) -> Iterator[Address]:
    """The tiles in the columns z, x and y of a table (`schema.name`); raises BadTileList."""
    query = sql.SQL("SELECT z, x, y FROM {}").format(sql.Identifier(*split(relation)))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.SQL("DECLARE graticule_tiles NO SCROLL CURSOR FOR {}").format(query))
            while rows := _fetched(cursor):
                for row in rows:
                    yield _address([str(value) for value in row], f"{relation}: {row}")
    except Error as error:
        said = str(error).strip().partition("\n")[0]
        raise BadTileList(f"{relation} cannot be read for z, x and y: {said}") from error


def _fetched(cursor: Any) -> list[tuple[object, ...]]:
    cursor.execute(f"FETCH {READ_AT_ONCE} FROM graticule_tiles")
    return list(cursor.fetchall())


def _address(parts: Sequence[str], place: str) -> Address:
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() for part in parts):
        raise BadTileList(f"{place} is no tile. Give z/x/y, three whole numbers.")
    z, x, y = (int(part) for part in parts)
    if z > MAX_ZOOM:
        raise BadTileList(f"{place} is no tile: the highest zoom is {MAX_ZOOM}.")
    if x >= 2**z or y >= 2**z:
        raise BadTileList(f"{place} is no tile: at zoom {z}, x and y are below {2**z}.")
    return z, x, y


_LOG = """
INSERT INTO graticule.change (relation, what, rows, tiles)
SELECT c.oid, 'tiles', %s, %s FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s
"""


def expire(layer: Layer, tiles: Iterable[Address]) -> int:
    """Say that these tiles, those above and those below them are dirty; returns how many.

    All of them or, when one is wrong, none. Raises BadTileList. The listener drops what is cached.
    """
    relation = relation_of(layer)
    count = 0
    with transaction.atomic(), connection.cursor() as cursor:
        schema.install(cursor)
        for part in _parts(tiles):
            flat = [number for tile in part for number in tile]
            cursor.execute(_LOG, [len(part), flat, *relation])
            if not cursor.rowcount:
                raise BadTileList(f"The table {'.'.join(relation)} of {layer.name} is gone.")
            count += len(part)
        cursor.execute("SELECT pg_notify('graticule', '')")
    return count


def _parts(tiles: Iterable[Address]) -> Iterator[list[Address]]:
    rest = iter(tiles)
    while part := list(islice(rest, TILES_A_ROW)):
        yield part
