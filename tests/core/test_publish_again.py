"""`manage.py publish` once more: what is there stays, and the tiles are made again."""

from io import StringIO

from django.core.management import call_command

from core.models import Layer
from tests.database import execute
from tests.odd import OddTable


def test_a_layer_that_is_published_again_keeps_what_it_was_told(odd: OddTable) -> None:
    words = {
        "title": "Ranked", "attribution": "us", "rank_column": "rank", "access": "staff",
        "state": "draft", "buffer": 7, "ttl_seconds": 9, "feature_limit": 3, "byte_budget": 12345,
        "layer_name": "other", "max_zoom": 5,
    }  # fmt: skip
    layer = odd("ranked", **words).layer
    call_command("publish", "odd.ranked", stdout=StringIO())
    again = Layer.objects.get(name="ranked")
    assert {name: getattr(again, name) for name in words} == words
    assert again.fields == layer.fields
    assert again.generation > layer.generation


def test_what_is_given_changes_and_what_is_new_in_the_table_is_found(odd: OddTable) -> None:
    layer = odd("ranked", rank_column="rank").layer
    execute("INSERT INTO odd.ranked SELECT * FROM odd.ranked LIMIT 0")
    call_command("publish", "odd.ranked", "--title", "New", stdout=StringIO())
    again = Layer.objects.get(name="ranked")
    assert (again.title, again.rank_column, again.access) == ("New", "rank", layer.access)
