"""The official validator, its stand-in, and our own checks."""

import json
from pathlib import Path
from typing import Any

import pytest

from core import snapshot
from core.models import Layer
from styles import reference, validator
from styles.findings import Finding, Severity, errors
from styles.known import gather
from styles.lint import Known, fields_of, lint
from styles.validation import check

KNOWN = Known(
    tilesets={"world": {"countries": frozenset({"name", "iso_a2"}), "places": frozenset({"name"})}},
    fonts=frozenset({"Noto Sans Regular"}),
    icons=frozenset({"cafe", "park"}),
)


def style(**changes: Any) -> dict[str, Any]:
    """A sound style of the world, with other members or layers."""
    return {
        "version": 8,
        "glyphs": "/fonts/{fontstack}/{range}.pbf",
        "sprite": "/styles/x/sprite",
        "sources": {"world": {"type": "vector", "url": "/tiles/world.json"}},
        "layers": [],
        **changes,
    }


def fill(**changes: Any) -> dict[str, Any]:
    """A layer of countries."""
    return {
        "id": "land",
        "type": "fill",
        "source": "world",
        "source-layer": "countries",
        **changes,
    }


def said(findings: list[Finding]) -> str:
    """All findings as one text."""
    return "\n".join(str(one) for one in findings)


def test_a_sound_style_has_no_finding() -> None:
    label = {
        "id": "names",
        "type": "symbol",
        "source": "world",
        "source-layer": "places",
        "layout": {
            "text-field": ["get", "name"],
            "text-font": ["Noto Sans Regular"],
            "icon-image": ["match", ["get", "name"], "x", "cafe", "park"],
        },
    }
    assert check(json.dumps(style(layers=[fill(), label])), KNOWN) == []


def test_the_official_validator_gives_path_line_and_sentence() -> None:
    text = json.dumps(style(layers=[fill(paint={"fill-color": "redd"})]), indent=1)
    [found] = check(text, KNOWN)
    assert found.severity is Severity.ERROR
    assert found.path == "layers[0].paint.fill-color"
    assert "color expected" in found.message
    assert found.line == text.split("redd")[0].count("\n") + 1


def test_an_address_of_another_kind_is_an_error_with_its_line() -> None:
    text = json.dumps(style(sprite="file:///etc/passwd"), indent=1)
    [found] = errors(check(text))
    assert found.path == "sprite"
    assert found.line == text.split('"sprite"')[0].count("\n") + 1


def test_text_that_is_no_json_is_one_error() -> None:
    [found] = check('{\n"version": 8,,\n}')
    assert found.line == 2
    assert "not JSON" in found.message


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        (fill(**{"source-layer": "contries"}), "No layer 'contries'"),
        (fill(filter=["==", ["get", "iso"], "KZ"]), "no field 'iso'"),
        (fill(filter=["==", "iso", "KZ"]), "no field 'iso'"),
        (fill(filter=["all", ["!in", "iso", "KZ", "KG"]]), "no field 'iso'"),
        (fill(paint={"fill-opacity": ["coalesce", ["get", "shade"], 1]}), "no field 'shade'"),
        (fill(paint={"fill-pattern": "stripes"}), "no icon 'stripes'"),
    ],
)
def test_references_to_what_is_not_here_are_warnings(layer: dict[str, Any], says: str) -> None:
    found = lint(style(layers=[layer]), KNOWN)
    assert says in said(found)
    assert errors(found) == []


def label(**layout: Any) -> dict[str, Any]:
    """A style with one label layer."""
    return style(layers=[fill(type="symbol", layout={"text-field": "{name}", **layout})])


@pytest.mark.parametrize(
    "fonts",
    [
        ["Comic Sans"],
        ["literal", ["Comic Sans"]],
        ["step", ["zoom"], ["literal", ["Noto Sans Regular"]], 9, ["literal", ["Comic Sans"]]],
        {"stops": [[0, ["literal", ["Comic Sans"]]]]},
    ],
)
def test_fonts_that_are_not_here_are_found(fonts: Any) -> None:
    assert "No font 'Comic Sans'" in said(lint(label(**{"text-font": fonts}), KNOWN))


def test_a_label_without_a_font_asks_for_fonts_that_are_not_here() -> None:
    assert "Open Sans Regular" in said(lint(label(), KNOWN))


def test_fonts_and_icons_of_another_server_are_its_own_affair() -> None:
    document = label(**{"icon-image": "unknown"})
    document |= {"glyphs": "https://x.example/{fontstack}/{range}.pbf", "sprite": "https://x/s"}
    assert lint(document, KNOWN) == []


