"""Labels in a chosen language (pure): `?lang=kk` gives names in it where there are any."""

import re
from typing import Any

from styles.document import Document, layers_of

LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{1,8})?")
# `name_short` is a street's abbreviated name: no language, and the last resort like `name`.
NAME_FIELD = re.compile(r"name(_short|_[a-z]{2,3}(_[a-z]{1,8})?)?")


def with_language(document: Document, language: str) -> Document:
    """The document with every label of a name in `language`, else English, else as it was.

    `language` matches `LANGUAGE`; its field is `name_` and the language, `-` as `_`.
    """
    layers = [_with_language(layer, language) for layer in layers_of(document)]
    return {**document, "layers": layers}


def _with_language(layer: dict[str, Any], language: str) -> dict[str, Any]:
    layout = layer.get("layout")
    if not isinstance(layout, dict) or "text-field" not in layout:
        return layer
    label = _translated(layout["text-field"], language)
    return {**layer, "layout": {**layout, "text-field": label}}


def _translated(value: Any, language: str) -> Any:
    fields = _name_fields(value)
    if fields:
        return _choice(language, fields[-1])
    if isinstance(value, list):
        return [_translated(child, language) for child in value]
    if isinstance(value, dict):  # a function of zoom: {"stops": [[zoom, value], …]}
        return {name: _translated(child, language) for name, child in value.items()}
    return value


def _name_fields(value: Any) -> list[str]:
    """The fields of a name expression, best first; empty if `value` is none."""
    if isinstance(value, str):
        token = re.fullmatch(r"\{([^{}]*)\}", value)
        return [token[1]] if token and NAME_FIELD.fullmatch(token[1]) else []
    if not isinstance(value, list) or len(value) < 2:
        return []
    if value[0] == "get" and len(value) == 2 and isinstance(value[1], str):
        return [value[1]] if NAME_FIELD.fullmatch(value[1]) else []
    if value[0] == "coalesce":
        parts = [_name_fields(part) for part in value[1:]]
        return [field for part in parts for field in part] if all(parts) else []
    return []


def _choice(language: str, last: str) -> list[Any]:
    last = last if last == "name_short" else "name"
    fields = dict.fromkeys([f"name_{language.replace('-', '_')}", "name_en", last])
    return ["coalesce", *(["get", field] for field in fields)]
