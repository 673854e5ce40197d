"""What has no name: sea, land, lakes, rivers, and the lines between countries and provinces."""

from typing import Any

from styles.demo.expressions import (
    Expression,
    Layer,
    Stops,
    curve,
    fade,
    get,
    is_,
    layer,
)
from styles.demo.world.palette import Palette

# Countries are told apart by tint up to here, by their borders alone further in.
TINT_FADES, TINT_UNTIL = 4, 6
# The water is 1:50 million: beside the finer land it ends here, the great lakes excepted.
WATER_UNTIL = 8
ROUND: Layer = {"line-join": "round", "line-cap": "round"}
BORDER_WIDTH: Stops = {1: 0.5, 4: 1, 7: 1.6, 10: 2.2}
CASING = 2.5
# Widths grow so slowly that none jumps by more than 30 % from one zoom to the next.
GROWTH = 1.4
# Provinces of the big federations come first; their min_zoom in the data is 3.5.
EARLY, OTHERS = 3.5, 5.5


def ground(c: Palette) -> list[Layer]:
    """The layers from the sea up to the coast."""
    return [
        {"id": "ocean", "type": "background", "paint": {"background-color": c.water}},
        _world("land-fill", "fill", "countries", paint={"fill-color": c.land}),
        _tint(c),
        _world("water-lake-fill", "fill", "lakes", paint={"fill-color": c.water}),
        _rivers(c),
        _province_lines(c, "boundary-province-early-line", EARLY, "<"),
        _province_lines(c, "boundary-province-line", OTHERS, ">="),
        _border_casing(c),
        _border(c, "country", ROUND),
        _border(c, "disputed", {"line-join": "round"}, dashes=[3, 2]),
        _claims(c),
        _coast(c),
    ]


def _world(identifier: str, kind: str, source_layer: str, **words: Any) -> Layer:
    return layer(identifier, kind, "world", source_layer, **words)


def _tint(c: Palette) -> Layer:
    pairs = [part for n, tint in enumerate(c.tints, start=1) for part in ([n], tint)]
    tints: Expression = ["match", get("mapcolor7"), *pairs, c.land]
    paint = {
        "fill-antialias": False,
        "fill-color": curve({TINT_FADES: tints, TINT_UNTIL: c.land}, 1),
    }
    return _world("land-country-tint", "fill", "countries", maxzoom=TINT_UNTIL, paint=paint)


def _rivers(c: Palette) -> Layer:
    seen = curve({1: 0, 1.5: 1, WATER_UNTIL - 0.5: 1, WATER_UNTIL: 0}, 1)
    paint = {
        "line-color": c.river,
        "line-width": curve({1: 0.5, 4: 0.9, 8: 2}, GROWTH),
        "line-opacity": seen,
    }
    return _world(
        "water-river-line", "line", "rivers", maxzoom=WATER_UNTIL, layout=ROUND, paint=paint
    )


def _province_lines(c: Palette, identifier: str, appears: float, comparison: str) -> Layer:
    paint = {
        "line-color": c.province,
        "line-width": curve({3: 0.4, 6: 0.7, 10: 1}, GROWTH),
        "line-dasharray": [2, 2],
        "line-opacity": fade(appears, appears + 0.5),
    }
    return _world(
        identifier,
        "line",
        "province_lines",
        minzoom=appears,
        filter=[comparison, get("min_zoom"), OTHERS],
        layout={"line-join": "round"},
        paint=paint,
    )


def _border_casing(c: Palette) -> Layer:
    paint = {
        "line-color": c.border,
        "line-width": curve({zoom: width + CASING for zoom, width in BORDER_WIDTH.items()}, GROWTH),
        "line-opacity": fade(2, 3, 0.3),
    }
    return _boundary("boundary-country-casing", "country", 2, ROUND, paint)


def _border(c: Palette, kind: str, layout: Layer, dashes: list[float] | None = None) -> Layer:
    paint = {
        "line-color": c.border,
        "line-width": curve(BORDER_WIDTH, GROWTH),
        "line-opacity": fade(0.5, 1),
        **({"line-dasharray": dashes} if dashes else {}),
    }
    return _boundary(f"boundary-{kind}-line", kind, 0.5, layout, paint)


def _claims(c: Palette) -> Layer:
    paint = {
        "line-color": c.claim,
        "line-width": curve({4: 0.7, 7: 1.1, 10: 1.5}, GROWTH),
        "line-dasharray": [0.1, 2.5],
        "line-opacity": fade(4, 4.5),
    }
    return _boundary("boundary-claim-line", "claim", 4, ROUND, paint)


def _boundary(identifier: str, kind: str, appears: float, layout: Layer, paint: Layer) -> Layer:
    return _world(
        identifier,
        "line",
        "boundaries",
        minzoom=appears,
        filter=is_("kind", kind),
        layout=layout,
        paint=paint,
    )


def _coast(c: Palette) -> Layer:
    paint = {"line-color": c.coast, "line-width": curve({0: 0.3, 4: 0.7, 10: 1.2}, GROWTH)}
    return _world("coast-line", "line", "coastline", layout=ROUND, paint=paint)
