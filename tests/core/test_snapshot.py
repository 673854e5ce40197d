"""What is published, as every process sees it a second later."""

import time

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import snapshot
from core.layer_spec import LayerSpec
from core.models import Layer, Resource, Tileset
from core.problems import NotFound
from core.publishing import CannotPublish, publish, publish_tileset
from core.selection import chosen
from tests.database import execute
from tests.listening import wait_for_revision
from tests.odd import OddTable, load, publish_odd
from tests.raw import request

# The revision is asked for every 0.4 s; 1 s is what is promised.
PROMISED_SECONDS = 1.0


def statuses(site: str, path: str) -> set[int]:
    """The statuses of some requests, which both processes answer."""
    return {request(site, path).status for _ in range(16)}


def test_every_process_sees_a_new_layer_within_a_second(site: str, odd: OddTable) -> None:
    assert statuses(site, "/tiles/text_ids/0/0/0.mvt") == {404}
    odd("text_ids")
    time.sleep(PROMISED_SECONDS)
    assert statuses(site, "/tiles/text_ids/0/0/0.mvt") == {200}


def test_what_was_just_published_is_missing_nowhere(site: str, odd: OddTable) -> None:
    """Whoever publishes a layer and looks at it may meet a process that looked just before."""
    time.sleep(PROMISED_SECONDS)
    assert statuses(site, "/tiles/text_ids.json") == {404}
    layer = odd("text_ids").layer
    time.sleep(snapshot.MISSING_SECONDS)
    assert statuses(site, "/tiles/text_ids.json") == {200}
    assert statuses(site, "/tiles/none.json") == {404}
    Layer.objects.filter(pk=layer.pk).update(state="draft")
    time.sleep(PROMISED_SECONDS)
    assert statuses(site, "/tiles/text_ids.json") == {404}
    Layer.objects.filter(pk=layer.pk).update(state="published")
    time.sleep(snapshot.MISSING_SECONDS)
    assert statuses(site, "/tiles/text_ids.json") == {200}


def test_who_warms_or_edits_what_was_just_published_finds_it(
    odd: OddTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "CHECK_SECONDS", 1000.0)
    monkeypatch.setattr(snapshot, "MISSING_SECONDS", 0.0)
    with pytest.raises(NotFound):
        chosen("text_ids")
    layer = odd("text_ids").layer
    assert [one.id for one in chosen("text_ids").layers] == [layer.pk]


@pytest.mark.parametrize("path", ["/tiles/none/0/0/0.mvt", "/styles/none/style.json"])
def test_names_that_are_not_there_cost_a_query_each_moment_and_not_each_time(
    stranger: Client, committed: None, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def queries(times: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert {stranger.get(path).status_code for _ in range(times)} == {404}
        return len(asked)

    wait_for_revision()  # No doubt is cast on the snapshot after that.
    monkeypatch.setattr(snapshot, "CHECK_SECONDS", 1000.0)
    monkeypatch.setattr(snapshot, "MISSING_SECONDS", 1000.0)
    stranger.get(path)
    assert queries(5) == 0
    monkeypatch.setattr(snapshot, "MISSING_SECONDS", 0.0)
    assert queries(5) == 5


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_resource SET state = 'draft' WHERE name = 'text_ids'",
        "UPDATE core_resource SET access = 'staff' WHERE name = 'text_ids'",
        "UPDATE core_resource SET name = 'other' WHERE name = 'text_ids'",
    ],
)
def test_every_process_sees_a_change_in_plain_sql_within_a_second(
    site: str, odd: OddTable, statement: str
) -> None:
    odd("text_ids")
    time.sleep(PROMISED_SECONDS)
    assert statuses(site, "/tiles/text_ids.json") == {200}
    execute(statement)
    time.sleep(PROMISED_SECONDS)
    assert statuses(site, "/tiles/text_ids.json") == {404}


