"""A schedule's twin in django-celery-beat, which Beat reads from the database."""

import json
from zoneinfo import ZoneInfo

from celery.schedules import ParseException, crontab
from django.core.exceptions import ValidationError
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from tasks.models import Schedule

TASK = "tasks.warm_schedule"


def parse_cron(text: str) -> dict[str, str]:
    """The five parts of a cron expression; raises ValidationError that says what is wrong."""
    parts = text.split()
    if len(parts) != 5:
        raise ValidationError({"cron": "Give five parts: minute, hour, day, month, weekday."})
    names = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
    found = dict(zip(names, parts, strict=True))
    try:
        crontab(**found)
    except (ParseException, ValueError) as error:
        raise ValidationError({"cron": f"Not a time: {error}"}) from error
    _refuse_long(found)
    return found


def _refuse_long(found: dict[str, str]) -> None:
    """Beat's table has less room for a part than ours has for all of them."""
    for name, part in found.items():
        most = getattr(CrontabSchedule._meta.get_field(name), "max_length", None)
        if most is not None and len(part) > most:
            what = f"The {name.replace('_', ' ')} has {len(part)} characters, and room for {most}"
            raise ValidationError({"cron": f"{what}: write a range, such as 1-5, or a step, */2."})


def check_timezone(name: str) -> None:
    """Refuse a time zone that is not in the database of zones."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError({"timezone": f"There is no time zone {name!r}."}) from error


@transaction.atomic
def synchronise(schedule: Schedule) -> None:
    """Bring the PeriodicTask of a schedule up to date; the two live and die together."""
    check_timezone(schedule.timezone)
    when, _ = CrontabSchedule.objects.get_or_create(
        **parse_cron(schedule.cron), timezone=schedule.timezone
    )
    task = schedule.periodic_task or PeriodicTask()
    task.name = f"Warm: {schedule.name} (#{schedule.pk})"
    task.task = TASK
    task.crontab = when
    task.args = json.dumps([schedule.pk])
    task.enabled = schedule.enabled
    task.save()
    Schedule.objects.filter(pk=schedule.pk).update(periodic_task=task)
    schedule.periodic_task = task


def forget(schedule: Schedule) -> None:
    """Remove the PeriodicTask of a schedule that is being deleted."""
    if schedule.periodic_task is not None:
        schedule.periodic_task.delete()
