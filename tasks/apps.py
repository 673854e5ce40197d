"""Celery tasks, their runs and schedules."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = "Warming"

    def ready(self) -> None:
        # Models must be loaded first.
        from core.admin import home  # noqa: PLC0415
        from tasks import needs  # noqa: PLC0415

        home.needs.append(needs.needs)
