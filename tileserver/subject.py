"""What a tileset is to the changes feed: its Layers, how far a change is felt, how late it is."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.published import LayerInfo
from core.selection import Selection
from tileserver.encode import digest_of

# How often an open map should ask, in seconds.
POLL_SECONDS, FROZEN_POLL_SECONDS, SHORTEST_RELOAD_SECONDS = 1, 60, 10
# As in tileserver/dirty.py, which the web process does not load.
ROUNDING_UNITS = 2
MAKING_DIGITS = 8


@dataclass(frozen=True)
class Subject:
    """What one tile URL is to the feed, at one revision.

    `layers` has the lowest zoom of each Layer, by id. `making` names the generations of all of
    them: another making is another epoch. `margin` is the part of a tile's side by which a change
    is felt beyond its box. `lag` is how many seconds a map may be behind although all is well;
    a map with changes that nobody tells of should ask for everything each `reload` seconds (0: all
    changes are told).
    """

    revision: int
    layers: Mapping[int, int]
    making: str
    margin: float
    lag: int = 0
    reload: int = 0
    poll: int = POLL_SECONDS


def subject_of(selection: Selection, revision: int) -> Subject:
    """What the feed must know of a selection of Layers."""
    layers = selection.layers
    making = repr([(layer.id, layer.generation) for layer in layers])
    reload = min((_untold(layer) for layer in layers if _untold(layer)), default=0)
    frozen = all(layer.frozen for layer in layers)
    return Subject(
        revision,
        {layer.id: layer.min_zoom for layer in layers},
        digest_of(making.encode())[:MAKING_DIGITS],
        max((_margin(layer) for layer in layers), default=0.0),
        lag=max((_lag(layer) for layer in layers), default=0),
        reload=reload,
        poll=FROZEN_POLL_SECONDS if frozen else POLL_SECONDS,
    )


def _margin(layer: LayerInfo) -> float:
    """The buffer, and what rounding to the tile's grid may add, as a part of the tile's side."""
    return round((layer.buffer + ROUNDING_UNITS) / layer.extent, 6)


def _untold(layer: LayerInfo) -> int:
    """Every how many seconds a map must ask again for a Layer whose changes nobody tells of."""
    told = layer.frozen or (layer.cacheable and layer.freshness != "ttl")
    return 0 if told else max(layer.ttl_seconds, SHORTEST_RELOAD_SECONDS)


def _lag(layer: LayerInfo) -> int:
    """How many seconds a map of this Layer may be behind: what its tiles and the map itself may."""
    if _untold(layer):
        return _untold(layer) + (layer.ttl_seconds if layer.cacheable else 0)
    return layer.poll_seconds if layer.freshness == "polled" and not layer.frozen else 0
