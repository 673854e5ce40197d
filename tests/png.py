"""Pixels out of a PNG, for pictures that a renderer made: 8 bits a channel, not interlaced."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {2: 3, 6: 4}
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Picture:
    """Rows of bytes, `channels` a pixel."""

    width: int
    height: int
    channels: int
    rows: list[bytearray]

    def at(self, x: int, y: int) -> Colour:
        """Red, green, blue of a pixel; 0, 0 is the upper left."""
        start = x * self.channels
        red, green, blue = self.rows[y][start : start + 3]
        return red, green, blue

    def colours(self) -> set[Colour]:
        """Every colour in the picture."""
        return {self.at(x, y) for y in range(self.height) for x in range(self.width)}


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and content of each chunk (PNG specification, section 5.3)."""
    assert png.startswith(SIGNATURE)
    position = len(SIGNATURE)
    while position < len(png):
        length, kind = struct.unpack_from(">I4s", png, position)
        yield kind, png[position + 8 : position + 8 + length]
        position += length + 12


def read(png: bytes) -> Picture:
    """The picture in a PNG file."""
    found = list(chunks(png))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", found[0][1])
    assert (depth, interlaced) == (8, 0)
    channels = CHANNELS[kind]
    data = zlib.decompress(b"".join(content for name, content in found if name == b"IDAT"))
    rows: list[bytearray] = []
    above = bytearray(width * channels)
    for y in range(height):
        start = y * (width * channels + 1)
        line = bytearray(data[start + 1 : start + 1 + width * channels])
        unfilter(data[start], line, above, channels)
        rows.append(line)
        above = line
    return Picture(width, height, channels, rows)


def unfilter(kind: int, line: bytearray, above: bytearray, step: int) -> None:
    """Undo the filter of one row in place (PNG specification, section 9)."""
    for i in range(len(line)):
        left = line[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        up = above[i]
        guess = (0, left, up, (left + up) // 2, paeth(left, up, corner))[kind]
        line[i] = (line[i] + guess) & 255


def paeth(left: int, up: int, corner: int) -> int:
    """The neighbour that is nearest to left + up - corner."""
    away = left + up - corner
    return min((left, up, corner), key=lambda one: abs(away - one))
