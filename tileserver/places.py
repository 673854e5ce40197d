"""Where a Layer changed: boxes in degrees and tiles, few and short enough for a browser."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Box = tuple[float, float, float, float]
Address = tuple[int, int, int]

# Decimals of a degree that are told: about a metre.
PRECISION = 100_000


@dataclass(frozen=True)
class Places:
    """Boxes (west, south, east, north in degrees, EPSG:4326), tiles (z, x, y), or `whole`: all."""

    boxes: tuple[Box, ...] = ()
    tiles: tuple[Address, ...] = ()
    whole: bool = False

    @property
    def size(self) -> int:
        """How many places these are."""
        return len(self.boxes) + len(self.tiles)


def read(told: dict[str, Any]) -> Places:
    """The places in a message of the listener's."""
    boxes = [part for box in told.get("boxes", ()) for part in _parts(*box)]
    tiles = [(z, x, y) for z, x, y in told.get("tiles", ())]
    return Places(tuple(boxes), tuple(tiles), bool(told.get("whole")))


def _parts(west: float, south: float, east: float, north: float) -> list[Box]:
    """A box, rounded outwards; one that crosses the antimeridian becomes two."""
    if west > east:
        return [*_parts(west, south, 180.0, north), *_parts(-180.0, south, east, north)]
    return [(_down(west), _down(south), _up(east), _up(north))]


def _down(degrees: float) -> float:
    return math.floor(degrees * PRECISION) / PRECISION


def _up(degrees: float) -> float:
    return math.ceil(degrees * PRECISION) / PRECISION


def together(all_places: Iterable[Places], most: int) -> Places:
    """The same places once each, at most `most` boxes and as many tiles: more become larger."""
    known = list(all_places)
    boxes = dict.fromkeys(box for places in known for box in places.boxes)
    tiles = {tile for places in known for tile in places.tiles}
    return Places(
        tuple(_fewer_boxes(list(boxes), most)),
        tuple(sorted(_fewer_tiles(tiles, most))),
        any(places.whole for places in known),
    )


def _fewer_boxes(boxes: list[Box], most: int) -> list[Box]:
    """One box around all of those whose middle lies in the same cell of a grid."""
    if len(boxes) <= most:
        return boxes
    side = math.isqrt(most)
    west, south, east, north = around(boxes)
    across, up = (east - west) / side or 1.0, (north - south) / side or 1.0
    cells: dict[tuple[int, int], list[Box]] = {}
    for box in boxes:
        column = min(int(((box[0] + box[2]) / 2 - west) / across), side - 1)
        row = min(int(((box[1] + box[3]) / 2 - south) / up), side - 1)
        cells.setdefault((column, row), []).append(box)
    return [around(cell) for cell in cells.values()]


def around(boxes: Sequence[Box]) -> Box:
    """The box around some boxes."""
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _fewer_tiles(tiles: set[Address], most: int) -> set[Address]:
    """Parents instead of the deepest tiles, until they are few enough."""
    while len(tiles) > most:
        deepest = max(z for z, _, _ in tiles)
        tiles = {(z - 1, x >> 1, y >> 1) if z == deepest else (z, x, y) for z, x, y in tiles}
    return tiles
