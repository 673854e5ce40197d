"""The world style against its acceptance list: colours computed, day and night compared."""

import json
from itertools import pairwise
from typing import Any

import pytest

from styles.demo.world.__main__ import documents
from styles.demo.world.palette import DARK, LIGHT, PALETTES, Palette
from styles.document import walk
from tests.cartography.colour import (
    DICHROMATS,
    Rgb,
    blend,
    contrast,
    difference,
    lightness,
    parse,
)

PAINTED = {path.name: text for path, text in documents().items()}
COLOURS = ("color", "opacity")
EYES = ("all cones", *DICHROMATS)
TEXTS = ("text_province", "text_town", "text_city", "text_country")

each_palette = pytest.mark.parametrize("palette", PALETTES, ids=lambda palette: palette.name)


def grounds(palette: Palette) -> list[Rgb]:
    """Whatever land may look like."""
    return [parse(colour) for colour in (palette.land, *palette.tints)]


def style(variant: str) -> dict[str, Any]:
    found = json.loads(PAINTED[f"world-{variant}.json"])
    assert isinstance(found, dict)
    return found


def test_the_documents_are_those_that_the_builder_writes() -> None:
    for path, text in documents().items():
        assert path.read_text(encoding="utf-8") == text, "run python -m styles.demo.world"


def test_day_and_night_differ_in_colours_and_opacities_alone() -> None:
    def without_colours(layer: dict[str, Any]) -> dict[str, Any]:
        paint = layer.get("paint", {})
        return {**layer, "paint": {k: v for k, v in paint.items() if not k.endswith(COLOURS)}}

    light, dark = (style(variant)["layers"] for variant in ("light", "dark"))
    assert [without_colours(layer) for layer in light] == [without_colours(one) for one in dark]
    assert [set(a.get("paint", {})) for a in light] == [set(b.get("paint", {})) for b in dark]


@each_palette
@pytest.mark.parametrize("name", TEXTS)
def test_every_name_can_be_read_on_every_ground_and_on_its_halo(
    palette: Palette, name: str
) -> None:
    ink = parse(getattr(palette, name))
    halo = parse(palette.halo)
    behind = [*grounds(palette), *(blend(halo, ground, 0.85) for ground in grounds(palette))]
    assert min(contrast(ink, ground) for ground in behind) >= 4.5
    # A name on the coast stands on its halo.
    assert contrast(ink, blend(halo, parse(palette.water), 0.85)) >= 4.5


@each_palette
def test_names_of_seas_can_be_read(palette: Palette) -> None:
    assert contrast(parse(palette.text_sea), parse(palette.water)) >= 4.5


@each_palette
def test_land_is_told_from_water_by_brightness(palette: Palette) -> None:
    assert min(contrast(ground, parse(palette.water)) for ground in grounds(palette)) >= 1.2


@each_palette
@pytest.mark.parametrize("eyes", EYES)
def test_land_is_told_from_water_by_all_eyes(palette: Palette, eyes: str) -> None:
    water = parse(palette.water)
    assert min(difference(ground, water, eyes) for ground in grounds(palette)) >= 10


@each_palette
def test_borders_and_markers_stand_out(palette: Palette) -> None:
    for name in ("border", "claim"):
        assert min(contrast(parse(getattr(palette, name)), g) for g in grounds(palette)) >= 2
    for name in ("dot", "capital"):
        assert min(contrast(parse(getattr(palette, name)), g) for g in grounds(palette)) >= 3


@each_palette
def test_the_map_stays_in_the_background(palette: Palette) -> None:
    """One red overlay must dominate: no ground is nearly as colourful."""
    for colour in (palette.water, palette.land, *palette.tints):
        red, green, blue = parse(colour)
        assert max(red, green, blue) - min(red, green, blue) < 0.25


def test_the_night_is_dark_but_not_black() -> None:
    assert all(12 <= lightness(ground) <= 20 for ground in grounds(DARK))
    assert lightness(parse(DARK.water)) < min(lightness(ground) for ground in grounds(DARK))
    inks = [parse(getattr(DARK, name)) for name in (*TEXTS, "text_sea")]
    assert all(70 <= lightness(ink) <= 88 for ink in inks)


def test_the_day_has_no_white_halo_at_night() -> None:
    assert lightness(parse(LIGHT.halo)) > 90
    assert lightness(parse(DARK.halo)) < 25


def test_symbols_come_last_and_countries_last_of_all() -> None:
    kinds = [layer["type"] for layer in style("light")["layers"]]
    first = kinds.index("symbol")
    assert set(kinds[first:]) == {"symbol"}
    assert style("light")["layers"][-1]["id"] == "country-large-label"


def zoom_curves(document: dict[str, Any], suffix: str) -> list[list[Any]]:
    values = [
        value
        for layer in document["layers"]
        for group in ("paint", "layout")
        for name, value in layer.get(group, {}).items()
        if name.endswith(suffix)
    ]
    return [v for v in values if isinstance(v, list) and v[0] == "interpolate"]


@pytest.mark.parametrize("suffix", ["line-width", "text-size"])
def test_nothing_jumps_from_zoom_to_zoom(suffix: str) -> None:
    for curve in zoom_curves(style("light"), suffix):
        drawn = [at(curve, zoom) for zoom in range(11)]
        assert max(after / before for before, after in pairwise(drawn)) <= 1.3, curve


def at(curve: list[Any], zoom: float) -> float:
    """The value of an interpolation along the zoom."""
    base = curve[1][1] if curve[1][0] == "exponential" else 1
    stops = list(zip(curve[3::2], curve[4::2], strict=True))
    for (low, before), (high, after) in pairwise(stops):
        if low <= zoom <= high:
            part, whole = zoom - low, high - low
            share = part / whole if base == 1 else (base**part - 1) / (base**whole - 1)
            return float(before + (after - before) * share)
    return float(stops[0][1] if zoom < stops[0][0] else stops[-1][1])


def test_text_is_neither_tiny_nor_huge() -> None:
    sizes = [size for curve in zoom_curves(style("light"), "text-size") for size in curve[4::2]]
    assert min(sizes) >= 11
    assert max(sizes) <= 20


def test_only_one_family_in_three_faces() -> None:
    fonts = {
        name
        for layer in style("light")["layers"]
        for name in layer.get("layout", {}).get("text-font", [])
    }
    assert fonts == {"Noto Sans Regular", "Noto Sans Bold", "Noto Sans Italic"}


def test_no_label_may_overlap_another() -> None:
    words = {part for part in walk(style("light")) if isinstance(part, str)}
    assert "text-allow-overlap" not in json.dumps(style("light"))
    assert "always" not in words
