"""How many may wait for tiles at once: hot answers always find a free thread."""

from django.conf import settings

from core.problems import Busy
from tileserver import metrics
from tileserver.door import Door

_places = Door(max(1, settings.WEB_THREADS - settings.WEB_RESERVE))


class Room:
    """A place for one request that may have to wait; raises Busy at once when all are taken.

    A refusal is counted under the band of `zoom`.
    """

    def __init__(self, zoom: int) -> None:
        self._zoom = zoom

    def __enter__(self) -> None:
        if not _places.enter():
            self._refused()
            raise Busy("Too many tiles are being waited for. Try again in a moment.")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        _places.leave()
        if kind is not None and issubclass(kind, Busy):
            self._refused()

    def _refused(self) -> None:
        metrics.count("busy", metrics.band(self._zoom))
