"""The views of a style, its sprite and the glyphs: plain, from memory, without the ORM."""

from django.http import HttpRequest, HttpResponse

from core.access import Grant
from core.problems import BadRequest, NotFound
from styles import glyphs as letters
from styles import serving, sprites
from styles.languages import LANGUAGE
from styles.shelf import StyleInfo
from tileserver import params, preview, responses

GLYPHS = "application/x-protobuf"
FOR_EVERYONE = Grant(allowed=True)


def style(request: HttpRequest, name: str) -> HttpResponse:
    """`/styles/{style}/style.json`, with `?lang=kk` and `?for=qgis`."""
    language, qgis = _wishes(request)
    found, grant = _allowed(request, name)
    packed = serving.packed(found, language, qgis)
    return responses.packed_document(request, packed, "application/json", grant)


def previewed(request: HttpRequest, name: str) -> HttpResponse:
    """`/preview/styles/{style}/style.json`: the style over what editors see of held Layers."""
    language, qgis = _wishes(request)
    preview.refuse_strangers(request, name)
    found, _ = _allowed(request, name)
    return preview.document(request, serving.complete(found.document, name, language, qgis))


def sprite(request: HttpRequest, name: str, sheet: str, ratio: str, kind: str) -> HttpResponse:
    """`/styles/{style}/sprite[@2x].{json,png}`, and `sprite-plain` for readers without SDF."""
    _pairs(request)
    _, grant = _allowed(request, name)
    packed = sprites.sheet(sheet, ratio, kind)
    return responses.packed_document(request, packed, sprites.CONTENT_TYPES[kind], grant)


def glyphs(request: HttpRequest, stack: str, span: str) -> HttpResponse:
    """`/fonts/{fontstack}/{range}.pbf`: always an answer for a font that is here."""
    _pairs(request)
    wanted = letters.parse_range(span)
    packed = letters.glyphs(letters.parse_stack(stack), wanted)
    return responses.packed_document(request, packed, GLYPHS, FOR_EVERYONE)


def _allowed(request: HttpRequest, name: str) -> tuple[StyleInfo, Grant]:
    """The style and the grant for it; raises NotFound alike for missing and forbidden."""
    words = f"There is no style {name[:63]!r} here. See /catalog.json for what is there."
    return serving.allowed(request, name, NotFound(words))


def _pairs(request: HttpRequest, *known: str) -> dict[str, str]:
    try:
        return params.pairs(request.META.get("QUERY_STRING", ""), known)
    except ValueError as error:
        raise BadRequest(str(error)) from error


def _wishes(request: HttpRequest) -> tuple[str, bool]:
    """The language (or "") and whether QGIS asks; raises BadRequest for anything else."""
    wishes = _pairs(request, "lang", "for")
    language = wishes.get("lang", "")
    if language and not LANGUAGE.fullmatch(language):
        raise BadRequest("lang is a language code in lower case, such as kk or zh-hant.")
    if wishes.get("for", "qgis") != "qgis":
        raise BadRequest("for takes one value: qgis.")
    return language, "for" in wishes
