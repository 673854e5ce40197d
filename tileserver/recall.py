"""Tiles that Redis keeps and this process does not remember, answered before Django is asked.

What Django said of one tile of a public tileset holds for all of its tiles while the revision is
the same: under which key and variant they are kept, and with which headers they are sent. It holds
for what is kept only: the rest is looked up, decided and rendered as always.
"""

import threading
from dataclasses import dataclass

from cachetools import LRUCache

from tileserver import cache, db, metrics
from tileserver.memory import Keep
from tileserver.tile import BadAddress, Tile, parse
from tileserver.truth import Watcher

MOST_TILESETS = 1000
ENDINGS = (".mvt", ".pbf")
Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Known:
    """What holds for every kept tile of one tileset at one revision."""

    revision: int
    start: str
    variant: str
    version: str
    headers: Headers


class Recall:
    """What one process has learned; every method may be called from any thread."""

    def __init__(self) -> None:
        self._known: LRUCache[str, Known] = LRUCache(MOST_TILESETS)
        self._lock = threading.Lock()

    def learn(self, path: str, keep: Keep, headers: Headers) -> None:
        """Take over what was said of the tile at `path`."""
        start = keep.key.partition("{")[0]
        plain = [field for field in headers if field[0] != "ETag"]
        with self._lock:
            name = path.split("/")[2]
            known = Known(keep.revision, start, keep.variant, keep.version, plain)
            self._known[name] = known

    def find(self, path: str, takes_gzip: bool, watcher: Watcher) -> tuple[Keep, Headers] | None:
        """The tile at `path` if Redis keeps it and that may be believed, with its headers."""
        parts = path.split("/")
        if len(parts) != 6 or not parts[5].endswith(ENDINGS):
            return None
        with self._lock:
            known = self._known.get(parts[2])
        if known is None or not watcher.believes(known.revision, float("inf")):
            return None
        if not known.start.startswith(f"{cache.prefix(db.epoch())}:"):
            return None  # Another Redis, or another history: what was learned is of the old one.
        try:
            tile = parse(parts[3], parts[4], parts[5][:-4])
        except BadAddress:
            return None
        return _found(known, tile, takes_gzip)


def _found(known: Known, tile: Tile, takes_gzip: bool) -> tuple[Keep, Headers] | None:
    key = f"{known.start}{cache.spot(tile)}"
    kept = cache.look(key, known.variant)
    if kept is None or not kept.fresh:
        return None
    sent = kept.tile if takes_gzip else kept.tile.as_identity()
    keep = Keep(
        key=key,
        variant=known.variant,
        revision=known.revision,
        life=kept.ttl - kept.age,
        zooms=metrics.band(tile.z),
        tile=sent,
        version=known.version,
    )
    return keep, [*known.headers, ("ETag", sent.etag)]
