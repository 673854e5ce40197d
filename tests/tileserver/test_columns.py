"""Columns of every kind become properties, or stay at home."""

import math
from urllib.parse import quote

from shapely.geometry import Polygon

from tests.odd import OddTable

QUOTED = 'Odd Schema; 100%.Mixed "Case" % Ünï.dot'
QUOTED_FIELDS = {
    "Name with space": "space",
    'quo"te': "quote",
    "apo'strophe": "apostrophe",
    "per%cent %s": "percent",
    "Имя": "имя",
    "$1": 7,
    "a;b--c/*": "comment",
    "back\\slash": "slash",
}
TYPED = {
    "a_json": '{"k": [1, 2]}',
    "a_jsonb": '{"k": 1, "secret": {"deep": true}}',
    "an_array": "{1,2,NULL}",
    "a_text_array": '{"a b",c}',
    "a_numeric": 12345.6789,
    "a_date": "2026-02-03",
    "a_moment": "2026-02-03 01:05:06+00",
    "a_time": "04:05:06",
    "an_interval": "P1DT2H3M",
    "a_uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "yes": True,
    "no": False,
    "infinite": math.inf,
    "a_real": 1.5,
    "a_small": -7,
    "a_char": "ab",
    "a_varchar": "vc",
    "an_enum": "green",
    "a_domain": "42",
    "an_inet": "10.0.0.1/32",
    "a_range": "[1,5)",
}


def test_names_that_need_quoting(odd: OddTable) -> None:
    table = odd("mixed_case_and_quotes", relation=QUOTED)
    [feature] = table.features(0, 0, 0)
    assert (feature.id, feature.properties) == (1, QUOTED_FIELDS)
    assert set(table.tilejson()["fields"]) == set(QUOTED_FIELDS)


def test_a_caller_may_ask_for_a_column_of_any_name(odd: OddTable) -> None:
    table = odd("mixed_case_and_quotes", relation=QUOTED)
    for name, value in QUOTED_FIELDS.items():
        [feature] = table.features(0, 0, 0, query=f"?properties={quote(name)}")
        assert feature.properties == {name: value}


def test_a_caller_cannot_ask_for_a_column_that_is_not_published(odd: OddTable) -> None:
    table = odd("a_view_base", file="a_view", fields=["name"])
    answer = table.answer((0, 0, 0), "?properties=secret")
    assert answer.status_code == 400
    assert b"secret" in answer.content
    assert table.features(0, 0, 0)[0].properties == {"name": "n1"}


def test_no_properties_at_all(odd: OddTable) -> None:
    table = odd("mixed_case_and_quotes", relation=QUOTED)
    [feature] = table.features(0, 0, 0, query="?properties=")
    assert (feature.id, feature.properties) == (1, {})


def test_types_without_a_word_in_a_tile_become_text(odd: OddTable) -> None:
    table = odd("typed_columns")
    [feature] = table.features(0, 0, 0)
    numbers = {key: feature.properties.pop(key) for key in ("not_a_number", "a_numeric_nan")}
    assert feature.properties == TYPED
    assert all(math.isnan(value) for value in numbers.values())


def test_tilejson_says_what_each_property_is(odd: OddTable) -> None:
    fields = odd("typed_columns").tilejson()["fields"]
    kinds = {bool: "Boolean", int: "Number", float: "Number", str: "String"}
    assert {name: fields[name] for name in TYPED} == {
        name: kinds[type(value)] for name, value in TYPED.items()
    }
    assert "bytes" not in fields, "bytea is nothing to show"


def test_a_table_of_150_columns(odd: OddTable) -> None:
    [feature] = odd("columns_150").features(0, 0, 0)
    expected = {f"c{n}": f"v{n}" if n % 3 == 0 else n for n in range(1, 151)}
    assert feature.properties == expected


def test_columns_called_like_our_aliases(odd: OddTable) -> None:
    table = odd("clashing_names")
    [feature] = table.features(0, 0, 0)
    assert feature.id == 7
    assert [round(side) for side in feature.geometry.bounds] == [3, 4, 3, 4]
    assert feature.properties == {
        "geom": "a geom", "fid": "a fid", "_geom": "another geom", "_fid": "another fid",
        "s": "an s", "t": "a t", "z": 1, "x": 2, "y": 3, "order": "an order",
        "select": "a select", "mvt": "an mvt",
    }  # fmt: skip


def test_columns_called_like_our_aliases_without_a_key(odd: OddTable) -> None:
    table = odd("clashing_names", id_column="geom", feature_limit=5)
    [feature] = table.features(0, 0, 0)
    assert (feature.id, feature.properties["id"], feature.properties["geom"]) == (None, 7, "a geom")


def test_heights_and_measures_are_dropped(odd: OddTable) -> None:
    features = odd("z_and_m").features(0, 0, 0)
    assert [one.geometry.geom_type for one in features] == ["Point", "LineString", "Polygon"]
    assert not any(one.geometry.has_z for one in features)


def test_rows_without_a_place_are_left_out(odd: OddTable) -> None:
    features = odd("null_and_empty").features(0, 0, 0)
    assert [(one.id, one.properties) for one in features] == [(5, {"name": "there"}), (6, {})]


KINDS = {
    1: "Point", 2: "MultiPoint", 3: "LineString", 4: "MultiLineString", 5: "Polygon",
    6: "MultiPolygon", 7: "Polygon", 8: "LineString", 9: "Polygon", 10: "LineString",
    11: "Polygon", 12: "Polygon", 13: "MultiPolygon", 14: "MultiLineString", 15: "Polygon",
    16: "Polygon",
}  # fmt: skip


def test_every_kind_of_geometry_is_drawn(odd: OddTable) -> None:
    features = odd("mixed_types").features(0, 0, 0)
    assert {one.id: one.geometry.geom_type for one in features} == KINDS
    assert all(one.grid.is_valid for one in features)
    hole = next(one.geometry for one in features if one.id == 5)
    assert isinstance(hole, Polygon)
    assert len(hole.interiors) == 1
