"""The boot blob: the one JSON document in a page that tells the front end where things are.

All addresses are public ones, from PUBLIC_URL; the front end turns them into addresses below the
place where the page itself was found (`root`, relative to the page).
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.templatetags.static import static

from core.public_url import absolute
from styles.shelf import StyleInfo
from tileserver.preview import PREFIX
from viewer.languages import LANGUAGES

URLS = {
    "home": "/",
    "catalog": "/catalog.json",
    "search": "/api/v1/search",
    "embed": "/embed/{style}",
    "live": "/live.js",
}
WORKER = "vendor/maplibre-gl/maplibre-gl-worker.mjs"


def _boot(root: str) -> dict[str, Any]:
    return {
        "public_url": settings.PUBLIC_URL,
        "root": root,
        "worker": static(WORKER),
        "urls": {name: absolute(path) for name, path in URLS.items()},
    }


def home_boot(styles: Iterable[StyleInfo]) -> dict[str, Any]:
    """For `/`, where the reader may see `styles`; `opens` is the one that nobody has to ask for."""
    return {**_boot("./"), "languages": LANGUAGES, "opens": _opening(list(styles))}


def preview_boot(styles: Iterable[StyleInfo]) -> dict[str, Any]:
    """For `/preview/`: the catalog is the one of what is not released yet."""
    boot = {**home_boot(styles), "root": "../", "preview": True}
    return {**boot, "urls": {**boot["urls"], "catalog": absolute(f"{PREFIX}/catalog.json")}}


def _opening(styles: list[StyleInfo]) -> str | None:
    """The operator's choice, else the style that was made first: a new one changes neither."""
    names = [style.name for style in sorted(styles, key=lambda style: style.id)]
    return settings.OPENING_STYLE if settings.OPENING_STYLE in names else next(iter(names), None)


def embed_boot(style: StyleInfo, coats: dict[str, StyleInfo]) -> dict[str, Any]:
    """For `/embed/{style}`: the style, and its `light` and `dark` coats where there are such."""
    return {
        **_boot("../"),
        "style": _style(style),
        "coats": {theme: _style(coat) for theme, coat in coats.items()},
    }


def _style(style: StyleInfo) -> dict[str, str]:
    url = absolute(f"/styles/{style.name}/style.json")
    return {"name": style.name, "title": style.title, "url": url}