def test_a_deleted_layer_is_gone_within_a_second(site: str, odd: OddTable) -> None:
    layer = odd("text_ids").layer
    time.sleep(PROMISED_SECONDS)
    assert statuses(site, "/tiles/text_ids.json") == {200}
    layer.delete()
    time.sleep(PROMISED_SECONDS)
    assert statuses(site, "/tiles/text_ids.json") == {404}


def test_a_name_that_is_used_again_never_gives_the_tiles_of_the_old_layer(odd: OddTable) -> None:
    table = odd("text_ids")
    old = table.features(0, 0, 0)
    table.layer.delete()
    load("negative_ids")
    new = publish_odd("negative_ids", name="text_ids", layer_name="text_ids").features(0, 0, 0)
    assert {"code"} == set(old[0].properties)
    assert {"osm_id"} == set(new[0].properties)


def test_what_is_rolled_back_is_never_seen(odd: OddTable) -> None:
    table = odd("text_ids")
    with transaction.atomic():
        Resource.objects.filter(name="text_ids").update(state="draft")
        transaction.set_rollback(True)
    snapshot.forget()
    assert table.answer((0, 0, 0)).status_code == 200


@pytest.mark.parametrize(
    ("words", "raised"),
    [
        ({}, False), ({"title": "Other"}, False), ({"attribution": "Other"}, False),
        ({"access": "staff"}, False), ({"state": "draft"}, False), ({"ttl_seconds": 5}, False),
        ({"description": "Other"}, False),
        ({"fields": []}, True), ({"buffer": 8}, True), ({"extent": 512}, True),
        ({"max_zoom": 5}, True), ({"feature_limit": 5}, True), ({"rank_column": "rank"}, True),
        ({"id_column": "rank"}, True),
    ],
    ids=str,
)  # fmt: skip
def test_the_generation_is_raised_by_what_changes_tiles_and_by_nothing_else(
    odd: OddTable, words: dict[str, object], raised: bool
) -> None:
    first = odd("ranked").layer.generation
    assert publish_odd("ranked", **words).layer.generation == first + raised


def test_with_a_new_generation_the_old_tiles_are_not_used(odd: OddTable) -> None:
    table = odd("ranked")
    assert len(table.features(0, 0, 0)) == 100
    limited = publish_odd("ranked", feature_limit=3)
    assert len(limited.features(0, 0, 0)) == 3


def test_layers_and_tilesets_share_one_namespace(odd: OddTable) -> None:
    odd("text_ids")
    publish_tileset("both", ["text_ids"])
    with pytest.raises(CannotPublish, match="'text_ids' is a Layer's"):
        publish_tileset("text_ids", ["text_ids"])
    with pytest.raises(CannotPublish, match="'both' is a Tileset's"):
        publish(LayerSpec("both", "odd.text_ids"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Tileset.objects.create(name="text_ids")
    with pytest.raises(IntegrityError), transaction.atomic():
        Layer.objects.create(name="both", srid=4326)


def test_ids_are_never_used_again(odd: OddTable) -> None:
    first = odd("text_ids").layer
    number = first.pk
    first.delete()
    assert publish_odd("text_ids").layer.pk > number


@pytest.mark.parametrize(
    "name", ["", "A", "1a", "a b", "a.b", "a,b", "ä", "a" * 64, "a\n", "-a", "a/b", "a%"]
)
def test_a_name_that_does_not_fit_into_urls_is_refused(committed: None, name: str) -> None:
    load("text_ids")
    with pytest.raises(CannotPublish):
        publish_odd("text_ids", name=name, layer_name="text_ids")
    assert not Layer.objects.filter(layer_name="text_ids").exists()


def test_every_table_of_publication_raises_the_revision(odd: OddTable) -> None:
    odd("overviews", overviews=[("odd.overviews_coarse", 0, 1)])
    publish_tileset("some", ["overviews"])
    for table in ("resource", "layer", "overview", "tileset", "member"):
        before = revision()
        execute(f"DELETE FROM core_{table} WHERE false")
        assert revision() > before, table


def revision() -> int:
    """The revision of what is published."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM core_revision WHERE id = 1")
        return int(cursor.fetchone()[0])
