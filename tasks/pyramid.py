"""The tiles of an area: how many, and one after the other, low zooms first."""

from collections.abc import Iterator

import mercantile

from core.picture import HALF_WORLD
from core.selection import Selection
from tileserver import grid
from tileserver.tile import Tile

BBox = tuple[float, float, float, float]
WORLD = (-180.0, -85.051129, 180.0, 85.051129)
EDGE = 1e-9


def window(bbox: BBox, zoom: int, reach: float = 0.0) -> tuple[int, int, int, int]:
    """First and last column, first and last row of the tiles that touch `bbox` (degrees).

    With `reach` those too that are at most so many tiles away.
    """
    left, right, top, bottom = _around(bbox, zoom, reach) if reach else _touched(bbox, zoom)
    last = 2**zoom - 1
    return max(0, left), min(last, right), max(0, top), min(last, bottom)


def _touched(bbox: BBox, zoom: int) -> tuple[int, int, int, int]:
    west, south, east, north = bbox
    low = mercantile.tile(max(west, -180.0), min(north, 85.051128), zoom)
    high = mercantile.tile(min(east - EDGE, 180.0 - EDGE), max(south + EDGE, -85.051128), zoom)
    return low.x, high.x, low.y, high.y


def _around(bbox: BBox, zoom: int, reach: float) -> tuple[int, int, int, int]:
    left, bottom = _metres(bbox[0], bbox[1])
    right, top = _metres(bbox[2], bbox[3])
    side = 2 * HALF_WORLD / 2**zoom
    return (
        int((left + HALF_WORLD) / side - reach),
        int((right + HALF_WORLD) / side + reach),
        int((HALF_WORLD - top) / side - reach),
        int((HALF_WORLD - bottom) / side + reach),
    )


def _metres(longitude: float, latitude: float) -> tuple[float, float]:
    x, y = mercantile.xy(longitude, max(WORLD[1], min(latitude, WORLD[3])))
    return float(x), float(y)


def area_of(selection: Selection, asked: BBox | None) -> tuple[BBox, float]:
    """The area to warm, and how far around it tiles are warmed too (in tiles, see `window`).

    Without an area it is where there is data: a tile beside the last row shows it in its buffer.
    """
    if asked is not None:
        return asked, 0.0
    if selection.bounds is None:
        return WORLD, 0.0
    reach = max(grid.margin(layer.buffer, layer.extent) for layer in selection.layers)
    return selection.bounds, reach


def count(bbox: BBox, zoom: int, reach: float = 0.0) -> int:
    """The number of tiles that touch `bbox` at `zoom`, without making them."""
    left, right, top, bottom = window(bbox, zoom, reach)
    return (right - left + 1) * (bottom - top + 1)


def count_all(bbox: BBox, min_zoom: int, max_zoom: int, reach: float = 0.0) -> int:
    """The number of tiles over all the zooms."""
    return sum(count(bbox, zoom, reach) for zoom in range(min_zoom, max_zoom + 1))


def tiles(bbox: BBox, min_zoom: int, max_zoom: int, reach: float = 0.0) -> Iterator[Tile]:
    """Every tile that touches `bbox`: low zooms first, then by row and column."""
    for zoom in range(min_zoom, max_zoom + 1):
        left, right, top, bottom = window(bbox, zoom, reach)
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                yield Tile(zoom, x, y)
