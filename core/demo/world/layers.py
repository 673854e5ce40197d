"""The world's Layers and its Tileset, as they are published."""

from typing import Any

from core.demo.world.bands import MAX_ZOOM, PROVINCES_FROM, SMOOTH_FROM, overviews
from core.layer_spec import LayerSpec
from core.publishing import publish, publish_tileset

EARTH = "Made with Natural Earth"
GEONAMES = "GeoNames, CC BY 4.0"


def specs() -> list[LayerSpec]:
    """The Layers, the lowest first."""
    return [
        _layer("countries", "Countries", overviews=overviews("countries")),
        _layer("lakes", "Lakes", overviews=_coarse("lakes"), **_leaving()),
        _layer("rivers", "Rivers", overviews=_coarse("rivers"), **_leaving(max_zoom=7)),
        _layer(
            "province_lines",
            "Lines between provinces",
            min_zoom=PROVINCES_FROM,
            min_zoom_column="min_zoom",
            overviews=overviews("province_lines", PROVINCES_FROM),
        ),
        _layer(
            "boundaries",
            "Borders and claims",
            min_zoom_column="min_zoom",
            overviews=overviews("boundaries"),
        ),
        _layer("coastline", "Coastline", overviews=overviews("coastline")),
        _layer(
            "marine_labels",
            "Names of seas",
            **_leaving(max_zoom=7, attribution=""),
        ),
        _layer("province_labels", "Names of provinces", min_zoom=5, **_ranked()),
        _layer("places", "Cities and towns", min_zoom=2, attribution=GEONAMES, **_ranked()),
        _layer(
            "country_labels",
            "Names of countries",
            **_leaving(min_zoom=1, max_zoom=7),
        ),
    ]


def _coarse(table: str) -> list[tuple[str, int, int]]:
    return [(f"demo.{table}_z0", 0, SMOOTH_FROM - 1)]


def _leaving(**more: Any) -> dict[str, Any]:
    return _ranked(max_zoom_column="max_zoom", **more)


def _ranked(**more: Any) -> dict[str, Any]:
    return {"rank_column": "rank", "min_zoom_column": "min_zoom", **more}


def _layer(table: str, title: str, **more: Any) -> LayerSpec:
    words: dict[str, Any] = {"attribution": EARTH, "max_zoom": MAX_ZOOM, **more}
    return LayerSpec(
        name=f"world_{table}", relation=f"demo.{table}", layer_name=table, title=title, **words
    )


def publish_world() -> None:
    """Publish the Layers and the Tileset `world`."""
    layers = [publish(spec) for spec in specs()]
    publish_tileset("world", layers=[layer.name for layer in layers], title="World")
