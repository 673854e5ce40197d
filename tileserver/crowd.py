"""How many may wait for tiles at once: hot answers always find a free thread."""

import threading

from django.conf import settings

from core.problems import Busy
from tileserver import metrics

_most = max(1, settings.WEB_THREADS - settings.WEB_RESERVE)
_inside = 0
_lock = threading.Lock()


class Room:
    """A place for one request that may have to wait; raises Busy at once when all are taken.

    A refusal is counted under the band of `zoom`.
    """

    def __init__(self, zoom: int) -> None:
        self._zoom = zoom

    def __enter__(self) -> None:
        global _inside  # noqa: PLW0603 - one number a process
        with _lock:
            full = _inside >= _most
            _inside += not full
        if full:
            self._refused()
            raise Busy("Too many tiles are being waited for. Try again in a moment.")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        global _inside  # noqa: PLW0603 - see __enter__
        with _lock:
            _inside -= 1
        if kind is not None and issubclass(kind, Busy):
            self._refused()

    def _refused(self) -> None:
        metrics.count("busy", metrics.band(self._zoom))
