"""What the editors of held Layers see before it is released: below `/preview`, kept nowhere.

An address of its own, because a tile's address must mean one thing to every cache on the way: so
staff see at the public address what everyone sees. Documents below it name only addresses below it.
"""

import re
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse

from core import snapshot
from core.access import Grant, caller_of
from core.public_url import absolute
from core.published import LayerInfo
from core.selection import Selection, chosen, missing, refuse_clash, select
from tileserver import crowd, metrics, responses, views
from tileserver.catalog import catalog as catalog_of
from tileserver.render import unkept
from tileserver.subject import subject_of
from tileserver.tilejson import tilejson as tilejson_of

PREFIX = "/preview"
GRANT = Grant(allowed=True, permission_class="preview")
_MOVED = r"(?=/tiles/|/styles/[^/]+/style\.json|/catalog\.json)"


def tile(request: HttpRequest, name: str, z: str, x: str, y: str) -> HttpResponse:
    """`/preview/tiles/{tileset}/{z}/{x}/{y}.mvt`: one tile with every edit in it."""
    address = views.address_of(z, x, y)
    selection = _edited(request, name)
    wanted = views.params_of(request, selection)
    with crowd.Room(address.z):
        rendered = unkept(selection, address, wanted)
    metrics.count(rendered.outcome, metrics.band(address.z))
    sent = responses.negotiated(request, rendered.tile)
    return _unkept(responses.tile(request, rendered, sent, GRANT))


def tilejson(request: HttpRequest, name: str) -> HttpResponse:
    """`/preview/tiles/{tileset}.json`: TileJSON whose tiles are below `/preview`."""
    selection = _edited(request, name)
    views.no_parameters(request)
    return document(request, tilejson_of(selection))


def catalog(request: HttpRequest) -> HttpResponse:
    """`/preview/catalog.json`: everything, with addresses below `/preview`."""
    refuse_strangers(request, "catalog.json")
    views.no_parameters(request)
    return document(request, catalog_of(request, snapshot.current()))


def changes(request: HttpRequest, name: str) -> HttpResponse:
    """`/preview/tiles/{tileset}/changes`: what everyone is told.

    Edits of held Layers are told to nobody, so a map of them is to be loaded again now and then.
    """
    refuse_strangers(request, name)
    published, selection = snapshot.find(lambda seen: (seen, select(seen, name)))
    layers = tuple(_untold(layer) if layer.held else layer for layer in selection.layers)
    subject = subject_of(replace(selection, layers=layers), published.revision)
    return _unkept(views.feed_answer(request, subject, GRANT))


def _untold(layer: LayerInfo) -> LayerInfo:
    return replace(layer, freshness="ttl", ttl_seconds=0, frozen=False)


def document(request: HttpRequest, value: Any) -> HttpResponse:
    """A JSON document for editors, with our addresses moved below `/preview`."""
    return _unkept(responses.json_document(request, moved(value), GRANT))


def refuse_strangers(request: HttpRequest, name: str) -> None:
    """Raise NotFound for whoever is not staff, as if nothing were there."""
    if not caller_of(request).is_staff:
        raise missing(name)


def _edited(request: HttpRequest, name: str) -> Selection:
    """The Layers as they are edited; raises NotFound for who is not staff."""
    refuse_strangers(request, name)
    selection = chosen(name)
    refuse_clash(selection)
    layers = tuple(layer.unheld() for layer in selection.layers)
    return replace(selection, layers=layers, frozen=False)


def _unkept(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    return response


def moved(value: Any) -> Any:
    """A document in which our tiles, TileJSON and styles are those below `/preview`."""
    if isinstance(value, dict):
        return {name: moved(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [moved(one) for one in value]
    if isinstance(value, str):
        return re.sub("^" + re.escape(absolute("")) + _MOVED, absolute(PREFIX), value)
    return value
