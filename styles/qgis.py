"""A style that QGIS reads well (pure): `?for=qgis`.

QGIS turns a style into symbols of its own and knows a part of the expressions; what it does not
know becomes a default colour or vanishes. Measured with QGIS 3.22: `match` needs lists of labels;
`case`, `step`, `coalesce`, `interpolate` of anything but the zoom, `in` with a literal, the zoom in
a filter and extrusions are not understood, and no result inside an interpolation may be an
expression. Each is put into the nearest form that is.
"""

from typing import Any

from styles.document import Document, layers_of, rewrite

UNSUPPORTED_LAYERS = frozenset({"fill-extrusion", "heatmap", "hillshade", "color-relief"})
INTERPOLATIONS = frozenset({"interpolate", "interpolate-hcl", "interpolate-lab"})
# Parts of the shortest expression of each operator that is taken apart below.
SHORTEST = {
    **dict.fromkeys(INTERPOLATIONS, 5), "step": 5, "match": 5, "case": 4, "coalesce": 2, "in": 3,
    "literal": 2, "==": 3,
}  # fmt: skip
BEFORE_A_STEP = 0.01  # zooms over which a step is drawn as a slope
EVERYTHING = object()


def for_qgis(document: Document) -> Document:
    """The document in the part of the language that QGIS converts."""
    layers = [
        _layer(layer)
        for layer in layers_of(document)
        if layer.get("type") not in UNSUPPORTED_LAYERS
    ]
    return {**document, "layers": layers}


def _layer(layer: dict[str, Any]) -> dict[str, Any]:
    result = {**layer}
    for group in ("layout", "paint"):
        if isinstance(layer.get(group), dict):
            result[group] = {name: _simplified(value) for name, value in layer[group].items()}
    if "filter" in layer:
        kept = _without_zoom(layer["filter"])
        result.pop("filter")
        if kept is not EVERYTHING:
            result["filter"] = rewrite(kept, _known_form)
    return result


def _simplified(value: Any) -> Any:
    return _top(rewrite(value, _known_form))


def _is(value: Any, *operators: str) -> bool:
    """A whole expression of one of `operators`; one with too few parts is left alone."""
    if not isinstance(value, list) or not value or not isinstance(value[0], str):
        return False
    return value[0] in operators and len(value) >= SHORTEST.get(value[0], 1)


def _known_form(value: Any) -> Any:
    """One expression, its parts already put right, in a form that QGIS knows."""
    if _is(value, "match"):
        return _labels_as_lists(value)
    if _is(value, "in") and _is(value[2], "literal"):
        return ["match", value[1], value[2][1], True, False]
    if _is(value, "coalesce"):
        return value[-1]
    if _is(value, "case"):
        return _case_as_match(value)
    return value


def _labels_as_lists(match: list[Any]) -> list[Any]:
    *pairs, fallback = match[2:]
    labels = [one if isinstance(one, list) else [one] for one in pairs[::2]]
    flat = [part for pair in zip(labels, pairs[1::2], strict=False) for part in pair]
    return [*match[:2], *flat, fallback]


def _case_as_match(case: list[Any]) -> Any:
    """`case` whose conditions all compare one property is a `match`; others keep the last result.

    The conditions have been rewritten by now: `in` is a `match` to true.
    """
    conditions, results = case[1:-1:2], case[2:-1:2]
    tests = [_test(condition) for condition in conditions]
    inputs = [test[0] for test in tests if test is not None]
    if len(inputs) < len(tests) or any(one != inputs[0] for one in inputs):
        return case[-1]
    labels = [test[1] for test in tests if test is not None]
    flat = [part for pair in zip(labels, results, strict=False) for part in pair]
    return ["match", inputs[0], *flat, case[-1]]


def _test(condition: Any) -> tuple[Any, list[Any]] | None:
    """A condition as (property, labels), if it is one that `match` can make."""
    if _is(condition, "==") and not isinstance(condition[2], list):
        return condition[1], [condition[2]]
    if _is(condition, "match") and condition[3:] == [True, False]:
        return condition[1], condition[2]
    return None


def _top(value: Any) -> Any:
    """A property's value: at the top QGIS follows the zoom; below it, it wants plain values."""
    if _is(value, *INTERPOLATIONS):
        if value[2] == ["zoom"]:
            results = [_plain(result) for result in value[4::2]]
            stops = [part for pair in zip(value[3::2], results, strict=False) for part in pair]
            return ["interpolate", value[1], ["zoom"], *stops]
        return _plain(value)
    if _is(value, "step"):
        return _step(value)
    if _is(value, "match"):
        return [*value[:2], *_plain_results(value[2:])]
    return value


def _plain_results(arguments: list[Any]) -> list[Any]:
    *pairs, fallback = arguments
    results = [_plain(result) for result in pairs[1::2]]
    flat = [part for pair in zip(pairs[::2], results, strict=False) for part in pair]
    return [*flat, _plain(fallback)]


def _step(step: list[Any]) -> Any:
    """A step along the zoom as a steep slope, for numbers and colours; else its last result."""
    if step[1] != ["zoom"]:
        return _plain(step)
    results = [_plain(result) for result in [step[2], *step[4::2]]]
    if not all(_can_slope(result) for result in results):
        return results[-1]
    stops: list[Any] = []
    for zoom, before, after in zip(step[3::2], results, results[1:], strict=False):
        stops += [zoom - BEFORE_A_STEP, before, zoom, after]
    return ["interpolate", ["linear"], ["zoom"], *stops]


def _can_slope(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    is_colour = isinstance(value, str) and value.startswith(("#", "rgb", "hsl"))
    return isinstance(value, int | float) or is_colour


def _plain(value: Any) -> Any:
    """A plain value that stands for an expression; what is not a choice between values stays."""
    if _is(value, "match"):
        return _plain(value[-1])
    if _is(value, *INTERPOLATIONS):
        results = value[4::2]
        return _plain(results[len(results) // 2])
    if _is(value, "step"):
        return _plain(value[2])
    return value


def _without_zoom(condition: Any) -> Any:
    """A filter without its conditions on the zoom; EVERYTHING when no other is left."""
    if _is(condition, "all"):
        kept = [_without_zoom(one) for one in condition[1:]]
        kept = [one for one in kept if one is not EVERYTHING]
        return ["all", *kept] if kept else EVERYTHING
    return EVERYTHING if _mentions_zoom(condition) else condition


def _mentions_zoom(condition: Any) -> bool:
    if condition == ["zoom"]:
        return True
    return isinstance(condition, list) and any(_mentions_zoom(part) for part in condition)
