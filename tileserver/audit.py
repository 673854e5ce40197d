"""The audit of everything cached, for `manage.py audit`: as the auditor does it, all at once."""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice, repeat

from django.db import connection

from core import snapshot
from core.problems import Busy, Problem
from core.selection import Selection
from core.snapshot import Snapshot
from tileserver import auditor, comparison, db, index, metrics, process, redis_link
from tileserver.auditor import Suspect
from tileserver.comparison import Difference, Found
from tileserver.index import Shelf

AT_ONCE = 200
PATIENCE_SECONDS = 10.0
BUSY_SECONDS = 0.1


@dataclass
class Report:
    """What an audit has seen so far: variants of cached tiles.

    `skipped` are those of an earlier generation, past their time, or touched meanwhile;
    `failed` could not be rendered.
    """

    checked: int = 0
    skipped: int = 0
    failed: int = 0
    suspects: list[Suspect] = field(default_factory=list)
    wrong: list[Difference] = field(default_factory=list)


class NoVerdict(Exception):
    """The listener does not say that changes are applied: a difference would mean nothing."""


def audit(keys: Iterable[str], tell: Callable[[Report], None]) -> Report:
    """Check every variant of these tiles; `tell` hears of it now and then.

    Uses as many seats as this process has a share of. Raises NoVerdict, and RedisError.
    """
    wait_for_truth()
    report = Report()
    every = iter(keys)
    with ThreadPoolExecutor(db.share()) as threads:
        while part := list(islice(every, AT_ONCE)):
            for outcome in threads.map(_each, part, repeat(snapshot.current())):
                _add(report, outcome)
            tell(report)
        _judge(report, threads)
    return report


def _each(key: str, published: Snapshot) -> list[Difference | str]:
    try:
        found = (comparison.find(key, name) for name in comparison.variants(key))
        return [_outcome(one, published) for one in found]
    finally:
        connection.close()


def _outcome(found: Found | None, published: Snapshot) -> Difference | str:
    """The difference, or `true`, `skipped`, `failed`."""
    recipe = comparison.recipe_of(found, published) if found else None
    if found is None or recipe is None:
        return "skipped"
    try:
        return _patiently(lambda: comparison.compare(found, recipe)) or "true"
    except Problem:
        return "failed"


def _patiently(ask: Callable[[], Difference | None]) -> Difference | None:
    """Wait for a seat: others may want it more; raises Busy in the end."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return ask()
        except Busy:
            if time.monotonic() > deadline:
                raise
            time.sleep(BUSY_SECONDS)


def _add(report: Report, outcomes: list[Difference | str]) -> None:
    for one in outcomes:
        if isinstance(one, Difference):
            report.suspects.append(auditor.suspect(one))
        report.skipped += one == "skipped"
        report.failed += one == "failed"
        if one not in ("skipped", "failed"):
            report.checked += 1
            metrics.truth_checked.labels(auditor.TIER).inc()


def _judge(report: Report, threads: ThreadPoolExecutor) -> None:
    """Look at each suspect again when every change of that time has been applied."""
    if not report.suspects:
        return
    due = max(one.due for one in report.suspects)
    time.sleep(max(0.0, due - time.monotonic()))
    wait_for_truth()

    def again(one: Suspect) -> Difference | None:
        try:
            return _patiently(lambda: auditor.confirmed(one.difference))
        except Problem:
            return one.difference
        finally:
            connection.close()

    confirmed = list(threads.map(again, report.suspects))
    report.wrong = [one for one in confirmed if one is not None]
    metrics.truth_mismatch.labels(auditor.TIER).inc(len(report.wrong))


def wait_for_truth() -> None:
    """Wait for the truth lease: what was committed a second before it was seen is applied.

    Raises NoVerdict.
    """
    if not process.current().watcher.wait_for_belief(PATIENCE_SECONDS):
        raise NoVerdict("The listener is silent: nothing cached is believed, so nothing is wrong.")


def keys_of(published: Snapshot, epoch: str, selection: Selection | None) -> Iterator[str]:
    """The keys of all cached tiles that promise something, or those of one tile URL.

    Raises RedisError.
    """
    shelves = list(auditor.shelves_of(epoch, published))
    promising = {shelf.layer_id for shelf in shelves}
    wanted = selection and tuple(layer.id for layer in selection.layers)
    for shelf in shelves:
        for key in _on(shelf):
            ids = index.parsed(key).layer_ids
            # A tile of several Layers is on the shelf of each: it counts on the first.
            first = next(one for one in ids if one in promising)
            if shelf.layer_id == first and wanted in (None, ids):
                yield key


def _on(shelf: Shelf) -> Iterator[str]:
    for key, _ in redis_link.client().zscan_iter(shelf.keys[0], count=AT_ONCE):
        yield key.decode()


def sampled(keys: Iterable[str], count: int) -> list[str]:
    """At most `count` of the keys, each as likely as any other."""
    kept: list[str] = []
    for number, key in enumerate(keys):
        if number < count:
            kept.append(key)
        elif (place := random.randrange(number + 1)) < count:  # noqa: S311 - no secret
            kept[place] = key
    return kept
