"""Glyphs: the signed-distance letters that `npm run build:glyphs` made, by font and range."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings

from core.problems import BadRequest, NotFound
from tileserver.encode import TileBytes, encode

RANGE_SIZE = 256
LAST_CODE_POINT = 0x10FFFF
MAX_FONTS = 6
RANGE = re.compile(r"(0|[1-9][0-9]{0,6})-([1-9][0-9]{0,6})", re.ASCII)

# Field numbers of the glyph format: glyphs { stack = 1 }, stack { name = 1, range = 2, glyph = 3 },
# glyph { id = 1, … }.
STACK, NAME, SPAN, GLYPH, GLYPH_ID = 1, 1, 2, 3, 1


def folder() -> Path:
    """Where the built glyphs are."""
    return Path(settings.BUILD_DIR) / "glyphs"


@cache
def _fonts(made: float) -> frozenset[str]:
    return frozenset(one.name for one in folder().iterdir() if one.is_dir())


def fonts() -> frozenset[str]:
    """The names of the fonts that are here; none before they are built."""
    here = folder()
    return _fonts(here.stat().st_mtime) if here.is_dir() else frozenset()


def parse_range(text: str) -> tuple[int, int]:
    """First and last code point of a range such as `256-511`; raises BadRequest."""
    match = RANGE.fullmatch(text)
    first, last = (int(match[1]), int(match[2])) if match else (-1, -1)
    if first % RANGE_SIZE or last != first + RANGE_SIZE - 1 or last > LAST_CODE_POINT:
        raise BadRequest(f"{text[:40]!r} is not a range of glyphs: ask for 0-255, 256-511, …")
    return first, last


def parse_stack(text: str) -> tuple[str, ...]:
    """The fonts of a stack `first,second`, each once; raises BadRequest and NotFound."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if len(names) > MAX_FONTS:
        raise BadRequest(f"A font stack has at most {MAX_FONTS} fonts; these are {len(names)}.")
    known = fonts()
    for name in names:
        if name not in known:
            has = ", ".join(sorted(known)) or "none; run `npm run build`"
            raise NotFound(f"There is no font {name[:60]!r} here. There are: {has}.")
    return names


def glyphs(stack: tuple[str, ...], span: tuple[int, int]) -> TileBytes:
    """The glyphs of a range, each from the first font of the stack that has it, as they are kept.

    A range beyond the built ones is whole and empty: some readers fail on a missing one.
    """
    return _packed(stack, span, folder().stat().st_mtime)


@lru_cache(maxsize=512)
def _packed(stack: tuple[str, ...], span: tuple[int, int], made: float) -> TileBytes:
    ranges = [_read(font, span) for font in stack]
    return encode(ranges[0] if len(ranges) == 1 else merge(", ".join(stack), span, ranges))


def _read(font: str, span: tuple[int, int]) -> bytes:
    file = folder() / font / f"{span[0]}-{span[1]}.pbf"
    return file.read_bytes() if file.is_file() else merge(font, span, [])


def merge(name: str, span: tuple[int, int], ranges: list[bytes]) -> bytes:
    """One glyph file out of several: the first that has a code point gives it."""
    found: dict[int, bytes] = {}
    for content in ranges:
        for stack in _fields(content, STACK):
            for glyph in _fields(stack, GLYPH):
                found.setdefault(_id(glyph), glyph)
    parts = [_field(NAME, name.encode()), _field(SPAN, f"{span[0]}-{span[1]}".encode())]
    parts += [_field(GLYPH, found[code]) for code in sorted(found)]
    return _field(STACK, b"".join(parts))


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _fields(message: bytes, wanted: int) -> Iterator[bytes]:
    """The contents of the length-delimited fields with the number `wanted`."""
    position = 0
    while position < len(message):
        key, position = _read_varint(message, position)
        if key & 7 != 2:
            _, position = _read_varint(message, position)
            continue
        length, position = _read_varint(message, position)
        if key >> 3 == wanted:
            yield message[position : position + length]
        position += length


def _id(glyph: bytes) -> int:
    """A glyph's code point, which its writer puts first."""
    key, position = _read_varint(glyph, 0)
    if key != GLYPH_ID << 3:
        raise ValueError("a glyph does not start with its id")
    return _read_varint(glyph, position)[0]


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position
