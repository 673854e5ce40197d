"""Ways on foot, tracks, roads being built: dashed, each in its own rhythm."""

from dataclasses import dataclass

from styles.demo.expressions import (
    Expression,
    Layer,
    Stops,
    both,
    curve,
    fade,
    is_,
    layer,
)
from styles.demo.streets.palette import Palette

BUTT: Layer = {"line-cap": "butt", "line-join": "round"}


@dataclass(frozen=True)
class Dash:
    """A dashed line: widths by zoom, when it appears, dash and gap in line widths."""

    widths: Stops
    appears: float
    pattern: tuple[float, float]


PATHS = ("footway", "pedestrian", "path", "cycleway", "steps")
DASHES = {
    "construction": Dash({13: 1, 16: 4, 18: 9}, 13, (2, 1.5)),
    "track": Dash({13: 0.6, 16: 1.4, 18: 3}, 13, (4, 2)),
    "pavement": Dash({15: 0.4, 18: 1.6}, 15.5, (2, 2)),
    "path": Dash({14: 0.6, 16: 1.2, 18: 2.5}, 14.5, (2.5, 1.5)),
    "cycle": Dash({14: 0.6, 16: 1.2, 18: 2.5}, 14.5, (2.5, 1.5)),
    "steps": Dash({14: 1.2, 16: 3, 18: 6}, 14.5, (0.4, 0.3)),
}


def paths(c: Palette, where: Expression) -> list[Layer]:
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


def all_on_foot(identifier: str, where: Expression, colour: str, opacity: float = 1.0) -> Layer:
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


def footbridge(part: str, colour: str, widths: Stops) -> Layer:
    """What carries a path over a river: drawn under its dashes."""
    return layer(
        f"bridge-path-{part}",
        "line",
        "astana",
        "roads",
        minzoom=14.5,
        filter=both(is_("bridge", True), is_("subclass", *PATHS)),
        layout=BUTT,
        paint={
            "line-color": colour,
            "line-width": curve(widths),
            "line-opacity": fade(14.5, 15),
        },
    )
