"""Tables of schema `demo`: filled beside the old ones, then put in their place in one step.

A load runs in one transaction. Rows go into schema `demo_loading`; only `swap_in` touches what
readers use, so they wait for milliseconds, and a load that fails leaves everything as it was.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.backends.utils import CursorWrapper

LOADING = "demo_loading"
NULL = "\\N"


@dataclass(frozen=True)
class Table:
    """A table with an integer primary key `id`, first, and a geometry `geom`, last.

    `columns` are the ones between, as (name, SQL type); `geometry` is a PostGIS type modifier
    such as `Point`, in EPSG:3857.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    geometry: str

    def ddl(self) -> str:
        """The CREATE TABLE statement, in the loading schema."""
        middle = "".join(f"{name} {kind}, " for name, kind in self.columns)
        geometry = f"geometry({self.geometry}, 3857) NOT NULL"
        return f"CREATE TABLE {LOADING}.{self.name} (id bigint, {middle}geom {geometry})"


def prepare(cursor: CursorWrapper) -> None:
    """Make the schemas. Waits for another load: two at once would swap each other's tables."""
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext('graticule demo'))")
    cursor.execute("CREATE SCHEMA IF NOT EXISTS demo")
    cursor.execute(f"DROP SCHEMA IF EXISTS {LOADING} CASCADE")
    cursor.execute(f"CREATE SCHEMA {LOADING}")
    cursor.execute(
        "CREATE TABLE IF NOT EXISTS demo.loads"
        " (name text PRIMARY KEY, version text NOT NULL, loaded timestamptz NOT NULL)"
    )


def fill(cursor: CursorWrapper, table: Table, rows: Iterable[Sequence[Any]]) -> int:
    """Create `table` and copy `rows` into it; a row is id, the columns, WKB as hex (with SRID).

    Returns the number of rows.
    """
    cursor.execute(table.ddl())
    count = copy(cursor, f"{LOADING}.{table.name}", rows)
    cursor.execute(f"ALTER TABLE {LOADING}.{table.name} ADD PRIMARY KEY (id)")
    cursor.execute(f"CREATE INDEX ON {LOADING}.{table.name} USING gist (geom)")
    # Rows that lie near each other on the ground lie near each other on disk.
    cursor.execute(f"CLUSTER {LOADING}.{table.name} USING {table.name}_geom_idx")
    cursor.execute(f"ANALYZE {LOADING}.{table.name}")
    return count


def copy(cursor: CursorWrapper, relation: str, rows: Iterable[Sequence[Any]]) -> int:
    """COPY `rows` into `relation`, in the order of its columns; None is NULL. Returns how many."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([NULL if value is None else value for value in row])
    buffer.seek(0)
    statement = f"COPY {relation} FROM STDIN WITH (FORMAT csv, NULL '{NULL}')"
    cursor.copy_expert(statement, buffer)
    return int(cursor.rowcount)


def swap_in(cursor: CursorWrapper, names: Iterable[str]) -> None:
    """Put the loaded tables in the place of the old ones, which are dropped."""
    for name in names:
        cursor.execute(f"DROP TABLE IF EXISTS demo.{name} CASCADE")
        cursor.execute(f"ALTER TABLE {LOADING}.{name} SET SCHEMA demo")
    cursor.execute(f"DROP SCHEMA {LOADING}")


def version_of(package: Path) -> str:
    """A digest of a loader's own source: another loader, another load."""
    digest = hashlib.sha256()
    for path in sorted(package.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def loaded_version(cursor: CursorWrapper, name: str) -> str | None:
    """The version of the loader whose rows are there now, or None."""
    cursor.execute("SELECT to_regclass('demo.loads') IS NOT NULL")
    if not cursor.fetchone()[0]:
        return None
    cursor.execute("SELECT version FROM demo.loads WHERE name = %s", [name])
    row = cursor.fetchone()
    return row[0] if row else None


def note_version(cursor: CursorWrapper, name: str, version: str) -> None:
    """Say that `name` is loaded in this version; part of the load's transaction."""
    cursor.execute(
        "INSERT INTO demo.loads VALUES (%s, %s, now()) ON CONFLICT (name)"
        " DO UPDATE SET version = excluded.version, loaded = excluded.loaded",
        [name, version],
    )