@pytest.mark.parametrize(
    ("icon", "missing"),
    [
        ("pub", ["pub"]),
        (["match", ["get", "class"], "pub", "beer", "cafe"], ["beer"]),
        (["case", ["has", "name"], "inn", "cafe"], ["inn"]),
        (["step", ["zoom"], "park", 9, "wood"], ["wood"]),
        (["coalesce", ["image", ["concat", "x-", ["get", "name"]]], ["image", "dot"]], ["dot"]),
        ("{icon}", []),
        (["get", "icon"], []),
        ("", []),
    ],
)
def test_icons_that_an_expression_can_give(icon: Any, missing: list[str]) -> None:
    found = said(lint(label(**{"icon-image": icon}), KNOWN))
    assert [
        one for one in ("pub", "beer", "inn", "wood", "dot") if f"no icon '{one}'" in found
    ] == (missing)


def test_an_unknown_tileset_and_one_for_staff_are_said() -> None:
    sources = {"a": {"type": "vector", "url": "/tiles/nowhere.json"}}
    assert "no tileset or layer 'nowhere'" in said(lint(style(sources=sources), KNOWN))
    hidden = Known(tilesets={"world": {}}, staff_only=frozenset({"world"}))
    assert "Only staff see 'world'" in said(lint(style(), hidden))


def test_fields_of_both_kinds_of_expression() -> None:
    layer = fill(
        filter=["all", ["==", "$type", "Polygon"], ["in", "a", "x"], ["has", "b"]],
        layout={"text-field": "{c} ({d})"},
        paint={"fill-opacity": {"property": "e", "stops": [[0, 1]]}, "x": ["get", "f"]},
    )
    assert fields_of(layer) == set("abcdef")
    assert fields_of(fill(filter=["in", "x", ["get", "list"]])) == {"list"}


def test_a_slow_validator_is_an_error_not_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validator, "command", lambda: ("sleep", "5"))
    monkeypatch.setattr(validator, "TIMEOUT_SECONDS", 0.1)
    assert "took longer" in said(validator.validate("{}"))


def test_a_validator_that_fails_is_an_error_not_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validator, "command", lambda: ("echo", "oops"))
    assert "failed" in said(validator.validate("{}"))


class TestWithoutTheValidator:
    """Where there is no Node, the specification's JSON reference stands in."""

    @pytest.fixture(autouse=True)
    def _no_validator(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing() -> tuple[str, ...]:
            raise validator.NoValidatorError

        monkeypatch.setattr(validator, "command", missing)

    def test_a_sound_style_passes_with_a_warning(self) -> None:
        layer = fill(paint={"fill-color": "#fff", "fill-color-transition": {"duration": 0}})
        [found] = check(json.dumps(style(layers=[layer])))
        assert found.severity is Severity.WARNING
        assert "not installed" in found.message

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"colour": 1, "version": 7}, "7 is not one of 8"),
            ({"sources": {"a": {"type": "vectr"}}}, "'vectr' is no type of source"),
            ({"layers": [{"id": "a"}]}, "has no source None"),
            ({"layers": [{"type": "background"}]}, "'id' is missing"),
            ({"layers": [fill(type="fil")]}, "'fil' is not one of"),
            ({"layers": [fill(), fill()]}, "Two layers have the id 'land'"),
            ({"layers": [fill(paint={"line-color": "#fff"})]}, "no such member"),
            ({"layers": [fill(source="x")]}, "no source 'x'"),
            ({"layers": [fill(**{"source-layer": ""})]}, "needs a source-layer"),
            ({"layers": ["x"]}, "An object is expected"),
        ],
    )
    def test_what_it_finds(self, changes: dict[str, Any], says: str) -> None:
        assert says in said(errors(check(json.dumps(style(**changes)))))

    def test_without_either_nothing_passes(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(reference, "specification", lambda: None)
        assert "npm run build" in said(errors(check(json.dumps(style()))))


@pytest.mark.parametrize("member", ["version", "sources", "layers", "glyphs", "sprite", "metadata"])
@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [[]], [{}], {"a": 1}, {"a": {"url": []}}])
def test_odd_documents_are_findings_and_never_a_crash(member: str, value: Any) -> None:
    document = style(**{member: value})
    assert isinstance(lint(document, KNOWN), list)
    assert isinstance(reference.check(document), list)


def test_a_tileset_of_which_one_layer_is_for_staff_is_for_staff(world: None, db: None) -> None:
    assert "world" not in gather().staff_only
    Layer.objects.filter(name="world_places").update(access="staff")
    snapshot.forget()
    try:
        assert {"world", "world_places"} <= gather().staff_only
    finally:
        snapshot.forget()
