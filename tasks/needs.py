"""What of runs needs somebody, for the home page of the admin."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from core.admin.home import Need
from tasks.models import Run, RunState

RECENT = timedelta(days=7)
MOST = 20


def needs() -> list[Need]:
    """Runs that failed lately, where no later one of the same tileset went well."""
    done = Run.objects.filter(resource=OuterRef("resource"), state=RunState.DONE)
    failed = Run.objects.filter(state=RunState.FAILED, created__gt=timezone.now() - RECENT)
    left = failed.exclude(Exists(done.filter(pk__gt=OuterRef("pk"))))
    return [_need(run) for run in left.select_related("resource", "schedule")[:MOST]]


def _need(run: Run) -> Need:
    name = run.schedule.name if run.schedule else f"Run {run.pk}"
    what = f"of {run.resource.name} failed: {run.error or 'nothing could be rendered.'}"
    return Need(name, what, "Look at it", reverse("admin:tasks_run_change", args=[run.pk]))
