"""The published world of the tests: the demo's Layers over the few rows of `world.sql`."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from core.demo import search
from core.demo.astana import layers as astana
from core.demo.world import layers as world_layers
from core.layer_spec import LayerSpec
from core.publishing import publish, publish_tileset
from styles import shipped
from tests.database import execute

FIXTURES = Path(__file__).parent / "fixtures"
PLACES = (
    search.Entry("Astana", ("Астана",), "city", "Kazakhstan", 0.1, 1350000, 71.43, 51.13, 9),
    search.Entry("Almaty", ("Алматы",), "city", "Kazakhstan", 0.2, 2000000, 76.95, 43.25, 9),
)


@pytest.fixture(scope="session")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Tilesets `world` and `astana` with their Layers, the shipped styles and two places to find.

    Committed once for the whole run: tests read it and leave it alone.
    """
    with django_db_blocker.unblock():
        execute((FIXTURES / "world.sql").read_text("utf-8"))
        publish_demo("world", "World", world_layers.specs())
        publish_demo("astana", "Astana", astana.specs())
        for one in shipped.shipped():
            shipped.load(one)
        with connection.cursor() as cursor:
            search.replace(cursor, "world", PLACES)
        connection.close()


@pytest.fixture
def stranger(world: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Client]:
    """Somebody who is not logged in and looks at the published world."""
    with django_db_blocker.unblock():
        yield Client()
        connection.close()


@pytest.fixture
def staff(stranger: Client) -> Iterator[Client]:
    """A member of staff, logged in, who looks at the published world."""
    user = User.objects.create_superuser("ada", password="correct horse battery")
    client = Client()
    client.force_login(user)
    yield client
    user.delete()


def publish_demo(name: str, title: str, specs: list[LayerSpec]) -> None:
    """Publish a tileset of the demo without overviews: the few rows need none."""
    layers = [publish(replace(spec, overviews=())) for spec in specs]
    publish_tileset(name, layers=[layer.name for layer in layers], title=title)
