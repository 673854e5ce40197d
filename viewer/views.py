"""The map page, and the page that other sites frame."""

from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from core.access import Grant, decide_request
from core.problems import NotFound
from styles import serving, shelf
from styles.shelf import StyleInfo
from tileserver.preview import refuse_strangers
from tileserver.responses import document
from viewer.boot import embed_boot, home_boot, preview_boot
from viewer.policy import frameable_page, own_page

THEMES = ("light", "dark")


@require_safe
@own_page
def home(request: HttpRequest) -> HttpResponse:
    """`/`: all the maps that the caller may see."""
    styles = [style for style in shelf.current().values() if decide_request(request, style).allowed]
    return render(request, "viewer/home.html", {"boot": home_boot(styles)})


@require_safe
@own_page
def preview(request: HttpRequest) -> HttpResponse:
    """`/preview/`: the same with what editors have not released yet; for staff."""
    refuse_strangers(request, "preview")
    return render(request, "viewer/home.html", {"boot": preview_boot(shelf.current().values())})


@require_safe
@frameable_page
def embed(request: HttpRequest, name: str) -> HttpResponse:
    """`/embed/{style}`: one map, for other sites to frame."""
    missing = NotFound(f"There is no map {name[:63]!r} here.")
    style, _ = serving.allowed(request, name, missing)
    context = {"style": style, "boot": embed_boot(style, _coats(request, name))}
    return render(request, "viewer/embed.html", context)


def live(request: HttpRequest) -> HttpResponse:
    """`/live.js`: the module that keeps a MapLibre map of any site up to date."""
    return document(request, _live(), "text/javascript; charset=utf-8", Grant(allowed=True))


@cache
def _live() -> bytes:
    """What script/live.mjs made of viewer/static/viewer/live.js."""
    made = settings.BUILD_DIR / "live" / "live.js"
    if not made.is_file():
        raise NotFound("live.js has not been built here: run npm run build:live.")
    return made.read_bytes()


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """`/favicon.ico`, which browsers ask for unasked."""
    return redirect(static("viewer/favicon.svg"))


def _coats(request: HttpRequest, name: str) -> dict[str, StyleInfo]:
    """`x-light` and `x-dark` are one map in two coats; a style without a partner has none."""
    family, _, theme = name.rpartition("-")
    if theme not in THEMES:
        return {}
    styles = shelf.current()
    found = {theme: styles.get(f"{family}-{theme}") for theme in THEMES}
    return {
        theme: style
        for theme, style in found.items()
        if style and decide_request(request, style).allowed
    }
