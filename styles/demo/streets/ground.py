"""What lies flat: ground, land use, green, water, car parks and buildings."""

from typing import Any

from styles.demo.expressions import (
    Expression,
    Layer,
    curve,
    fade,
    get,
    is_,
    is_not,
    layer,
    leave,
)
from styles.demo.streets.palette import Palette

# Below this zoom there is a world around the city; above it, ground without end.
WORLD_UNTIL = 11


def ground(c: Palette) -> list[Layer]:
    """The layers from the background up to the buildings."""
    return [*_world(c), *_land(c), *_green(c), *_water(c), *_built(c)]


def _world(c: Palette) -> list[Layer]:
    sea = curve({WORLD_UNTIL - 2: c.ocean, WORLD_UNTIL - 1: c.ground}, 1)
    thin = curve({2: 0.4, 8: 1.4})
    return [
        {"id": "background", "type": "background", "paint": {"background-color": sea}},
        _world_fill("world-land", "countries", c.ground),
        _world_fill("world-lake", "lakes", c.ocean, 8),
        layer(
            "world-river",
            "line",
            "world",
            "rivers",
            maxzoom=8.5,
            paint={
                "line-color": c.ocean,
                "line-width": thin,
                "line-opacity": leave(7.8, 8.4),
            },
        ),
    ]


def _world_fill(identifier: str, source_layer: str, colour: str, until: int = WORLD_UNTIL) -> Layer:
    paint = {"fill-color": colour, "fill-antialias": False}
    return layer(identifier, "fill", "world", source_layer, maxzoom=until, paint=paint)


def _fill(identifier: str, source_layer: str, colour: str, **words: Any) -> Layer:
    paint = {"fill-color": colour, **words.pop("paint", {})}
    return layer(identifier, "fill", "astana", source_layer, paint=paint, **words)


def _land(c: Palette) -> list[Layer]:
    town = {"fill-opacity": curve({8: 0.6, 10: 1, 13: 1, 14: 0}, 1)}
    return [
        _fill("land-town", "builtup", c.builtup, maxzoom=14, paint=town),
        _fill("land-residential", "landuse", c.builtup, filter=is_("class", "residential")),
        *(
            _fill(f"land-{kind}", "landuse", colour, filter=is_("class", kind))
            for kind, colour in (
                ("farmland", c.farmland),
                ("industrial", c.industrial),
                ("commercial", c.commercial),
                ("education", c.education),
                ("hospital", c.hospital),
                ("construction", c.construction),
                ("military", c.military),
                ("sand", c.sand),
            )
        ),
    ]


def _green(c: Palette) -> list[Layer]:
    colours = {
        "park": c.park,
        "grass": c.grass,
        "orchard": c.orchard,
        "scrub": c.scrub,
        "cemetery": c.cemetery,
        "forest": c.forest,
        "wetland": c.wetland,
    }
    return [
        *(
            _fill(f"green-{kind}", "green", colour, filter=is_("class", kind))
            for kind, colour in colours.items()
        ),
        _fill("green-pitch", "green", c.pitch, minzoom=13, filter=is_("class", "pitch")),
        layer(
            "green-pitch-line",
            "line",
            "astana",
            "green",
            minzoom=15,
            filter=is_("class", "pitch"),
            paint={"line-color": c.pitch_line, "line-width": curve({15: 0.5, 18: 1.2})},
        ),
    ]


def _water(c: Palette) -> list[Layer]:
    # A river is drawn as a line below z13 too: its banks are a hair's breadth apart there.
    widths = {
        "river": curve({8: 1.2, 11: 2.2, 13: 3, 16: 6, 18: 12}),
        "canal": curve({11: 0.8, 14: 2, 18: 8}),
        "stream": curve({12: 0.5, 14: 1.2, 18: 5}),
        "ditch": curve({14: 0.5, 18: 3}),
    }
    zooms = {"river": 8, "canal": 11, "stream": 12, "ditch": 14}
    return [
        *(_waterway(c, kind, width, zooms[kind]) for kind, width in widths.items()),
        _fill("water-area", "water", c.water),
        layer(
            "water-shore",
            "line",
            "astana",
            "water",
            minzoom=12,
            paint={
                "line-color": c.water_line,
                "line-width": curve({12: 0.4, 16: 1, 18: 1.4}),
                "line-opacity": fade(12, 12.5),
            },
        ),
    ]


def _waterway(c: Palette, kind: str, width: Expression, minzoom: int) -> Layer:
    on_ground = ["all", is_("class", kind), is_not("tunnel", True)]
    return layer(
        f"waterway-{kind}",
        "line",
        "astana",
        "waterways",
        minzoom=minzoom,
        filter=on_ground,
        layout={"line-cap": "round", "line-join": "round"},
        paint={"line-color": c.water, "line-width": width},
    )


def _built(c: Palette) -> list[Layer]:
    walled = is_not("part", True)
    return [
        _fill("area-plaza", "landuse", c.plaza, minzoom=13, filter=is_("class", "pedestrian")),
        _fill("area-platform", "landuse", c.rail_gap, minzoom=14, filter=is_("class", "platform")),
        _fill(
            "area-parking",
            "parking",
            c.parking,
            minzoom=14,
            paint={"fill-opacity": fade(14, 14.5), "fill-outline-color": c.parking_line},
        ),
        _fill(
            "building-fill",
            "buildings",
            c.building,
            minzoom=13,
            filter=walled,
            paint={"fill-opacity": fade(13.5, 14.5), "fill-outline-color": c.building_line},
        ),
    ]


def extrusions(c: Palette) -> list[Layer]:
    """Buildings in 3D: off until somebody asks for them, and only close by."""
    return [
        layer(
            "building-3d",
            "fill-extrusion",
            "astana",
            "buildings",
            minzoom=15,
            filter=is_not("hollow", True),
            layout={"visibility": "none"},
            paint={
                "fill-extrusion-color": c.building_top,
                "fill-extrusion-height": get("height"),
                "fill-extrusion-base": get("min_height"),
                "fill-extrusion-opacity": fade(15.5, 16, 0.85),
            },
        )
    ]


def borders(c: Palette) -> list[Layer]:
    """Country borders while the world is in view."""
    rounded = {"line-join": "round", "line-cap": "round"}
    between = is_("kind", "country")
    casing = {
        "line-color": c.border_casing,
        "line-opacity": 0.25,
        "line-width": curve({1: 2.5, 4: 3.5, 7: 4.1, 10: 4.7}, 1.4),
    }
    line = {
        "line-color": c.border,
        "line-width": curve({1: 0.5, 4: 1.0, 7: 1.6, 10: 2.2}, 1.4),
    }
    return [
        layer(
            f"border-country-{part}",
            "line",
            "world",
            "boundaries",
            maxzoom=WORLD_UNTIL,
            filter=between,
            layout=rounded,
            paint=paint,
        )
        for part, paint in (("casing", casing), ("line", line))
    ]
