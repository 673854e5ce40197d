"""How many may wait for tiles at once: hot answers always find a free thread."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from core.problems import Busy
from tileserver import metrics
from tileserver.door import Door

_places = Door(max(1, settings.WEB_THREADS - settings.WEB_RESERVE))


@contextmanager
def room(zoom: int) -> Iterator[None]:
    """A place for one request that may have to wait; raises Busy at once when all are taken.

    A refusal is counted under the band of `zoom`.
    """
    if not _places.enter():
        metrics.count("busy", metrics.band(zoom))
        raise Busy("Too many tiles are being waited for. Try again in a moment.")
    try:
        yield
    except Busy:
        metrics.count("busy", metrics.band(zoom))
        raise
    finally:
        _places.leave()
