"""The Celery tasks of warming."""

import logging
import threading
import time
from typing import Any

from celery.signals import worker_ready
from django.db import Error, connection
from kombu.exceptions import OperationalError

from core.celery import app
from tasks import releases, runs
from tasks.models import Schedule


@app.task(name="tasks.warm_run")
def warm_run(pk: int) -> None:
    """Carry out run `pk`."""
    runs.carry_out(pk)


logger = logging.getLogger(__name__)
EVERY_SECONDS = 60.0


@worker_ready.connect
def watch_over_runs(**_: Any) -> None:
    """A worker looks every minute for what others left: Redis may have lost the queue."""
    threading.Thread(target=_take_up_again, name="resume", daemon=True).start()


def _take_up_again() -> None:
    while True:
        try:
            runs.resume()
            releases.resume()
        except (Error, OperationalError, OSError) as fault:
            logger.warning("runs that were left are not looked for: %s", fault)
        connection.close()
        time.sleep(EVERY_SECONDS)


@app.task(name="tasks.warm_schedule")
def warm_schedule(pk: int) -> None:
    """Start a run of schedule `pk`, unless one of it is still going."""
    schedule = Schedule.objects.select_related("resource").filter(pk=pk, enabled=True).first()
    if schedule is None or schedule.runs.filter(state__in=["waiting", "running"]).exists():
        return
    runs.start(schedule)
