"""PATCH of a Layer's words, access and state: its relation has no part in it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from core import snapshot
from core.models import Layer, Resource, Revision
from tests.admin.conftest import logged_in
from tests.database import execute
from tests.odd import OddTable, Published


@pytest.fixture
def staff(committed: None) -> Iterator[Client]:
    """A logged-in member of staff."""
    with logged_in("editor") as client:
        yield client


@pytest.fixture
def gone(odd: OddTable) -> Published:
    """A Layer with a cached tile, and without its table."""
    published = odd("ranked")
    assert published.answer((0, 0, 0)).status_code == 200
    execute("DROP TABLE odd.ranked CASCADE")
    return published


def patch(client: Client, **words: Any) -> Any:
    """The answer to a PATCH of the Layer."""
    return client.patch("/api/v1/layers/ranked", words, content_type="application/json")


@pytest.mark.parametrize("words", [{"state": "draft"}, {"access": "staff"}])
def test_a_layer_whose_table_is_gone_is_hidden(
    staff: Client, gone: Published, words: dict[str, str]
) -> None:
    answer = patch(staff, **words)
    assert answer.status_code == 200, answer.content
    assert answer.json().items() >= words.items()
    snapshot.forget()
    assert gone.answer((0, 0, 0)).status_code == 404
    assert Client().get("/tiles/ranked.json").status_code == 404
    assert staff.get("/tiles/ranked.json").status_code == 200


def test_every_process_hears_of_it_by_the_revision(staff: Client, gone: Published) -> None:
    before = Revision.objects.get(pk=1).value
    assert patch(staff, state="draft").status_code == 200
    assert Revision.objects.get(pk=1).value > before


def test_its_words_are_stored_and_nothing_else(staff: Client, gone: Published) -> None:
    words = {"title": "New", "description": "Words", "attribution": "us"}
    before = Layer.objects.filter(name="ranked").values().get()
    assert patch(staff, **words).status_code == 200
    after = Layer.objects.filter(name="ranked").values().get()
    assert after == {**before, **words, "modified": after["modified"]}


@pytest.mark.parametrize("words", [{}, {"buffer": 8}, {"state": "draft", "buffer": 8}])
def test_what_decides_its_tiles_needs_the_table(
    staff: Client, gone: Published, words: dict[str, Any]
) -> None:
    answer = patch(staff, **words)
    assert answer.status_code == 400
    assert "There is no table or view" in answer.json()["detail"]
    assert Resource.objects.get(name="ranked").state == "published"


@pytest.mark.parametrize(
    "words", [{"state": "gone"}, {"access": ""}, {"title": "x" * 201}, {"title": "a\0b"}]
)
def test_words_that_do_not_fit_are_refused(
    staff: Client, gone: Published, words: dict[str, str]
) -> None:
    assert patch(staff, **words).status_code == 400
