"""The session of the active listener: its lock, and its ear for NOTIFY."""

import logging
import select
import time
from typing import Any

from django.conf import settings
from django.db import connection

from tileserver import db, redis_link, truth

logger = logging.getLogger(__name__)
CHANNEL = "graticule"
SILENT_SECONDS = 2.0
_NAME = "hashtext('graticule listener'), hashtext(%s)"
_LOCK = f"SELECT pg_try_advisory_lock({_NAME})"
_END_HOLDER = f"""
SELECT pg_terminate_backend(l.pid) FROM pg_locks l, (SELECT {_NAME}) AS n(a, b)
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.pid <> pg_backend_pid()
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (l.classid::bigint, l.objid::bigint)
    = (n.a::bigint & 4294967295, n.b::bigint & 4294967295)
"""  # noqa: S608 - a constant of this module


class Session:
    """One database session; active while it holds the lock, which dies with it."""

    def __init__(self) -> None:
        self._locked: Any = None
        self._silent_since = 0.0

    def active(self) -> bool:
        """True while this session holds the lock; raises django.db.Error."""
        connection.ensure_connection()
        if self._locked is connection.connection:
            return True
        if not self._try() and self._holder_is_silent():
            self._end_holder()
        return self._locked is not None

    def _try(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [settings.REDIS_URL])
            row = cursor.fetchone()
            self._locked = connection.connection if row and row[0] else None
            if self._locked is not None:
                cursor.execute(f"LISTEN {CHANNEL}")
        return self._locked is not None

    def _holder_is_silent(self) -> bool:
        """True when whoever holds the lock has not renewed the lease for a while: it is stuck."""
        now = time.monotonic()
        if redis_link.client().exists(truth.lease_key(db.epoch())) or not self._silent_since:
            self._silent_since = now
        return now - self._silent_since > SILENT_SECONDS

    def _end_holder(self) -> None:
        logger.warning("the active listener is stuck: its session is ended")
        with connection.cursor() as cursor:
            cursor.execute(_END_HOLDER, [settings.REDIS_URL])
        self._silent_since = time.monotonic()

    def wait(self, seconds: float, stop: int) -> None:
        """Wait for a NOTIFY, for `stop` (a file descriptor) to be readable, or so long."""
        heard: Any = self._locked
        if heard is None or connection.connection is not heard:
            select.select([stop], [], [], seconds)
            return
        # A server that dies is a fault of the database here too.
        with connection.wrap_database_errors:
            heard.poll()
            if not heard.notifies:
                select.select([heard.fileno(), stop], [], [], seconds)
                heard.poll()
            heard.notifies.clear()
