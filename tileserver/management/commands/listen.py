"""`manage.py listen`: turns changes into dropped tiles, and keeps the truth lease."""

import logging
import os
import signal
import threading
import time
from typing import Any

import psycopg2
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection
from redis.exceptions import RedisError

from core.checks import check_owner
from core.problems import Problem
from tileserver import db
from tileserver.listener.keeper import Keeper
from tileserver.listener.loop import Turn
from tileserver.listener.session import Session

logger = logging.getLogger(__name__)
EVERY_SECONDS = 0.25
BUSY_SECONDS = 0.06


class Command(BaseCommand):
    """One is active for each database and Redis; others stand by for its advisory lock."""

    help = "Drop the tiles of what changed and renew the truth lease. One is active."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop; refuse a database that gives no session to hold a lock in."""
        for fault in check_owner(databases=["default"]):
            raise CommandError(f"{fault.msg} {fault.hint}")
        ear, mouth = os.pipe()
        stop = threading.Event()

        def end(*_: object) -> None:
            stop.set()
            os.write(mouth, b".")

        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, end)
        while not stop.is_set():
            try:
                self._keep(stop, ear)
            except (Error, psycopg2.Error, RedisError, Problem) as fault:
                logger.warning("the truth lease is not renewed: %s", fault)
            except Exception:
                # Whatever it is, without the listener nothing cached is believed: try again.
                logger.exception("the truth lease is not renewed")
            connection.close()
            db.reset()
            stop.wait(EVERY_SECONDS)

    def _keep(self, stop: threading.Event, ear: int) -> None:
        """Take turns as long as the lock is ours; raises what goes wrong."""
        session = Session()
        turn: Turn | None = None
        with Keeper() as keeper:
            while not stop.is_set():
                began = time.monotonic()
                busy = False
                if session.active():
                    turn = turn or Turn()
                    busy = turn.take()
                    keeper.start(turn)
                # The bell rings at most every 50 ms (see core/changelog/schema.py).
                pause = BUSY_SECONDS if busy else EVERY_SECONDS
                session.wait(max(0.0, began + pause - time.monotonic()), ear)
