"""Runs: handed to a real worker, their progress in the database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from core.models import Layer
from tasks import runs
from tasks.models import Run, RunState, Schedule
from tasks.schedules import forget, parse_cron, synchronise
from tasks.warm import warm_schedule
from tests.odd import OddTable, forget_tiles

WAIT_SECONDS = 40.0
WORLD = {"west": -180.0, "south": -85.0, "east": 180.0, "north": 85.0}


@pytest.fixture
def layer(odd: OddTable) -> Iterator[Layer]:
    """A small published Layer, with nothing cached, and no runs afterwards."""
    forget_tiles()
    yield odd("no_primary_key", max_zoom=6).layer
    Schedule.objects.all().delete()
    Run.objects.all().delete()


@pytest.fixture
def worker(django_db_setup: None, tmp_path: Path) -> Iterator[None]:
    """A real Celery worker on the tests' database and Redis."""
    command = [sys.executable, "-m", "celery", "-A", "core.celery", "worker", "--pool", "solo"]
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=dict(os.environ))
        yield
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def ended(run: Run) -> Run:
    """The run, once it is over."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        run.refresh_from_db()
        if run.over:
            return run
        time.sleep(0.1)
    pytest.fail(f"the run is still {run.state}")


@pytest.mark.slow
def test_a_worker_carries_a_run_out(layer: Layer, worker: None) -> None:
    run = ended(runs.enqueue(Run(resource=layer, min_zoom=0, max_zoom=3, **WORLD)))
    assert run.state == RunState.DONE
    assert (run.total, run.rendered, run.percent) == (85, 85, 100.0)
    assert run.started is not None
    assert run.finished is not None


def test_a_run_notes_its_progress(layer: Layer) -> None:
    run = Run.objects.create(resource=layer, max_zoom=2, **WORLD)
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done, run.total) == (RunState.DONE, 21, 21)
    assert run.bytes > 0


def test_a_cancelled_run_stays_cancelled(layer: Layer) -> None:
    run = Run.objects.create(resource=layer, max_zoom=2)
    assert runs.cancel(run.pk)
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done) == (RunState.CANCELLED, 0)
    assert not runs.cancel(run.pk)


def test_a_run_that_is_too_large_fails_with_the_reason(layer: Layer) -> None:
    Layer.objects.filter(pk=layer.pk).update(max_zoom=20)
    run = Run.objects.create(resource=layer, max_zoom=20, **WORLD)
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "tiles" in run.error


def test_a_run_whose_worker_went_away_is_taken_up_again(layer: Layer) -> None:
    run = Run.objects.create(resource=layer, max_zoom=1, state=RunState.RUNNING, **WORLD)
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.RUNNING, "its worker may still be at it"
    assert runs.resume() == 0
    Run.objects.update(updated=timezone.now() - 2 * runs.SILENT)
    assert runs.resume() == 1
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done) == (RunState.DONE, 5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_zoom": 5, "max_zoom": 2},
        {**WORLD, "west": 10.0, "east": 5.0},
        {"west": 10.0},
        {"max_zoom": 99},
    ],
)
def test_a_request_that_makes_no_sense_is_refused(layer: Layer, wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        runs.enqueue(Run(resource=layer, **wrong))
    assert not Run.objects.exists()


def test_a_run_can_be_started_again(layer: Layer, django_user_model: type[User]) -> None:
    first = Run.objects.create(
        resource=layer, min_zoom=1, max_zoom=2, replace=True, **{**WORLD, "west": 0}
    )
    second = runs.start(first)
    assert second.pk != first.pk
    assert (second.min_zoom, second.west, second.replace) == (1, 0, True)
    assert second.state == RunState.WAITING


def test_a_schedule_without_an_area_warms_where_there_is_data(layer: Layer) -> None:
    schedule = Schedule.objects.create(name="nightly", resource=layer, min_zoom=6, max_zoom=6)
    run = runs.start(schedule)
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.state, run.bbox) == (RunState.DONE, None)
    assert (run.total, run.done) == (20, 20)


def test_a_schedule_starts_one_run_at_a_time(layer: Layer) -> None:
    schedule = Schedule.objects.create(name="nightly", resource=layer, max_zoom=1)
    warm_schedule(schedule.pk)
    warm_schedule(schedule.pk)
    assert schedule.runs.count() == 1
    Run.objects.update(state=RunState.DONE)
    warm_schedule(schedule.pk)
    assert schedule.runs.count() == 2


def test_a_schedule_that_is_off_starts_nothing(layer: Layer) -> None:
    schedule = Schedule.objects.create(name="off", resource=layer, enabled=False)
    warm_schedule(schedule.pk)
    assert not schedule.runs.exists()


def test_beat_is_told_of_a_schedule_and_of_its_end(layer: Layer) -> None:
    schedule = Schedule.objects.create(
        name="nightly", resource=layer, cron="30 1 * * 1", timezone="Europe/Berlin"
    )
    synchronise(schedule)
    task = schedule.periodic_task
    assert task is not None
    assert (task.task, task.args, task.enabled) == (
        "tasks.warm_schedule",
        f"[{schedule.pk}]",
        True,
    )
    assert (task.crontab.hour, str(task.crontab.timezone)) == ("1", "Europe/Berlin")
    forget(schedule)
    schedule.refresh_from_db()
    assert schedule.periodic_task is None


TWELVE = "1,2,3,4,5,6,7,8,9,10,11,12"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (f"0 0 1 {TWELVE},{TWELVE},{TWELVE} *", "month of year has 80"),
        (f"0 0 * * {','.join('1' * 33)}", "day of week has 65"),
        (f"{','.join('1' * 121)} * * * *", "minute has 241"),
    ],
)
def test_what_beat_has_no_room_for_is_refused(text: str, part: str) -> None:
    with pytest.raises(ValidationError, match=f"{part} characters, and room for"):
        parse_cron(text)


def test_what_just_fits_is_taken(layer: Layer) -> None:
    months = f"{TWELVE},{TWELVE},1,2,3,4,10"
    assert len(months) == 64
    schedule = Schedule.objects.create(name="often", resource=layer, cron=f"0 0 1 {months} *")
    synchronise(schedule)
    task = schedule.periodic_task
    assert task is not None
    assert task.crontab.month_of_year == months
    forget(schedule)


@pytest.mark.parametrize("text", ["", "1 2 3", "99 * * * *", "a b c d e"])
def test_what_is_not_a_time_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        parse_cron(text)
