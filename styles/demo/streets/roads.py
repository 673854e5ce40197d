"""Roads, from tunnels to bridges: all casings low to high class, then all fills, and rails."""

from dataclasses import dataclass

from styles.demo.streets.expressions import (
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

ROUND = {"line-cap": "round", "line-join": "round"}
BUTT = {"line-cap": "butt", "line-join": "round"}
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


@dataclass(frozen=True)
class Dash:
    """A dashed line: widths by zoom, when it appears, dash and gap in line widths."""

    widths: Stops
    appears: float
    pattern: tuple[float, float]


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
PATHS = ("footway", "pedestrian", "path", "cycleway", "steps")
DASHES = {
    "construction": Dash({13: 1, 16: 4, 18: 9}, 13, (2, 1.5)),
    "track": Dash({13: 0.6, 16: 1.4, 18: 3}, 13, (4, 2)),
    "pavement": Dash({15: 0.4, 18: 1.6}, 15.5, (2, 2)),
    "path": Dash({14: 0.6, 16: 1.2, 18: 2.5}, 14.5, (2.5, 1.5)),
    "cycle": Dash({14: 0.6, 16: 1.2, 18: 2.5}, 14.5, (2.5, 1.5)),
    "steps": Dash({14: 1.2, 16: 3, 18: 6}, 14.5, (0.4, 0.3)),
}
# From here on near roads are light with a casing; before, they are darker than the ground.
FAR = 12.5


def tunnels(c: Palette) -> list[Layer]:
    """Roads under the ground: a dashed casing, the fill pale."""
    where = is_("tunnel", True)
    casings = [_casing(c, kind, "tunnel", where, dashed=True) for kind in KINDS]
    fills = [_fill(c, kind, "tunnel", where, opacity=0.4) for kind in KINDS]
    return [*casings, _path("tunnel-path", where, c.path, 0.4), *fills]


def surface(c: Palette) -> list[Layer]:
    """Roads on the ground."""
    where = both(is_not("tunnel", True), is_not("bridge", True))
    return [
        *(_casing(c, kind, "road", where) for kind in KINDS),
        *_paths(c, where),
        *(_fill(c, kind, "road", where) for kind in KINDS),
    ]


def bridges(c: Palette) -> list[Layer]:
    """Roads on bridges, by level: casings end flat where the bridge does."""
    where = is_("bridge", True)
    return [
        _path_casing(c, where),
        *(_casing(c, kind, "bridge", where) for kind in KINDS),
        _path("bridge-path", where, c.path),
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


def _paths(c: Palette, where: Expression) -> list[Layer]:
    """Ways without cars, tracks, and roads being built: dashed, each in its own rhythm."""

    def way(name: str, colour: str, *subclasses: str) -> Layer:
        condition = both(where, is_("subclass", *subclasses))
        return _dashed(f"road-{name}", condition, colour, DASHES[name])

    return [
        way("construction", c.road_line, "construction"),
        way("track", c.track, "track"),
        way("pavement", c.path, "sidewalk", "crossing"),
        way("path", c.path, "footway", "pedestrian", "path"),
        way("cycle", c.cycle, "cycleway"),
        way("steps", c.path, "steps"),
    ]


def _path(identifier: str, where: Expression, colour: str, opacity: float = 1.0) -> Layer:
    """All ways on foot alike, in a tunnel or on a bridge."""
    return _dashed(
        identifier, both(where, is_("subclass", *PATHS)), colour, DASHES["path"], opacity
    )


def _dashed(
    identifier: str, where: Expression, colour: str, dash: Dash, opacity: float = 1.0
) -> Layer:
    paint = {
        "line-color": colour,
        "line-width": curve(dash.widths),
        "line-dasharray": list(dash.pattern),
        "line-opacity": fade(dash.appears, dash.appears + 0.5, opacity),
    }
    return layer(
        identifier,
        "line",
        "astana",
        "roads",
        minzoom=dash.appears,
        filter=where,
        layout=BUTT,
        paint=paint,
    )


def _path_casing(c: Palette, where: Expression) -> Layer:
    return layer(
        "bridge-path-casing",
        "line",
        "astana",
        "roads",
        minzoom=14.5,
        filter=both(where, is_("subclass", *PATHS)),
        layout=BUTT,
        paint={
            "line-color": c.road_line,
            "line-width": curve({14: 2, 16: 4.4, 18: 8}),
            "line-opacity": fade(14.5, 15),
        },
    )


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
