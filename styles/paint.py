"""How the documents of the demo styles are written down, and where."""

import json
from pathlib import Path
from typing import Any

PAINTED = Path(__file__).parent / "demo"
LINE = 100


def text(part: Any, indent: int = 0) -> str:
    """JSON with what fits on a line on one line: a style is read by people too."""
    flat = json.dumps(part, ensure_ascii=False, allow_nan=False)
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
