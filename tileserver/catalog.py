"""The catalog: everything that the caller may see, with absolute URLs."""

from typing import Any

from django.http import HttpRequest

from core.access import decide_request
from core.catalog import sections
from core.selection import Selection, select
from core.snapshot import Snapshot
from tileserver.tilejson import freshness, shown_bounds, tile_url, tilejson_url


def catalog(request: HttpRequest, snapshot: Snapshot) -> dict[str, Any]:
    """Tilesets, single Layers, and the sections of other packages."""
    return {
        "tilesets": _entries(request, snapshot, sorted(snapshot.tilesets)),
        "layers": _entries(request, snapshot, sorted(snapshot.layers)),
        **{name: section(request) for name, section in sections.items()},
    }


def _entries(request: HttpRequest, snapshot: Snapshot, names: list[str]) -> list[dict[str, Any]]:
    selections = (select(snapshot, name) for name in names)
    return [_entry(one) for one in selections if decide_request(request, *one.guarded).allowed]


def _entry(selection: Selection) -> dict[str, Any]:
    return {
        "name": selection.name,
        "title": selection.title,
        "description": selection.description,
        "attribution": selection.attribution,
        "tilejson": tilejson_url(selection.name),
        "tiles": [tile_url(selection)],
        "minzoom": selection.min_zoom,
        "maxzoom": selection.max_zoom,
        "bounds": list(shown_bounds(selection)),
        "layers": [layer.layer_name for layer in selection.layers],
        "freshness": freshness(selection),
    }
