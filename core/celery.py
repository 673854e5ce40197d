"""The Celery application: `celery -A core.celery worker` and `… beat`."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")
# Celery's own command takes BROKER_URL as it stands, and knows no `unix://`; ours is translated.
os.environ["CELERY_BROKER_URL"] = settings.CELERY_BROKER_URL

app = Celery("graticule")
app.config_from_object("django.conf:settings", namespace="CELERY")
