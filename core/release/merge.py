"""A release: the difference found, judged and written in one transaction."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.changelog.values import Box
from core.feed import log
from core.release import difference
from core.release.difference import Slice
from core.release.plan import Job, Plan, check_target, plan
from core.release.refusal import CannotRelease, Stopped
from core.release.report import Report
from core.release.session import connected, transaction
from core.release.table import read

# The log keeps 4,096 boxes of a statement apart, and an update has two: an old and a new place.
SLICE_ROWS = 2048
# The listener reads half a million boxes at once. What has more goes in few slices, each of which
# is logged on a grid of its own.
MOST_APART = 100_000
FEW_SLICES = 40
MOST_PLACES = 50_000
WRITES = (
    ("removed", difference.delete),
    ("replaced", difference.delete),
    ("changed", difference.update),
    ("replaced", difference.insert),
    ("added", difference.insert),
)

# Says what is going on, how far it is and of how much; False: stop.
Note = Callable[[str, int, int], bool]


@dataclass(frozen=True)
class Options:
    """What may be done. `max_removed` is the share of rows, in per cent, that may go unasked."""

    dry_run: bool = False
    force: bool = False
    allow_empty: bool = False
    max_removed: float = 20.0


def silent(what: str, done: int, total: int) -> bool:
    """A Note that tells nobody and lets go on."""
    return True


def release(jobs: Sequence[Job], options: Options, note: Note = silent) -> list[Report]:
    """Bring each target to the content of its source: all of them, or none.

    Raises CannotRelease, which names the fault and the remedy, and Stopped when `note` says so;
    then nothing has changed.
    """
    with connected(", ".join(job.label for job in jobs)) as connection:
        with connection.cursor() as cursor:
            targets = [read(cursor, *job.target) for job in jobs]
        for target in targets:
            check_target(target)
        with transaction(connection, targets, write=not options.dry_run) as cursor:
            reports = [Release(cursor, plan(cursor, job), options, note).run() for job in jobs]
            for job in jobs:
                _drop_source(cursor, job, options)
    for job, report in zip(jobs, reports, strict=True):
        if report.boxes is None and report.differences and not report.dry_run:
            log.note_raised(job.layers, f"{report.source} was released, and nothing is tracked")
    return reports


def _drop_source(cursor: Any, job: Job, options: Options) -> None:
    if job.drop and not options.dry_run:
        cursor.execute(difference.drop_source(job))


class Release:
    """One target in the transaction of a release."""

    def __init__(self, cursor: Any, found: Plan, options: Options, note: Note) -> None:
        self._cursor = cursor
        self._plan = found
        self._options = options
        self._note = note
        self._started = time.monotonic()

    def run(self) -> Report:
        """Find the difference, refuse it or write it, and say what it was."""
        self._say("comparing", 0, 1)
        rows_before, rows = self._checked_rows()
        self._all([difference.find(self._plan), *difference.order(self._plan)])
        counts = dict(self._rows(difference.COUNTS))
        report = self._report(counts, rows_before, rows)
        self._refuse_loss(report, rows_before)
        report = replace(report, notes=tuple(self._notes(report, rows_before)))
        done = self._previewed(report) if self._options.dry_run else self._written(report, counts)
        self._all(difference.clean_up(self._plan))
        return replace(done, seconds=time.monotonic() - self._started)

    def _say(self, what: str, done: int, total: int) -> None:
        if not self._note(what, done, total):
            raise Stopped("The release was taken back. Nothing was changed.")

    def _rows(self, query: Any, values: Any = None) -> list[tuple[Any, ...]]:
        self._cursor.execute(query, values)
        return list(self._cursor.fetchall())

    def _all(self, statements: Sequence[Any]) -> None:
        for statement in statements:
            self._cursor.execute(statement)

    def _checked_rows(self) -> tuple[int, int]:
        """Rows before and after; raises CannotRelease for what the source's rows are."""
        if self._plan.staged:
            self._all(difference.stage(self._plan))
        [(rows, nulls, elsewhere, lowest)] = self._rows(difference.source_facts(self._plan))
        source, job = self._plan.source.title, self._plan.job
        key = ", ".join(self._plan.key)
        if not rows and not self._options.allow_empty:
            raise CannotRelease(
                f"{source} is empty. If that is meant, say --allow-empty; nothing was changed."
            )
        if nulls:
            raise CannotRelease(f"{nulls:,} rows of {source} have no {key}, which is the key.")
        if elsewhere:
            raise CannotRelease(
                f"{elsewhere:,} rows of {source} are in another SRID than EPSG:{job.srid}. "
                "Transform them with ST_Transform."
            )
        if lowest is not None and lowest < 0:
            raise CannotRelease(
                f"{job.feature_id} is as low as {lowest} in {source}: a feature id of a tile "
                "cannot be negative."
            )
        self._refuse_twice()
        [(before,)] = self._rows(difference.count(self._plan.target))
        return before, rows

    def _refuse_twice(self) -> None:
        if not self._plan.key:
            return
        for table in (self._plan.source, self._plan.target):
            if any(one.is_key and one.columns == self._plan.key for one in table.indexes):
                continue
            query = difference.twice(self._plan, in_target=table is self._plan.target)
            for (value,) in self._rows(query):
                raise CannotRelease(
                    f"{', '.join(self._plan.key)} does not name a row of {table.title}: {value} "
                    "stands more than once. Choose another key, or --ignore it to compare by "
                    "content."
                )

    def _report(self, counts: dict[str, int], before: int, rows: int) -> Report:
        changed = counts.get("changed", 0) + counts.get("replaced", 0)
        removed = counts.get("removed", 0)
        return Report(
            label=self._plan.job.label,
            relation=self._plan.target.title,
            source=self._plan.source.title,
            key=self._plan.key,
            rows=rows,
            same=before - changed - removed,
            changed=changed,
            added=counts.get("added", 0),
            removed=removed,
            dry_run=self._options.dry_run,
            differing=self._differing() if changed else {},
            srid=self._plan.job.srid,
            target=self._plan.target.root,
        )

    def _differing(self) -> dict[str, int]:
        [counts] = self._rows(difference.differing(self._plan))
        found = zip(self._plan.columns, counts, strict=True)
        return {name: count for name, count in found if count}

    def _refuse_loss(self, report: Report, before: int) -> None:
        """A load that lost half its rows is a mishap, unless somebody says that it is none."""
        lost = report.removed if report.key else report.removed - report.added
        share = 100 * lost / max(1, before)
        if self._options.force or share <= self._options.max_removed or report.rows == 0:
            return
        raise CannotRelease(
            f"{lost:,} of {before:,} rows ({share:.0f} %) would be removed from "
            f"{report.relation}; more than {self._options.max_removed:g} % needs --force."
        )

    def _notes(self, report: Report, before: int) -> Iterator[str]:
        found = self._plan
        if found.left:
            yield f"Left as they are: {', '.join(found.left)}."
        if found.extra:
            yield f"Not taken, for want of a column: {', '.join(found.extra)}."
        if before and not report.same and report.changed:
            yield "Every row differs. If one column is the cause, --ignore it."
        if before and report.key and not report.same and not report.changed:
            yield (
                f"No row has the same {', '.join(report.key)}. If each load numbers rows anew, "
                f"--ignore it: then rows are compared by content."
            )

    def _previewed(self, report: Report) -> Report:
        size = max(1, -(-report.differences // MOST_PLACES))
        places: list[Box] = self._rows(difference.PLACES, {"size": size})
        boxes = len(places) if self._tracked() else None
        return replace(report, places=tuple(places), boxes=boxes)

    def _tracked(self) -> bool:
        [(there,)] = self._rows(difference.HAS_LOG)
        if not there:
            return False
        return bool(self._rows(difference.HAS_TRACKED, (self._plan.target.root,))[0][0])

    def _written(self, report: Report, counts: dict[str, int]) -> Report:
        if not report.differences:
            return report
        # Row by row through ctid: a plan that reads the whole table would do so for each slice.
        self._all(difference.ROW_BY_ROW)
        total = sum(counts.get(what, 0) for what, _ in WRITES)
        done = 0
        for what, build in WRITES:
            for part in slices(what, counts.get(what, 0), report.differences):
                self._write(build(self._plan, part), part.rows)
                done += part.rows
                self._say("writing", done, total)
        self._raise_sequences()
        return self._logged(report)

    def _write(self, statement: Any, rows: int) -> None:
        self._cursor.execute(statement)
        if self._cursor.rowcount != rows:
            raise CannotRelease(
                f"A trigger or rule of {self._plan.target.title} held back "
                f"{rows - self._cursor.rowcount} rows. Nothing was changed."
            )

    def _raise_sequences(self) -> None:
        for column in self._plan.target.columns:
            if column.sequence and column.name in self._plan.columns:
                self._cursor.execute(difference.raise_sequence(self._plan, column))

    def _logged(self, report: Report) -> Report:
        """What the change log has of it; where it has nothing, everything is dropped."""
        if not self._plan.job.layers:
            # Only held Layers are made from it, and the public sees none of this yet.
            return report
        if self._tracked():
            [(change, boxes)] = self._rows(difference.LOGGED, (self._plan.target.root,))
            if change is not None:
                return replace(report, change=change, boxes=int(boxes))
        self._cursor.execute(difference.RAISE_GENERATION, (list(self._plan.job.layers),))
        return replace(report, boxes=None)


def slices(what: str, rows: int, differences: int) -> Iterator[Slice]:
    """The rows that differ in one way, in small slices, or few where all together are many."""
    size = SLICE_ROWS if differences <= MOST_APART else max(SLICE_ROWS, -(-rows // FEW_SLICES))
    for after in range(0, rows, size):
        yield Slice(what, after, min(rows, after + size))
