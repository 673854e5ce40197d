"""The styles that Graticule ships, and the commands that check and load them."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from styles import glyphs, sprites, validator
from styles.checks import check_built, check_validator
from styles.models import Style
from styles.shipped import shipped

NAMES = ["streets-dark", "streets-light", "world-dark", "world-light"]


def said(command: str, *arguments: str) -> str:
    """What a command prints."""
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_the_shipped_styles_are_sound() -> None:
    assert [one.name for one in shipped()] == NAMES
    assert said("check_styles") == "4 styles are sound.\n"


def test_each_uses_its_own_sprite_and_our_glyphs() -> None:
    for one in shipped():
        assert one.document["sprite"] == f"/styles/{one.name}/sprite"
        assert one.document["glyphs"] == "/fonts/{fontstack}/{range}.pbf"


def test_a_finding_names_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text('{"version": 8, "sources": {},\n"layers": [{"id": "a"}]}')
    out = StringIO()
    with pytest.raises(CommandError, match="findings in 1 styles"):
        call_command("check_styles", str(file), stdout=out)
    assert f"{file}:2: error: layers[0]" in out.getvalue()


@pytest.mark.django_db
def test_loading_them_twice() -> None:
    assert said("load_styles").count("published.") == 4
    assert said("load_styles").count("up to date.") == 4
    assert list(Style.objects.filter(state="published").values_list("name", flat=True)) == NAMES


def test_system_checks_say_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_built() == []
    assert check_validator() == []

    def missing() -> tuple[str, ...]:
        raise validator.NoValidatorError

    monkeypatch.setattr(glyphs, "fonts", frozenset)
    monkeypatch.setattr(sprites, "icons", frozenset)
    monkeypatch.setattr(validator, "command", missing)
    found = [one.id for one in (*check_built(), *check_validator())]
    assert found == ["graticule.W020", "graticule.W021", "graticule.I022"]
