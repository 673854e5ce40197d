"""What a tileset is to the changes feed: its Layers, how far a change is felt, how late it is."""

from core.published import LayerInfo
from core.selection import Selection
from tileserver.changes import POLL_SECONDS, Subject
from tileserver.encode import digest_of
from tileserver.grid import margin

FROZEN_POLL_SECONDS, SHORTEST_RELOAD_SECONDS = 60, 10
MAKING_DIGITS = 8


def subject_of(selection: Selection, revision: int) -> Subject:
    """What the feed must know of a selection of Layers."""
    layers, frozen = selection.layers, selection.frozen
    making = repr([(layer.id, layer.generation) for layer in layers])
    reload = min((_untold(layer) for layer in layers if _untold(layer)), default=0)
    return Subject(
        revision,
        {layer.id: layer.min_zoom for layer in layers},
        digest_of(making.encode())[:MAKING_DIGITS],
        max((_margin(layer) for layer in layers), default=0.0),
        lag=0 if frozen else max((_lag(layer) for layer in layers), default=0),
        reload=0 if frozen else reload,
        poll=FROZEN_POLL_SECONDS if frozen else POLL_SECONDS,
    )


def _margin(layer: LayerInfo) -> float:
    """The buffer, and what rounding to the tile's grid may add, as a part of the tile's side."""
    return round(margin(layer.buffer, layer.extent), 6)


def _untold(layer: LayerInfo) -> int:
    """Every how many seconds a map must ask again for a Layer whose changes nobody tells of."""
    told = layer.frozen or (layer.cacheable and layer.freshness != "ttl")
    return 0 if told else max(layer.ttl_seconds, SHORTEST_RELOAD_SECONDS)


def _lag(layer: LayerInfo) -> int:
    """How many seconds a map of this Layer may be behind: what its tiles and the map itself may."""
    if _untold(layer):
        return _untold(layer) + (layer.ttl_seconds if layer.cacheable else 0)
    return layer.poll_seconds if layer.freshness == "polled" and not layer.frozen else 0
