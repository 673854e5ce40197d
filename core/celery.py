"""The Celery application: `celery -A core.celery worker` and `… beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")

app = Celery("graticule")
app.config_from_object("django.conf:settings", namespace="CELERY")
