"""Tile addresses: valid, or a BadAddress that says why."""

import re
from dataclasses import dataclass

import mercantile

MAX_ZOOM = 24
DEFAULT_MATRIX_SET = "WebMercatorQuad"
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)


class BadAddress(ValueError):
    """Not a tile address; the message names the fault."""


@dataclass(frozen=True, order=True)
class Tile:
    """A tile of a TileMatrixSet (OGC 17-083r4): zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int
    matrix_set: str = DEFAULT_MATRIX_SET

    def __post_init__(self) -> None:
        if not 0 <= self.z <= MAX_ZOOM:
            raise BadAddress(f"z is {self.z}: it must be from 0 to {MAX_ZOOM}.")
        last = 2**self.z - 1
        if not (0 <= self.x <= last and 0 <= self.y <= last):
            raise BadAddress(f"x and y must be from 0 to {last} at zoom {self.z}.")

    def __str__(self) -> str:
        return f"{self.z}/{self.x}/{self.y}"

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees (EPSG:4326), without any buffer."""
        box = mercantile.bounds(self.x, self.y, self.z)
        return box.west, box.south, box.east, box.north


def parse(z: str, x: str, y: str) -> Tile:
    """The tile that three path parts name; raises BadAddress unless all are plain decimals."""
    for name, text in (("z", z), ("x", x), ("y", y)):
        if not _DECIMAL.fullmatch(text):
            raise BadAddress(f"{name} must be a whole number in plain decimal digits.")
    return Tile(int(z), int(x), int(y))
