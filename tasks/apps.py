"""Celery tasks, their runs and schedules."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = "Warming"
