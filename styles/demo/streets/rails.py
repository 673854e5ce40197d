"""Railways."""

from styles.demo.expressions import (
    Expression,
    Layer,
    Stops,
    both,
    curve,
    fade,
    is_,
    is_not,
    layer,
)
from styles.demo.streets.palette import Palette


def rails(c: Palette, *, on_bridges: bool) -> list[Layer]:
    """Railways: a dark line with light dashes; side tracks thinner, and only close by."""
    place = "bridge-rail" if on_bridges else "rail"
    where = is_("bridge", True) if on_bridges else is_not("bridge", True)
    main, side = both(where, is_("class", "rail")), both(where, is_("class", "service"))
    return [
        _rail(f"{place}-side", side, c.rail, {13: 0.4, 16: 1, 18: 2}, 13),
        _rail(f"{place}-main", main, c.rail, {9: 0.6, 12: 1, 14: 1.8, 16: 3, 18: 5}, 9),
        _rail_dashes(c, f"{place}-main-dash", main),
    ]


def _rail(identifier: str, where: Expression, colour: str, widths: Stops, appears: float) -> Layer:
    return layer(
        identifier,
        "line",
        "astana",
        "railways",
        minzoom=appears,
        filter=where,
        layout={"line-join": "round"},
        paint={
            "line-color": colour,
            "line-width": curve(widths),
            "line-opacity": fade(appears, appears + 0.5),
        },
    )


def _rail_dashes(c: Palette, identifier: str, where: Expression) -> Layer:
    dashes = _rail(identifier, where, c.rail_gap, {13: 0.7, 14: 1.0, 16: 1.8, 18: 3.2}, 13)
    dashes["paint"]["line-dasharray"] = [6, 6]
    return dashes
