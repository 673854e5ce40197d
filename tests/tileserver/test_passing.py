"""A Layer whose rows depend on the clock or the session: its tiles are kept by nobody."""

import pytest
from django.test import Client
from django_redis import get_redis_connection

from core import snapshot
from core.selection import select
from tests.database import execute
from tests.listening import wait_for_belief
from tests.odd import OddTable, Published, forget_tiles
from tileserver import process
from tileserver.render import refresh, render
from tileserver.tile import Tile

TILE = Tile(0, 0, 0)


@pytest.fixture
def clock(odd: OddTable) -> Published:
    """A Layer that is not cacheable."""
    table = odd("by_the_clock", id_column="id", max_zoom=3)
    assert not table.info().cacheable
    forget_tiles()
    wait_for_belief()
    return table


def kept() -> int:
    """How many tiles Redis and the memory of this process hold."""
    keys = [key for key in get_redis_connection("tiles").keys("g:*") if b"{" in key]
    return len(keys) + len(process.current().memory)


def test_each_request_sees_the_rows_of_its_moment(clock: Published) -> None:
    assert len(clock.ids(0, 0, 0)) == 100
    execute("UPDATE odd.clock_base SET since = 'infinity' WHERE id > 7")
    assert len(clock.ids(0, 0, 0)) == 7
    assert kept() == 0


def test_nobody_is_told_to_keep_it(clock: Published) -> None:
    answer = clock.answer((0, 0, 0))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cache-Status"] == "graticule; fwd=miss; detail=render"
    again = clock.answer((0, 0, 0), **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "no-store")


def test_a_tile_with_one_such_layer_is_not_kept_either(clock: Published, odd: OddTable) -> None:
    other = odd("srid_4326").layer.name
    snapshot.forget()
    answer = Client().get(f"/tiles/by_the_clock,{other}/0/0/0.mvt")
    assert answer.headers["Cache-Control"] == "no-store"
    assert kept() == 0


def test_beyond_its_zooms_it_does_no_harm(clock: Published, odd: OddTable) -> None:
    other = odd("srid_4326").layer.name
    snapshot.forget()
    answer = Client().get(f"/tiles/by_the_clock,{other}/5/16/15.mvt")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] != "no-store"
    assert kept() == 1


def test_the_warmer_keeps_nothing(clock: Published) -> None:
    selection = select(snapshot.current(), "by_the_clock")
    for door in (render, refresh):
        made = door(selection, TILE)
        assert (made.outcome, made.key, made.passing) == ("render", "", True)
    assert kept() == 0
