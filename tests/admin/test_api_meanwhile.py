"""Two who write through the REST API at the same moment: neither undoes what the other has done."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client

from core.env import postgres_dict
from core.models import Layer, Resource, Tileset
from core.publishing import publish_tileset
from tests.admin.conftest import logged_in
from tests.database import lock_is_awaited
from tests.odd import OddTable

WRITER = "one who writes"
LAYER_ROW = "SELECT 1 FROM core_layer WHERE resource_ptr_id = %s FOR UPDATE"
TILESET_ROW = "SELECT 1 FROM core_tileset WHERE resource_ptr_id = %s FOR UPDATE"


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads to write from, each with a connection of its own."""
    with ThreadPoolExecutor(4) as made:
        yield made


@pytest.fixture
def editor(committed: None) -> Iterator[User]:
    """A member of staff."""
    with logged_in("editor"):
        yield User.objects.get(username="editor")


@contextmanager
def while_holding(statement: str, *values: Any) -> Iterator[None]:
    """Another session has this lock within the block."""
    with closing(psycopg2.connect(**postgres_dict(settings.DATABASE_URL))) as theirs:
        with theirs.cursor() as cursor:
            cursor.execute(statement, values)
        yield
        theirs.commit()


def be_named() -> None:
    """Let this thread's waiting be told from the listener's, whenever it connects."""
    given = connection.settings_dict
    options = {**given["OPTIONS"], "application_name": WRITER}
    connection.settings_dict = {**given, "OPTIONS": options}


def send(user: User, method: str, path: str, data: Any) -> Any:
    """The answer to JSON, in a thread with a connection of its own."""
    try:
        be_named()
        client = Client()
        client.force_login(user)
        act = getattr(client, method)
        return act(f"/api/v1/{path}", data, content_type="application/json")
    finally:
        connection.close()


def sent_one_by_one(
    pool: ThreadPoolExecutor, user: User, path: str, *patches: dict[str, Any]
) -> list[Future[Any]]:
    """The answers to come of PATCHes that all wait for a lock, in this order."""
    waiting = []
    for number, data in enumerate(patches, 1):
        waiting.append(pool.submit(send, user, "patch", path, data))
        lock_is_awaited(by=number, of=WRITER)
    return waiting


def codes(waiting: list[Future[Any]]) -> list[int]:
    """The status of each."""
    return [one.result(20).status_code for one in waiting]


def test_of_two_patches_of_a_layer_both_count(
    editor: User, odd: OddTable, pool: ThreadPoolExecutor
) -> None:
    layer = odd("ranked").layer
    patches = ({"access": "staff", "buffer": 8}, {"title": "New", "extent": 512})
    with while_holding(LAYER_ROW, layer.pk):
        waiting = sent_one_by_one(pool, editor, "layers/ranked", *patches)
    assert codes(waiting) == [200, 200]
    now = Layer.objects.get(pk=layer.pk)
    assert (now.access, now.buffer, now.title, now.extent) == ("staff", 8, "New", 512)


def test_what_the_admin_withdraws_meanwhile_stays_withdrawn(
    editor: User, odd: OddTable, pool: ThreadPoolExecutor
) -> None:
    layer = odd("ranked").layer
    withdraw = "UPDATE core_resource SET state = 'draft' WHERE id = %s"
    with while_holding(withdraw, layer.pk):
        waiting = sent_one_by_one(pool, editor, "layers/ranked", {"buffer": 8})
    assert codes(waiting) == [200]
    now = Layer.objects.get(pk=layer.pk)
    assert (now.state, now.buffer) == ("draft", 8)


def test_the_command_too_publishes_again_what_is_there_by_then(
    odd: OddTable, pool: ThreadPoolExecutor
) -> None:
    layer = odd("ranked").layer
    change = "UPDATE core_resource SET access = 'staff' WHERE id = %s"

    def publish_again() -> None:
        try:
            be_named()
            call_command("publish", "odd.ranked", "--title", "New")
        finally:
            connection.close()

    with while_holding(change, layer.pk):
        done = pool.submit(publish_again)
        lock_is_awaited(of=WRITER)
    done.result(20)
    now = Layer.objects.get(pk=layer.pk)
    assert (now.access, now.title) == ("staff", "New")


