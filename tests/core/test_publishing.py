"""A relation becomes a Layer whole, or not at all."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core.layer_spec import LayerSpec
from core.models import Layer, Overview, Resource
from core.publishing import CannotPublish, publish, publish_tileset
from core.relations import proposals
from tests.database import OWNER_ROLE, RENDER_ROLE, execute, two_roles
from tests.odd import OddTable, load, publish_odd
from tests.tileserver.test_columns import QUOTED

FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "a relation that is not there": ({"relation": "odd.nothing"}, "no table or view odd.nothing"),
    "a schema that is not there": ({"relation": "nowhere.ranked"}, "no table or view"),
    "no geometry": ({"relation": "odd.plain"}, "has no geometry column"),
    "another geometry": ({"geometry_column": "rank"}, "'rank' is not one of geom"),
    "a key that is not there": ({"id_column": "nope"}, "no column 'nope'"),
    "a rank that is not there": ({"rank_column": "nope"}, "no column 'nope'"),
    "a zoom that is not there": ({"min_zoom_column": "nope"}, "no column 'nope'"),
    "a field that is not there": ({"fields": ["rank", "nope"]}, "no column 'nope'"),
    "the geometry as a field": ({"fields": ["geom"]}, "could be a property"),
    "zooms the wrong way round": ({"min_zoom": 9, "max_zoom": 3}, "above the maximum"),
    "a zoom too high": ({"max_zoom": 25}, "24"),
    "an extent too small": ({"extent": 1}, "256"),
    "an access of its own": ({"access": "friends"}, "friends"),
    "a state of its own": ({"state": "gone"}, "gone"),
    "no features at all": ({"feature_limit": 0}, "1"),
    "a name of another kind": ({"name": "Not A Name"}, "lower-case"),
    "an MVT name of another kind": ({"layer_name": "a b"}, "lower-case"),
    "an overview that is not there": ({"overviews": [("odd.nothing", 0, 3)]}, "no table or view"),
    "an unknown SRID": ({"relation": "odd.unknown_srid"}, "PostgreSQL cannot read"),
    "a view that fails": ({"relation": "odd.failing"}, "PostgreSQL cannot read"),
}
TABLES = """
CREATE TABLE odd.plain (id integer);
CREATE TABLE odd.unknown_srid (geom geometry(Point, 990000));
INSERT INTO odd.unknown_srid VALUES ('SRID=990000;POINT(1 1)');
CREATE VIEW odd.failing AS
  SELECT ST_Transform(ST_SetSRID(geom, 990000), 3857)::geometry(Point, 3857) AS geom
  FROM odd.ranked;
"""


def may_read(relation: str) -> bool:
    """True when the render role may read the relation."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, %s, 'SELECT')", [RENDER_ROLE, relation])
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_publication_that_fails_leaves_nothing_behind(committed: None, fault: str) -> None:
    load("ranked")
    execute(TABLES)
    words, said = FAULTS[fault]
    before = set(Resource.objects.values_list("pk", flat=True))
    with pytest.raises(CannotPublish, match=said):
        publish_odd("ranked", **words)
    assert set(Resource.objects.values_list("pk", flat=True)) == before
    assert not Overview.objects.filter(relation_schema="odd").exists()
    assert RENDER_ROLE == OWNER_ROLE or not may_read("odd.ranked")


def test_a_fault_of_a_name_is_said_once(committed: None) -> None:
    load("ranked")
    with pytest.raises(CannotPublish) as fault:
        publish(LayerSpec(name="Not A Name", relation="odd.ranked"))
    assert str(fault.value).count("lower-case letters") == 1


@pytest.mark.parametrize("fault", ["a field that is not there", "zooms the wrong way round",
                                   "an overview that is not there"])  # fmt: skip
def test_a_change_that_fails_leaves_the_layer_as_it_was(odd: OddTable, fault: str) -> None:
    layer = odd("ranked", title="As it was").layer
    words, said = FAULTS[fault]
    with pytest.raises(CannotPublish, match=said):
        publish_odd("ranked", title="Changed", **words)
    now = Layer.objects.get(pk=layer.pk)
    assert (now.title, now.generation, now.fields) == ("As it was", 1, layer.fields)


