"""Arithmetic of the tile grid that several parts must agree on: Morton codes, and the margin."""

from typing import Any

# Tile units that rounding to the tile's grid may move a vertex, and a little more.
ROUNDING_UNITS = 2
# ST_AsMVTGeom thins a ring out by half a unit, from its first vertex on: after an edit in a part of
# it, which vertices stay may differ for some way further along. The two ways to do it meet again
# after a few of these.
THINNED_UNITS = 128
# Metres; far below a pixel at zoom 24, far above what doubles lose on the way here.
SLACK = 1e-5


def margin(buffer: int, extent: int, *, parts: bool = False) -> float:
    """The part of a tile's side by which a feature outside of it is felt in it.

    `parts`: what is known are the parts of a shape that changed, not its box.
    """
    return (buffer + ROUNDING_UNITS + (THINNED_UNITS if parts else 0)) / extent


def morton(x: int, y: int) -> int:
    """The Morton code of a tile: the bits of column and row, taken in turn.

    Bits that are read as digits to the base of four stand one place apart.
    """
    return int(f"{x:b}", 4) | int(f"{y:b}", 4) << 1


def unspread(code: Any) -> tuple[Any, Any]:
    """Column and row of a Morton code; of an array of codes (int64), arrays."""
    return _gathered(code), _gathered(code >> 1)


def _gathered(code: Any) -> Any:
    """Every second bit of a code."""
    code = code & 0x5555555555555555
    code = (code | code >> 1) & 0x3333333333333333
    code = (code | code >> 2) & 0x0F0F0F0F0F0F0F0F
    code = (code | code >> 4) & 0x00FF00FF00FF00FF
    code = (code | code >> 8) & 0x0000FFFF0000FFFF
    return (code | code >> 16) & 0xFFFFFFFF
