"""Search goes through the gate: names are found by who may see the map that they are on."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from core import snapshot
from core.demo import search
from core.demo.astana import layers as astana
from core.demo.world import layers as world_layers
from core.models import Resource, Tileset
from core.search import SOURCES

STREET = search.Entry("Kabanbay", (), "street", "Astana", 0.5, 0, 71.43, 51.13, 15)


@pytest.fixture(autouse=True)
def _street(world: None, db: None) -> Iterator[None]:
    """A street of Astana; what is changed is rolled back, and nothing of it remembered."""
    with connection.cursor() as cursor:
        search.replace(cursor, "astana", [STREET])
    snapshot.forget()
    yield
    snapshot.forget()


@pytest.fixture
def clerk(db: None) -> Client:
    """A browser of a member of staff."""
    client = Client()
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    return client


def found(client: Client, text: str) -> list[str]:
    """The names that are found."""
    snapshot.forget()
    answer = client.get("/api/v1/search", {"q": text})
    return [one["name"] for one in answer.json()["results"]]


HIDDEN = {"draft": {"state": "draft"}, "staff only": {"access": "staff"}}
EACH = [(source, name) for source, names in SOURCES.items() for name in names.split(",")]


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(("source", "name"), EACH)
def test_names_of_a_hidden_map_are_found_by_staff_alone(
    clerk: Client, source: str, name: str, hidden: str
) -> None:
    text, full = ("kabanbay", "Kabanbay") if source == "astana" else ("almaty", "Almaty")
    assert found(Client(), text) == [full]
    Resource.objects.filter(name=name).update(**HIDDEN[hidden])
    assert found(Client(), text) == []
    assert found(clerk, text) == [full]


def test_names_of_the_other_map_are_still_found() -> None:
    Resource.objects.filter(name__startswith="astana").update(state="draft")
    assert found(Client(), "a") == ["Astana", "Almaty"]


def test_a_layer_that_left_the_tileset_is_asked_too() -> None:
    Tileset.objects.get(name="astana").members.filter(layer__name="astana_road_names").delete()
    Resource.objects.filter(name="astana_road_names").update(access="staff")
    assert found(Client(), "kabanbay") == []


def test_what_nobody_publishes_nobody_finds(clerk: Client) -> None:
    Tileset.objects.get(name="astana").delete()
    assert found(clerk, "kabanbay") == []


def test_names_of_an_unknown_source_are_not_found(clerk: Client) -> None:
    with connection.cursor() as cursor:
        search.replace(cursor, "elsewhere", [replace(STREET, name="Zzyzx")])
    assert found(clerk, "zzyzx") == []


def test_every_source_is_of_layers_that_the_demo_publishes() -> None:
    demo = {one.name for one in (*astana.specs(), *world_layers.specs())} | {"world", "astana"}
    assert {name for _, name in EACH} <= demo
