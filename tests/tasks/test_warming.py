"""Warming: the cache is filled through the same room as a request, and what fails is said."""

import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django_redis import get_redis_connection

from core.models import Layer
from core.problems import NotFound
from tasks.warming import Job, NothingKept, Progress, TooMany, warm
from tests.odd import OddTable, forget_tiles
from tileserver import process

WORLD = (-180.0, -85.0, 180.0, 85.0)
AREA = (0.0, 0.0, 90.0, 60.0)


def silent(progress: Progress) -> bool:
    """Go on, and say nothing."""
    return True


@pytest.fixture
def layer(odd: OddTable) -> str:
    """A small published Layer, with nothing cached."""
    forget_tiles()
    return odd("no_primary_key", max_zoom=6).layer.name


def test_a_warmed_tile_is_answered_from_redis(layer: str) -> None:
    progress = warm(Job(layer, WORLD, 0, 2), silent)
    assert (progress.rendered, progress.cached, progress.failed) == (21, 0, 0)
    answer = Client().get(f"/tiles/{layer}/0/0/0.mvt")
    assert answer.headers["Cache-Status"] == "graticule; hit; detail=redis"


def test_what_is_cached_is_left_alone(layer: str) -> None:
    warm(Job(layer, WORLD, 0, 2), silent)
    again = warm(Job(layer, WORLD, 0, 2), silent)
    assert (again.rendered, again.cached) == (0, 21)


def test_replacing_renders_everything_again(layer: str) -> None:
    warm(Job(layer, WORLD, 0, 1), silent)
    again = warm(Job(layer, WORLD, 0, 1, replace=True), silent)
    assert (again.rendered, again.cached) == (5, 0)


def test_zooms_that_the_layer_lacks_are_left_out(layer: str) -> None:
    assert warm(Job(layer, AREA, 5, 12), silent).zoom == 6


def test_warming_stops_when_it_is_told_to(layer: str) -> None:
    progress = warm(Job(layer, WORLD, 0, 3), lambda now: now.done == 0 and now.total == 0)
    assert progress.done <= progress.total


def test_an_unknown_name_is_said(committed: None) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        warm(Job("nowhere", WORLD, 0, 1), silent)


def test_too_large_an_area_is_refused_before_any_work(odd: OddTable) -> None:
    name = odd("no_primary_key", max_zoom=20).layer.name
    with pytest.raises(TooMany, match="smaller area"):
        warm(Job(name, WORLD, 0, 20), silent)


def test_tiles_that_fail_are_counted_and_the_first_is_told(odd: OddTable) -> None:
    published = odd("no_primary_key", max_zoom=3)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE odd.no_primary_key")
    progress = warm(Job(published.layer.name, WORLD, 0, 1, replace=True), silent)
    assert progress.failed == 5
    assert progress.error.startswith("0/0/0: ")


def test_the_command_shows_a_bar_and_what_was_done(layer: str) -> None:
    out, err = StringIO(), StringIO()
    world = ",".join(map(str, WORLD))
    call_command("warm", layer, f"--bbox={world}", "--zooms", "0-2", stdout=out, stderr=err)
    assert out.getvalue().startswith("21 rendered")
    assert "100% 21/21" in err.getvalue()


def test_without_an_area_it_is_where_there_is_data(layer: str) -> None:
    out, err = StringIO(), StringIO()
    call_command("warm", layer, "--zooms", "3-6", stdout=out, stderr=err)
    # 1 to 20 degrees east, 1 north to 20 south: 2 + 2 + 6 + 20 tiles.
    assert out.getvalue().startswith("30 rendered (")


def test_a_tile_that_shows_the_data_in_its_buffer_is_warmed(layer: str) -> None:
    Layer.objects.filter(name=layer).update(west=0.01)
    time.sleep(1.0)
    assert warm(Job(layer, None, 6, 6), silent).total == 25, "one more column to the west"


def test_data_that_came_after_the_job_was_made_is_warmed(odd: OddTable) -> None:
    layer = odd("no_primary_key", max_zoom=6).layer
    forget_tiles()
    job = Job(layer.name, None, 6, 6)
    before = warm(job, silent).total
    Layer.objects.filter(pk=layer.pk).update(east=60.0)
    time.sleep(1.0)
    assert warm(job, silent).total > before


def test_where_nobody_knows_the_bounds_it_is_the_world(layer: str) -> None:
    Layer.objects.filter(name=layer).update(west=None, south=None, east=None, north=None)
    time.sleep(1.0)
    assert warm(Job(layer, None, 0, 2), silent).total == 21


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere"),
        (["{layer}", "--zooms", "3-1"], "zooms"),
        (["{layer}", "--zooms", "x"], "zooms"),
        (["{layer}", "--bbox=1,2,3"], "west,south,east,north"),
        (["{layer}", "--bbox=10,0,-10,5"], "west must be below east"),
    ],
)
def test_the_command_refuses_what_it_cannot_do(layer: str, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("warm", *(word.format(layer=layer) for word in arguments))


def test_every_tile_that_warming_leaves_has_a_life(layer: str) -> None:
    warm(Job(layer, WORLD, 0, 2), silent)
    redis = get_redis_connection("tiles")
    keys = redis.keys("g:*")
    assert keys
    assert all(redis.ttl(key) > 0 for key in keys if b"{" in key)


def test_warming_that_could_keep_nothing_says_so(
    layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.warming.BELIEF_SECONDS", 0.3)
    process.current().watcher.stop()
    time.sleep(1.1)
    try:
        with pytest.raises(NothingKept, match="listen"):
            warm(Job(layer, WORLD, 0, 1), silent)
    finally:
        process.reset()


def test_a_draft_is_warmed_for_those_who_see_it(odd: OddTable) -> None:
    forget_tiles()
    name = odd("no_primary_key", max_zoom=3, state="draft").layer.name
    warm(Job(name, WORLD, 0, 0), silent)
    redis = get_redis_connection("tiles")
    [key] = [key for key in redis.keys("g:*") if redis.type(key) == b"hash"]
    assert redis.hkeys(key) == [b"v|staff|"]
