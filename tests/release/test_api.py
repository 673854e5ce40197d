"""Releases, holds and tile lists over the API."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from core.models import Layer
from core.publishing import publish_tileset
from tasks import releasing
from tasks.models import Release
from tests.database import execute
from tests.release.town import ask, content

LOGGED = """
SELECT tiles FROM graticule.change
WHERE what = 'tiles' AND relation = 'odd.trees'::regclass ORDER BY id
"""


@pytest.fixture
def staff(trees: Layer) -> Iterator[Client]:
    """A logged-in member of staff."""
    user = User.objects.create_user("editor", is_staff=True)
    client = Client()
    client.force_login(user)
    yield client
    user.delete()


def send(client: Client, path: str, **data: Any) -> Any:
    """The answer to JSON that is sent."""
    return client.post(f"/api/v1/{path}", data, content_type="application/json")


def carried_out(client: Client, answer: Any) -> Any:
    """The release as it is once a worker has done it."""
    assert answer.status_code == 202, answer.content
    assert answer.json()["state"] == "waiting"
    releasing.carry_out(answer.json()["id"])
    return client.get(f"/api/v1/releases/{answer.json()['id']}").json()


def test_a_table_is_loaded(staff: Client) -> None:
    execute("UPDATE odd.load SET name = 'new' WHERE id < 4")
    asked = {"table": "odd.load", "key": ["id"], "dry_run": True}
    dry = carried_out(staff, send(staff, "layers/trees/release", **asked))
    assert (dry["state"], dry["act"], dry["reports"][0]["changed"]) == ("done", "load", 3)
    real = carried_out(staff, send(staff, "layers/trees/release", **{**asked, "dry_run": False}))
    assert real["reports"][0]["lines"][0].startswith("trees: 97 the same, 3 changed")
    assert content("odd", "trees") == content("odd", "load")
    assert [one["id"] for one in staff.get("/api/v1/releases").json()["results"]][:2] == [
        real["id"],
        dry["id"],
    ]


def test_a_hold_is_begun_released_and_ended(staff: Client) -> None:
    publish_tileset("town", ["trees"])
    held = carried_out(staff, send(staff, "tilesets/town/hold"))
    assert held["state"] == "done", held
    assert staff.get("/api/v1/layers/trees").json()["held"] is True
    execute("UPDATE odd.trees SET name = 'oak' WHERE id = 1")
    for path in ("layers/trees/release", "tilesets/town/release"):
        shown = carried_out(staff, send(staff, path))
        assert shown["state"] == "done", shown
    over = carried_out(staff, send(staff, "layers/trees/unhold"))
    assert (over["state"], over["act"]) == ("done", "unhold")
    assert staff.get("/api/v1/layers/trees").json()["held"] is False


def test_a_release_is_cancelled(staff: Client) -> None:
    asked = send(staff, "layers/trees/release", table="odd.load").json()
    assert send(staff, f"releases/{asked['id']}/cancel").json()["state"] == "cancelled"
    releasing.carry_out(asked["id"])
    assert staff.get(f"/api/v1/releases/{asked['id']}").json()["state"] == "cancelled"


def test_tiles_are_expired(staff: Client) -> None:
    answer = send(staff, "layers/trees/expire", tiles=["3/4/3", "3/4/4"])
    assert (answer.status_code, answer.json()) == (200, {"tiles": 2})
    execute("CREATE TABLE odd.dirty AS SELECT 3 AS z, 1 AS x, 2 AS y")
    assert send(staff, "layers/trees/expire", table="odd.dirty").json() == {"tiles": 1}
    assert ask(LOGGED) == [
        ([3, 4, 3, 3, 4, 4],),
        ([3, 1, 2],),
    ]


@pytest.mark.parametrize(
    ("path", "data", "status", "said"),
    [
        ("layers/nowhere/release", {}, 404, ""),
        ("tilesets/nowhere/hold", {}, 404, ""),
        ("layers/trees/release", {"key": ["id"]}, 400, "go with table"),
        ("layers/trees/release", {"table": "odd.load", "max_removed": 101}, 400, "less than"),
        ("layers/trees/release", {"table": "odd.load", "key": "id"}, 400, "list"),
        ("layers/trees/expire", {}, 400, "Give tiles or table"),
        ("layers/trees/expire", {"tiles": ["3/9/0"]}, 400, "tiles, line 1: '3/9/0' is no tile"),
        ("layers/trees/expire", {"table": "odd.load"}, 400, "cannot be read for z, x and y"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(
    staff: Client, path: str, data: dict[str, Any], status: int, said: str
) -> None:
    answer = send(staff, path, **data)
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert said in answer.json()["detail"] or said in answer.content.decode()


@pytest.mark.parametrize(
    "path",
    ["layers/trees/release", "layers/trees/hold", "layers/trees/expire", "releases/1/cancel"],
)
def test_strangers_may_do_nothing(trees: Layer, path: str) -> None:
    before = Release.objects.count()
    assert send(Client(), path).status_code == 403
    assert Client().get("/api/v1/releases").status_code == 403
    assert Release.objects.count() == before
