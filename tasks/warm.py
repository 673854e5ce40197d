"""The Celery tasks of warming."""

from typing import Any

from celery.signals import worker_ready

from core.celery import app
from tasks import runs
from tasks.models import Schedule


@app.task(name="tasks.warm_run")
def warm_run(pk: int) -> None:
    """Carry out run `pk`."""
    runs.carry_out(pk)


@worker_ready.connect
def take_up_again(**_: Any) -> None:
    """A worker that starts takes up what others left: Redis may have lost the queue."""
    runs.resume()


@app.task(name="tasks.warm_schedule")
def warm_schedule(pk: int) -> None:
    """Start a run of schedule `pk`, unless one of it is still going."""
    schedule = Schedule.objects.select_related("resource").filter(pk=pk, enabled=True).first()
    if schedule is None or schedule.runs.filter(state__in=["waiting", "running"]).exists():
        return
    runs.start(schedule)
