"""What a release would do, decided before it does anything: columns, key, and every refusal."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.release.refusal import CannotRelease
from core.release.table import KINDS, Column, Table, read

Name = tuple[str, str]

NOT_WRITTEN = {
    "v": "is a view. Release into the table under it, or publish that table.",
    "m": "is a materialised view. REFRESH it; that is noticed.",
    "f": "is a foreign table. Load it where it lives.",
}


@dataclass(frozen=True)
class Job:
    """One relation to be brought to the content of another.

    `label` is the Layer's name and `layers` the ids of all Layers made from `target`, whose tiles
    have `geometry` in EPSG:`srid`, and the feature id `feature_id` if it is not empty. `key` and
    `ignored` are what was asked for; where there is no key, the table's own is taken.
    """

    label: str
    layers: tuple[int, ...]
    target: Name
    source: Name
    geometry: str
    srid: int
    feature_id: str = ""
    key: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    drop: bool = False


@dataclass(frozen=True)
class Plan:
    """`columns` are compared and written, `left` are not touched, `extra` are not taken.

    Without a `key` rows are compared by content. `immovable` columns must be unique, or cannot be
    updated: a row in which one differs is deleted and inserted. `staged`: the rows of the source
    are first brought into the types of the target.
    """

    job: Job
    target: Table
    source: Table
    columns: tuple[str, ...]
    key: tuple[str, ...]
    left: tuple[str, ...]
    extra: tuple[str, ...]
    immovable: tuple[str, ...]
    staged: bool

    @property
    def updated(self) -> tuple[str, ...]:
        """The columns that an UPDATE may set."""
        always = {column.name for column in self.target.columns if column.identity == "a"}
        return tuple(name for name in self.columns if name not in always)


def plan(cursor: Any, job: Job) -> Plan:
    """The plan of a job; raises CannotRelease. Reads catalogs only."""
    target, source = read(cursor, *job.target), read(cursor, *job.source)
    check_target(target)
    _check_source(source, target, job)
    columns, left = _columns(target, source, job)
    key = _key(target, columns, job)
    staged = not source.stores_rows
    for name in columns:
        staged |= _converts(cursor, target, source, name)
    _check_srid(source, job)
    return Plan(
        job=job,
        target=target,
        source=source,
        columns=columns,
        key=key,
        left=left,
        extra=tuple(one.name for one in source.columns if target.column(one.name) is None),
        immovable=_immovable(target, columns, key),
        staged=staged,
    )


def check_target(target: Table) -> None:
    """Refuse a relation that cannot be written to."""
    if target.kind in NOT_WRITTEN:
        raise CannotRelease(f"{target.title} {NOT_WRITTEN[target.kind]}")
    if target.hides_rows:
        raise CannotRelease(f"Row-level security hides rows of {target.title} from us.")
    if target.lacking:
        raise CannotRelease(
            f"We may not {' or '.join(target.lacking)} on {target.title}. GRANT it to the role of "
            "DATABASE_URL."
        )


def _check_source(source: Table, target: Table, job: Job) -> None:
    if source.root == target.root:
        raise CannotRelease(
            f"{source.title} is the published table itself, or a part of it. Load into another "
            "table, and release from there."
        )
    if "SELECT" in source.lacking:
        raise CannotRelease(f"We may not read {source.title}. GRANT SELECT on it.")
    if source.hides_rows:
        raise CannotRelease(f"Row-level security hides rows of {source.title} from us.")
    if job.drop and (source.kind not in ("r", "p") or not source.owned):
        whose = "" if source.owned else " of another role"
        raise CannotRelease(f"{source.title} is a {KINDS[source.kind]}{whose}: it is not dropped.")


def _columns(target: Table, source: Table, job: Job) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is compared and written, and what is left alone."""
    for name in (*job.ignored, *job.key):
        if target.column(name) is None:
            raise CannotRelease(f"{target.title} has no column {name!r}.")
    wanted = [one for one in target.columns if not one.computed and one.name not in job.ignored]
    lacking = [one for one in wanted if source.column(one.name) is None]
    needed = [one.name for one in lacking if not one.numbered or one.name in job.key]
    if needed:
        raise CannotRelease(
            f"{source.title} lacks the columns {', '.join(needed)} of {target.title}. Add them, "
            "or leave them as they are with --ignore."
        )
    columns = tuple(one.name for one in wanted if one not in lacking)
    if job.geometry not in columns:
        raise CannotRelease(f"The geometry column {job.geometry!r} cannot be left out.")
    return columns, tuple(one.name for one in target.columns if one.name not in columns)


def _key(target: Table, columns: tuple[str, ...], job: Job) -> tuple[str, ...]:
    """What names a row: as asked for, else the primary key, another unique one, or nothing."""
    for name in job.key:
        if name not in columns:
            raise CannotRelease(f"{name!r} is ignored or computed: it cannot be the key.")
    known = (one.columns for one in target.indexes if one.is_key)
    found = (names for names in known if names and set(names) <= set(columns))
    return job.key or next(found, ())


def _immovable(target: Table, columns: Iterable[str], key: Iterable[str]) -> tuple[str, ...]:
    unique = {name for one in target.indexes for name in one.columns}
    always = {column.name for column in target.columns if column.identity == "a"}
    return tuple(name for name in columns if name in unique | always and name not in key)


_IMPLICIT = """
SELECT EXISTS (SELECT 1 FROM pg_cast
               WHERE castsource = %(source)s AND casttarget = %(target)s AND castcontext = 'i')
    OR (SELECT count(*) = 2 FROM pg_type WHERE oid IN (%(source)s, %(target)s)
        AND (typcategory = 'S' OR oid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype))
        GROUP BY typcategory HAVING count(*) = 2)
"""


def _converts(cursor: Any, target: Table, source: Table, name: str) -> bool:
    """True when the column's values must be converted; raises where that could lose something."""
    there, here = _named(target, name), _named(source, name)
    if there.type == here.type:
        return False
    if there.base != here.base and not _is_implicit(cursor, here.base, there.base):
        raise CannotRelease(
            f"{name} is {here.type} in {source.title} and {there.type} in {target.title}. "
            f"Make them alike: alter the column, or release from a view that casts it."
        )
    return True


def _is_implicit(cursor: Any, source: int, target: int) -> bool:
    cursor.execute(_IMPLICIT, {"source": source, "target": target})
    return bool(cursor.fetchone()[0])


def _named(table: Table, name: str) -> Column:
    found = table.column(name)
    if found is None:
        raise CannotRelease(f"{table.title} has no column {name!r}.")
    return found


def _check_srid(source: Table, job: Job) -> None:
    declared = _named(source, job.geometry).srid
    if declared and declared != job.srid:
        raise CannotRelease(
            f"{source.title}.{job.geometry} is in EPSG:{declared} and the Layer in "
            f"EPSG:{job.srid}. Transform it when you load, or release from a view with "
            f"ST_Transform({job.geometry}, {job.srid})."
        )
