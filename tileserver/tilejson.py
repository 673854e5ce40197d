"""TileJSON 3.0.0 of a selection of Layers, and its twin for GDAL."""

import json
from typing import Any

from core.public_url import absolute
from core.published import BEST_FIRST, FieldInfo, LayerInfo
from core.selection import Selection
from tileserver.frozen import version

WORLD = (-180.0, -85.051129, 180.0, 85.051129)
NUMBERS = frozenset({"smallint", "integer", "bigint", "real", "double precision", "numeric"})


def tile_url(selection: Selection) -> str:
    """The public tile template of a tileset, for `{z}`, `{x}`, `{y}`; versioned if it is frozen."""
    frozen_as = version(selection)
    query = f"?v={frozen_as}" if frozen_as else ""
    return absolute(f"/tiles/{selection.name}/{{z}}/{{x}}/{{y}}.mvt{query}")


def tilejson_url(name: str) -> str:
    """The public TileJSON address of a tileset."""
    return absolute(f"/tiles/{name}.json")


def tilejson(selection: Selection) -> dict[str, Any]:
    """The TileJSON 3.0.0 document (sections 3.1 to 3.18); URLs are absolute."""
    bounds = shown_bounds(selection)
    return {
        "tilejson": "3.0.0",
        "name": selection.title,
        "description": selection.description,
        "attribution": selection.attribution,
        "scheme": "xyz",
        "tiles": [tile_url(selection)],
        "minzoom": selection.min_zoom,
        "maxzoom": selection.max_zoom,
        "bounds": list(bounds),
        "center": center(bounds, selection),
        "freshness": freshness(selection),
        "vector_layers": [vector_layer(layer) for layer in selection.layers],
    }


def freshness(selection: Selection) -> str:
    """What all its Layers promise: the weakest of them."""
    return max((layer.freshness for layer in selection.layers), key=BEST_FIRST.index)


def shown_bounds(selection: Selection) -> tuple[float, float, float, float]:
    """The bounds that a map can show: cut to the square of Web Mercator."""
    west, south, east, north = selection.bounds or WORLD
    return max(west, -180.0), max(south, WORLD[1]), min(east, 180.0), min(north, WORLD[3])


def center(
    bounds: tuple[float, float, float, float], selection: Selection
) -> tuple[float, float, int]:
    """Longitude, latitude and the zoom at which the bounds fill a window of two tiles or so."""
    west, south, east, north = bounds
    zoom = selection.min_zoom
    while zoom < selection.max_zoom and (east - west) * 2**zoom / 360 < 2:
        zoom += 1
    return (west + east) / 2, (south + north) / 2, zoom


def vector_layer(layer: LayerInfo) -> dict[str, Any]:
    """One entry of `vector_layers`, with what a promoteId or a legend needs beside it."""
    entry: dict[str, Any] = {
        "id": layer.layer_name,
        "description": layer.description or layer.title,
        "minzoom": layer.min_zoom,
        "maxzoom": layer.max_zoom,
        "fields": {field.name: field_type(field) for field in layer.fields},
        "geometry_type": layer.geometry_type,
        "freshness": layer.freshness,
    }
    if layer.id_column and not layer.id_is_feature_id:
        entry["promote_id"] = layer.id_column
    return entry


def field_type(field: FieldInfo) -> str:
    """What a property is in the tiles: Number, Boolean or String."""
    base = field.type.split("(")[0]
    if base in NUMBERS:
        return "Number"
    return "Boolean" if base == "boolean" else "String"


def metadata(selection: Selection) -> dict[str, Any]:
    """TileJSON with the `json` member in which GDAL's MVT driver looks for field types."""
    document = tilejson(selection)
    layers = json.dumps({"vector_layers": document["vector_layers"]}, ensure_ascii=False)
    return {**document, "format": "pbf", "json": layers}
