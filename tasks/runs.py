"""Runs: asked for, carried out with progress in the database, cancelled."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.problems import Problem
from tasks.models import Run, RunState, Schedule, WarmRequest
from tasks.warming import Job, NothingKept, Progress, TooMany, warm

# A worker that lives notes its run down twice a second, but for tiles that take very long.
SILENT = timedelta(seconds=60)


def job_of(request: WarmRequest) -> Job:
    """What a run or a schedule asks for."""
    return Job(
        name=request.resource.name,
        bbox=request.bbox,
        min_zoom=request.min_zoom,
        max_zoom=request.max_zoom,
        replace=request.replace,
    )


def enqueue(run: Run) -> Run:
    """Store the run and hand it to a worker as soon as it is committed."""
    run.full_clean(exclude=["state"])
    run.save()
    transaction.on_commit(lambda: _send(run.pk))
    return run


def _send(pk: int) -> None:
    from tasks.warm import warm_run  # noqa: PLC0415 - the task module imports this one

    warm_run.delay(pk)


def claimable() -> QuerySet[Run]:
    """Runs that a worker may take: waiting, or given up by a worker that went away."""
    silent = timezone.now() - SILENT
    return Run.objects.filter(
        Q(state=RunState.WAITING) | Q(state=RunState.RUNNING, updated__lt=silent)
    )


def resume() -> int:
    """Hand every run to a worker that lost its worker or its place in the queue; how many."""
    silent = timezone.now() - SILENT
    lost = claimable().filter(updated__lt=silent)
    keys = list(lost.values_list("pk", flat=True))
    for pk in keys:
        _send(pk)
    # A waiting run is sent again a minute later at the earliest, however long the queue is.
    Run.objects.filter(pk__in=keys, state=RunState.WAITING).update(updated=timezone.now())
    return len(keys)


def carry_out(pk: int) -> None:
    """Warm what run `pk` asks for, unless it is over, cancelled or in other hands."""
    now = timezone.now()
    values = {"state": RunState.RUNNING, "started": now, "updated": now, "error": ""}
    if not claimable().filter(pk=pk).update(**values):
        return
    run = Run.objects.select_related("resource").get(pk=pk)
    try:
        progress = warm(job_of(run), lambda now: _note(pk, now))
    except (Problem, TooMany, NothingKept) as fault:
        _end(pk, RunState.FAILED, error=str(fault))
        return
    except BaseException:
        _end(pk, RunState.FAILED, error="The worker stopped; its log says why.")
        raise
    failed = progress.failed and progress.failed == progress.done
    _end(pk, RunState.FAILED if failed else RunState.DONE)


def _note(pk: int, progress: Progress) -> bool:
    """Write the progress down; False when the run was cancelled meanwhile."""
    values = asdict(progress)
    running = Run.objects.filter(pk=pk, state=RunState.RUNNING)
    return bool(running.update(**values, updated=timezone.now()))


def _end(pk: int, state: str, **values: Any) -> None:
    running = Run.objects.filter(pk=pk, state=RunState.RUNNING)
    running.update(state=state, finished=timezone.now(), updated=timezone.now(), **values)


def cancel(pk: int) -> bool:
    """Stop a run; what is warm stays. False when it was over already."""
    live = Run.objects.filter(pk=pk, state__in=[RunState.WAITING, RunState.RUNNING])
    return bool(live.update(state=RunState.CANCELLED, finished=timezone.now()))


REQUEST_FIELDS = (
    "resource", "west", "south", "east", "north", "min_zoom", "max_zoom", "replace",
)  # fmt: skip


def start(request: WarmRequest, **changes: Any) -> Run:
    """A new run of what a schedule or an earlier run asks for."""
    same = {name: getattr(request, name) for name in REQUEST_FIELDS}
    if isinstance(request, Schedule):
        same["schedule"] = request
    return enqueue(Run(**{**same, **changes}))
