"""The one owner of headers: 200, 204, 304, OPTIONS, and documents (contract C3)."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from isal import igzip

from core.access import Grant
from core.problems import MethodNotAllowed, NotAcceptable
from tileserver.encode import GZIP, IDENTITY, TileBytes, accepts, digest_of, names
from tileserver.render import Rendered

MVT = "application/vnd.mapbox-vector-tile"
METHODS = str(MethodNotAllowed.allow)
REVALIDATE = "max-age=0, must-revalidate"
FOR_GOOD = "public, max-age=31536000, immutable"
EXPOSED = "ETag, Cache-Status, Server-Timing, Retry-After"
WORTH_PACKING = 1000
# What lets scripts of any site read an answer.
OPEN = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", EXPOSED),
    ("Timing-Allow-Origin", "*"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
]

View = Callable[..., HttpResponse]


def road(view: View) -> View:
    """A view of the tile road: GET, HEAD and OPTIONS only, open to scripts, without the ORM."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "OPTIONS":
            return options()
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(f"Use one of {METHODS}.")
        return view(request, *args, **kwargs)

    answered.without_orm = True  # type: ignore[attr-defined]
    answered.csrf_exempt = True  # type: ignore[attr-defined]
    return answered


def options() -> HttpResponse:
    """The answer to OPTIONS, for a CORS preflight as well."""
    response = HttpResponse(status=204)
    response.headers["Allow"] = METHODS
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = METHODS
    response.headers["Access-Control-Allow-Headers"] = "If-None-Match, X-API-Key, Range"
    response.headers["Access-Control-Max-Age"] = "86400"
    return response


def tile(
    request: HttpRequest, rendered: Rendered, sent: TileBytes, grant: Grant, frozen: bool = False
) -> HttpResponse:
    """A tile as this client takes it: 200, 204 when empty, 304 when it has it already.

    `sent` is the rendered tile in the coding that was negotiated. `frozen`: it was asked for under
    the current version of a frozen tileset, so who may share it may keep it for good.
    """
    if matches(request, sent.digest):
        response = HttpResponse(status=304)
    elif sent.empty:
        response = HttpResponse(status=204)
    else:
        response = HttpResponse(sent.body, content_type=MVT)
        if sent.coding != IDENTITY:
            response.headers["Content-Encoding"] = sent.coding
    _common(response, sent.etag, grant)
    if rendered.outcome == "stale" or rendered.passing:
        response.headers["Cache-Control"] = "no-store"
    elif frozen and grant.public:
        response.headers["Cache-Control"] = FOR_GOOD
    response.headers["Cache-Status"] = cache_status(rendered)
    response.headers["Server-Timing"] = server_timing(rendered)
    return response


def cache_status(rendered: Rendered) -> str:
    """How the tile was had, in the words of RFC 9211."""
    if rendered.outcome in ("redis", "stale"):
        return f"graticule; hit; detail={rendered.outcome}"
    return f"graticule; fwd=miss; detail={rendered.outcome}"


def server_timing(rendered: Rendered) -> str:
    """How long it took to have the tile, in milliseconds."""
    return f"render;dur={rendered.seconds * 1000:.1f}"


def negotiated(request: HttpRequest, kept: TileBytes) -> TileBytes:
    """The tile in a coding that the client takes; raises NotAcceptable when there is none."""
    header = request.headers.get("Accept-Encoding")
    if accepts(header, kept.coding) and not (kept.coding == GZIP and header is None):
        return kept
    if accepts(header, IDENTITY) or kept.empty:
        return kept.as_identity()
    if accepts(header, GZIP):
        return kept.as_gzip()
    raise NotAcceptable("This tile is to be had with gzip, or uncompressed.")


def matches(request: HttpRequest, digest: str) -> bool:
    """True when If-None-Match names this content, in whatever coding it was sent."""
    header = request.headers.get("If-None-Match")
    return header is not None and names(header, digest)


def _common(response: HttpResponse, etag: str, grant: Grant) -> None:
    response.headers["ETag"] = etag
    response.headers["Vary"] = "Accept-Encoding" if grant.public else "Accept-Encoding, Cookie"
    response.headers["Cache-Control"] = revalidated(grant.public)
    if grant.public:
        for name, value in OPEN:
            response.headers[name] = value


def revalidated(public: bool = True) -> str:
    """The Cache-Control of whatever may change: kept, but asked for again each time."""
    return f"{'public' if public else 'private'}, {REVALIDATE}"


def document(request: HttpRequest, content: bytes, content_type: str, grant: Grant) -> HttpResponse:
    """A document with the same rules as a tile: validator, conditional, gzip where it pays."""
    digest = digest_of(content)
    kept = TileBytes(content, IDENTITY, digest, len(content))
    if len(content) >= WORTH_PACKING and _packs(request, content_type):
        packed = igzip.compress(content, compresslevel=3, mtime=0)
        kept = TileBytes(packed, GZIP, digest, len(content))
    return _document(request, kept, content_type, grant)


def packed_document(
    request: HttpRequest, packed: TileBytes, content_type: str, grant: Grant
) -> HttpResponse:
    """A document that is kept compressed, in the coding that this client takes."""
    return _document(request, negotiated(request, packed), content_type, grant)


def _document(
    request: HttpRequest, sent: TileBytes, content_type: str, grant: Grant
) -> HttpResponse:
    if matches(request, sent.digest):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(sent.body, content_type=content_type)
        if sent.coding != IDENTITY:
            response.headers["Content-Encoding"] = sent.coding
    _common(response, sent.etag, grant)
    return response


def feed(sent: TileBytes, grant: Grant) -> HttpResponse:
    """An answer of the changes feed."""
    response = HttpResponse(sent.body)
    for name, value in feed_headers(sent, public=grant.public):
        response.headers[name] = value
    return response


def feed_headers(sent: TileBytes, public: bool = True) -> list[tuple[str, str]]:
    """The headers of an answer of the changes feed: good for a second, whoever asks."""
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(sent.body))),
        ("Cache-Control", f"{'public' if public else 'private'}, max-age=1"),
        ("Vary", "Accept-Encoding" if public else "Accept-Encoding, Cookie"),
    ]
    if sent.coding != IDENTITY:
        headers.append(("Content-Encoding", sent.coding))
    return headers + OPEN if public else headers


def _packs(request: HttpRequest, content_type: str) -> bool:
    header = request.headers.get("Accept-Encoding")
    return header is not None and accepts(header, GZIP) and not content_type.startswith("image/")


def json_document(request: HttpRequest, value: object, grant: Grant) -> HttpResponse:
    """`value` as a JSON document; the same value gives the same bytes."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return document(request, body, "application/json", grant)
