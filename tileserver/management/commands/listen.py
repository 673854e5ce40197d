"""`manage.py listen`: keeps the truth lease, so that what is cached may be believed."""

import logging
import signal
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error, connection
from redis.exceptions import RedisError

from core.models import Revision
from core.problems import Problem
from tileserver import db, truth

logger = logging.getLogger(__name__)
EVERY_SECONDS = 0.25
LOCK = "SELECT pg_try_advisory_lock(hashtext('graticule listener'), hashtext(%s))"


class Command(BaseCommand):
    """One is active for each database and Redis; others stand by for its advisory lock."""

    help = "Renew the truth lease while the database answers. One is active, others stand by."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop."""
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        while not stop.is_set():
            try:
                self._keep(stop)
            except (Error, RedisError, Problem) as fault:
                logger.warning("the truth lease is not renewed: %s", fault)
                connection.close()
                db.reset()
                stop.wait(EVERY_SECONDS)

    def _keep(self, stop: threading.Event) -> None:
        """Renew as long as the lock is ours; raises what goes wrong."""
        while not stop.is_set():
            began = time.monotonic()
            if self._active():
                truth.renew(db.epoch(), truth.Lease(revision()))
            stop.wait(max(0.0, began + EVERY_SECONDS - time.monotonic()))

    _locked: Any = None

    def _active(self) -> bool:
        """True while this session holds the lock; a lock dies with its session."""
        connection.ensure_connection()
        if self._locked is not connection.connection:
            with connection.cursor() as cursor:
                cursor.execute(LOCK, [settings.REDIS_URL])
                row = cursor.fetchone()
            self._locked = connection.connection if row and row[0] else None
        return self._locked is not None


def revision() -> int:
    """The revision of what is published; raises django.db.Error."""
    return Revision.objects.values_list("value", flat=True).get(pk=1)
