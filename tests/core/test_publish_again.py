"""`manage.py publish` once more: what is there stays, and the tiles are made again."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

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


def test_what_is_asked_of_freshness_stays_until_it_is_asked_anew(odd: OddTable) -> None:
    odd("ranked")
    out = StringIO()
    asked = ("--freshness", "polled", "--poll-seconds", "7")
    call_command("publish", "odd.ranked", *asked, stdout=out)
    assert "  polled\n" in out.getvalue()
    call_command("publish", "odd.ranked", "--title", "New", stdout=StringIO())
    layer = Layer.objects.get(name="ranked")
    assert (layer.freshness, layer.asked_freshness, layer.poll_seconds) == ("polled", "polled", 7)


def test_the_tables_of_a_view_may_be_named_on_the_command_line(odd: OddTable) -> None:
    odd("a_view")
    named = ("--derived-from", "odd.a_view_base:25")
    call_command("publish", "odd.a_view", *named, stdout=StringIO())
    layer = Layer.objects.get(name="a_view")
    assert layer.derived_from == [{"relation": "odd.a_view_base", "reach": 25.0}]
    with pytest.raises(CommandError, match=r"'far' is no number of metres"):
        call_command("publish", "odd.a_view", "--derived-from", "odd.a_view_base:far")
