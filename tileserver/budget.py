"""The byte budget of a tile (contract C5): over it features are cut by rank, never at random.

A Layer is cut to the largest feature limit of a fixed ladder with which it fits in what it may
have. So what is drawn depends on the data alone. The limit that fitted is remembered, and tried
first the next time: it is proved right by its own size and that of the next limit, or thrown away.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.published import LayerInfo
from tileserver import cuts, db, metrics
from tileserver.cuts import Cut, OverBudget, worst
from tileserver.series import Series
from tileserver.sql import CutQuery, tile_query
from tileserver.tile import Tile

__all__ = ["Cut", "Fitted", "OverBudget", "allowances", "fit", "worst"]

# Each doubling in four steps: what a step gives up is a sixth of the features at most.
LADDER = (0, *sorted({round(2 ** (step / 4)) for step in range(105)}))
COARSE = tuple(4**step for step in range(14))
# Rows may change between two statements: look so many times for a limit that fits.
ROUNDS = 3


class Fitted(NamedTuple):
    """The MVT of a tile within its budget, uncompressed, and what had to be cut."""

    mvt: bytes
    cuts: tuple[Cut, ...] = ()


class Order(NamedTuple):
    """A tile of a series, to be fitted; `wait` for a seat, or give up at once."""

    series: Series
    tile: Tile
    wait: bool

    def whole(self, layers: tuple[LayerInfo, ...]) -> list[bytes]:
        """The MVT of each of these Layers, uncut."""
        if not layers:
            return []
        query = tile_query(layers, self.tile.z, self.series.params)
        return [bytes(part) for part in db.run(query, self.tile, self.wait)]

    def cut(self, layer: LayerInfo, allowance: int, limits: Sequence[int], most: int) -> "Probe":
        """The Layer cut to each of these limits, looking at no more than `most` features."""
        query = CutQuery(layer, self.tile.z, len(limits), self.series.params)
        row = db.run(query, self.tile, self.wait, (allowance, most, *limits))
        return Probe(tuple(limits), allowance, row[0], tuple(row[1]), bytes(row[2]))


@dataclass(frozen=True)
class Probe:
    """What a CutQuery gave: `sizes` in bytes for each limit, 0 where the one before cuts nothing;
    `mvt` is of the largest that fits in `allowance`."""

    limits: tuple[int, ...]
    allowance: int
    drawn: int
    sizes: tuple[int, ...]
    mvt: bytes

    @property
    def limit(self) -> int:
        """The largest limit that fits; 0 if none does."""
        sized = zip(self.limits, self.sizes, strict=True)
        return max((one for one, size in sized if 1 <= size <= self.allowance), default=0)


def fit(series: Series, tile: Tile, wait: bool = True) -> Fitted:
    """The tile, within its budget; raises Busy, Unavailable or Unreadable."""
    order = Order(series, tile, wait)
    remembered = cuts.recall(series, tile)
    fitted = _as_remembered(order, remembered) if remembered else None
    if fitted is None:
        fitted = _afresh(order)
        if fitted.cuts or remembered:
            cuts.remember(cuts.place(series, tile), fitted.cuts)
    if fitted.cuts:
        metrics.over_budget.labels(series.zooms).inc()
    return fitted


def allowances(sizes: Sequence[int], own: Sequence[int], total: int) -> list[int]:
    """What each Layer may have, in bytes: its own budget, and an even share of what all have.

    What the light ones leave of their share goes to the heavy ones.
    """
    wanted = sorted(map(min, sizes, own))
    left, level = total, max(own, default=0)
    for done, size in enumerate(wanted):
        share = left // (len(wanted) - done)
        if size > share:
            level = share
            break
        left -= size
    return [min(level, budget) for budget in own]


def _afresh(order: Order) -> Fitted:
    """Render all of it, and cut what is over."""
    layers = order.series.layers
    parts = order.whole(layers)
    if _fits(order, layers, parts):
        return Fitted(b"".join(parts))
    allowed = allowances(
        [len(part) for part in parts],
        [layer.byte_budget for layer in layers],
        order.series.selection.byte_budget,
    )
    made: list[Cut] = []
    for index, (layer, part, allowance) in enumerate(zip(layers, parts, allowed, strict=True)):
        if len(part) > allowance:
            probe, drawn = _search(order, layer, allowance)
            parts[index] = probe.mvt
            made.append(Cut(layer.id, probe.limit, drawn, len(part), len(probe.mvt)))
    return Fitted(b"".join(parts), tuple(made))


def _fits(order: Order, layers: Sequence[LayerInfo], parts: Sequence[bytes]) -> bool:
    left = order.series.selection.byte_budget
    for layer, part in zip(layers, parts, strict=True):
        left -= len(part)
        if len(part) > layer.byte_budget or left < 0:
            return False
    return True


def _search(order: Order, layer: LayerInfo, allowance: int) -> tuple[Probe, int]:
    """The Layer cut to the largest limit that fits, and how many features it had uncut.

    Two statements: between which powers of four, and then which limit between them.
    """
    for _ in range(ROUNDS):
        coarse = order.cut(layer, allowance, COARSE, COARSE[-1])
        if coarse.limit == 0 or coarse.limit >= coarse.drawn:
            break
        limits = tuple(one for one in LADDER if coarse.limit <= one < 4 * coarse.limit)
        fine = order.cut(layer, allowance, limits, 4 * coarse.limit)
        if fine.limit:
            return fine, coarse.drawn
    return coarse, coarse.drawn


def _as_remembered(order: Order, remembered: dict[int, Cut]) -> Fitted | None:
    """The tile cut as the last time; None when that is no longer what the data ask for.

    The share of the others is right if each Layer that is cut has more than its allowance, which
    the size with the next limit shows.
    """
    layers = order.series.layers
    light = tuple(layer for layer in layers if layer.id not in remembered)
    parts = dict(zip((layer.id for layer in light), order.whole(light), strict=True))
    allowed = allowances(
        [len(parts[one.id]) if one.id in parts else one.byte_budget for one in layers],
        [one.byte_budget for one in layers],
        order.series.selection.byte_budget,
    )
    for layer, allowance in zip(layers, allowed, strict=True):
        if layer.id not in parts:
            probe = _proved(order, layer, allowance, remembered[layer.id].limit)
            if probe is None:
                return None
            parts[layer.id] = probe.mvt
        elif len(parts[layer.id]) > allowance:
            return None
    kept = tuple(remembered[one.id] for one in layers if one.id in remembered)
    return Fitted(b"".join(parts[one.id] for one in layers), kept)


def _proved(order: Order, layer: LayerInfo, allowance: int, limit: int) -> Probe | None:
    """The Layer cut to `limit`, if that fits and the next limit of the ladder does not."""
    following = _next(limit)
    probe = order.cut(layer, allowance, (limit, following), following)
    return probe if probe.limit == limit and probe.sizes[1] > allowance else None


def _next(limit: int) -> int:
    return next(itertools.chain(_above(limit), [limit]))


def _above(limit: int) -> Iterator[int]:
    return (one for one in LADDER if one > limit)
