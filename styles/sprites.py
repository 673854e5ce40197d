"""Sprites: the icon sheets that `npm run build:sprites` made."""

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from core.problems import NotFound, Unavailable
from tileserver.encode import IDENTITY, TileBytes, digest_of, encode

# The address of a sheet, and the name of its files.
SHEETS = {"sprite": "graticule", "sprite-plain": "graticule-plain"}
CONTENT_TYPES = {"json": "application/json", "png": "image/png"}


def folder() -> Path:
    """Where the built sheets are."""
    return Path(settings.BUILD_DIR) / "sprites"


def sheet(address: str, ratio: str, kind: str) -> TileBytes:
    """A sheet's index (`json`) or image (`png`), `ratio` "" or "@2x", as it is kept.

    Raises NotFound for a sheet that we do not make, Unavailable when none was built.
    """
    if address not in SHEETS or ratio not in ("", "@2x") or kind not in CONTENT_TYPES:
        raise NotFound("There are sprite.json, sprite.png, sprite@2x.json and sprite@2x.png.")
    file = folder() / f"{SHEETS[address]}{ratio}.{kind}"
    try:
        return _packed(file, file.stat().st_mtime)
    except FileNotFoundError as error:
        raise Unavailable("The sprites were not built: run `npm run build`.") from error


@lru_cache(maxsize=16)
def _packed(file: Path, made: float) -> TileBytes:
    content = file.read_bytes()
    if file.suffix == ".png":  # compressed already
        return TileBytes(content, IDENTITY, digest_of(content), len(content))
    return encode(content)


def icons() -> frozenset[str]:
    """The names of the icons in the sheet; none before it is built."""
    file = folder() / f"{SHEETS['sprite']}.json"
    return _names(file, file.stat().st_mtime) if file.is_file() else frozenset()


@lru_cache(maxsize=2)
def _names(file: Path, made: float) -> frozenset[str]:
    return frozenset(json.loads(file.read_text()))
