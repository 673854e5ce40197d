"""No stale write: a render that is overtaken by an expiry is neither kept nor given."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django_redis import get_redis_connection
from psycopg2 import sql

from core import snapshot
from core.problems import Unavailable
from core.selection import select
from tests.listening import wait_for_belief
from tests.odd import OddTable, Published, forget_tiles
from tileserver import cache, db, index, process
from tileserver.cache import Entry
from tileserver.encode import TileBytes, encode
from tileserver.index import Shelf
from tileserver.render import render
from tileserver.tile import Tile

TILE = Tile(0, 0, 0)


@pytest.fixture
def table(odd: OddTable) -> Iterator[Published]:
    """A published table, nothing cached, and a process that believes."""
    forget_tiles()
    published = odd("text_ids")
    wait_for_belief()
    yield published
    forget_tiles()


def entry(published: Published) -> Entry:
    """Where the tile of the whole world is kept."""
    return published.entry(TILE)


def keep(where: Entry, text: bytes) -> None:
    """Keep some bytes as the tile."""
    taken = cache.take(where)
    assert taken is not None
    assert cache.put(where, taken.token, encode(text))


@contextmanager
def no_render_connections() -> Iterator[None]:
    """The database refuses the render role."""
    name = sql.Identifier(connection.settings_dict["NAME"])
    change(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(name))
    db.pool().close()
    try:
        yield
    finally:
        change(sql.SQL("GRANT CONNECT ON DATABASE {} TO PUBLIC").format(name))


def change(statement: sql.Composable) -> None:
    """Run SQL as the owner."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_lease_is_given_once(table: Published) -> None:
    where = entry(table)
    first, second = cache.take(where), cache.take(where)
    assert first is not None
    assert second is not None
    assert first.token
    assert not second.token
    assert 1.5 < second.wait <= 2


def test_what_was_expired_during_its_render_is_not_kept(table: Published) -> None:
    where = entry(table)
    taken = cache.take(where)
    assert taken is not None
    index.expire(db.epoch(), [where.key])
    assert cache.put(where, taken.token, encode(b"old")) is False
    assert cache.get(where) is None


def test_a_lease_that_another_took_over_keeps_nothing(table: Published) -> None:
    where = entry(table)
    taken = cache.take(where)
    assert taken is not None
    get_redis_connection("tiles").delete(where.key)
    keep(where, b"theirs")
    assert cache.put(where, taken.token, encode(b"ours, too late")) is False
    kept = cache.get(where)
    assert kept is not None
    assert kept.tile.as_identity().body == b"theirs"


def test_a_renderer_that_gives_up_makes_room_at_once(table: Published) -> None:
    where = entry(table)
    taken = cache.take(where)
    assert taken is not None
    cache.give_up(where, taken.token)
    again = cache.take(where)
    assert again is not None
    assert again.token


def test_what_is_in_flight_is_in_the_index_and_what_was_given_up_is_not(table: Published) -> None:
    where = entry(table)
    taken = cache.take(where)
    assert taken is not None
    assert indexed(table) == [where.key]
    cache.give_up(where, taken.token)
    assert indexed(table) == []


def test_another_variant_keeps_a_tile_in_the_index_when_one_is_given_up(table: Published) -> None:
    keep(entry(table), b"kept")
    where = entry(table)._replace(variant="staff|", id="staff")
    taken = cache.take(where)
    assert taken is not None
    cache.give_up(where, taken.token)
    assert indexed(table) == [where.key]


def test_the_index_names_a_tile_for_longer_than_it_is_kept(table: Published) -> None:
    where, redis = entry(table), get_redis_connection("tiles")
    keep(where, b"kept")
    dies = time.time() * 1000 + redis.pttl(where.key)
    assert dies < redis.zscore(where.indexes[1], where.key)


@pytest.mark.parametrize("waited", [False, True])
def test_the_end_of_a_render_is_told_where_somebody_waits(table: Published, waited: bool) -> None:
    where = entry(table)
    with get_redis_connection("tiles").pubsub(ignore_subscribe_messages=True) as news:
        news.subscribe(where.channel)
        taken = cache.take(where)
        assert taken is not None
        if waited:
            assert cache.take(where)
        cache.put(where, taken.token, encode(b"made"))
        heard = heard_of(news, where)
    assert heard == ([f"d {where.key}"] if waited else [])


def heard_of(news: Any, where: Entry) -> list[str]:
    """What was told of this tile before a PING of now."""
    news.ping("now")
    told: list[str] = []
    while (message := news.get_message(timeout=5)) is None or message["type"] != "pong":
        told += [message["data"].decode()] if message else []
    return [one for one in told if one.endswith(where.key)]


def indexed(table: Published) -> list[str]:
    """The keys that the index holds at the tile's zoom."""
    shelf = Shelf(cache.prefix(db.epoch()), table.layer.pk, TILE.matrix_set, TILE.z)
    return list(index.find(shelf, index.everything(TILE.z)))


def test_a_render_that_is_overtaken_is_made_again(table: Published) -> None:
    """The row changes and its tile is expired while the old row is being rendered."""
    where = entry(table)
    made: list[int] = []

    def make() -> TileBytes:
        made.append(len(made))
        if len(made) == 1:
            index.expire(db.epoch(), [where.key])
        return encode(b"render %d" % len(made))

    landed = process.current().flights.fetch(where, make)
    assert landed.tile.as_identity().body == b"render 2"
    kept = cache.get(where)
    assert kept is not None
    assert kept.tile.as_identity().body == b"render 2"


def test_many_who_ask_at_once_get_one_render(table: Published) -> None:
    where = entry(table)
    made: list[int] = []
    got: list[TileBytes] = []

    def make() -> TileBytes:
        made.append(1)
        time.sleep(0.3)
        return encode(b"once")

    def ask() -> None:
        got.append(process.current().flights.fetch(where, make).tile)

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert [tile.as_identity().body for tile in got] == [b"once"] * 50


def test_all_who_wait_hear_of_a_failure_and_the_next_may_try(table: Published) -> None:
    where = entry(table)

    def fail() -> TileBytes:
        raise Unavailable("broken")

    with pytest.raises(Unavailable):
        process.current().flights.fetch(where, fail)
    landed = process.current().flights.fetch(where, lambda: encode(b"well"))
    assert landed.settled


def test_a_lease_is_renewed_for_as_long_as_the_render_takes(table: Published) -> None:
    where = entry(table)
    others: list[bool] = []

    def make() -> TileBytes:
        time.sleep(2.6)
        taken = cache.take(where)
        others.append(taken is not None and bool(taken.token))
        return encode(b"slow")

    landed = process.current().flights.fetch(where, make)
    assert others == [False]
    assert landed.settled


def test_a_tile_whose_life_is_over_is_given_only_when_it_cannot_be_rendered(
    table: Published,
) -> None:
    selection = select(snapshot.current(), table.layer.name)
    first = render(selection, TILE)
    where = entry(table)
    redis = get_redis_connection("tiles")
    value = redis.hget(where.key, f"v|{where.variant}")
    head, _, body = value.partition(b"\n")
    words = head.split(b"|")
    words[4] = b"1000"
    redis.hset(where.key, f"v|{where.variant}", b"|".join(words) + b"\n" + body)
    with no_render_connections():
        stale = render(selection, TILE)
        assert (stale.outcome, stale.key) == ("stale", "")
        assert stale.tile.digest == first.tile.digest
        index.expire(db.epoch(), [where.key])
        with pytest.raises(Unavailable):
            render(selection, TILE)
    assert render(selection, TILE).outcome == "render"
