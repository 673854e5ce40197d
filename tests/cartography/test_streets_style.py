"""The street style against its acceptance list: colours computed, day and night compared."""

import json
from typing import Any

import pytest

from core.demo.astana import layers as astana_layers
from core.demo.astana import road_names, roads
from styles.demo.streets.__main__ import documents
from styles.demo.streets.palette import DARK, PALETTES, Palette
from tests.cartography.colour import DICHROMATS, contrast, difference, lightness, parse

PAINTED = {path.name: text for path, text in documents().items()}
COLOURS = ("color", "opacity")
EYES = ("all cones", *DICHROMATS)
GROUNDS = (
    "ground", "builtup", "industrial", "commercial", "education", "hospital", "construction",
    "grass", "park", "forest", "scrub", "orchard", "cemetery", "wetland", "farmland",
)  # fmt: skip
TEXTS = ("text", "text_soft", "text_street", "text_number")
POI_GROUPS = ("food", "shop", "transport", "civic", "leisure")
CLASSES = ("service", "residential", "tertiary", "link", "secondary", "primary", "trunk")

each_palette = pytest.mark.parametrize("palette", PALETTES, ids=lambda palette: palette.name)


def style(variant: str) -> dict[str, Any]:
    found = json.loads(PAINTED[f"streets-{variant}.json"])
    assert isinstance(found, dict)
    return found


LAYERS: list[dict[str, Any]] = style("light")["layers"]
ORDER = [layer["id"] for layer in LAYERS]


def ratio(palette: Palette, one: str, other: str) -> float:
    return contrast(parse(getattr(palette, one)), parse(getattr(palette, other)))


def test_the_documents_are_those_that_the_builder_writes() -> None:
    for path, text in documents().items():
        assert path.read_text(encoding="utf-8") == text, "run python -m styles.demo.streets"


def test_day_and_night_differ_in_colours_and_opacities_alone() -> None:
    def without_colours(layer: dict[str, Any]) -> dict[str, Any]:
        paint = layer.get("paint", {})
        return {**layer, "paint": {k: v for k, v in paint.items() if not k.endswith(COLOURS)}}

    light, dark = (style(variant)["layers"] for variant in ("light", "dark"))
    assert [without_colours(layer) for layer in light] == [without_colours(one) for one in dark]
    assert [set(a.get("paint", {})) for a in light] == [set(b.get("paint", {})) for b in dark]


def test_all_casings_lie_below_all_fills_low_to_high() -> None:
    for place in ("tunnel", "road", "bridge"):
        parts = [f"{place}-{name}-{part}" for part in ("casing", "fill") for name in CLASSES]
        assert [one for one in ORDER if one in parts] == parts


def test_the_order_of_the_layers() -> None:
    marks = [
        "background", "land-town", "green-park", "water-area", "area-parking", "building-fill",
        "tunnel-trunk-fill", "road-trunk-casing", "road-trunk-fill", "rail-main",
        "bridge-trunk-fill", "road-oneway-arrow", "label-housenumber", "poi-14", "label-water",
        "label-street-trunk", "shield-road", "label-suburb", "label-city",
    ]  # fmt: skip
    assert [one for one in ORDER if one in marks] == marks
    kinds = [layer["type"] for layer in LAYERS]
    assert set(kinds[kinds.index("symbol") :]) == {"symbol"}


def test_buildings_in_3d_wait_to_be_asked_for() -> None:
    (layer,) = (layer for layer in LAYERS if layer["type"] == "fill-extrusion")
    assert layer["layout"]["visibility"] == "none"


def test_ids_are_unique_and_no_layer_begins_beyond_its_source() -> None:
    assert len(set(ORDER)) == len(ORDER)
    assert max(layer.get("minzoom", 0) for layer in LAYERS) <= astana_layers.MAX_ZOOM


def test_what_a_layer_draws_is_in_the_tiles_when_it_begins() -> None:
    """The tiles of a zoom serve up to the next: a class must be in those of the whole zoom."""
    served = {spec.layer_name: spec for spec in astana_layers.specs()}
    for layer in LAYERS:
        if layer.get("source") == "astana" and "minzoom" in layer:
            spec = served[layer["source-layer"]]
            assert spec.min_zoom <= int(layer["minzoom"]), layer["id"]
    begins = {layer["id"]: int(layer.get("minzoom", 0)) for layer in LAYERS}
    for name in roads.CLASSES[:6]:
        assert roads.MIN_ZOOM[name] < begins[f"road-{name}-fill"] + 1, name
    for name, zoom in road_names.MIN_ZOOM.items():
        assert zoom <= begins[f"label-street-{name}"], name


@each_palette
@pytest.mark.parametrize("name", TEXTS)
def test_every_name_can_be_read_on_the_ground_and_on_its_halo(palette: Palette, name: str) -> None:
    for behind in ("halo", "halo_road", "ground", "builtup", "building"):
        assert ratio(palette, name, behind) >= 4.5, behind


@each_palette
def test_names_of_water_parks_and_roads_can_be_read(palette: Palette) -> None:
    for pair in (
        ("text_water", "water"),
        ("text_water", "halo_water"),
        ("text_park", "park"),
        ("shield_text", "shield"),
    ):
        assert ratio(palette, *pair) >= 4.5, pair


@each_palette
@pytest.mark.parametrize("group", POI_GROUPS)
def test_pois_stand_out(palette: Palette, group: str) -> None:
    assert ratio(palette, group, "halo") >= 4.5
    for behind in ("ground", "builtup", "building", "park"):
        assert ratio(palette, group, behind) >= 3, behind


@each_palette
def test_land_is_told_from_water_by_brightness(palette: Palette) -> None:
    assert {name: ratio(palette, name, "water") for name in GROUNDS if
            ratio(palette, name, "water") < 1.2} == {}  # fmt: skip


@each_palette
@pytest.mark.parametrize("eyes", EYES)
def test_land_is_told_from_water_by_all_eyes(palette: Palette, eyes: str) -> None:
    water = parse(palette.water)
    far = {name: difference(parse(getattr(palette, name)), water, eyes) for name in GROUNDS}
    assert {name: round(value, 1) for name, value in far.items() if value < 10} == {}


@each_palette
def test_main_roads_stand_out_with_their_casings(palette: Palette) -> None:
    for name in ("trunk", "primary", "road"):
        seen = max(ratio(palette, part, "ground") for part in (name, f"{name}_line"))
        assert seen >= 1.5, name
        assert ratio(palette, f"{name}_far", "ground") >= 1.5, name
    assert ratio(palette, "border", "ground") >= 2


def test_the_night() -> None:
    assert 12 <= lightness(parse(DARK.ground)) <= 20
    assert lightness(parse(DARK.water)) < lightness(parse(DARK.ground))
    inks = (*TEXTS, "text_water", "text_park", *POI_GROUPS)
    assert {n for n in inks if not 70 <= lightness(parse(getattr(DARK, n))) <= 88} == set()
    for name in ("trunk", "primary", "road", "service"):
        assert lightness(parse(getattr(DARK, name))) > lightness(parse(DARK.ground)), name
    assert lightness(parse(DARK.halo)) < 25


@each_palette
def test_the_map_stays_in_the_background(palette: Palette) -> None:
    """One red overlay must dominate: no ground is nearly as colourful."""
    for name in (*GROUNDS, "water", "building"):
        assert max(parse(getattr(palette, name))) - min(parse(getattr(palette, name))) < 0.3, name
