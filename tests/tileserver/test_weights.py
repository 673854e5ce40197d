"""What a tile's bytes are spent on."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapbox_vector_tile import encode

from tests.odd import OddTable, raw_layers, unpacked
from tileserver.weights import Unreadable, weights

TABLES = ("typed_columns", "columns_150", "unstable_order", "srid_27700", "no_primary_key")


@pytest.mark.parametrize("oddity", TABLES)
def test_they_are_those_of_the_protobuf_library(odd: OddTable, oddity: str) -> None:
    table = odd(oddity)
    mvt = unpacked(table.answer((0, 0, 0)))
    [layer], [raw] = weights(mvt), raw_layers(mvt)
    assert (layer.name, layer.features, layer.total) == (
        raw.name,
        len(raw.features),
        raw.ByteSize(),
    )
    used: dict[str, set[int]] = {}
    tags: Counter[str] = Counter()
    for feature in raw.features:
        for key, value in zip(feature.tags[::2], feature.tags[1::2], strict=True):
            used.setdefault(raw.keys[key], set()).add(value)
            tags[raw.keys[key]] += 2
    assert set(layer.attributes) == set(used)
    for name, size in layer.attributes.items():
        stored = sum(raw.values[one].ByteSize() + 2 for one in used[name])
        assert stored + tags[name] <= size - len(name.encode()) - 2 <= stored + 2 * tags[name]
    assert list(layer.attributes.values()) == sorted(layer.attributes.values(), reverse=True)


def test_the_heaviest_layer_comes_first() -> None:
    layers = [
        {"name": name, "features": [{"geometry": "POINT(1 1)", "properties": {"a": text}}]}
        for name, text in (("light", "x"), ("heavy", "x" * 1000))
    ]
    heavy, light = weights(encode(layers))
    assert (heavy.name, light.name) == ("heavy", "light")
    assert heavy.share("a") > 0.95 > light.share("a")


def test_an_empty_tile_weighs_nothing() -> None:
    assert weights(b"") == []


@given(st.binary(max_size=200))
def test_what_is_no_tile_is_said(junk: bytes) -> None:
    try:
        found = weights(junk)
    except Unreadable:
        return
    assert sum(layer.total for layer in found) <= len(junk)
