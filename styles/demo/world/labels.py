"""Names: seas, provinces, places, countries. The last layer is placed first, so it wins."""

from dataclasses import dataclass
from typing import Any

from styles.demo.expressions import (
    Expression,
    Layer,
    Stops,
    both,
    by_zoom,
    curve,
    get,
    is_,
    is_not,
    layer,
    leave,
)
from styles.demo.lettering import BOLD, ITALIC, REGULAR, ink, text
from styles.demo.world.palette import Palette

NAME: Expression = ["coalesce", get("name_en"), get("name")]
CAPITAL, LARGE_CAPITAL, METROPOLIS, CITY = 2, 2_000_000, 1_000_000, 150_000
# Beside a dot a name stands where there is room; from here on it stands in the dot's place.
DOTS_UNTIL = 9
AROUND = [
    *("left", "right", "top", "bottom"),
    *("top-left", "top-right", "bottom-left", "bottom-right"),
]
# An invisible margin around the dot, in CSS pixels, keeps names apart: wide where many compete.
ROOM: Stops = {2: 10, 3: 18, 4: 20, 5: 18, 6: 10, 7: 8, 8: 4, 9: 12, 10: 34}
COUNTRIES_UNTIL = 8


@dataclass(frozen=True)
class Rank:
    """One of the sizes in which towns or countries are set."""

    name: str
    where: Expression
    appears: int
    sizes: Stops


TOWNS = (
    Rank(
        "town",
        both(["<", get("population"), CITY], is_not("capital", CAPITAL)),
        5,
        {6: 11, 10: 13},
    ),
    Rank(
        "city",
        both(
            [">=", get("population"), CITY],
            ["<", get("population"), METROPOLIS],
            is_not("capital", CAPITAL),
        ),
        3,
        {4: 11, 8: 13, 10: 15},
    ),
    Rank(
        "metropolis",
        both([">=", get("population"), METROPOLIS], is_not("capital", CAPITAL)),
        2,
        {2: 11, 5: 12.5, 10: 17},
    ),
)
# At zoom 2 the large capitals alone: with all of them Europe would be a carpet of names.
CAPITALS = (
    Rank(
        "capital-small",
        both(is_("capital", CAPITAL), ["<", get("population"), LARGE_CAPITAL]),
        3,
        {2: 11, 5: 13, 10: 17},
    ),
    Rank(
        "capital",
        both(is_("capital", CAPITAL), [">=", get("population"), LARGE_CAPITAL]),
        2,
        {2: 11, 5: 13, 10: 17},
    ),
)
MICRO_STATES = Rank("micro", is_("size", 4), 3, {4: 11, 7: 13})
COUNTRIES = (
    Rank("small", is_("size", 3), 3, {4: 11, 7: 14}),
    Rank("medium", is_("size", 2), 1, {2: 11, 4: 12.5, 6: 15.5}),
    Rank("large", is_("size", 1), 1, {1: 11, 4: 14.5, 6: 18}),
)


def labels(c: Palette) -> list[Layer]:
    """The symbol layers: of two names that want one place, the later layer's stays."""
    return [
        _seas(c, "sea", {3: 11, 7: 14}, 3, 8),
        _seas(c, "ocean", {0: 11, 2: 13, 5: 16}, 0, 6),
        _provinces(c),
        *(_places(c, rank) for rank in TOWNS),
        _countries(c, MICRO_STATES),
        *(_places(c, rank) for rank in CAPITALS),
        *(_countries(c, rank) for rank in COUNTRIES),
    ]


def _symbols(identifier: str, source_layer: str, **words: Any) -> Layer:
    return layer(identifier, "symbol", "world", source_layer, **words)


def _seas(c: Palette, kind: str, sizes: Stops, appears: int, until: int) -> Layer:
    letters = {"text-letter-spacing": 0.1} if kind == "ocean" else {}
    return _symbols(
        f"marine-{kind}-label",
        "marine_labels",
        minzoom=appears or None,
        maxzoom=until,
        filter=is_("kind", kind),
        layout={**text(NAME, ITALIC, curve(sizes, 1)), **letters, **_ranked()},
        paint=ink(c.text_sea, c.halo_sea, width=1),
    )


def _provinces(c: Palette) -> Layer:
    return _symbols(
        "province-label",
        "province_labels",
        minzoom=5,
        layout={**text(NAME, REGULAR, curve({5: 11, 10: 14}, 1)), **_ranked()},
        paint=ink(c.text_province, c.halo),
    )


def _places(c: Palette, rank: Rank) -> Layer:
    national = rank in CAPITALS
    sizes: Stops = {2: 0.42, 5: 0.6, 8: 0.75} if national else {2: 0.3, 8: 0.5}
    layout = {
        **text(NAME, REGULAR, curve(rank.sizes, 1)),
        "text-variable-anchor": by_zoom(["literal", AROUND], {DOTS_UNTIL: ["literal", ["center"]]}),
        "text-radial-offset": curve({DOTS_UNTIL - 0.1: 0.5, DOTS_UNTIL: 0}, 1),
        "text-justify": "auto",
        "icon-image": "capital" if national else "dot",
        "icon-size": curve(sizes, 1),
        "icon-padding": curve(ROOM, 1),
        **_ranked(),
    }
    paint = {
        **ink(c.text_town if rank.name == "town" else c.text_city, c.halo),
        "icon-color": c.capital if national else c.dot,
        "icon-halo-color": c.halo,
        "icon-halo-width": 1,
        "icon-opacity": leave(DOTS_UNTIL - 0.5, DOTS_UNTIL),
    }
    return _symbols(
        f"place-{rank.name}-label",
        "places",
        minzoom=rank.appears,
        filter=rank.where,
        layout=layout,
        paint=paint,
    )


def _countries(c: Palette, rank: Rank) -> Layer:
    small = rank.name in ("micro", "small")
    aside = {
        "text-variable-anchor": ["center", "top", "bottom", "left", "right"],
        "text-radial-offset": 0.4,
    }
    return _symbols(
        f"country-{rank.name}-label",
        "country_labels",
        minzoom=rank.appears,
        maxzoom=COUNTRIES_UNTIL,
        filter=rank.where,
        layout={
            **text(NAME, BOLD, curve(rank.sizes, 1)),
            "text-transform": "uppercase",
            "text-letter-spacing": 0.1,
            **(aside if small else {}),
            **_ranked(),
        },
        paint=ink(c.text_country, c.halo, width=1.4),
    )


def _ranked() -> Layer:
    return {"symbol-sort-key": get("rank")}
