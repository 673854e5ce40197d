"""A style document as text and as JSON (pure)."""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

MAX_BYTES = 2_000_000
MAX_DEPTH = 64
SHOWN_DIGITS = 20
# Half of a surrogate pair, or NUL, which json.dumps writes as an escape: no database takes them.
UNSTORABLE = re.compile(r"[\ud800-\udfff]|\\u0000")

Document = dict[str, Any]


class NotADocumentError(ValueError):
    """The text is not a JSON object that we take; `line` says where, if one place is to blame."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def parse(text: str) -> Document:
    """The JSON object in `text`.

    Raises NotADocumentError for anything else, and for what JSON readers disagree about: names
    given twice, NaN, numbers that are Infinity to them, nesting deeper than `MAX_DEPTH`, more than
    `MAX_BYTES`.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise NotADocumentError(f"The document is larger than {MAX_BYTES // 1000} kB.")
    found = _read(text)
    if not isinstance(found, dict):
        raise NotADocumentError("A style is a JSON object: { … }.", 1)
    if _depth(found) > MAX_DEPTH:
        raise NotADocumentError(f"The document is nested deeper than {MAX_DEPTH} levels.")
    if UNSTORABLE.search(json.dumps(found, ensure_ascii=False, allow_nan=False)):
        raise NotADocumentError("A text holds half a character or the character 0.")
    return found


def _read(text: str) -> Any:
    hooks: dict[str, Any] = {"object_pairs_hook": _unique, "parse_constant": _refuse}
    try:
        return json.loads(text, **hooks, parse_float=_float, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise NotADocumentError(f"This is not JSON: {error.msg}.", error.lineno) from error
    except RecursionError as error:
        raise NotADocumentError("The document is nested too deeply.") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotADocumentError(f"An object has two values for {twice!r}.")
    return found


def _refuse(constant: str) -> None:
    raise NotADocumentError(f"{constant} is not a JSON number.")


def _float(digits: str) -> float:
    """The number; refused where readers would see Infinity, which no JSON can say."""
    number = float(digits)
    if math.isinf(number):
        shown = digits if len(digits) <= SHOWN_DIGITS else f"{digits[:SHOWN_DIGITS]}…"
        raise NotADocumentError(f"The number {shown} is too large.")
    return number


def _integer(digits: str) -> int:
    _float(digits)
    return int(digits)


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [child for one in level for child in _children(one)]
    return deepest


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def dump(document: Document) -> str:
    """The document as short JSON text; equal documents (in the same order) give equal bytes."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def pretty(document: Document) -> str:
    """The document as text for people; raises NotADocumentError for a number that JSON has not."""
    try:
        return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    except ValueError as error:
        raise NotADocumentError("A number is too large for JSON, or is none.") from error


def digest(document: Document) -> str:
    """Names the content: two texts that say the same, in any layout, have the same digest."""
    return hashlib.sha256(dump(document).encode()).hexdigest()


def layers_of(document: Document) -> list[dict[str, Any]]:
    """The style's layers that are objects; a document need not be valid."""
    layers = document.get("layers")
    return [one for one in layers if isinstance(one, dict)] if isinstance(layers, list) else []


def properties_of(layer: dict[str, Any]) -> dict[str, Any]:
    """A style layer's layout and paint properties in one mapping; their names never meet."""
    layout, paint = layer.get("layout"), layer.get("paint")
    return {
        **(layout if isinstance(layout, dict) else {}),
        **(paint if isinstance(paint, dict) else {}),
    }


def walk(value: Any) -> Iterator[Any]:
    """`value` and everything within it, outermost first."""
    yield value
    for child in _children(value):
        yield from walk(child)


def rewrite(value: Any, change: Callable[[Any], Any]) -> Any:
    """A copy of `value` with `change` applied to every part of it, innermost first."""
    if isinstance(value, dict):
        value = {name: rewrite(child, change) for name, child in value.items()}
    elif isinstance(value, list):
        value = [rewrite(child, change) for child in value]
    return change(value)
