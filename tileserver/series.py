"""The tiles of a Selection at one zoom: what they have in common is found once, not for each."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from core.published import LayerInfo
from core.selection import Selection
from tileserver import cache, db, index, metrics
from tileserver.cache import NOWHERE, Entry
from tileserver.grid import morton
from tileserver.params import NONE, Params
from tileserver.tile import Tile
from tileserver.truth import channel

MOST_PLACES = 256


class _Place(NamedTuple):
    """What the entries of all tiles of a series have in common."""

    start: str
    variant: str
    channel: str


@dataclass(frozen=True, eq=False)
class Series:
    """Tiles of a `selection` at a `zoom`, with the same parameters; `of` makes each once.

    `layers` are those that have tiles at this zoom, and `making` tells how all of the selection are
    named in keys. `passing` when rows of one depend on the clock or the session: then a tile is
    true only now. A cached tile may be believed for `ttl` seconds while nothing is known to have
    changed. They are counted under `zooms`.
    """

    selection: Selection
    zoom: int
    params: Params
    layers: tuple[LayerInfo, ...]
    making: str
    passing: bool
    zooms: str
    ids: tuple[int, ...]
    ttl: int
    named_ms: int
    _places: dict[tuple[str, str, str], _Place] = field(default_factory=dict, repr=False)

    def entry(self, tile: Tile, permission_class: str = "public") -> Entry:
        """Where the variant of a tile of the series for `permission_class` is kept.

        Keys are on ids and generations, never on names.
        """
        epoch = db.epoch()
        start = cache.prefix(epoch)
        place = self._places.get((epoch, start, permission_class))
        if place is None:
            place = self._placed(epoch, start, permission_class)
        spot = cache.spot(tile)
        return Entry(
            key=f"{place.start}{spot}" if start else NOWHERE,
            variant=place.variant,
            indexes=index.indexes(start, self.ids, tile.matrix_set, self.zoom),
            spot=morton(tile.x, tile.y),
            ttl=self.ttl,
            named_ms=self.named_ms,
            channel=place.channel,
            id=f"{self.making}:{spot}|{place.variant}",
        )

    def _placed(self, epoch: str, start: str, permission_class: str) -> _Place:
        if len(self._places) >= MOST_PLACES:
            self._places.clear()
        variant = f"{permission_class}|{self.params.key}"
        made = _Place(f"{start}:{self.making}:", variant, channel(epoch))
        self._places[epoch, start, permission_class] = made
        return made


@lru_cache(index.REMEMBERED)
def of(selection: Selection, zoom: int, params: Params = NONE) -> Series:
    """The tiles of a Selection at a zoom."""
    layers = selection.layers
    at_zoom = tuple(layer for layer in layers if layer.in_zoom(zoom))
    ttl = min((layer.life_seconds for layer in layers), default=0)
    return Series(
        selection=selection,
        zoom=zoom,
        params=params,
        layers=at_zoom,
        making=f"{cache.making(layers)}{_shared(selection)}",
        passing=not all(layer.cacheable for layer in at_zoom),
        zooms=metrics.band(zoom),
        ids=tuple(layer.id for layer in layers),
        ttl=ttl,
        named_ms=cache.named_ms(ttl),
    )


def _shared(selection: Selection) -> str:
    """The budget, where it may cut more than those of the Layers, which their generations name."""
    budget = selection.byte_budget
    return "" if budget >= sum(layer.byte_budget for layer in selection.layers) else f"/{budget}"
