"""The tiles of an area: how many, and one after the other, low zooms first."""

from collections.abc import Iterator

import mercantile

from tileserver.tile import Tile

BBox = tuple[float, float, float, float]
EDGE = 1e-9


def window(bbox: BBox, zoom: int) -> tuple[int, int, int, int]:
    """First and last column, first and last row of the tiles that touch `bbox` (degrees)."""
    west, south, east, north = bbox
    low = mercantile.tile(max(west, -180.0), min(north, 85.051128), zoom)
    high = mercantile.tile(min(east - EDGE, 180.0 - EDGE), max(south + EDGE, -85.051128), zoom)
    last = 2**zoom - 1
    return max(0, low.x), min(last, high.x), max(0, low.y), min(last, high.y)


def count(bbox: BBox, zoom: int) -> int:
    """The number of tiles that touch `bbox` at `zoom`, without making them."""
    left, right, top, bottom = window(bbox, zoom)
    return (right - left + 1) * (bottom - top + 1)


def count_all(bbox: BBox, min_zoom: int, max_zoom: int) -> int:
    """The number of tiles over all the zooms."""
    return sum(count(bbox, zoom) for zoom in range(min_zoom, max_zoom + 1))


def tiles(bbox: BBox, min_zoom: int, max_zoom: int) -> Iterator[Tile]:
    """Every tile that touches `bbox`: low zooms first, then by row and column."""
    for zoom in range(min_zoom, max_zoom + 1):
        left, right, top, bottom = window(bbox, zoom)
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                yield Tile(zoom, x, y)
