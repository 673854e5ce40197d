"""What a tile's bytes are spent on: read from its protobuf (MVT 2.1), which nothing else here does.

Not by a decoder: those make geometries, and bring libraries that a web process must not load.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

# Fields of a tile, a layer and a feature: vector_tile.proto of the specification.
LAYER, NAME, FEATURE, KEY, VALUE, TAGS, GEOMETRY = 3, 1, 2, 3, 4, 2, 4
VARINT, EIGHT_BYTES, SIZED, FOUR_BYTES = 0, 1, 2, 5
# What stands before a value or a key of usual length.
HEAD = 2


class Unreadable(ValueError):
    """These bytes are no tile."""


@dataclass(frozen=True)
class LayerWeight:
    """What one MVT layer adds to a tile, in bytes, uncompressed."""

    name: str
    features: int
    total: int
    geometry: int
    attributes: dict[str, int]

    def share(self, attribute: str) -> float:
        """The part of the layer's bytes that this attribute takes, from 0 to 1."""
        return self.attributes[attribute] / self.total


def weights(mvt: bytes) -> list[LayerWeight]:
    """The layers of an uncompressed tile, heaviest first; raises Unreadable."""
    try:
        layers = [_weight(body) for number, body in _fields(mvt) if number == LAYER]
    except (LookupError, ValueError) as error:
        raise Unreadable("These bytes are no vector tile.") from error
    return sorted(layers, key=lambda layer: -layer.total)


def _weight(layer: bytes) -> LayerWeight:
    parts: dict[int, list[bytes]] = {}
    for number, body in _fields(layer):
        parts.setdefault(number, []).append(body)
    features = parts.get(FEATURE, [])
    keys = [key.decode() for key in parts.get(KEY, [])]
    return LayerWeight(
        name=parts[NAME][0].decode(),
        features=len(features),
        total=len(layer),
        geometry=sum(_size(feature, GEOMETRY) for feature in features),
        attributes=_attributes(keys, parts.get(VALUE, []), features),
    )


def _attributes(keys: list[str], stored: list[bytes], features: list[bytes]) -> dict[str, int]:
    """Bytes of each attribute, heaviest first: its key, its different values, and their uses."""
    values: dict[str, set[int]] = {}
    uses: Counter[str] = Counter()
    for feature in features:
        tags = list(_numbers(b"".join(body for number, body in _fields(feature) if number == TAGS)))
        for key, value in zip(tags[::2], tags[1::2], strict=True):
            values.setdefault(keys[key], set()).add(value)
            uses[keys[key]] += _varint(key) + _varint(value)
    weighed = {
        name: sum(len(stored[one]) + HEAD for one in found) + uses[name] + len(name.encode()) + HEAD
        for name, found in values.items()
    }
    return dict(sorted(weighed.items(), key=lambda item: -item[1]))


def _size(message: bytes, wanted: int) -> int:
    return sum(len(body) for number, body in _fields(message) if number == wanted)


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The numbers and bodies of the fields of a protobuf message; numbers have an empty body."""
    at = 0
    while at < len(message):
        head, at = _number(message, at)
        kind, size = head & 7, 0
        if kind == VARINT:
            _, at = _number(message, at)
        elif kind == SIZED:
            size, at = _number(message, at)
        elif kind in (EIGHT_BYTES, FOUR_BYTES):
            at += 8 if kind == EIGHT_BYTES else 4
        else:
            raise ValueError(kind)
        if at + size > len(message):
            raise IndexError(at)
        yield head >> 3, message[at : at + size]
        at += size


def _number(message: bytes, at: int) -> tuple[int, int]:
    """The varint at a place, and the place after it."""
    number = shift = 0
    while True:
        byte = message[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
        shift += 7


def _numbers(packed: bytes) -> Iterator[int]:
    at = 0
    while at < len(packed):
        number, at = _number(packed, at)
        yield number


def _varint(number: int) -> int:
    """The bytes that a number takes in protobuf."""
    return max(1, (number.bit_length() + 6) // 7)
