"""Roads, from tunnels to bridges: all casings low to high class, then all fills."""

from dataclasses import dataclass

from styles.demo.expressions import (
    Expression,
    Layer,
    Stops,
    both,
    by_value,
    curve,
    fade,
    is_,
    is_not,
    layer,
)
from styles.demo.streets.palette import Palette
from styles.demo.streets.paths import BUTT, all_on_foot, footbridge, paths

ROUND = {"line-cap": "round", "line-join": "round"}
# The casing on each side, CSS pixels by zoom.
CASING = {12: 0.5, 14: 0.75, 16: 1.0, 18: 1.5}


@dataclass(frozen=True)
class Kind:
    """A class of roads: fill widths by zoom, when it appears, when its casing does."""

    name: str
    widths: Stops
    appears: float
    cased: float
    filter: Expression


def _class(name: str) -> Expression:
    return both(is_("class", name), is_not("subclass", "link"))


LINK = is_("subclass", "link")
KINDS = (
    Kind(
        "service",
        {14: 0.8, 16: 3, 18: 8},
        14,
        14.5,
        both(
            is_("class", "service"), is_not("subclass", "construction"), is_not("subclass", "link")
        ),
    ),
    Kind("residential", {12: 0.6, 14: 2, 16: 6.5, 18: 16}, 12.5, 13, _class("residential")),
    Kind("tertiary", {11: 0.8, 12: 1.2, 14: 3.2, 16: 8, 18: 18}, 11.5, 12, _class("tertiary")),
    Kind("link", {11: 0.7, 12: 1.1, 14: 2.6, 16: 6.5, 18: 14}, 11.5, 12, LINK),
    Kind("secondary", {10: 0.9, 12: 1.8, 14: 4, 16: 9, 18: 20}, 10, 11.5, _class("secondary")),
    Kind(
        "primary", {8: 0.8, 10: 1.4, 12: 2.4, 14: 5, 16: 10.5, 18: 22}, 8.5, 11, _class("primary")
    ),
    Kind("trunk", {7: 0.8, 9: 1.3, 12: 3, 14: 6, 16: 12, 18: 24}, 7, 10, _class("trunk")),
)
# From here on near roads are light with a casing; before, they are darker than the ground.
FAR = 12.5


def tunnels(c: Palette) -> list[Layer]:
    """Roads under the ground: a dashed casing, the fill pale."""
    where = is_("tunnel", True)
    casings = [_casing(c, kind, "tunnel", where, dashed=True) for kind in KINDS]
    fills = [_fill(c, kind, "tunnel", where, opacity=0.4) for kind in KINDS]
    return [*casings, all_on_foot("tunnel-path", where, c.path, 0.4), *fills]


def surface(c: Palette) -> list[Layer]:
    """Roads on the ground."""
    where = both(is_not("tunnel", True), is_not("bridge", True))
    return [
        *(_casing(c, kind, "road", where) for kind in KINDS),
        *paths(c, where),
        *(_fill(c, kind, "road", where) for kind in KINDS),
    ]


def bridges(c: Palette) -> list[Layer]:
    """Roads on bridges, by level: casings end flat where the bridge does."""
    where = is_("bridge", True)
    return [
        footbridge("casing", c.road_line, {14: 2, 16: 5, 18: 9}),
        footbridge("fill", c.road, {14: 1.2, 16: 3.4, 18: 6.5}),
        *(_casing(c, kind, "bridge", where) for kind in KINDS),
        all_on_foot("bridge-path", where, c.path),
        *(_fill(c, kind, "bridge", where) for kind in KINDS),
    ]


def _casing(
    c: Palette, kind: Kind, place: str, where: Expression, *, dashed: bool = False
) -> Layer:
    paint = {
        "line-color": _colour(c, kind, "line"),
        "line-width": curve(_outer(kind.widths)),
        "line-opacity": fade(kind.cased, kind.cased + 0.5),
    }
    if dashed:
        paint["line-dasharray"] = [2, 1.5] if kind.name in ("trunk", "primary") else [3, 2]
    return _line(kind, f"{place}-{kind.name}-casing", where, paint, round_ends=place == "road")


def _fill(c: Palette, kind: Kind, place: str, where: Expression, *, opacity: float = 1.0) -> Layer:
    paint = {
        "line-color": _colour(c, kind, "fill"),
        "line-width": curve(kind.widths),
        "line-opacity": fade(kind.appears, kind.appears + 0.5, opacity),
    }
    return _line(kind, f"{place}-{kind.name}-fill", where, paint, round_ends=place != "tunnel")


def _line(
    kind: Kind, identifier: str, where: Expression, paint: Layer, *, round_ends: bool
) -> Layer:
    layout: Layer = {**(ROUND if round_ends else BUTT)}
    if identifier.startswith("bridge"):
        layout["line-sort-key"] = ["get", "level"]
    start = kind.cased if identifier.endswith("casing") else kind.appears
    return layer(
        identifier,
        "line",
        "astana",
        "roads",
        minzoom=start,
        filter=both(kind.filter, where),
        layout=layout,
        paint=paint,
    )


def _outer(widths: Stops) -> Stops:
    """The widths with the casing on both sides."""
    return {zoom: round(width + 2 * _side(zoom), 2) for zoom, width in widths.items()}


def _side(zoom: float) -> float:
    return next(side for at, side in sorted(CASING.items()) if zoom <= at)


def _colour(c: Palette, kind: Kind, part: str) -> str | Expression:
    """A road far away is darker than the ground: there is no casing yet to set it off."""
    if kind.name == "link":
        return _link_colour(c, part)
    name = kind.name if kind.name in ("trunk", "primary") else "road"
    if part == "line":
        return str(getattr(c, f"{name}_line"))
    if kind.name == "service":
        return c.service
    close, far = getattr(c, name), getattr(c, f"{name}_far")
    return curve(
        {FAR - 1: far, FAR: close} if name == "road" else {FAR - 2: far, FAR - 1: close}, 1
    )


def _link_colour(c: Palette, part: str) -> Expression:
    """A ramp looks like the road it leads to."""
    suffix = "_line" if part == "line" else ""
    values = {name: getattr(c, f"{name}{suffix}") for name in ("trunk", "primary")}
    return by_value("class", values, getattr(c, f"road{suffix}"))


def arrows(c: Palette) -> list[Layer]:
    """Which way a one-way street goes."""
    return [
        layer(
            "road-oneway-arrow",
            "symbol",
            "astana",
            "roads",
            minzoom=16,
            filter=both(is_("oneway", 1), is_not("class", "path")),
            layout={
                "symbol-placement": "line",
                "symbol-spacing": 140,
                "icon-image": "oneway",
                "icon-size": curve({16: 0.6, 18: 1.0}, 1),
                "icon-rotation-alignment": "map",
                "icon-padding": 4,
            },
            paint={"icon-color": c.arrow, "icon-opacity": fade(16, 16.5, 0.9)},
        )
    ]
