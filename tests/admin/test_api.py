"""The REST API: read what access allows, write for staff, problems as documents."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from core.models import Layer, Tileset
from tasks.models import Run
from tests.odd import OddTable, load


@pytest.fixture
def staff(committed: None, django_user_model: type[User]) -> Iterator[Client]:
    """A logged-in member of staff."""
    user = django_user_model.objects.create_user("editor", is_staff=True)
    client = Client()
    client.force_login(user)
    yield client
    Run.objects.all().delete()
    user.delete()


def send(client: Client, method: str, path: str, data: Any) -> Any:
    """The answer to JSON that is sent."""
    act = getattr(client, method)
    return act(f"/api/v1/{path}", data, content_type="application/json")


def test_staff_publish_a_layer_and_everyone_reads_it(staff: Client) -> None:
    load("a_view")
    made = send(staff, "post", "layers", {"name": "seen", "relation": "odd.a_view"})
    assert made.status_code == 201, made.content
    read = Client().get("/api/v1/layers/seen").json()
    assert (read["relation"], read["srid"], read["columns"]) == ("odd.a_view", 4326, ["id", "name"])


def test_what_a_layer_promises_is_asked_for_and_told(staff: Client) -> None:
    load("a_view")
    base = {"relation": "odd.a_view_base", "reach": None}
    words = {"name": "seen", "relation": "odd.a_view", "derived_from": [base]}
    made = send(staff, "post", "layers", words).json()
    told = ("freshness", "asked_freshness", "derived_from", "cacheable", "trouble")
    assert [made[name] for name in told] == ["derived", "", [base], True, ""]
    made = send(staff, "patch", "layers/seen", {"asked_freshness": "ttl"}).json()
    assert (made["freshness"], made["asked_freshness"]) == ("ttl", "ttl")
    assert Client().get("/tiles/seen.json").json()["freshness"] == "ttl"
    entries = Client().get("/catalog.json").json()["layers"]
    assert [one["freshness"] for one in entries if one["name"] == "seen"] == ["ttl"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": "x", "relation": "odd.nothing"}, "no table or view"),
        ({"name": "Bad Name", "relation": "odd.a_view"}, "lower-case"),
        ({"name": "x", "relation": "odd.a_view", "columns": ["secret"]}, "no column"),
        ({"name": "x", "relation": "odd.a_view", "min_zoom": 9, "max_zoom": 2}, "above"),
        ({"name": "x\n", "relation": "odd.a_view", "layer_name": "y\n"}, ""),
        ({"relation": "odd.a_view"}, "required"),
        ({"name": "x", "relation": "odd.a_view", "asked_freshness": "tracked"}, "ask for"),
        ({"name": "x", "relation": "odd.a_view", "derived_from": [{"relation": 1}]}, "Write"),
        ({"name": "x", "relation": "odd.a_view", "derived_from": "odd.a_view_base"}, "list"),
    ],
)
def test_what_cannot_be_published_is_a_400_that_says_why(
    staff: Client, data: dict[str, Any], said: str
) -> None:
    load("a_view")
    answer = send(staff, "post", "layers", data)
    if answer.status_code == 201:  # white space around a name is dropped
        assert Layer.objects.get(name="x").layer_name == "y"
        return
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert said in answer.content.decode()
    assert not Layer.objects.filter(relation_schema="odd").exists()


def test_a_taken_name_is_refused_for_a_tileset_too(staff: Client, odd: OddTable) -> None:
    layer = odd("no_primary_key").layer
    answer = send(staff, "post", "tilesets", {"name": layer.name, "layers": [layer.name]})
    assert answer.status_code == 400
    assert not Tileset.objects.filter(name=layer.name).exists()


def test_a_patch_changes_what_it_names_and_nothing_else(staff: Client, odd: OddTable) -> None:
    layer = odd("typed_columns", max_zoom=9).layer
    answer = send(staff, "patch", f"layers/{layer.name}", {"title": "New"})
    assert answer.status_code == 200, answer.content
    before = layer.fields, layer.max_zoom, layer.generation
    layer.refresh_from_db()
    assert (layer.fields, layer.max_zoom, layer.generation) == before
    assert layer.title == "New"
    renamed = send(staff, "patch", f"layers/{layer.name}", {"name": "other"})
    assert renamed.status_code == 400


def test_a_tileset_is_made_changed_and_deleted(staff: Client, odd: OddTable) -> None:
    first, second = odd("no_primary_key").layer, odd("typed_columns").layer
    made = send(staff, "post", "tilesets", {"name": "pair", "layers": [first.name]})
    assert made.status_code == 201, made.content
    names = [second.name, first.name]
    assert send(staff, "patch", "tilesets/pair", {"layers": names}).json()["layers"] == names
    missing = send(staff, "patch", "tilesets/pair", {"layers": ["nowhere"]})
    assert missing.status_code == 400
    assert Client().get("/api/v1/tilesets/pair").json()["layers"] == names
    refused = staff.delete(f"/api/v1/layers/{first.name}")
    assert "Take it out there first" in refused.content.decode()
    assert staff.delete("/api/v1/tilesets/pair").status_code == 204


@pytest.mark.parametrize("path", ["layers", "tilesets", "runs", "styles"])
def test_strangers_may_not_write(committed: None, path: str) -> None:
    answer = send(Client(), "post", path, {"name": "x"})
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_strangers_see_neither_drafts_nor_what_is_for_staff(odd: OddTable) -> None:
    draft = odd("no_primary_key", state="draft").layer.name
    inside = odd("typed_columns", access="staff").layer.name
    listed = Client().get("/api/v1/layers").json()["results"]
    assert {draft, inside}.isdisjoint(one["name"] for one in listed)
    assert Client().get(f"/api/v1/layers/{draft}").status_code == 404
    assert Client().get("/api/v1/runs").status_code == 403


def test_a_run_is_started_watched_and_cancelled(staff: Client, odd: OddTable) -> None:
    name = odd("no_primary_key", max_zoom=5).layer.name
    made = send(staff, "post", "runs", {"tileset": name, "max_zoom": 3})
    assert made.status_code == 201, made.content
    assert made.json()["west"] is None, "where there is data"
    path = f"/api/v1/runs/{made.json()['id']}"
    assert staff.get(path).json()["state"] == "waiting"
    assert staff.post(f"{path}/cancel").json()["state"] == "cancelled"
    wrong = send(staff, "post", "runs", {"tileset": name, "min_zoom": 5, "max_zoom": 3})
    assert wrong.status_code == 400


def test_places_are_found_by_the_start_of_their_name(world: None, db: None) -> None:
    found = Client().get("/api/v1/search", {"q": "аста"}).json()["results"]
    assert [(one["name"], one["kind"]) for one in found] == [("Astana", "city")]


@pytest.mark.parametrize("query", ["", "q=", "q=a&limit=0", "q=a&limit=x", "q=" + "a" * 200])
def test_a_search_that_cannot_be_made_is_a_400(db: None, query: str) -> None:
    answer = Client().get(f"/api/v1/search?{query}")
    assert answer.status_code == 400
    assert answer.json()["status"] == 400


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b"\xff\xfe", b"null", b'"x"'])
def test_json_that_is_none_is_a_400(staff: Client, body: bytes) -> None:
    answer = staff.post("/api/v1/layers", body, content_type="application/json")
    assert answer.status_code == 400


def test_the_description_is_openapi_3_1_and_its_page_asks_nothing_foreign(db: None) -> None:
    schema = Client().get("/api/schema/", HTTP_ACCEPT="application/json").json()
    assert schema["openapi"] == "3.1.0"
    assert {"/api/v1/layers", "/api/v1/runs", "/api/v1/search"} <= set(schema["paths"])
    page = Client().get("/api/docs/").content.decode()
    assert "https://" not in page
    assert "http://" not in page
