"""Numbers, POIs, names of water and streets, shields: the least important first."""

from styles.demo.expressions import (
    Layer,
    Stops,
    both,
    by_value,
    by_zoom,
    curve,
    fade,
    get,
    is_,
    is_not,
    layer,
)
from styles.demo.lettering import BOLD, ITALIC, REGULAR, along, ink, text
from styles.demo.streets.palette import Palette
from styles.demo.streets.place_labels import place_labels
from styles.demo.streets.roads import arrows

# Names in full where there is room, «ул.» for «улица» before.
STREET_NAME = by_zoom(get("name_short"), {16: get("name")})
POI_ZOOMS = (17, 16, 15, 14)
GROUPS = ("food", "shop", "transport", "civic", "leisure")


def labels(c: Palette) -> list[Layer]:
    """The symbol layers in the order of the style: the last is placed first."""
    return [
        *arrows(c),
        _house_numbers(c),
        *(_pois(c, zoom) for zoom in POI_ZOOMS),
        _park_names(c),
        _water_names(c),
        _river_names(c),
        *(_street_names(c, kind, *words) for kind, words in STREETS.items()),
        _shields(c),
        *place_labels(c),
    ]


def _house_numbers(c: Palette) -> Layer:
    layout = text(get("number"), REGULAR, curve({17: 10, 18: 11}, 1))
    # The source ends at 16, and so must `minzoom`: there are readers that do not overzoom.
    return layer(
        "label-housenumber",
        "symbol",
        "astana",
        "housenumbers",
        minzoom=16,
        layout={**layout, "symbol-sort-key": get("rank")},
        paint=ink(c.text_number, c.building, fade(16.7, 17), 1),
    )


def _pois(c: Palette, zoom: int) -> Layer:
    """The POIs that there is room for from `zoom` on: their rank tells, in hundreds."""
    low = 0 if zoom == min(POI_ZOOMS) else 100 * (zoom - 13)
    colour = by_value("group", {name: getattr(c, name) for name in GROUPS}, c.text_soft)
    appears = fade(zoom - 0.3, zoom)
    # A landmark without its name is a riddle: theirs come a zoom before the others'.
    named = by_zoom("", {15 if zoom == min(POI_ZOOMS) else 16: get("name")})
    name = text(named, REGULAR, curve({16: 11, 18: 12}, 1))
    icon = {"icon-color": colour, "icon-halo-color": c.halo, "icon-halo-width": 1.2}
    return layer(
        f"poi-{zoom}",
        "symbol",
        "astana",
        "pois",
        minzoom=min(zoom - 0.3, 16),
        filter=both([">=", get("rank"), low], ["<", get("rank"), 100 * (zoom - 12)]),
        layout={**name, **_icon(), **_beside()},
        paint={**ink(colour, c.halo, appears), **icon, "icon-opacity": appears},
    )


def _icon() -> Layer:
    return {
        "icon-image": get("icon"),
        "icon-size": curve({14: 0.85, 16: 1}, 1),
        "icon-padding": 2,
        "symbol-sort-key": get("rank"),
    }


def _beside() -> Layer:
    return {
        "text-variable-anchor": ["top", "bottom", "left", "right"],
        "text-radial-offset": 0.95,
        "text-justify": "auto",
        "text-optional": True,
    }


def _park_names(c: Palette) -> Layer:
    return layer(
        "label-park",
        "symbol",
        "astana",
        "places",
        minzoom=12,
        filter=is_("class", "park"),
        layout=text(get("name"), REGULAR, curve({12: 11, 16: 13}, 1)),
        paint=ink(c.text_park, c.park, fade(12, 12.3), 1.2),
    )


def _water_names(c: Palette) -> Layer:
    return layer(
        "label-water",
        "symbol",
        "astana",
        "places",
        minzoom=10.7,
        filter=is_("class", "water"),
        layout=text(get("name"), ITALIC, curve({11: 11, 16: 14}, 1)),
        paint=ink(c.text_water, c.halo_water, fade(10.7, 11), 1),
    )


def _river_names(c: Palette) -> Layer:
    return layer(
        "label-river",
        "symbol",
        "astana",
        "waterways",
        minzoom=10.7,
        filter=both(is_("class", "river", "canal"), is_not("tunnel", True)),
        layout={**text(get("name"), ITALIC, curve({11: 11, 16: 15}, 1)), **along(letters=0.1)},
        paint=ink(c.text_water, c.halo_water, fade(10.7, 11), 1),
    )


# Class: zoom at which its names appear, text sizes.
STREETS: dict[str, tuple[float, Stops]] = {
    "path": (16.2, {16: 11, 18: 12}),
    "service": (16.2, {16: 11, 18: 12}),
    "residential": (14.7, {15: 11, 18: 13}),
    "tertiary": (13.7, {14: 11, 18: 14}),
    "secondary": (12.7, {13: 11, 18: 14.5}),
    "primary": (11.7, {12: 11, 18: 15}),
    "trunk": (11.7, {12: 11, 18: 15}),
}


def _street_names(c: Palette, kind: str, appears: float, sizes: Stops) -> Layer:
    layout = {**text(STREET_NAME, REGULAR, curve(sizes, 1)), **along()}
    return layer(
        f"label-street-{kind}",
        "symbol",
        "astana",
        "road_names",
        minzoom=min(appears, 16),
        filter=is_("class", kind),
        layout={**layout, "symbol-sort-key": get("rank")},
        paint=ink(c.text_street, c.halo_road, fade(appears, appears + 0.3), 1.4),
    )


def _shields(c: Palette) -> Layer:
    upright = {f"{part}-rotation-alignment": "viewport" for part in ("text", "icon")}
    icon = {"icon-image": "shield", "icon-text-fit": "both", "icon-padding": 12}
    line = {"symbol-placement": "line", "symbol-spacing": 420, "symbol-sort-key": get("rank")}
    return layer(
        "shield-road",
        "symbol",
        "astana",
        "roads",
        minzoom=9,
        filter=both(["has", "ref"], is_("class", "trunk", "primary", "secondary")),
        layout={**text(get("ref"), BOLD, 11), **line, **icon, **upright},
        paint={
            "text-color": c.shield_text,
            "icon-color": c.shield,
            "icon-halo-color": c.shield_line,
            "icon-halo-width": 1,
        },
    )
