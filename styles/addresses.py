"""The addresses in a style document (pure).

A document is kept with root-relative addresses of ours (`/tiles/world.json`), so that it survives a
move of the server, and served with absolute ones. Addresses of other servers stay as they are:
browsers ask those, we never do.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from styles.document import Document
from styles.findings import Finding, error

_NAMES = r"[a-z][a-z0-9_-]{0,62}(?:,[a-z][a-z0-9_-]{0,62}){0,15}"
TILEJSON = re.compile(rf"/tiles/({_NAMES})\.json")
# A style that was saved from us may bring the version that a frozen tileset had then.
TILES = re.compile(rf"/tiles/({_NAMES})/\{{z\}}/\{{x\}}/\{{y\}}\.(?:mvt|pbf)(?:\?v=\w*)?")
GLYPHS = "/fonts/{fontstack}/{range}.pbf"
SPRITE = re.compile(r"/styles/[a-z][a-z0-9_-]{0,62}/sprite")

Places = Iterator[tuple[str, str, re.Pattern[str] | str]]


def absolute_document(
    document: Document, absolute: Callable[[str], str], sprite: str = ""
) -> Document:
    """The document as served: our addresses made absolute, our sprite under the style's own name.

    `sprite` is the root-relative address that every sprite of ours gets; empty leaves them.
    """

    def served(address: Any) -> Any:
        if not _is_ours(address):
            return address
        return absolute(sprite if sprite and SPRITE.fullmatch(address) else address)

    result = {**document}
    for name in {"glyphs", "sprite"} & result.keys():
        result[name] = _each_address(result[name], served)
    if isinstance(document.get("sources"), dict):
        result["sources"] = {
            name: _served_source(source, served) for name, source in document["sources"].items()
        }
    return result


def _is_ours(address: Any) -> bool:
    return isinstance(address, str) and address.startswith("/") and not address.startswith("//")


def _served_source(source: Any, served: Callable[[Any], Any]) -> Any:
    if not isinstance(source, dict):
        return source
    places = {"url", "tiles", "data"} & source.keys()
    return {**source, **{name: _each_address(source[name], served) for name in places}}


def _each_address(value: Any, served: Callable[[Any], Any]) -> Any:
    """`value` is an address, a list of addresses, or a list of {"id", "url"} (sprites)."""
    if isinstance(value, list):
        return [_each_address(one, served) for one in value]
    if isinstance(value, dict) and "url" in value:
        return {**value, "url": served(value["url"])}
    return served(value)


def relocatable(text: str, public_url: str) -> str:
    """The text of a document with our own absolute addresses made root-relative."""
    return text.replace(f'"{public_url}/', '"/')


def tileset_names(source: Any) -> list[str]:
    """The names of our Tilesets that a source draws from; empty for one of another server."""
    if not isinstance(source, dict):
        return []
    addresses = [source.get("url"), *_strings(source.get("tiles"))]
    matches = [
        TILEJSON.fullmatch(one) or TILES.fullmatch(one) for one in addresses if isinstance(one, str)
    ]
    return [name for match in matches if match for name in match[1].split(",")]


def faults(document: Document) -> list[Finding]:
    """One error for each address that is neither one of ours nor a whole http(s) address."""
    return [
        error(path, fault)
        for path, address, ours in _places(document)
        if (fault := _fault(address, ours))
    ]


def _places(document: Document) -> Places:
    sources = document.get("sources")
    for name, source in sources.items() if isinstance(sources, dict) else ():
        if not isinstance(source, dict):
            continue
        for address in _strings(source.get("url")):
            yield f"sources.{name}.url", address, TILEJSON
        for address in _strings(source.get("tiles")):
            yield f"sources.{name}.tiles", address, TILES
        for address in _strings(source.get("data")):
            yield f"sources.{name}.data", address, ""
    for address in _strings(document.get("glyphs")):
        yield "glyphs", address, re.escape(GLYPHS)
    for address in _strings(document.get("sprite")):
        yield "sprite", address, SPRITE


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for one in value for text in _strings(one)]
    return _strings(value.get("url")) if isinstance(value, dict) else []


def _fault(address: str, ours: re.Pattern[str] | str) -> str:
    """What is wrong with an address, or an empty text."""
    if _is_ours(address):
        if ours and re.fullmatch(ours, address):
            return ""
        return f"{address!r} is not an address of this server that can stand here."
    try:
        parts = urlsplit(address)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        whole = False
    if not whole:
        return f"{address!r} is neither an address of this server (/tiles/…) nor an http(s) one."
    return "An address must not carry a user name or password." if "@" in parts.netloc else ""
