"""Releases: asked for, handed to a worker, cancelled; tasks/releasing.py carries them out."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.models import Layer, Resource
from core.release.merge import Options
from tasks.models import Act, Release, RunState

# Whoever carries one out says so every few seconds.
SILENT = timedelta(seconds=60)
LOST = "The worker stopped. Either all of it was released or nothing: a dry run says what is left."


def names(text: str) -> list[str]:
    """The names in a list divided by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def options_of(release: Release) -> Options:
    """What a release may do."""
    return Options(
        dry_run=release.dry_run,
        force=release.force,
        allow_empty=release.allow_empty,
        max_removed=release.max_removed,
    )


def layers_of(resource: Resource) -> list[Layer]:
    """The Layer, or the Layers of the Tileset in their order."""
    members = Layer.objects.filter(memberships__tileset_id=resource.pk)
    return list(Layer.objects.filter(pk=resource.pk)) or list(
        members.order_by("memberships__position", "pk")
    )


def store(release: Release) -> Release:
    """Check and note a release; raises ValidationError."""
    release.full_clean(exclude=["state", "reports"])
    release.save()
    return release


def enqueue(release: Release) -> Release:
    """Store a release and hand it to a worker as soon as it is committed."""
    store(release)
    transaction.on_commit(lambda: _send(release.pk))
    return release


def _send(pk: int) -> None:
    from tasks.release import carry_out_release  # noqa: PLC0415 - only workers load all of it

    carry_out_release.delay(pk)


def claim(pk: int) -> Release | None:
    """The release, for who carries it out; None when it is over, or in other hands."""
    waiting = Release.objects.filter(pk=pk, state=RunState.WAITING)
    now = timezone.now()
    if not waiting.update(state=RunState.RUNNING, started=now, updated=now):
        return None
    return Release.objects.select_related("resource").get(pk=pk)


def running(pk: int) -> QuerySet[Release]:
    """The release, while nobody has cancelled it."""
    return Release.objects.filter(pk=pk, state=RunState.RUNNING)


def end(pk: int, state: str, **values: Any) -> None:
    """Write down how it ended; if it was done, it was done, even if somebody cancelled it late."""
    rows = Release.objects.filter(pk=pk) if state == RunState.DONE else running(pk)
    now = timezone.now()
    rows.update(state=state, finished=now, updated=now, phase="", **values)


def cancel(pk: int) -> bool:
    """Stop a release, and nothing of it is done; False when it was over already."""
    live = Release.objects.filter(pk=pk, state__in=[RunState.WAITING, RunState.RUNNING])
    return bool(live.update(state=RunState.CANCELLED, finished=timezone.now()))


def resume() -> int:
    """Send again what waits for long, and end what lost its worker; returns how many waited."""
    lost = Release.objects.filter(updated__lt=timezone.now() - SILENT)
    for pk in lost.filter(state=RunState.RUNNING).values_list("pk", flat=True):
        end(pk, RunState.FAILED, error=LOST)
    waiting = list(lost.filter(state=RunState.WAITING).values_list("pk", flat=True))
    for pk in waiting:
        _send(pk)
    Release.objects.filter(pk__in=waiting).update(updated=timezone.now())
    return len(waiting)


def start(resource: Resource, act: Act, **words: Any) -> Release:
    """A new release, handed to a worker; raises ValidationError."""
    return enqueue(Release(resource=resource, act=act, **words))