def test_what_is_found_in_the_database_need_not_be_said(odd: OddTable) -> None:
    layer = odd("ranked").layer
    assert (layer.geometry_column, layer.geometry_type, layer.srid) == ("geom", "POINT", 4326)
    assert (layer.id_column, layer.id_is_unique, layer.id_is_feature_id) == ("id", True, True)
    assert layer.fields == [{"name": "rank", "type": "integer", "description": ""}]
    assert layer.bounds == pytest.approx((0.1, 1, 10, 1))


def test_the_comment_of_a_column_describes_the_field(committed: None) -> None:
    load("ranked")
    execute("COMMENT ON COLUMN odd.ranked.rank IS 'Small is important.'")
    assert publish_odd("ranked").layer.fields[0]["description"] == "Small is important."


@two_roles
def test_the_render_role_may_read_what_is_published_and_nothing_else(odd: OddTable) -> None:
    odd("a_view", id_column="id")
    assert may_read("odd.a_view")
    assert not may_read("odd.a_view_base")
    assert not may_read("public.core_layer")
    assert not may_read("public.auth_user")


def test_the_layer_name_is_fixed_at_publication(odd: OddTable) -> None:
    odd("ranked", layer_name="points")
    with pytest.raises(CannotPublish, match="it stays 'points'"):
        publish_odd("ranked", layer_name="other")
    assert publish_odd("ranked", layer_name="points").layer.layer_name == "points"


def test_two_layers_of_one_mvt_name_do_not_go_into_one_tileset(odd: OddTable) -> None:
    odd("ranked", layer_name="points")
    publish_odd("ranked", name="again", layer_name="points")
    with pytest.raises(CannotPublish, match="already has a layer named 'points'"):
        publish_tileset("both", ["ranked", "again"])
    assert not Resource.objects.filter(name="both").exists()


def test_a_tileset_of_what_is_not_there_is_refused(odd: OddTable) -> None:
    odd("ranked")
    with pytest.raises(CannotPublish, match="no Layer nothing"):
        publish_tileset("both", ["ranked", "nothing"])
    assert not Resource.objects.filter(name="both").exists()


def test_a_tileset_keeps_the_order_that_it_is_given(odd: OddTable) -> None:
    odd("ranked")
    for name in ("first", "second"):
        publish_odd("ranked", name=name)
    tileset = publish_tileset("some", ["second", "ranked", "first", "second"])
    names = [member.layer.name for member in tileset.members.all()]
    assert names == ["second", "ranked", "first"]


def test_proposals_are_relations_with_a_geometry_and_no_single_partition(committed: None) -> None:
    for oddity in ("partitioned", "a_view", "materialised_view", "geography"):
        load(oddity)
    load("mixed_case_and_quotes")
    found = {(one.schema, one.name): one for one in proposals() if "odd" in one.schema.lower()}
    schema, name = QUOTED.split(".", 1)
    assert set(found) == {
        ("odd", "partitioned"), ("odd", "a_view"), ("odd", "a_view_base"),
        ("odd", "materialised_view"), ("odd", "materialised_base"), ("odd", "geography"),
        (schema, name),
    }  # fmt: skip
    assert found["odd", "a_view"].kind == "view"
    assert found["odd", "materialised_view"].kind == "materialised view"
    assert found["odd", "geography"].geometry_columns == ("geog",)


def test_the_commands_list_what_there_is_and_publish_it_by_name(
    committed: None, capsys: pytest.CaptureFixture[str]
) -> None:
    load("ranked")
    call_command("proposals")
    assert "odd.ranked  (table, about 100 rows, geom)  not published" in capsys.readouterr().out
    call_command("publish", "odd.ranked", title="Ranked", max_zoom=9, fields="rank")
    assert "ranked: http://127.0.0.1:8000/tiles/ranked.json" in capsys.readouterr().out
    call_command("proposals")
    assert "published as ranked" in capsys.readouterr().out
    layer = Layer.objects.get(name="ranked")
    assert (layer.title, layer.max_zoom, layer.state) == ("Ranked", 9, "published")


def test_a_relation_of_any_name_gets_a_layer_name(committed: None) -> None:
    load("mixed_case_and_quotes")
    call_command("publish", QUOTED, draft=True)
    layer = Layer.objects.get(relation_schema="Odd Schema; 100%")
    assert layer.name == "mixed_case_n_dot"
    assert layer.state == "draft"


def test_a_command_that_cannot_publish_says_why(committed: None) -> None:
    with pytest.raises(CommandError, match=r"no table or view odd\.nothing.*manage.py proposals"):
        call_command("publish", "odd.nothing")
