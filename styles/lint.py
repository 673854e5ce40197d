"""Checks that the official validator cannot make: it does not know our data (pure)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from styles.addresses import GLYPHS, SPRITE, tileset_names
from styles.document import Document, layers_of, properties_of, walk
from styles.findings import Finding, warning

TOKEN = re.compile(r"\{([^{}]+)\}")
ICON_PROPERTIES = ("icon-image", "fill-pattern", "line-pattern", "background-pattern")
# Filters of the old kind name a field where expressions have a value: ["==", "class", "park"].
OLD_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "!in", "has", "!has"})
DEFAULT_FONTS = ["Open Sans Regular", "Arial Unicode MS Regular"]
Tilesets = Mapping[str, Mapping[str, frozenset[str]]]


@dataclass(frozen=True)
class Known:
    """What a style can refer to here: Tilesets by name (fields by source-layer), fonts, icons.

    `tilesets` is None where no database says which there are: then they are not checked.
    """

    tilesets: Tilesets | None = None
    staff_only: frozenset[str] = frozenset()
    fonts: frozenset[str] = frozenset()
    icons: frozenset[str] = frozenset()


def lint(document: Document, known: Known) -> list[Finding]:
    """A warning for each reference to a Tileset, layer, field, font or icon that is not here."""
    sources = document.get("sources")
    own = {
        name: names
        for name, source in (sources.items() if isinstance(sources, dict) else ())
        if (names := tileset_names(source))
    }
    tilesets = known.tilesets
    found = [] if tilesets is None else list(_tileset_findings(own, tilesets, known.staff_only))
    for index, layer in enumerate(layers_of(document)):
        path = f"layers[{index}]"
        found += [] if tilesets is None else _data_findings(layer, path, own, tilesets)
        found += _resource_findings(layer, path, document, known)
    return found


def _tileset_findings(
    own: Mapping[str, list[str]], tilesets: Tilesets, staff_only: frozenset[str]
) -> Iterator[Finding]:
    for source, names in own.items():
        path = f"sources.{source}"
        for name in names:
            if name not in tilesets:
                yield warning(path, f"There is no tileset or layer {name!r} here.")
            elif name in staff_only:
                yield warning(path, f"Only staff see {name!r}: the map is empty for others.")


def _data_findings(
    layer: dict[str, Any], path: str, own: Mapping[str, list[str]], tilesets: Tilesets
) -> Iterator[Finding]:
    names = own.get(str(layer.get("source")), [])
    if not names or any(name not in tilesets for name in names):
        return
    offered: dict[str, frozenset[str]] = {}
    for name in names:
        offered |= tilesets[name]
    source_layer = layer.get("source-layer")
    if source_layer not in offered:
        has = ", ".join(sorted(offered)) or "none"
        yield warning(f"{path}.source-layer", f"No layer {source_layer!r} there; there are: {has}.")
        return
    for used in sorted(fields_of(layer) - offered[str(source_layer)]):
        yield warning(path, f"The layer {source_layer!r} has no field {used!r}.")


def fields_of(layer: dict[str, Any]) -> set[str]:
    """The names of the feature properties that a style layer reads."""
    used = {name for part in walk(layer.get("filter")) for name in _old_filter_field(part)}
    for name, value in properties_of(layer).items():
        used |= _token_fields(value) if name in ("text-field", "icon-image") else set()
    for part in walk([layer.get("filter"), properties_of(layer)]):
        used |= _expression_field(part) | _function_field(part)
    return used


def _expression_field(part: Any) -> set[str]:
    if not isinstance(part, list) or len(part) != 2 or part[0] not in ("get", "has"):
        return set()
    return {part[1]} if isinstance(part[1], str) else set()


def _function_field(part: Any) -> set[str]:
    """Functions of the old kind: {"property": "rank", "stops": […]}."""
    if isinstance(part, dict) and "stops" in part and isinstance(part.get("property"), str):
        return {part["property"]}
    return set()


def _old_filter_field(part: Any) -> list[str]:
    if not isinstance(part, list) or len(part) < 2 or part[0] not in OLD_COMPARISONS:
        return []
    old = isinstance(part[1], str) and not part[1].startswith("$")
    in_list = part[0] == "in" and len(part) == 3 and isinstance(part[2], list)
    return [part[1]] if old and not in_list else []


def _token_fields(value: Any) -> set[str]:
    texts = [part for part in walk(value) if isinstance(part, str)]
    return {token for text in texts for token in TOKEN.findall(text)}


def _resource_findings(
    layer: dict[str, Any], path: str, document: Document, known: Known
) -> Iterator[Finding]:
    properties = properties_of(layer)
    if document.get("glyphs") == GLYPHS:
        for font in sorted(fonts_of(layer) - known.fonts):
            has = ", ".join(sorted(known.fonts)) or "none"
            yield warning(f"{path}.layout.text-font", f"No font {font!r} here; there are: {has}.")
    if isinstance(document.get("sprite"), str) and SPRITE.fullmatch(document["sprite"]):
        for name in ICON_PROPERTIES:
            for icon in sorted(_outputs(properties.get(name)) - known.icons):
                yield warning(f"{path}.{name}", f"The sprite has no icon {icon!r}.")


def fonts_of(layer: dict[str, Any]) -> set[str]:
    """The fonts that a style layer's labels ask for."""
    properties = properties_of(layer)
    if layer.get("type") != "symbol" or "text-field" not in properties:
        return set()
    stacks = properties.get("text-font", DEFAULT_FONTS)
    plain = isinstance(stacks, list) and all(isinstance(one, str) for one in stacks)
    if plain and stacks[:1] not in (["get"], ["literal"]):
        return set(stacks)
    literals = [part[1] for part in walk(stacks) if _is_literal(part)]
    return {font for stack in literals if isinstance(stack, list) for font in stack}


def _is_literal(part: Any) -> bool:
    return isinstance(part, list) and len(part) == 2 and part[0] == "literal"


def _outputs(value: Any) -> set[str]:
    """The names that an expression for an image can give, as far as they stand in it."""
    if isinstance(value, str):
        return set() if not value or TOKEN.search(value) else {value}
    if isinstance(value, dict):  # {"stops": [[zoom, name], …]}
        stops = value.get("stops")
        return {n for stop in stops or [] if isinstance(stop, list) for n in _outputs(stop[-1])}
    if not isinstance(value, list) or not value:
        return set()
    return {name for part in _output_parts(value) for name in _outputs(part)}


def _output_parts(expression: list[Any]) -> list[Any]:
    """The arguments that are results: not conditions, labels and inputs."""
    arguments = expression[1:]
    if expression[0] in ("image", "coalesce"):
        return arguments
    if expression[0] == "case":
        return [*arguments[1::2], *arguments[-1:]]
    if expression[0] in ("match", "step"):
        # match: input, label, output, …, fallback. step: input, output, stop, output, …
        results = arguments[2::2] if expression[0] == "match" else arguments[1::2]
        return [*results, *arguments[-1:]]
    return []
