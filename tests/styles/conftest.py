"""Callers and styles for these tests."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from core import snapshot
from styles import shelf
from styles.document import pretty
from styles.models import Style
from styles.publishing import add_version, publish

DOCUMENT: dict[str, Any] = {
    "version": 8,
    "name": "Night",
    "glyphs": "/fonts/{fontstack}/{range}.pbf",
    "sprite": "/styles/night/sprite",
    "sources": {"world": {"type": "vector", "url": "/tiles/world.json"}},
    "layers": [
        {"id": "ground", "type": "background", "paint": {"background-color": "#123456"}},
        {
            "id": "label-place",
            "type": "symbol",
            "source": "world",
            "source-layer": "places",
            "layout": {"text-field": ["get", "name"], "text-font": ["Noto Sans Regular"]},
        },
    ],
}


def text(colour: str = "#123456") -> str:
    """The document with another ground colour."""
    return pretty(DOCUMENT).replace("#123456", colour)


@pytest.fixture(autouse=True)
def _fresh(request: pytest.FixtureRequest) -> Iterator[None]:
    """No styles, and nothing remembered: changes are rolled back, and the revision with them."""
    if "world" not in request.fixturenames and _uses_database(request):
        request.getfixturevalue("db")
        Style.objects.update(state="draft", published=None)
        Style.objects.all().delete()
    snapshot.forget()
    shelf.forget()
    yield
    snapshot.forget()
    shelf.forget()


def _uses_database(request: pytest.FixtureRequest) -> bool:
    marked = request.node.get_closest_marker("django_db") is not None
    return marked or "db" in request.fixturenames


def served(client: Client, name: str = "night", query: str = "") -> Any:
    """The answer for a style's URL, as of now."""
    snapshot.forget()
    return client.get(f"/styles/{name}/style.json{query}")


@pytest.fixture
def night(db: None) -> Style:
    """A published style that everyone may see."""
    style = Style.objects.create(name="night", title="Night")
    publish(add_version(style, text()))
    return style


@pytest.fixture
def stranger() -> Client:
    """Somebody who is not logged in."""
    return Client()


@pytest.fixture
def user(db: None) -> User:
    """A member of staff who may do everything."""
    return User.objects.create_superuser("ada", password="correct horse battery")


@pytest.fixture
def staff(user: User) -> Client:
    """A browser of that member of staff."""
    client = Client()
    client.force_login(user)
    return client
