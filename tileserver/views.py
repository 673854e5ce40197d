"""The tile road's views: parse, look up, allowed?, render, respond."""

from django.http import HttpRequest, HttpResponse

from core import snapshot
from core.access import Grant, decide_request
from core.problems import BadRequest
from core.selection import Selection, missing, refuse_clash, select
from tileserver import params as query
from tileserver import responses
from tileserver.catalog import catalog as catalog_of
from tileserver.render import render
from tileserver.tile import BadAddress, Tile
from tileserver.tile import parse as parse_tile
from tileserver.tilejson import metadata as metadata_of
from tileserver.tilejson import tilejson as tilejson_of


def tile(request: HttpRequest, name: str, z: str, x: str, y: str) -> HttpResponse:
    """`/tiles/{tileset}/{z}/{x}/{y}.mvt`: one tile."""
    address = _address(z, x, y)
    selection, grant = _allowed(request, name)
    wanted = _params(request, selection)
    rendered = render(selection, address, wanted, grant.permission_class)
    return responses.tile(request, rendered, grant)


def tilejson(request: HttpRequest, name: str) -> HttpResponse:
    """`/tiles/{tileset}.json`: TileJSON 3.0.0."""
    selection, grant = _allowed(request, name)
    no_parameters(request)
    return responses.json_document(request, tilejson_of(selection), grant)


def metadata(request: HttpRequest, name: str) -> HttpResponse:
    """`/tiles/{tileset}/metadata.json`: the same, where GDAL looks for it."""
    selection, grant = _allowed(request, name)
    no_parameters(request)
    return responses.json_document(request, metadata_of(selection), grant)


def catalog(request: HttpRequest) -> HttpResponse:
    """`/catalog.json`: what the caller may see."""
    no_parameters(request)
    found = catalog_of(request, snapshot.current())
    personal = getattr(request, "graticule_caller", None)
    grant = Grant(allowed=True, permission_class="staff" if personal else "public")
    return responses.json_document(request, found, grant)


def no_parameters(request: HttpRequest) -> None:
    """Refuse a query string that would be ignored; raises BadRequest."""
    try:
        query.pairs(request.META.get("QUERY_STRING", ""), ())
    except query.BadParameter as error:
        raise BadRequest(str(error)) from error


def _address(z: str, x: str, y: str) -> Tile:
    try:
        return parse_tile(z, x, y)
    except BadAddress as error:
        raise BadRequest(f"Not a tile address. {error}") from error


def _allowed(request: HttpRequest, name: str) -> tuple[Selection, Grant]:
    """The selection and the grant for it; raises NotFound alike for missing and forbidden."""
    selection = select(snapshot.current(), name)
    grant = decide_request(request, *selection.guarded)
    if not grant.allowed:
        raise missing(name)
    refuse_clash(selection)
    return selection, grant


def _params(request: HttpRequest, selection: Selection) -> query.Params:
    fields = (field.name for layer in selection.layers for field in layer.fields)
    try:
        return query.parse(request.META.get("QUERY_STRING", ""), fields)
    except query.BadParameter as error:
        raise BadRequest(str(error)) from error
