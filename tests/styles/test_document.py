"""Documents, languages, addresses and QGIS: the parts that know no Django."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from styles.addresses import absolute_document, faults, relocatable, tileset_names
from styles.document import Document, NotADocumentError, digest, dump, parse, pretty
from styles.languages import LANGUAGE, with_language
from styles.qgis import for_qgis

DEEP = '{"a":' * 70 + "1" + "}" * 70


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("[]", "JSON object"),
        ('{"a": NaN}', "NaN"),
        ('{"a": 1e999}', "number 1e999 is too large"),
        ('{"a": -1.0E+400}', "number -1.0E.400 is too large"),
        ('{"a": [1' + "0" * 5000 + "]}", "number 10000000000000000000… is too large"),
        ('{"a": 1' + "0" * 400 + "}", "is too large"),
        ('{"a": 1, "a": 2}', "two values for 'a'"),
        ("[" * 100_000, "nested too deeply"),
        (DEEP, "nested deeper"),
        ('{"a": "\\ud800"}', "half a character"),
        ('{"a": "\\u0000"}', "character 0"),
        ('{"a": "' + "x" * 2_000_000 + '"}', "larger than 2000 kB"),
    ],
)
def test_text_that_is_no_document_is_refused_with_a_reason(text: str, says: str) -> None:
    with pytest.raises(NotADocumentError, match=says):
        parse(text)


def test_numbers_are_kept_as_they_are() -> None:
    text = '{"a":[1,-7,0.5,1e3,1.7e308,12345678901234567890]}'
    assert parse(text) == json.loads(text)


@pytest.mark.parametrize("write", [dump, pretty, digest])
def test_what_no_json_can_say_is_not_written(write: Callable[[Document], str]) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write({"zoom": float("inf")})


def test_a_syntax_error_has_its_line() -> None:
    with pytest.raises(NotADocumentError) as caught:
        parse('{\n  "version": 8,\n  "layers": [,]\n}')
    assert caught.value.line == 3


def test_layout_of_the_text_does_not_change_the_digest() -> None:
    assert digest(parse('{"a":1}')) == digest(parse('{\n  "a": 1\n}'))
    assert digest(parse('{"a":1}')) != digest(parse('{"a":2}'))


def label(text_field: Any) -> Any:
    """What a label becomes with ?lang=kk."""
    document = {"layers": [{"id": "a", "layout": {"text-field": text_field}}]}
    return with_language(document, "kk")["layers"][0]["layout"]["text-field"]


KAZAKH = ["coalesce", ["get", "name_kk"], ["get", "name_en"], ["get", "name"]]


@pytest.mark.parametrize(
    "text_field",
    [
        ["get", "name"],
        ["get", "name_en"],
        "{name}",
        "{name_ru}",
        ["coalesce", ["get", "name_en"], ["get", "name"]],
    ],
)
def test_every_way_to_write_a_name_is_translated(text_field: Any) -> None:
    assert label(text_field) == KAZAKH


def test_names_within_other_expressions_are_translated() -> None:
    assert label(["concat", ["get", "name"], " ", ["get", "ref"]])[1] == KAZAKH
    assert label(["step", ["zoom"], "", 5, ["get", "name"]])[4] == KAZAKH
    assert label({"stops": [[3, "{name}"]]}) == {"stops": [[3, KAZAKH]]}


def test_a_short_street_name_stays_the_last_resort() -> None:
    assert label(["get", "name_short"])[-1] == ["get", "name_short"]


@pytest.mark.parametrize("text_field", [["get", "ref"], "{ref}", ["get", "names"], "Ocean", ""])
def test_other_labels_are_left_alone(text_field: Any) -> None:
    assert label(text_field) == text_field


def test_english_and_scripts() -> None:
    document = {"layers": [{"layout": {"text-field": "{name}"}}]}
    english = with_language(document, "en")["layers"][0]["layout"]["text-field"]
    assert english == ["coalesce", ["get", "name_en"], ["get", "name"]]
    chinese = with_language(document, "zh-hant")["layers"][0]["layout"]["text-field"]
    assert chinese[1] == ["get", "name_zh_hant"]


@pytest.mark.parametrize("text", ["", "e", "EN", "english", "en_GB", "kk'--", "en-", "е́н"])
def test_what_is_no_language(text: str) -> None:
    assert LANGUAGE.fullmatch(text) is None


OURS: dict[str, Any] = {
    "version": 8,
    "glyphs": "/fonts/{fontstack}/{range}.pbf",
    "sprite": "/styles/other/sprite",
    "sources": {
        "world": {"type": "vector", "url": "/tiles/world.json"},
        "two": {"type": "vector", "tiles": ["/tiles/a,b/{z}/{x}/{y}.mvt"]},
        "elsewhere": {"type": "raster", "tiles": ["https://example.org/{z}/{x}/{y}.png"]},
        "inline": {"type": "geojson", "data": {"type": "FeatureCollection", "features": []}},
    },
    "layers": [],
}


def test_our_addresses_become_absolute_and_others_stay() -> None:
    served = absolute_document(OURS, lambda path: f"https://t.example/m{path}", "/styles/me/sprite")
    assert served["glyphs"] == "https://t.example/m/fonts/{fontstack}/{range}.pbf"
    assert served["sprite"] == "https://t.example/m/styles/me/sprite"
    assert served["sources"]["world"]["url"] == "https://t.example/m/tiles/world.json"
    assert served["sources"]["two"]["tiles"] == ["https://t.example/m/tiles/a,b/{z}/{x}/{y}.mvt"]
    assert served["sources"]["elsewhere"] == OURS["sources"]["elsewhere"]
    assert served["sources"]["inline"] == OURS["sources"]["inline"]
    assert OURS["sprite"] == "/styles/other/sprite"  # the kept document is untouched


def test_several_sprites() -> None:
    document = {
        "sprite": [{"id": "a", "url": "/styles/x/sprite"}, {"id": "b", "url": "http://b/s"}]
    }
    served = absolute_document(document, lambda path: f"http://us{path}", "/styles/me/sprite")
    assert [one["url"] for one in served["sprite"]] == ["http://us/styles/me/sprite", "http://b/s"]


def test_an_exported_style_becomes_relocatable_again() -> None:
    served = json.dumps(absolute_document(OURS, lambda path: f"http://t.example{path}"))
    assert json.loads(relocatable(served, "http://t.example")) == OURS


def test_good_addresses_have_no_fault_and_name_their_tilesets() -> None:
    assert faults(OURS) == []
    assert tileset_names(OURS["sources"]["two"]) == ["a", "b"]
    assert tileset_names(OURS["sources"]["elsewhere"]) == []


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example/tiles.json",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "pmtiles://x",
        "tiles/world.json",
        "/admin/",
        "/tiles/../admin/.json",
        "http://",
        "http://[",
        "https://user:secret@example.org/t.json",
    ],
)
def test_other_addresses_are_errors(address: str) -> None:
    found = faults({"sources": {"s": {"type": "vector", "url": address}}})
    assert [one.path for one in found] == ["sources.s.url"]


def in_qgis(value: Any) -> Any:
    """What a paint value becomes with ?for=qgis."""
    layer = {"id": "a", "type": "fill", "paint": {"fill-color": value}}
    return for_qgis({"layers": [layer]})["layers"][0]["paint"]["fill-color"]


def test_qgis_gets_lists_of_labels() -> None:
    match = ["match", ["get", "c"], "a", "#111", ["b", "c"], "#222", "#333"]
    assert in_qgis(match) == ["match", ["get", "c"], ["a"], "#111", ["b", "c"], "#222", "#333"]


def test_qgis_gets_a_match_for_a_case_of_one_property() -> None:
    case = [
        "case",
        ["==", ["get", "c"], 1], "#111",
        ["in", ["get", "c"], ["literal", [2, 3]]], "#222",
        "#333",
    ]  # fmt: skip
    assert in_qgis(case) == ["match", ["get", "c"], [1], "#111", [2, 3], "#222", "#333"]
    assert in_qgis(["case", [">", ["get", "a"], 1], "#111", "#222"]) == "#222"


def test_qgis_gets_a_steep_slope_for_a_step() -> None:
    slope = ["interpolate", ["linear"], ["zoom"], 4.99, 1, 5, 2]
    assert in_qgis(["step", ["zoom"], 1, 5, 2]) == slope
    assert in_qgis(["step", ["zoom"], "park", 5, "wood"]) == "wood"
    assert in_qgis(["step", ["get", "rank"], 3, 5, 9]) == 3


def test_qgis_gets_plain_values_within_an_interpolation() -> None:
    widths = ["interpolate", ["linear"], ["zoom"], 5, ["match", ["get", "c"], "a", 1, 2], 9, 4]
    assert in_qgis(widths) == ["interpolate", ["linear"], ["zoom"], 5, 2, 9, 4]
    by_rank = ["interpolate", ["linear"], ["get", "rank"], 1, 10, 5, 8, 9, 6]
    assert in_qgis(by_rank) == 8


def test_qgis_gets_no_extrusions_and_no_zoom_in_filters() -> None:
    layers = [
        {"id": "a", "type": "fill-extrusion"},
        {"id": "b", "type": "line", "filter": ["all", [">=", ["zoom"], 5], ["has", "ref"]]},
        {"id": "c", "type": "line", "filter": [">=", ["zoom"], 5]},
    ]
    found = for_qgis({"layers": layers})["layers"]
    assert [layer["id"] for layer in found] == ["b", "c"]
    assert found[0]["filter"] == ["all", ["has", "ref"]]
    assert "filter" not in found[1]


@pytest.mark.parametrize(
    "value",
    [[], ["match"], ["case"], ["step", ["zoom"]], ["interpolate"], ["in", 1], [["match"]], None, 1],
)
def test_what_is_no_whole_expression_is_left_alone(value: Any) -> None:
    assert in_qgis(value) == value
