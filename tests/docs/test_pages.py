"""Links lead somewhere, and what can be typed or asked for is written down."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from core.management.commands import er_diagram
from tests.docs.pages import CHECKOUT, DOCS, anchors, everything, links, pages, rows

OURS = ("core", "tileserver", "styles", "tasks", "viewer")


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        if "://" in link:
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (fragment and fragment not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_the_index_names_every_page() -> None:
    named = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "README.md")}
    wanted = {page for page in DOCS.rglob("*.md") if page.parent.name != "adr"}
    assert wanted - named - {DOCS / "README.md"} == set()


def test_the_index_of_decisions_names_every_decision() -> None:
    named = set(links(DOCS / "adr" / "README.md"))
    assert {page.name for page in (DOCS / "adr").glob("0*.md")} == named


def test_every_command_is_written_down() -> None:
    ours = [name for name, app in get_commands().items() if app in OURS]
    text = everything()
    assert [name for name in ours if f"manage.py {name}" not in text] == []


def is_command(file: Path) -> bool:
    """True for what is typed: a file without a suffix."""
    return file.is_file() and not file.suffix


def test_every_script_is_written_down() -> None:
    typed = [f"script/{one.name}" for one in (CHECKOUT / "script").iterdir() if is_command(one)]
    text = everything()
    inside = {"script/python", "script/install-packages", "script/shellcheck"}
    assert [name for name in typed if name not in text and name not in inside] == []


def route_names(patterns: list[URLPattern | URLResolver]) -> set[str]:
    """The names of all routes but the admin's."""
    names: set[str] = set()
    for one in patterns:
        if isinstance(one, URLPattern):
            names.add(str(one.name))
        elif one.app_name != "admin":
            names |= route_names(one.url_patterns)
    return names


def test_every_route_is_written_down_with_an_example_that_reaches_it() -> None:
    table = {row[0]: row for row in rows(DOCS / "http.md") if len(row) == 4}
    names = route_names(get_resolver().url_patterns)
    assert sorted(names - table.keys()) == []
    for name in names:
        example = table[name][2].replace("%20", " ")
        assert resolve(example).url_name == name


def test_the_er_diagram_is_current() -> None:
    page = (settings.BASE_DIR / er_diagram.DOCUMENT).read_text("utf-8")
    assert er_diagram.block() in page, "run manage.py er_diagram --write"


def test_the_picture_is_a_small_one_with_its_source() -> None:
    picture = DOCS / "world.svg"
    assert picture.stat().st_size < 60_000
    root = ElementTree.parse(picture).getroot()  # noqa: S314 - our own file
    described = root.find("{http://www.w3.org/2000/svg}desc")
    assert described is not None
    assert described.text == "Made with Natural Earth"
