"""A check against the style specification's JSON reference, where no validator can run.

It knows which members, values and sources a style may have; it does not check expressions.
"""

import json
from functools import cache
from typing import Any

from django.conf import settings

from styles.document import Document, layers_of
from styles.findings import Finding, error, warning

LIMITED = "The official validator is not installed here: expressions and colours were not checked."

# The style, its sources and its layers may have members of others beside those of the
# specification; `layout` and `paint` may not.
ANYTHING: dict[str, Any] = {"*": {}}


@cache
def specification() -> dict[str, Any] | None:
    """The reference that `npm run build:style-spec` keeps, or None."""
    file = settings.BUILD_DIR / "style-spec" / "v8.json"
    return json.loads(file.read_text()) if file.is_file() else None


def check(document: Document) -> list[Finding]:
    """What the reference forbids, and a warning that this is not the whole check."""
    spec = specification()
    if spec is None:
        missing = "Neither the validator nor the style specification is here: run `npm run build`."
        return [error("", missing)]
    layers = document.get("layers")
    found = [*_object(document, {**ANYTHING, **spec["$root"]}, ""), *_sources(document, spec)]
    for index, layer in enumerate(layers if isinstance(layers, list) else []):
        path = f"layers[{index}]"
        found += _layer(layer, path, document, spec) if isinstance(layer, dict) else [_not(path)]
    return [warning("", LIMITED), *found, *_repeated_ids(document)]


def _not(path: str) -> Finding:
    return error(path, "An object is expected.")


def _object(value: dict[str, Any], members: dict[str, Any], path: str) -> list[Finding]:
    """Required members that are missing, members that are unknown, values outside an enum."""
    prefix = f"{path}." if path else ""
    missing = [name for name, rule in members.items() if _required(rule) and name not in value]
    found = [error(path, f"The member {name!r} is missing.") for name in missing]
    for name, one in value.items():
        rule = members.get(name, members.get("*"))
        if rule is None:
            found.append(error(f"{prefix}{name}", "The specification has no such member."))
        elif isinstance(one, str | int) and not _allowed(one, rule):
            found.append(error(f"{prefix}{name}", f"{one!r} is not one of {_values(rule)}."))
    return found


def _required(rule: Any) -> bool:
    return isinstance(rule, dict) and rule.get("required") is True


def _allowed(value: str | int, rule: Any) -> bool:
    enumerated = isinstance(rule, dict) and rule.get("type") == "enum" and "values" in rule
    return not enumerated or value in rule["values"]


def _values(rule: dict[str, Any]) -> str:
    return ", ".join(str(value) for value in rule["values"])


def _sources(document: Document, spec: dict[str, Any]) -> list[Finding]:
    sources = document.get("sources")
    if not isinstance(sources, dict):
        return []
    found = []
    for name, source in sources.items():
        kind = source.get("type") if isinstance(source, dict) else None
        members = spec.get(f"source_{str(kind).replace('-', '_')}")
        path = f"sources.{name}"
        if members is None:
            found.append(error(f"{path}.type", f"{kind!r} is no type of source."))
        else:
            found += _object(source, {**ANYTHING, **members}, path)
    return found


def _layer(
    layer: dict[str, Any], path: str, document: Document, spec: dict[str, Any]
) -> list[Finding]:
    found = _object(layer, {**ANYTHING, **spec["layer"]}, path)
    kind = layer.get("type")
    for group in ("layout", "paint"):
        members = spec.get(f"{group}_{kind}")
        if members is not None and isinstance(layer.get(group), dict):
            known = {**members, **{f"{name}-transition": {} for name in members}}
            found += _object(layer[group], known, f"{path}.{group}")
    return found + _layer_source(layer, path, document)


def _layer_source(layer: dict[str, Any], path: str, document: Document) -> list[Finding]:
    if layer.get("type") == "background":
        return []
    source, sources = layer.get("source"), document.get("sources")
    if not isinstance(sources, dict) or source not in sources:
        return [error(f"{path}.source", f"The style has no source {source!r}.")]
    vector = isinstance(sources[source], dict) and sources[source].get("type") == "vector"
    if vector and not layer.get("source-layer"):
        return [error(path, "A layer of a vector source needs a source-layer.")]
    return []


def _repeated_ids(document: Document) -> list[Finding]:
    ids = [str(layer.get("id")) for layer in layers_of(document)]
    repeated = sorted({one for one in ids if ids.count(one) > 1})
    return [error("layers", f"Two layers have the id {one!r}.") for one in repeated]