def test_of_three_patches_of_a_tileset_all_count(
    editor: User, odd: OddTable, pool: ThreadPoolExecutor
) -> None:
    odd("ranked")
    odd("text_ids")
    tileset = publish_tileset("both", ["ranked"])
    patches = ({"layers": ["text_ids", "ranked"]}, {"state": "draft"}, {"title": "New"})
    with while_holding(TILESET_ROW, tileset.pk):
        waiting = sent_one_by_one(pool, editor, "tilesets/both", *patches)
    assert codes(waiting) == [200, 200, 200]
    now = Tileset.objects.get(pk=tileset.pk)
    names = [member.layer.name for member in now.members.all()]
    assert (names, now.state, now.title) == (["text_ids", "ranked"], "draft", "New")


@pytest.mark.parametrize("path", ["layers/ranked", "tilesets/both"])
def test_what_is_deleted_meanwhile_is_not_made_again(
    editor: User, odd: OddTable, pool: ThreadPoolExecutor, path: str
) -> None:
    layer = odd("ranked").layer
    tileset = publish_tileset("both", ["ranked"])
    tables = ("core_member", "core_tileset", "core_layer", "core_resource")
    gone = "; ".join(f"DELETE FROM {one} WHERE {{}} IN %(ids)s" for one in tables)
    keys = ("tileset_id", "resource_ptr_id", "resource_ptr_id", "id")
    with closing(psycopg2.connect(**postgres_dict(settings.DATABASE_URL))) as theirs:
        with theirs.cursor() as cursor:
            cursor.execute(gone.format(*keys), {"ids": (layer.pk, tileset.pk)})
        waiting = sent_one_by_one(pool, editor, path, {"title": "New"})
        theirs.commit()
    [answer] = [one.result(20) for one in waiting]
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Layer.objects.filter(name="ranked").exists()
    assert not Tileset.objects.filter(name="both").exists()


LOCK = "SELECT pg_advisory_xact_lock(hashtext('graticule tracking'))"


@pytest.mark.parametrize("second", ["layers", "tilesets"])
def test_of_two_that_take_one_name_the_second_is_refused(
    editor: User, odd: OddTable, pool: ThreadPoolExecutor, second: str
) -> None:
    odd("ranked")
    odd("text_ids")
    first = {"name": "same", "relation": "odd.ranked", "access": "staff"}
    other = {"name": "same", "relation": "odd.text_ids", "layers": ["text_ids"]}
    with while_holding(LOCK):
        waiting = [pool.submit(send, editor, "post", "layers", first)]
        lock_is_awaited(of=WRITER)
        waiting.append(pool.submit(send, editor, "post", second, other))
        lock_is_awaited(by=2, of=WRITER)
    assert codes(waiting) == [201, 400]
    assert "is taken" in waiting[1].result().json()["errors"]["name"][0]
    layer = Layer.objects.get(name="same")
    assert (layer.relation, layer.access) == ("odd.ranked", "staff")


SQUAT = """
INSERT INTO core_resource (name, title, description, attribution, access, state, frozen,
                           generation, created, modified)
VALUES ('same', '', '', '', 'public', 'draft', false, 1, now(), now())
"""


@pytest.mark.parametrize("path", ["layers", "tilesets"])
def test_a_name_that_somebody_takes_without_the_lock_is_refused_too(
    editor: User, odd: OddTable, pool: ThreadPoolExecutor, path: str
) -> None:
    odd("ranked")
    data = {"name": "same", "relation": "odd.ranked", "layers": ["ranked"]}
    with while_holding(SQUAT):
        waiting = pool.submit(send, editor, "post", path, data)
        lock_is_awaited(of=WRITER)
    try:
        answer = waiting.result(20)
        assert answer.status_code == 400, answer.content
        assert "is taken" in answer.json()["errors"]["name"][0]
    finally:
        Resource.objects.filter(name="same").delete()
