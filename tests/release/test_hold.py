"""Hold and release as three people see it: an editor, the public, an admin."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from core import snapshot
from core.feed import entries
from core.feed.log import Wanted
from core.layer_spec import LayerSpec
from core.models import Layer, Tileset
from core.publishing import CannotPublish, publish, publish_tileset
from core.release import held, waiting
from core.selection import select
from tests.database import execute
from tests.odd import decode, unpacked
from tests.release.town import ask, content
from tests.truth.equality import info, kept, settle
from tileserver.render import render
from tileserver.tile import Tile

WORLD = (0, 0, 0)


@pytest.fixture
def editor(trees: Layer) -> Iterator[Client]:
    """Somebody who edits the trees, and is logged in."""
    user = User.objects.create_user("editor", is_staff=True)
    client = Client()
    client.force_login(user)
    yield client
    user.delete()


def names(client: Client, path: str = "/tiles/trees") -> set[str]:
    """The names of the trees that somebody sees."""
    # The listener tells other processes; this one is the server and must look for itself.
    snapshot.forget()
    answer = client.get(f"{path}/0/0/0.mvt")
    assert answer.status_code == 200, answer.content
    layers = decode(unpacked(answer), WORLD)
    return {one.properties["name"] for one in layers["trees"] if "name" in one.properties}


def wait_until(seen: Any) -> None:
    """Return when `seen()` is true: the listener drops tiles in its own time."""

    deadline = time.monotonic() + 10
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_edit_waits_for_the_admin_and_then_everyone_sees_it(editor: Client) -> None:
    public = Client()
    assert "tree 1" in names(public)
    call_command("hold", "trees")
    execute("UPDATE odd.trees SET name = 'oak' WHERE id = 1; DELETE FROM odd.trees WHERE id = 2")

    # The public sees what was there; so does the editor at the same address.
    assert {"tree 1", "tree 2"} <= names(public)
    assert "oak" not in names(public)
    assert "oak" not in names(editor)
    # In the preview the editor sees both edits, the public sees that there is nothing.
    assert "oak" in names(editor, "/preview/tiles/trees")
    assert "tree 2" not in names(editor, "/preview/tiles/trees")
    assert public.get("/preview/tiles/trees/0/0/0.mvt").status_code == 404

    call_command("release", "trees", "--dry-run")
    assert "oak" not in names(public)
    call_command("release", "trees")
    wait_until(lambda: "oak" in names(public))
    assert "tree 2" not in names(public)

    # A second round, and then edits are seen at once again.
    execute("UPDATE odd.trees SET name = 'elm' WHERE id = 1")
    assert "elm" not in names(public)
    call_command("hold", "trees", "--off")
    wait_until(lambda: "elm" in names(public))
    assert ask("SELECT to_regclass('graticule_held.layer_' || (SELECT max(id) FROM core_resource))"
               ) == [(None,)]  # fmt: skip


def test_what_is_previewed_is_kept_nowhere(editor: Client) -> None:
    call_command("hold", "trees")
    for edit in ("ash", "fir"):
        execute(f"UPDATE odd.trees SET name = '{edit}' WHERE id = 1")
        answer = editor.get("/preview/tiles/trees/0/0/0.mvt")
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert edit in names(editor, "/preview/tiles/trees")
    assert "ash" not in names(Client())


def test_documents_of_the_preview_name_only_addresses_of_the_preview(editor: Client) -> None:
    document = editor.get("/preview/tiles/trees.json").json()
    assert document["tiles"] == ["http://127.0.0.1:8000/preview/tiles/trees/{z}/{x}/{y}.mvt"]
    catalog = editor.get("/preview/catalog.json").json()
    [layer] = [one for one in catalog["layers"] if one["name"] == "trees"]
    assert layer["tilejson"] == "http://127.0.0.1:8000/preview/tiles/trees.json"
    assert editor.get("/preview/").status_code == 200
    for path in ("tiles/trees.json", "tiles/trees/changes", "catalog.json", ""):
        assert Client().get(f"/preview/{path}").status_code == 404
    assert editor.get("/preview/tiles/trees/0/0/0.mvt?nope=1").status_code == 400
    assert editor.get("/preview/tiles/trees/0/1/0.mvt").status_code == 400
    assert editor.get("/preview/tiles/nowhere/0/0/0.mvt").status_code == 404
    assert editor.get("/preview/tiles/trees/20/0/0.mvt").status_code == 204


def test_a_whole_tileset_is_held_and_released_together(editor: Client) -> None:
    execute("CREATE TABLE odd.parks AS TABLE odd.trees")
    publish(LayerSpec(name="parks", relation="odd.parks"))
    publish_tileset("town", ["trees", "parks"])
    call_command("hold", "town")
    assert Layer.objects.filter(name__in=["trees", "parks"], held=True).count() == 2
    execute("UPDATE odd.trees SET name = 'oak' WHERE id = 1")
    execute("UPDATE odd.parks SET name = 'green' WHERE id = 1")
    assert not {"oak", "green"} & _all_names(Client())
    call_command("release", "town")
    wait_until(lambda: {"oak", "green"} <= _all_names(Client()))
    with pytest.raises(CommandError, match="is held already"):
        call_command("hold", "town")
    call_command("hold", "town", "--off")
    assert not Layer.objects.filter(held=True).exists()


def _all_names(client: Client) -> set[str]:
    snapshot.forget()
    layers = decode(unpacked(client.get("/tiles/town/0/0/0.mvt")), WORLD)
    return {one.properties.get("name", "") for found in layers.values() for one in found}


def test_a_view_is_held_as_a_table(trees: Layer) -> None:
    execute("CREATE VIEW odd.tall AS SELECT * FROM odd.trees WHERE id > 50")
    tall = publish(LayerSpec(name="tall", relation="odd.tall", id_column="id"))
    call_command("hold", "tall")
    execute("UPDATE odd.trees SET name = 'oak' WHERE id IN (1, 60)")
    assert "oak" not in _names_of(tall)
    call_command("release", "tall")
    wait_until(lambda: "oak" in _names_of(tall))
    assert content(*held.relation_of(_again(tall))) == content("odd", "tall")


def _names_of(layer: Layer) -> set[str]:
    snapshot.forget()
    answer = Client().get(f"/tiles/{layer.name}/0/0/0.mvt")
    return {one.properties.get("name", "") for one in decode(unpacked(answer), WORLD)["tall"]}


def _again(layer: Layer) -> Layer:
    layer.refresh_from_db()
    return layer


def test_columns_that_were_altered_are_in_the_next_release(trees: Layer) -> None:
    call_command("hold", "trees")
    execute("ALTER TABLE odd.trees ADD height integer; UPDATE odd.trees SET height = id")
    call_command("release", "trees", "--dry-run")
    call_command("release", "trees")
    there = held.relation_of(_again(trees))
    assert content(*there) == content("odd", "trees")
    call_command("release", "trees")
    assert ask("SELECT count(*) FROM pg_class WHERE relname LIKE 'layer%fresh'") == [(0,)]


def test_a_deleted_layer_takes_its_copy_with_it(trees: Layer) -> None:
    call_command("hold", "trees")
    schema, name = held.relation_of(_again(trees))
    assert ask(f"SELECT to_regclass('{schema}.{name}') IS NULL") == [(False,)]
    trees.delete()
    assert ask(f"SELECT to_regclass('{schema}.{name}') IS NULL") == [(True,)]
    assert not Tileset.objects.filter(name="trees").exists()


def test_a_held_layer_is_published_again_with_what_its_copy_has(trees: Layer) -> None:
    call_command("hold", "trees")
    publish(LayerSpec(name="trees", relation="odd.trees", title="Held trees"))
    execute("ALTER TABLE odd.trees ADD height integer")
    with pytest.raises(CannotPublish, match="its copy has no height yet"):
        publish(LayerSpec(name="trees", relation="odd.trees"))
    with pytest.raises(CannotPublish, match="end the hold before"):
        publish(LayerSpec(name="trees", relation="odd.load"))
    call_command("release", "trees")
    publish(LayerSpec(name="trees", relation="odd.trees"))
    assert "tree 1" in names(Client())


def test_about_how_much_waits_is_known_for_nothing(trees: Layer) -> None:
    assert waiting.state(trees) == "live"
    call_command("hold", "trees")
    execute("UPDATE odd.trees SET name = 'oak' WHERE id < 4; DELETE FROM odd.trees WHERE id = 9")
    # A session tells its counts when it ends, or some seconds later.
    connection.close()
    wait_until(lambda: waiting.state(_again(trees)) == "held, 4 edits wait")
    call_command("release", "trees")
    assert waiting.state(_again(trees)) == "held, 0 edits wait"


def test_a_release_of_a_held_layer_drops_only_what_differs(trees: Layer) -> None:
    call_command("hold", "trees")
    settle()
    near, far = Tile(14, 8192, 8191), Tile(14, 8232, 8191)
    selection = select(_fresh_snapshot(), "trees")
    for tile in (near, far):
        render(selection, tile)
    before = _again(trees).generation
    execute("UPDATE odd.trees SET name = 'oak' WHERE id = 1")
    call_command("release", "trees")
    settle()
    assert _again(trees).generation == before
    assert {one.tile for one in kept(info("trees"))} == {far}
    assert _again(trees).freshness == "tracked"


def _releases(name: str, began: datetime) -> list[tuple[tuple[str, ...], str]]:
    """Layers and state of what releases of it wrote since then, as the feed has them."""
    return [
        (one.layers, one.state)
        for one in entries.feed(Wanted()).entries
        if one.application == f"graticule release {name}" and one.at > began
    ]


@pytest.mark.parametrize("name", ["trees", "seen"])
def test_the_feed_names_the_layer_of_a_release_after_the_hold(trees: Layer, name: str) -> None:
    [(began,)] = ask("SELECT clock_timestamp()")
    execute("CREATE VIEW odd.seen AS SELECT * FROM odd.trees")
    publish(LayerSpec(name="seen", relation="odd.seen"))
    call_command("hold", name)
    execute("UPDATE odd.trees SET name = 'oak' WHERE id = 1")
    call_command("release", name)
    settle()
    call_command("hold", name, off=True)
    settle()
    [(layers, state)] = _releases(name, began)
    assert name in layers
    assert state == "applied"


def test_the_feed_names_the_layer_of_a_release_after_its_copy_was_made_anew(trees: Layer) -> None:
    [(began,)] = ask("SELECT clock_timestamp()")
    call_command("hold", "trees")
    execute("UPDATE odd.trees SET name = 'oak' WHERE id = 1")
    call_command("release", "trees")
    settle()
    execute("ALTER TABLE odd.trees ADD height integer")
    call_command("release", "trees")
    settle()
    assert _releases("trees", began) == [(("trees",), "applied")]


def test_the_feed_names_the_table_of_a_held_layer_that_was_deleted(trees: Layer) -> None:
    [(began,)] = ask("SELECT clock_timestamp()")
    call_command("hold", "trees")
    execute("UPDATE odd.trees SET name = 'oak' WHERE id = 1")
    call_command("release", "trees")
    settle()
    _again(trees).delete()
    found = [one for one in entries.feed(Wanted()).entries if one.at > began and not one.layers]
    assert {one.relation for one in found} == {"odd.trees"}


def _fresh_snapshot() -> snapshot.Snapshot:
    snapshot.forget()
    return snapshot.current()
