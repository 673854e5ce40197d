"""Names of quarters, the city, and of the world around it while it is in view."""

from styles.demo.expressions import (
    Expression,
    Layer,
    by_zoom,
    curve,
    fade,
    get,
    is_,
    is_not,
    layer,
    leave,
)
from styles.demo.lettering import BOLD, REGULAR, UPPER, ink, text
from styles.demo.streets.palette import Palette

QUARTERS_UNTIL, CITY_UNTIL, TOWNS_UNTIL, COUNTRIES_UNTIL = 17, 13, 12, 7


def place_labels(c: Palette) -> list[Layer]:
    """The layers from quarter to city: the last is placed first."""
    quarter = text(get("name"), REGULAR, curve({13: 11, 16: 13}, 1))
    village = text(get("name"), REGULAR, curve({11: 11, 15: 14}, 1))
    suburb = {**text(get("name"), BOLD, curve({12: 11, 16: 14}, 1)), **UPPER}
    return [
        _quarters(c, "neighbourhood", 12.7, quarter, c.text_soft),
        _quarters(c, "village", 10.7, village, c.text),
        _quarters(c, "suburb", 10.7, suburb, c.text_soft),
        _towns(c),
        _countries(c),
        _city(c),
    ]


def _quarters(c: Palette, kind: str, appears: float, layout: Layer, colour: str) -> Layer:
    near = {"text-variable-anchor": ["center", "top", "bottom"], "text-radial-offset": 0.3}
    return layer(
        f"label-{kind}",
        "symbol",
        "astana",
        "places",
        minzoom=appears,
        maxzoom=QUARTERS_UNTIL,
        filter=is_("class", kind),
        layout={**layout, **near},
        paint=ink(colour, c.halo, fade(appears, appears + 0.3)),
    )


def _towns(c: Palette) -> Layer:
    layout = text(get("name"), REGULAR, curve({3: 11, 10: 14}, 1))
    dot = {"icon-image": "dot", "icon-size": 0.6, "symbol-sort-key": get("rank")}
    # The city has its own name in its own data.
    return layer(
        "label-town",
        "symbol",
        "world",
        "places",
        minzoom=2,
        maxzoom=TOWNS_UNTIL,
        filter=is_not("name_en", "Astana"),
        layout={**layout, **dot, **_beside(["left", "right", "top", "bottom"], 0.5)},
        paint={**ink(c.text, c.halo), "icon-color": c.dot},
    )


def _beside(anchors: list[str] | Expression, offset: float | Expression) -> Layer:
    return {
        "text-variable-anchor": anchors,
        "text-radial-offset": offset,
        "text-justify": "auto",
    }


def _countries(c: Palette) -> Layer:
    layout = text(get("name"), BOLD, curve({1.7: 11, 4: 13, 6: 17}, 1))
    return layer(
        "label-country",
        "symbol",
        "world",
        "country_labels",
        minzoom=1,
        maxzoom=COUNTRIES_UNTIL,
        layout={**layout, **UPPER, "symbol-sort-key": get("rank")},
        paint=ink(c.text_soft, c.halo, leave(6.5, 7)),
    )


def _city(c: Palette) -> Layer:
    """Beside its dot while there is one, then in the middle of the city."""
    layout = text(get("name"), BOLD, curve({4: 13, 8: 16, 11: 20}, 1))
    beside = ["literal", ["left", "right", "top", "bottom"]]
    anchors = by_zoom(beside, {9: ["literal", ["center"]]})
    icon = {"icon-image": by_zoom("capital", {9: ""}), "icon-size": 0.8}
    return layer(
        "label-city",
        "symbol",
        "astana",
        "places",
        minzoom=4,
        maxzoom=CITY_UNTIL,
        filter=is_("class", "city"),
        layout={**layout, **icon, **_beside(anchors, by_zoom(0.7, {9: 0}))},
        paint={**ink(c.text, c.halo, leave(12.3, 12.8), 1.5), "icon-color": c.dot},
    )
