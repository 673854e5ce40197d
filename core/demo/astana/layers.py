"""Astana's Layers and its Tileset, as they are published."""

from typing import Any

from core.layer_spec import LayerSpec
from core.publishing import publish, publish_tileset

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
MAX_ZOOM = 16
# For these zooms there are generalised copies: (lowest, highest). From 12 on, the data as it is.
BANDS: dict[str, tuple[tuple[int, int], ...]] = {
    "landuse": ((8, 9), (10, 11)),
    "green": ((8, 9), (10, 11)),
    "water": ((8, 9), (10, 11)),
    "waterways": ((8, 9), (10, 11)),
    "railways": ((9, 11),),
    "roads": ((7, 9), (10, 11)),
}


def specs() -> list[LayerSpec]:
    """The Layers, the lowest first."""
    return [
        _layer("builtup", "Built-up area", min_zoom=8, max_zoom=13),
        _layer("landuse", "Land use", min_zoom=8, **_sized()),
        _layer("green", "Parks, grass and woods", min_zoom=8, **_sized()),
        _layer("water", "Rivers and lakes", min_zoom=8, **_sized()),
        _layer("waterways", "Rivers and streams as lines", min_zoom=8, **_sized()),
        _layer("parking", "Car parks", min_zoom=14, **_sized()),
        _layer("buildings", "Buildings", min_zoom=13, **_sized()),
        _layer("railways", "Railways", min_zoom=9, **_sized()),
        _layer("roads", "Roads", min_zoom=7, **_sized(buffer=128)),
        _layer("road_names", "Names of streets", min_zoom=11, **_sized(buffer=128)),
        _layer("housenumbers", "House numbers", min_zoom=16, rank_column="rank"),
        _layer("pois", "Points of interest", min_zoom=13, **_sized(buffer=128)),
        _layer("places", "Quarters, villages, lakes", min_zoom=4, **_sized(buffer=128)),
    ]


def _sized(**more: Any) -> dict[str, Any]:
    return {"rank_column": "rank", "min_zoom_column": "min_zoom", **more}


def _layer(table: str, title: str, **more: Any) -> LayerSpec:
    bands = BANDS.get(table, ())
    words: dict[str, Any] = {"max_zoom": MAX_ZOOM, "attribution": ATTRIBUTION, **more}
    return LayerSpec(
        name=f"astana_{table}",
        relation=f"demo.astana_{table}",
        layer_name=table,
        title=title,
        overviews=[(f"demo.astana_{table}_z{low}", low, high) for low, high in bands],
        **words,
    )


def publish_astana() -> None:
    """Publish the Layers and the Tileset `astana`."""
    layers = [publish(spec) for spec in specs()]
    publish_tileset("astana", layers=[layer.name for layer in layers], title="Astana")
