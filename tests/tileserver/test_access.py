"""Stories of who sees what: a stranger, a member of staff, and things not for everyone."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from core import snapshot
from core.models import Layer, Tileset
from core.publishing import publish_tileset
from tests.odd import load, publish_odd

HIDDEN = {"staff only": {"access": "staff"}, "draft": {"state": "draft"}}


@pytest.fixture(params=HIDDEN, ids=str)
def hidden(request: pytest.FixtureRequest, committed: None, world: None) -> Layer:
    """A layer that only staff may see, for either reason."""
    load("text_ids")
    return publish_odd("text_ids", name="hidden", title="Hush-hush", **HIDDEN[request.param]).layer


def answers(client: Client, *names: str) -> list[int]:
    """The statuses of tile, TileJSON and metadata of each name."""
    paths = ("{}/0/0/0.mvt", "{}.json", "{}/metadata.json")
    return [
        client.get(f"/tiles/{path.format(name)}").status_code for name in names for path in paths
    ]


def test_what_is_hidden_is_not_there_for_a_stranger(hidden: Layer, stranger: Client) -> None:
    assert answers(stranger, "hidden") == [404] * 3
    missing = stranger.get("/tiles/absent/0/0/0.mvt").json()
    found = stranger.get("/tiles/hidden/0/0/0.mvt").json()
    assert found == {**missing, "detail": missing["detail"].replace("absent", "hidden")}


def test_staff_see_what_is_hidden_and_no_shared_cache_keeps_it(
    hidden: Layer, staff: Client
) -> None:
    assert answers(staff, "hidden") == [200] * 3
    headers = staff.get("/tiles/hidden/0/0/0.mvt").headers
    assert headers["Cache-Control"] == "private, max-age=0, must-revalidate"
    assert headers["Vary"] == "Accept-Encoding, Cookie"
    assert "Access-Control-Allow-Origin" not in headers


def test_a_tile_made_for_staff_is_not_given_to_a_stranger(
    hidden: Layer, staff: Client, stranger: Client
) -> None:
    tag = staff.get("/tiles/hidden/0/0/0.mvt").headers["ETag"]
    assert stranger.get("/tiles/hidden/0/0/0.mvt").status_code == 404
    same = stranger.get("/tiles/hidden/0/0/0.mvt", headers={"If-None-Match": tag})
    assert same.status_code == 404


def test_a_composite_is_seen_by_who_may_see_all_of_it(
    hidden: Layer, staff: Client, stranger: Client
) -> None:
    names = ("world,hidden", "hidden,world_places")
    assert answers(stranger, *names) == [404] * 6
    assert answers(staff, *names) == [200] * 6
    assert staff.get("/tiles/world,hidden.json").headers["Cache-Control"].startswith("private")


def test_a_public_tileset_with_a_hidden_member_is_hidden(
    hidden: Layer, staff: Client, stranger: Client
) -> None:
    publish_tileset("mixed", ["world_places", "hidden"])
    snapshot.forget()
    assert answers(stranger, "mixed") == [404] * 3
    assert answers(staff, "mixed") == [200] * 3


def test_a_hidden_tileset_hides_its_tiles_but_not_its_public_members(
    committed: None, staff: Client, stranger: Client
) -> None:
    publish_tileset("secret_set", ["world_countries"], access="staff")
    snapshot.forget()
    assert answers(stranger, "secret_set", "world_countries") == [404] * 3 + [200] * 3
    assert answers(staff, "secret_set") == [200] * 3


def test_a_missing_and_a_hidden_member_of_a_composite_look_alike(
    hidden: Layer, stranger: Client
) -> None:
    found = stranger.get("/tiles/world,hidden.json").json()["detail"]
    missing = stranger.get("/tiles/world,absent.json").json()["detail"]
    assert found.replace("hidden", "absent") == missing


def test_a_clash_with_a_hidden_layer_is_no_way_to_find_it(
    hidden: Layer, staff: Client, stranger: Client
) -> None:
    publish_odd("text_ids", name="open", layer_name="hidden")
    assert answers(stranger, "open,hidden") == [404] * 3
    assert answers(staff, "open,hidden") == [400] * 3


def test_the_catalog_lists_what_the_caller_may_see(
    hidden: Layer, staff: Client, stranger: Client
) -> None:
    publish_tileset("mixed", ["world_places", "hidden"])
    snapshot.forget()
    assert not {"hidden", "mixed"} & names(stranger.get("/catalog.json").json())
    assert {"hidden", "mixed", "world"} <= names(staff.get("/catalog.json").json())
    assert staff.get("/catalog.json").headers["Cache-Control"].startswith("private")


def names(catalog: dict[str, Any]) -> set[str]:
    """Every name in a catalog's sections."""
    return {one["name"] for section in catalog.values() for one in section}


@pytest.mark.parametrize(
    "path",
    ["/catalog.json", "/api/v1/layers", "/api/v1/tilesets", "/api/v1/search?q=hidden",
     "/api/v1/layers/hidden", "/tiles/world.json", "/tiles/world/metadata.json", "/"],
)  # fmt: skip
def test_no_document_for_strangers_speaks_of_what_is_hidden(
    hidden: Layer, stranger: Client, path: str
) -> None:
    body = stranger.get(path).content
    assert b"Hush-hush" not in body
    assert b"text_ids" not in body


def test_published_at_last_it_is_there_for_everyone(hidden: Layer, stranger: Client) -> None:
    publish_odd("text_ids", name="hidden")
    assert answers(stranger, "hidden") == [200] * 3
    headers = stranger.get("/tiles/hidden/0/0/0.mvt").headers
    assert headers["Cache-Control"].startswith("public")


def test_a_cookie_of_nobody_changes_nothing(stranger: Client) -> None:
    stranger.cookies["sessionid"] = "forged"
    answer = stranger.get("/tiles/world/0/0/0.mvt")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"].startswith("public")


def test_staff_who_left_see_what_a_stranger_sees(hidden: Layer, staff: Client) -> None:
    User.objects.filter(username="ada").update(is_active=False)
    assert answers(staff, "hidden") == [404] * 3


def test_a_user_who_is_not_staff_sees_what_a_stranger_sees(hidden: Layer, staff: Client) -> None:
    User.objects.filter(username="ada").update(is_staff=False)
    assert answers(staff, "hidden") == [404] * 3


def test_a_draft_tileset_is_for_staff(committed: None, staff: Client, stranger: Client) -> None:
    publish_tileset("sketch", ["world_countries"], state="draft")
    snapshot.forget()
    assert Tileset.objects.get(name="sketch").access == "public"
    assert answers(stranger, "sketch") == [404] * 3
    assert answers(staff, "sketch") == [200] * 3
