"""Dirty tiles: which tiles a change may have altered, buffer included.

A cover with no false negatives. It descends the quadtree only while few quads are touched, and what
is below the last of them is one range of Morton codes each; so its work is bounded, whatever the
zoom and however far apart the edits are. For the listener: the web process loads no shapely.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import mercantile
import numpy as np
import shapely

from tileserver.grid import SLACK, unspread

Box = tuple[float, float, float, float]
Codes = np.ndarray[Any, np.dtype[np.int64]]
Boxes = np.ndarray[Any, np.dtype[np.float64]]

HALF_WORLD = 20037508.342789244
WORLD: Box = (-HALF_WORLD, -HALF_WORLD, HALF_WORLD, HALF_WORLD)
MAX_LATITUDE = 85.0511287798066
MOST_QUADS = 256


def from_metres(boxes: Sequence[Box]) -> list[Box]:
    """Boxes in EPSG:3857; one that is no box (NaN, infinite) may be anywhere."""
    return [box if all(map(math.isfinite, box)) else WORLD for box in boxes]


def from_degrees(boxes: Sequence[Box]) -> list[Box]:
    """Boxes in degrees (EPSG:4326) as boxes in EPSG:3857 metres, cut to the world square."""
    if not boxes:
        return []
    array = np.asarray([_known_degrees(box) for box in boxes], dtype=np.float64)
    x = np.clip(array[:, (0, 2)], -180.0, 180.0) * (HALF_WORLD / 180)
    latitudes = np.radians(np.clip(array[:, (1, 3)], -MAX_LATITUDE, MAX_LATITUDE))
    y = np.arcsinh(np.tan(latitudes)) * (HALF_WORLD / math.pi)
    return _as_boxes(np.column_stack((x[:, 0], y[:, 0], x[:, 1], y[:, 1])))


def _known_degrees(box: Box) -> Box:
    return box if all(map(math.isfinite, box)) else (-180.0, -90.0, 180.0, 90.0)


def grown(boxes: Sequence[Box], metres: float) -> list[Box]:
    """Boxes in EPSG:3857 that hold everything within `metres` on the ground of the given ones."""
    if not boxes or metres <= 0:
        return list(boxes)
    array = np.asarray(boxes, dtype=np.float64)
    farthest = np.clip(np.abs(array[:, (1, 3)]).max(axis=1) + metres, 0, HALF_WORLD)
    reach = metres * np.cosh(farthest * math.pi / HALF_WORLD)
    return _as_boxes(array + np.column_stack((-reach, -reach, reach, reach)))


def _as_boxes(array: Boxes) -> list[Box]:
    return [(west, south, east, north) for west, south, east, north in array.tolist()]


@dataclass
class Area:
    """Where something changed: boxes in EPSG:3857, felt by `margin` of a tile beyond them."""

    boxes: Sequence[Box]
    margin: float
    _tree: shapely.STRtree = field(init=False, repr=False)
    _levels: list[Codes] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        array = np.asarray(self.boxes, dtype=np.float64).reshape(-1, 4)
        squares: Any = shapely.box(*array.T)
        self._tree = shapely.STRtree(squares)
        self._levels = [self._touched(np.zeros(1, dtype=np.int64), 0)]

    def ranges(self, zoom: int) -> list[tuple[int, int]]:
        """Ranges of Morton codes, both ends in them, that hold every dirty tile of `zoom`."""
        level = self._descend(zoom)
        shift = 2 * (zoom - level)
        found: list[tuple[int, int]] = []
        for code in self._levels[level].tolist():
            first, last = code << shift, ((code + 1) << shift) - 1
            if found and found[-1][1] + 1 == first:
                found[-1] = (found[-1][0], last)
            else:
                found.append((first, last))
        return found

    def dirty(self, columns: Sequence[int], rows: Sequence[int], zoom: int) -> list[bool]:
        """For each of these tiles of `zoom`, whether it is dirty."""
        squares = _squares(np.asarray(columns), np.asarray(rows), zoom, self.margin)
        touched = np.zeros(len(squares), dtype=bool)
        touched[self._tree.query(squares)[0]] = True
        return [bool(one) for one in touched]

    def count(self, zoom: int) -> int:
        """How many tiles of `zoom` are dirty; at most, where they are too many to be listed."""
        level = self._descend(zoom)
        if level == zoom:
            return len(self._levels[zoom])
        side = 2 * HALF_WORLD / 2**zoom
        array = np.asarray(self.boxes, dtype=np.float64).reshape(-1, 4)
        reach = self.margin * side + SLACK
        low = np.floor((np.maximum(array[:, :2] - reach, -HALF_WORLD) + HALF_WORLD) / side)
        high = np.floor((np.minimum(array[:, 2:] + reach, HALF_WORLD) + HALF_WORLD) / side)
        in_each = np.prod(np.minimum(high, 2**zoom - 1) - low + 1, axis=1)
        below = len(self._levels[level]) * 4 ** (zoom - level)
        return int(min(in_each.sum(), below))

    def degrees(self, most: int) -> list[Box]:
        """The boxes in degrees, at most so many: beyond that, quads that hold them."""
        boxes: Sequence[Box] = self.boxes
        if len(boxes) > most:
            boxes = self._quads(most)
        corners = [
            (*mercantile.lnglat(west, south), *mercantile.lnglat(east, north))
            for west, south, east, north in boxes
        ]
        return [(w, s, e, n) for w, s, e, n in corners]

    def _quads(self, most: int) -> list[Box]:
        self._descend(24)
        level = max(n for n, codes in enumerate(self._levels) if len(codes) <= most)
        columns, rows = unspread(self._levels[level])
        return _as_boxes(shapely.bounds(_squares(columns, rows, level, 0.0)))

    def _descend(self, zoom: int) -> int:
        """The deepest level, up to `zoom`, that is known or can be with few quads."""
        while len(self._levels) <= zoom:
            level = len(self._levels)
            below = self._touched(_children(self._levels[-1]), level)
            if len(below) > MOST_QUADS:
                break
            self._levels.append(below)
        return min(zoom, len(self._levels) - 1)

    def _touched(self, codes: Codes, zoom: int) -> Codes:
        columns, rows = unspread(codes)
        squares = _squares(columns, rows, zoom, self.margin)
        touched: Codes = codes[np.unique(self._tree.query(squares)[0])]
        return touched


def _children(codes: Codes) -> Codes:
    return (codes[:, None] * 4 + np.arange(4)).ravel()


def _squares(columns: Codes, rows: Codes, zoom: int, felt: float) -> Any:
    """The squares of some tiles, grown by `felt` of a side."""
    side = 2 * HALF_WORLD / 2**zoom
    reach = felt * side + SLACK
    west, north = columns * side - HALF_WORLD, HALF_WORLD - rows * side
    return shapely.box(west - reach, north - side - reach, west + side + reach, north + reach)
