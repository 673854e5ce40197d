"""Carrying out a release, with its progress in its row. For workers and commands."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from django.db import connection
from django.utils import timezone

from core.models import Layer
from core.release import held, jobs
from core.release.merge import Note, release, silent
from core.release.refusal import CannotRelease, Stopped
from core.release.report import Report, lines
from core.release.showing import show
from tasks import releases
from tasks.dirtied import Dirtied, all_of, applied, foreseen
from tasks.models import Act, Release, RunState

NOTE_SECONDS = 0.5
ALIVE_SECONDS = 10.0
APPLIED_SECONDS = 5.0


def carry_out(pk: int, told: Note = silent) -> None:
    """Do what release `pk` asks for, unless it is over or in other hands; `told` hears of it."""
    wanted = releases.claim(pk)
    if wanted is None:
        return
    try:
        with _alive(pk):
            reports = _done(wanted, _noting(pk, told))
        releases.end(pk, RunState.DONE, reports=reports)
    except CannotRelease as fault:
        releases.end(pk, RunState.FAILED, error=str(fault))
    except Stopped:
        releases.end(pk, RunState.CANCELLED)
    except BaseException:
        releases.end(pk, RunState.FAILED, error="The worker stopped; its log says why.")
        raise


@contextmanager
def _alive(pk: int) -> Iterator[None]:
    """Say every few seconds that somebody is at it: one statement may take minutes."""
    over = threading.Event()

    def say() -> None:
        while not over.wait(ALIVE_SECONDS):
            releases.running(pk).update(updated=timezone.now())
            connection.close()

    thread = threading.Thread(target=say, name="alive", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _noting(pk: int, told: Note) -> Note:
    """A Note that writes down how far it is, and says whether to go on."""
    last = 0.0

    def note(phase: str, done: int, total: int) -> bool:
        nonlocal last
        if time.monotonic() - last < NOTE_SECONDS and done < total:
            return told(phase, done, total)
        last = time.monotonic()
        values = {"phase": phase, "done": done, "total": total, "updated": timezone.now()}
        return bool(releases.running(pk).update(**values)) and told(phase, done, total)

    return note


Stored = list[dict[str, Any]]


def _done(wanted: Release, note: Note) -> Stored:
    acts: dict[str, Callable[[Release, Note], Stored]] = {
        Act.LOAD: _load,
        Act.RELEASE: _show,
        Act.HOLD: _hold,
        Act.UNHOLD: _unhold,
    }
    return acts[wanted.act](wanted, note)


def _load(wanted: Release, note: Note) -> Stored:
    layer = Layer.objects.filter(pk=wanted.resource_id).first()
    if layer is None:
        raise CannotRelease(f"{wanted.resource.name} is a Tileset. Load its Layers one by one.")
    job = jobs.from_table(
        layer,
        wanted.source,
        releases.names(wanted.key),
        releases.names(wanted.ignored),
        drop=wanted.drop,
    )
    reports = release([job], releases.options_of(wanted), note)
    if layer.held:
        said = f"{layer.name} is held: the public sees it after `manage.py release {layer.name}`."
        reports = [replace(one, notes=(*one.notes, said)) for one in reports]
    return _merged(wanted, reports)


def _show(wanted: Release, note: Note) -> Stored:
    layers = releases.layers_of(wanted.resource)
    # Where none is held, the refusal of the first one says what to do.
    waiting = [layer for layer in layers if layer.held] or layers
    return _merged(wanted, show(waiting, releases.options_of(wanted), note))


def _merged(wanted: Release, reports: list[Report]) -> Stored:
    dirtied = foreseen(reports) if wanted.dry_run else applied(reports, APPLIED_SECONDS)
    stored = []
    for report in reports:
        shown = asdict(replace(report, places=()))
        del shown["places"]
        stored.append({**shown, "dirty": [], "lines": lines(report)})
    return _with_dirty(stored, dirtied)


def _hold(wanted: Release, note: Note) -> Stored:
    layers = releases.layers_of(wanted.resource)
    fresh = [layer for layer in layers if not layer.held] or layers
    cached = all_of([layer.pk for layer in fresh])
    rows = {} if wanted.dry_run else held.hold(fresh)
    said = "{}: held. The public sees its {:,} rows as they are now, until they are released."
    return _switched(wanted, {one.name: said.format(one.name, rows.get(one.name, 0))
                              for one in fresh}, cached)  # fmt: skip


def _unhold(wanted: Release, note: Note) -> Stored:
    layers = releases.layers_of(wanted.resource)
    waiting = [layer for layer in layers if layer.held] or layers
    cached = all_of([layer.pk for layer in waiting])
    if not wanted.dry_run:
        held.unhold(waiting)
    said = "{}: no longer held. Edits are seen at once."
    return _switched(wanted, {one.name: said.format(one.name) for one in waiting}, cached)


def _switched(wanted: Release, said: dict[str, str], cached: list[Dirtied]) -> Stored:
    stored: Stored = [
        {"label": name, "dirty": [], "lines": [] if wanted.dry_run else [line]}
        for name, line in said.items()
    ]
    return _with_dirty(stored, cached)


def _with_dirty(stored: Stored, dirtied: list[Dirtied]) -> Stored:
    """What is dirty, in all Layers that feel it, stands with the last of the reports."""
    if stored:
        stored[-1]["dirty"] = [asdict(one) for one in dirtied]
        stored[-1]["lines"] += [one.line() for one in dirtied]
    return stored
