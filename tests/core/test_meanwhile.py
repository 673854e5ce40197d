"""Two who write to one Layer: nobody unsays what the other has said."""

import threading
from contextlib import closing

import psycopg2
from django.conf import settings
from django.db import connection

from core.env import postgres_dict
from core.models import Layer
from tests.database import lock_is_awaited
from tests.odd import OddTable, publish_odd


def test_a_generation_is_never_lowered(odd: OddTable) -> None:
    mine = Layer.objects.get(pk=odd("ranked").layer.pk)
    theirs = Layer.objects.get(pk=mine.pk)
    theirs.raise_generation()
    mine.title = "Mine"
    mine.save()
    now = Layer.objects.get(pk=mine.pk)
    assert (now.title, now.generation) == ("Mine", theirs.generation)


def test_two_that_raise_it_raise_it_twice(odd: OddTable) -> None:
    mine = Layer.objects.get(pk=odd("ranked").layer.pk)
    before = mine.generation
    Layer.objects.get(pk=mine.pk).raise_generation()
    mine.buffer = 8
    mine.save()
    assert mine.generation == before + 2
    mine.buffer = 9
    mine.save()
    assert Layer.objects.get(pk=mine.pk).generation == before + 3


def test_what_the_listener_says_stays(odd: OddTable) -> None:
    mine = Layer.objects.get(pk=odd("ranked").layer.pk)
    Layer.objects.filter(pk=mine.pk).update(freshness="ttl", trouble="Its trigger is gone.")
    mine.title = "Mine"
    mine.save()
    now = Layer.objects.get(pk=mine.pk)
    assert (now.title, now.freshness, now.trouble) == ("Mine", "ttl", "Its trigger is gone.")


def test_it_stays_too_when_the_layer_was_just_published(odd: OddTable) -> None:
    mine = odd("ranked").layer
    Layer.objects.filter(pk=mine.pk).update(freshness="ttl")
    mine.title = "Mine"
    mine.save()
    now = Layer.objects.get(pk=mine.pk)
    assert (now.title, now.freshness, now.generation) == ("Mine", "ttl", mine.generation)


def test_a_change_within_a_list_is_seen(odd: OddTable) -> None:
    mine = Layer.objects.get(pk=odd("ranked").layer.pk)
    before = mine.generation
    mine.fields.pop()
    mine.save()
    now = Layer.objects.get(pk=mine.pk)
    assert (now.fields, now.generation) == (mine.fields, before + 1)


def test_one_that_was_just_made_is_saved_again(odd: OddTable) -> None:
    source = odd("ranked").layer
    made = Layer(name="made", srid=4326, relation_schema="odd", relation_name="ranked",
                 layer_name="made", geometry_column="geom", fields=source.fields)  # fmt: skip
    made.save()
    made.title = "Made"
    made.save()
    assert Layer.objects.get(name="made").title == "Made"


def publish_in_vain(done: list[Layer]) -> None:
    """Publish as before, in a thread with a connection of its own."""
    try:
        done.append(publish_odd("ranked", title="Mine").layer)
    finally:
        connection.close()


def test_of_two_that_publish_the_last_one_counts_whole(odd: OddTable) -> None:
    layer = odd("ranked").layer
    done: list[Layer] = []
    with closing(psycopg2.connect(**postgres_dict(settings.DATABASE_URL))) as theirs:
        with theirs.cursor() as cursor:
            cursor.execute(
                "UPDATE core_layer SET buffer = 8 WHERE resource_ptr_id = %s", [layer.pk]
            )
        mine = threading.Thread(target=publish_in_vain, args=(done,))
        mine.start()
        lock_is_awaited()
        theirs.commit()
    mine.join()
    now = Layer.objects.get(pk=layer.pk)
    assert done, "it was not published"
    assert (now.title, now.buffer) == ("Mine", layer.buffer)
