"""The few expressions that the style is written in."""

from typing import Any

Expression = list[Any]
Layer = dict[str, Any]
Stops = dict[float, Any]


def curve(stops: Stops, base: float = 1.5) -> Expression:
    """A value that grows by zoom, exponentially (`base` 1 is linear)."""
    kind = ["linear"] if base == 1 else ["exponential", base]
    return ["interpolate", kind, ["zoom"], *_flat(stops)]


def fade(start: float, end: float, most: float = 1.0) -> Expression:
    """An opacity from 0 at zoom `start` to `most` at zoom `end`."""
    return curve({start: 0, end: most}, 1)


def leave(start: float, end: float, most: float = 1.0) -> Expression:
    """An opacity from `most` at zoom `start` to 0 at zoom `end`."""
    return curve({start: most, end: 0}, 1)


def by_zoom(below: Any, stops: Stops) -> Expression:
    """`below` the first stop, then the value of the last stop passed."""
    return ["step", ["zoom"], below, *_flat(stops)]


def by_value(field: str, values: dict[str, Any], otherwise: Any) -> Expression:
    """A value for each value of a field. Labels are lists: QGIS reads no others."""
    pairs = [part for value, result in values.items() for part in ([value], result)]
    return ["match", ["get", field], *pairs, otherwise]


def _flat(stops: Stops) -> list[Any]:
    return [part for stop in sorted(stops.items()) for part in stop]


def get(field: str) -> Expression:
    """The value of a field."""
    return ["get", field]


def is_(field: str, *values: Any) -> Expression:
    """True where a field has one of the values."""
    if len(values) == 1:
        return ["==", get(field), values[0]]
    return ["in", get(field), ["literal", list(values)]]


def is_not(field: str, value: Any) -> Expression:
    """True where a field has another value or none."""
    return ["!=", get(field), value]


def both(*conditions: Expression) -> Expression:
    """True where all the conditions are."""
    return ["all", *conditions]


def layer(identifier: str, kind: str, source: str, source_layer: str, **words: Any) -> Layer:
    """A style layer; `paint`, `layout`, `filter`, `minzoom`, `maxzoom` as in the specification."""
    known = {key: value for key, value in words.items() if value is not None}
    return {
        "id": identifier,
        "type": kind,
        "source": source,
        "source-layer": source_layer,
        **known,
    }
