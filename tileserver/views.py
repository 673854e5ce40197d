"""The tile road's views: parse, look up, allowed?, render, respond."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST

from core import snapshot
from core.access import Grant, decide_request, known_staff
from core.problems import BadRequest, NotFound, Problem
from core.selection import Selection, missing, refuse_clash, select
from core.snapshot import Snapshot
from tileserver import changes as feed
from tileserver import crowd, metrics, process, responses
from tileserver import params as query
from tileserver.catalog import catalog as catalog_of
from tileserver.frozen import version
from tileserver.memory import KEEP, MADE, Common, Keep
from tileserver.render import Rendered, render
from tileserver.subject import subject_of
from tileserver.tile import BadAddress, Tile
from tileserver.tile import parse as parse_tile
from tileserver.tilejson import metadata as metadata_of
from tileserver.tilejson import tilejson as tilejson_of

PROXY_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


def tile(request: HttpRequest, name: str, z: str, x: str, y: str) -> HttpResponse:
    """`/tiles/{tileset}/{z}/{x}/{y}.mvt`: one tile."""
    address = address_of(z, x, y)
    published, selection, grant = _allowed(request, name)
    wanted = params_of(request, selection)
    rendered = _made_by_front(request)
    if rendered is None:
        with crowd.Room(address.z):
            rendered = render(selection, address, wanted, grant.permission_class)
    common = Common(published.revision, selection, version(selection), rendered.variant)
    return _answer(request, rendered, grant, address, common)


def _made_by_front(request: HttpRequest) -> Rendered | None:
    """What the front has had made and left for us to say; raises the fault that it met."""
    made: Rendered | Problem | None = request.META.get(MADE)
    if isinstance(made, Problem):
        raise made
    return made


def tilejson(request: HttpRequest, name: str) -> HttpResponse:
    """`/tiles/{tileset}.json`: TileJSON 3.0.0."""
    _, selection, grant = _allowed(request, name)
    no_parameters(request)
    return responses.json_document(request, tilejson_of(selection), grant)


def metadata(request: HttpRequest, name: str) -> HttpResponse:
    """`/tiles/{tileset}/metadata.json`: the same, where GDAL looks for it."""
    _, selection, grant = _allowed(request, name)
    no_parameters(request)
    return responses.json_document(request, metadata_of(selection), grant)


def changes(request: HttpRequest, name: str) -> HttpResponse:
    """`/tiles/{tileset}/changes`: where tiles changed after a position; see tileserver/changes.py.

    What is public is answered by the front from then on.
    """
    published, selection, grant = _allowed(request, name)
    subject = subject_of(selection, published.revision)
    if grant.public:
        process.current().feed.learn(request.path_info, subject)
    return feed_answer(request, subject, grant)


def feed_answer(request: HttpRequest, subject: feed.Subject, grant: Grant) -> HttpResponse:
    """What the changes feed says of a subject; raises BadRequest."""
    try:
        asked = feed.parse(request.META.get("QUERY_STRING", ""))
    except query.BadParameter as error:
        raise BadRequest(str(error)) from error
    answer = feed.packed(process.current().feed.answer(subject, asked))
    return responses.feed(responses.negotiated(request, answer), grant)


def catalog(request: HttpRequest) -> HttpResponse:
    """`/catalog.json`: what the caller may see."""
    no_parameters(request)
    found = catalog_of(request, snapshot.current())
    grant = Grant(allowed=True, permission_class="staff" if known_staff(request) else "public")
    return responses.json_document(request, found, grant)


def measures(request: HttpRequest) -> HttpResponse:
    """`/metrics`: for Prometheus, from loopback or with METRICS_TOKEN."""
    if not _may_measure(request):
        raise NotFound("There is nothing at this address. See /catalog.json for what is there.")
    metrics.carry()
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


def _may_measure(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and secrets.compare_digest(given.encode(), token.encode()):
        return True
    proxied = any(
        name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")
    )
    return not proxied and request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")


def no_parameters(request: HttpRequest) -> None:
    """Refuse a query string that would be ignored; raises BadRequest."""
    try:
        query.pairs(request.META.get("QUERY_STRING", ""), ())
    except query.BadParameter as error:
        raise BadRequest(str(error)) from error


def _answer(
    request: HttpRequest, rendered: Rendered, grant: Grant, address: Tile, common: Common
) -> HttpResponse:
    """The answer, counted; the front is told what it may remember of it."""
    zooms = metrics.band(address.z)
    sent = responses.negotiated(request, rendered.tile)
    asked = query.version(request.META.get("QUERY_STRING", ""))
    frozen = bool(asked) and asked == common.version
    response = responses.tile(request, rendered, sent, grant, frozen)
    if rendered.key and grant.public:
        request.META[KEEP] = Keep(rendered.key, rendered.life, zooms, sent, common)
    metrics.count("not_modified" if response.status_code == 304 else rendered.outcome, zooms)
    return response


def address_of(z: str, x: str, y: str) -> Tile:
    """The tile of an address; raises BadRequest."""
    try:
        return parse_tile(z, x, y)
    except BadAddress as error:
        raise BadRequest(f"Not a tile address. {error}") from error


def _allowed(request: HttpRequest, name: str) -> tuple[Snapshot, Selection, Grant]:
    """The selection, what it is of, and the grant for it.

    Raises NotFound alike for missing and forbidden.
    """

    def look(published: Snapshot) -> tuple[Snapshot, Selection, Grant]:
        selection = select(published, name)
        grant = decide_request(request, *selection.guarded)
        if not grant.allowed:
            raise missing(name)
        return published, selection, grant

    found = snapshot.find(look)
    refuse_clash(found[1])
    return found


def params_of(request: HttpRequest, selection: Selection) -> query.Params:
    """What the query string asks of a tile; raises BadRequest."""
    fields = (field.name for layer in selection.layers for field in layer.fields)
    try:
        return query.parse(request.META.get("QUERY_STRING", ""), fields)
    except query.BadParameter as error:
        raise BadRequest(str(error)) from error
