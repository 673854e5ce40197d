"""docs/settings.md has every setting as it is read, and every system check."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.docs.pages import CHECKOUT, DOCS, documented

SETTINGS = CHECKOUT / "core" / "settings.py"
PAGE = DOCS / "settings.md"
PACKAGES = ("core", "tileserver", "styles", "tasks", "viewer")


@dataclass(frozen=True)
class Read:
    """One setting as core/settings.py reads it, with those arguments that are constants."""

    kind: str
    name: str
    constants: tuple[object, ...]


def settings_read() -> Iterator[Read]:
    """Every call of `env.text("NAME", …)` and its siblings."""
    for node in ast.walk(ast.parse(SETTINGS.read_text("utf-8"))):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env"), attr=kind),
                args=[ast.Constant(value=str(name)), *rest],
            ):
                constants = tuple(one.value for one in rest if isinstance(one, ast.Constant))
                yield Read(kind, name, constants)


def test_every_setting_is_written_down() -> None:
    reads = list(settings_read())
    assert len(reads) > 10
    assert [one.name for one in reads if one.name not in documented(PAGE)] == []


def test_no_setting_is_written_down_that_nobody_reads() -> None:
    text = "\n".join(
        path.read_text("utf-8")
        for pattern in (
            *("core/settings.py", "core/management/commands/*.py", "tileserver/metrics.py"),
            *("Procfile", "compose/entrypoint"),
        )
        for path in CHECKOUT.glob(pattern)
    )
    names = [name for name in documented(PAGE) if re.fullmatch(r"[A-Z][A-Z_]+", name)]
    assert [name for name in names if name not in text] == []


def test_defaults_and_ranges_are_those_of_the_code() -> None:
    wrong = []
    for one in settings_read():
        _, default, span, *_ = [*documented(PAGE)[one.name], "", ""]
        if one.kind == "integer" and (default, span) != (
            str(one.constants[0]),
            f"{one.constants[1]} to {one.constants[2]}",
        ):
            wrong.append(one.name)
        if one.kind == "flag" and default != str(int(bool(one.constants[0]))):
            wrong.append(one.name)
    assert wrong == []


def test_what_processes_and_containers_read_is_written_down() -> None:
    files = ("Procfile", "compose/entrypoint", "compose/nginx/start", "compose/compose.yaml")
    text = "\n".join((CHECKOUT / file).read_text("utf-8") for file in files)
    names = set(re.findall(r"\$\{?([A-Z][A-Z_]+)", text)) - {"PWD", "PATH"}
    pages = PAGE.read_text("utf-8") + (DOCS / "howto/run-in-containers.md").read_text("utf-8")
    assert sorted(name for name in names if name not in pages) == []


def test_the_example_has_every_choice_with_its_default() -> None:
    compose = (CHECKOUT / "compose" / "compose.yaml").read_text("utf-8")
    choices = dict(re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", compose))
    lines = (CHECKOUT / "compose" / ".env.example").read_text("utf-8").splitlines()
    example = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    assert example == choices


def test_every_system_check_is_written_down() -> None:
    ids: set[str] = set()
    for package in PACKAGES:
        for file in (CHECKOUT / package).rglob("*.py"):
            ids |= set(re.findall(r'id="(graticule\.[A-Z]\d+)"', file.read_text("utf-8")))
    assert len(ids) > 5
    in_page = {name for name in documented(PAGE) if re.fullmatch(r"graticule\.[A-Z]\d+", name)}
    assert ids == in_page
