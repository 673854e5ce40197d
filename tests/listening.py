"""The listener of the tests' database: without it nothing that is cached is believed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django_redis import get_redis_connection

from core.models import Revision
from tileserver import db, process, truth

CHECKOUT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0
STOP_SECONDS = 10.0


@contextmanager
def listening(**more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real `manage.py listen` with `more` in its environment; ended afterwards."""
    command = [sys.executable, "manage.py", "listen"]
    env = {**os.environ, **more}
    listener = subprocess.Popen(command, cwd=CHECKOUT, env=env, stderr=subprocess.DEVNULL)
    try:
        yield listener
    finally:
        listener.send_signal(signal.SIGCONT)
        listener.send_signal(signal.SIGTERM)
        listener.wait(STOP_SECONDS)


def wait_for_lease() -> None:
    """Return when the lease is there; fail when it does not come."""
    redis = get_redis_connection("tiles")
    deadline = time.monotonic() + START_SECONDS
    while not redis.exists(truth.lease_key(db.epoch(again=True))):
        if time.monotonic() > deadline:
            pytest.fail("the listener does not renew the lease")
        time.sleep(0.05)


def wait_for_belief() -> None:
    """Return when this process believes what is cached; fail when it does not come to."""
    deadline = time.monotonic() + START_SECONDS
    while not process.current().watcher.believed():
        if time.monotonic() > deadline:
            pytest.fail("this process does not believe")
        time.sleep(0.02)


def wait_for_revision() -> None:
    """Return when this process has heard of the newest revision: an older one is not believed."""
    deadline = time.monotonic() + START_SECONDS
    newest = Revision.objects.get(pk=1).value
    while process.current().watcher.revision != newest:
        if time.monotonic() > deadline:
            pytest.fail("the listener does not tell the newest revision")
        time.sleep(0.02)
