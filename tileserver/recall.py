"""Tiles of tilesets that Django has spoken of: out of Redis or made, before Django is asked again.

What Django said of one tile of a public tileset holds for all of its tiles while the revision is
the same: of which Layers they are, under which key and variant they are kept, and with which
headers they are sent. Whatever is not plainly so is left to Django: another revision, a truth that
is not known, an address that is none, a fault.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from tileserver import cache, crowd, db, series
from tileserver.encode import TileBytes
from tileserver.memory import Common, Keep
from tileserver.render import Early, Rendered, render_one
from tileserver.series import Series
from tileserver.tile import BadAddress, Tile, parse
from tileserver.truth import Watcher

MOST_TILESETS = 1000
ENDINGS = (".mvt", ".pbf")


@dataclass
class Known:
    """What holds for every tile of one tileset: how its keys begin, and the field lines of all.

    `series` are those that were asked for, by zoom.
    `warm`: whether Redis kept the tile that was looked for last. A guess at the next one: what is
    likely kept is looked for with the cheapest command, and what is likely not, not at all.
    """

    common: Common
    start: str
    lines: bytes
    warm: bool = True
    series: dict[int, Series] = field(default_factory=dict)

    def at(self, zoom: int) -> Series:
        """Its tiles at a zoom."""
        found = self.series.get(zoom)
        if found is None:
            found = self.series[zoom] = series.of(self.common.selection, zoom)
        return found


class Spot(NamedTuple):
    """A tile of a known tileset."""

    known: Known
    series: Series
    tile: Tile

    def kept(self) -> Rendered | None:
        """The tile that Redis keeps and that is not lapsed, where one is to be expected."""
        if not self.known.warm:
            return None
        key = f"{self.known.start}{cache.spot(self.tile)}"
        kept = cache.look(key, self.known.common.variant)
        if kept is None or not kept.fresh:
            return None
        return Rendered(kept.tile, "redis", life=kept.ttl - kept.age, key=key)

    def made(self, early: Early | None = None) -> Rendered:
        """The tile, kept after all or made now; raises Busy, Unavailable or Unreadable."""
        with crowd.Room(self.tile.z):
            rendered = render_one(self.series, self.tile, early=early)
        self.known.warm = rendered.outcome == "redis"
        return rendered

    def keep(self, rendered: Rendered, sent: TileBytes) -> Keep:
        """What the front may remember of it, in the coding that is `sent`."""
        return Keep(rendered.key, rendered.life, self.series.zooms, sent, self.known.common)


class Recall:
    """What one process has learned; every method may be called from any thread."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}

    def learn(self, path: str, keep: Keep, lines: bytes) -> None:
        """Take over what was said of the tile at `path`, but for its ETag."""
        known = Known(
            common=keep.common,
            start=keep.key.partition("{")[0],
            lines=lines,
        )
        if len(self._known) >= MOST_TILESETS:
            self._known.clear()
        self._known[path.split("/")[2]] = known

    def find(self, path: str, watcher: Watcher) -> Spot | None:
        """The tile at `path` if its tileset is known, and what is cached of it may be believed."""
        parts = path.split("/")
        if len(parts) != 6 or not parts[5].endswith(ENDINGS):
            return None
        known = self._known.get(parts[2])
        if known is None or not watcher.believes(known.common.revision, float("inf")):
            return None
        if not known.start.startswith(f"{cache.prefix(db.epoch())}:"):
            return None  # Another Redis, or another history: what was learned is of the old one.
        try:
            tile = parse(parts[3], parts[4], parts[5][:-4])
        except BadAddress:
            return None
        return Spot(known, known.at(tile.z), tile)
