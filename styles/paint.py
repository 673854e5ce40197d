"""Paints the demo styles: one design (pure data) and a light and a dark value for each colour.

A design in `styles/palettes/NAME.json` has `style`, a style document in which a string such as
`"@water"` stands for a value, and `values`, each with its `light` and its `dark`. Painting gives
the documents `styles/demo/NAME-light.json` and `NAME-dark.json`, which so differ in nothing else:

    python -m styles.paint
"""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
DESIGNS = FOLDER / "palettes"
PAINTED = FOLDER / "demo"
VARIANTS = ("light", "dark")
LINE = 100


class UnknownColourError(ValueError):
    """A design names a value that its palette does not have."""


def paint(design: dict[str, Any], variant: str) -> dict[str, Any]:
    """The style document of `variant` (light or dark)."""
    values = {f"@{name}": each[variant] for name, each in design["values"].items()}
    painted = _painted(design["style"], values)
    assert isinstance(painted, dict)  # noqa: S101
    return painted


def _painted(part: Any, values: dict[str, Any]) -> Any:
    if isinstance(part, dict):
        return {key: _painted(value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [_painted(value, values) for value in part]
    if isinstance(part, str) and part.startswith("@"):
        if part not in values:
            raise UnknownColourError(f"The design uses {part}, which its palette does not have.")
        return values[part]
    return part


def text(part: Any, indent: int = 0) -> str:
    """JSON with what fits on a line on one line: a style is read by people too."""
    flat = json.dumps(part, ensure_ascii=False)
    if len(flat) + indent <= LINE or not isinstance(part, dict | list) or not part:
        return flat
    inner = " " * (indent + 2)
    if isinstance(part, dict):
        items = [f"{json.dumps(key)}: {text(value, indent + 2)}" for key, value in part.items()]
        opening, closing = "{", "}"
    else:
        items = [text(value, indent + 2) for value in part]
        opening, closing = "[", "]"
    lines = ",\n".join(inner + item for item in items)
    return f"{opening}\n{lines}\n{' ' * indent}{closing}"


def documents() -> dict[Path, str]:
    """The text of each painted document, by where it belongs."""
    found = {}
    for path in sorted(DESIGNS.glob("*.json")):
        design = json.loads(path.read_text(encoding="utf-8"))
        for variant in VARIANTS:
            target = PAINTED / f"{path.stem}-{variant}.json"
            found[target] = text(paint(design, variant)) + "\n"
    return found


def main() -> None:
    """Write the painted documents."""
    for path, content in documents().items():
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
