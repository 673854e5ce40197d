"""The documents that readers get: complete, with absolute addresses, in their language."""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest

from core import snapshot
from core.access import Grant, decide_request
from core.problems import NotFound, Problem
from core.public_url import absolute
from core.selection import chosen
from core.snapshot import Snapshot
from styles import shelf
from styles.addresses import TILES, absolute_document
from styles.document import Document, dump
from styles.languages import with_language
from styles.qgis import for_qgis
from styles.shelf import StyleInfo
from tileserver.encode import TileBytes, encode
from tileserver.tilejson import tile_url


def style_url(name: str) -> str:
    """The public address of a style."""
    return absolute(f"/styles/{name}/style.json")


def complete(document: Document, name: str, language: str = "", qgis: bool = False) -> Document:
    """A document as it is served under the style's `name`.

    `language` is empty or matches `styles.languages.LANGUAGE`; `qgis` keeps to what QGIS converts,
    with icons that it can draw.
    """
    if language:
        document = with_language(document, language)
    if qgis:
        document = for_qgis(document)
    sheet = "sprite-plain" if qgis else "sprite"
    return placed(document, f"/styles/{name}/{sheet}")


def placed(document: Document, sprite: str) -> Document:
    """The document with absolute addresses, and its sprite at the root-relative `sprite`."""
    return absolute_document(document, _absolute, sprite)


def _absolute(address: str) -> str:
    """The absolute address of a root-relative one; tiles of a frozen tileset by their version."""
    tiles = TILES.fullmatch(address)
    if tiles is None:
        return absolute(address)
    try:
        return tile_url(chosen(tiles[1]))
    except Problem:  # No such tileset: the style is served, and its tiles are answered with 404.
        return absolute(address)


@lru_cache(maxsize=128)
def packed(style: StyleInfo, language: str, qgis: bool) -> TileBytes:
    """`complete` of a style on the shelf, as bytes."""
    return encode(dump(complete(style.document, style.name, language, qgis)).encode())


def allowed(request: HttpRequest, name: str, missing: NotFound) -> tuple[StyleInfo, Grant]:
    """The style and the grant for it; raises `missing` for what is not there or not to be seen."""

    def look(published: Snapshot) -> tuple[StyleInfo, Grant]:
        found = shelf.of(published).get(name)
        if found is not None:
            grant = decide_request(request, found)
            if grant.allowed:
                return found, grant
        raise missing

    return snapshot.find(look)


def catalog_section(request: HttpRequest) -> list[dict[str, Any]]:
    """The styles that the caller may see, for `/catalog.json`."""
    return [
        {
            "name": style.name,
            "title": style.title,
            "description": style.description,
            "url": style_url(style.name),
            "version": style.number,
        }
        for _, style in sorted(shelf.current().items())
        if decide_request(request, style).allowed
    ]
