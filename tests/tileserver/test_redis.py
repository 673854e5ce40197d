"""The cache layout, and tiles without Redis."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django_redis import get_redis_connection

from core import snapshot
from core.models import Layer
from core.published import TRACKED_SECONDS
from core.selection import select
from script.local.redis import program
from tests.listening import listening
from tests.odd import Address, OddTable, forget_tiles
from tests.raw import Answer, request
from tests.site import serving
from tileserver import cache, index, redis_link
from tileserver import db as tile_db
from tileserver.index import Shelf
from tileserver.tile import Tile

TILE = "/tiles/world/0/0/0.mvt"


def stored() -> dict[bytes, bytes]:
    """Every key of the tile road with its type, but for the truth lease."""
    client = get_redis_connection("tiles")
    keys = (key for key in client.scan_iter("g:*") if not key.endswith(b":truth"))
    return {key: client.type(key) for key in keys}


def indexed(name: str, tile: Tile) -> list[str]:
    """The keys that the index of a Layer holds for the zoom of `tile`."""
    layer = Layer.objects.get(name=name)
    shelf = Shelf(cache.prefix(tile_db.epoch()), layer.pk, tile.matrix_set, tile.z)
    return list(index.find(shelf, index.everything(tile.z)))


@pytest.fixture
def client(stranger: Client) -> Client:
    """A stranger, and a Redis with nothing in it."""
    forget_tiles()
    return stranger


def test_a_tile_is_one_hash_whatever_its_variants(client: Client) -> None:
    for query in ("", "?properties=name", "?properties=", "?v=2"):
        client.get(TILE + query)
    hashes = [key for key, kind in stored().items() if kind == b"hash"]
    assert len(hashes) == 1
    fields = get_redis_connection("tiles").hkeys(hashes[0])
    assert set(fields) == {b"v|public|", b"v|public|properties=name", b"v|public|properties="}


def test_keys_hold_ids_and_generations_and_no_name(client: Client) -> None:
    client.get(TILE)
    selection = select(snapshot.current(), "world")
    layers = selection.layers
    ids = ".".join(str(layer.id) for layer in layers)
    generations = ".".join(str(layer.generation) for layer in layers)
    [key] = [key.decode() for key, kind in stored().items() if kind == b"hash"]
    start = f"g:{tile_db.epoch()}.{redis_link.run_id()}"
    assert key == f"{start}:{ids}:{generations}/{selection.byte_budget}:{{WebMercatorQuad/0/0/0}}"
    assert [layer.id for layer in layers] == sorted(layer.id for layer in layers)


def test_a_composite_in_any_order_is_one_entry(client: Client) -> None:
    client.get("/tiles/world_countries,world_lakes/0/0/0.mvt")
    answer = client.get("/tiles/world_lakes,world_countries,world_lakes/0/0/0.mvt")
    assert answer.headers["Cache-Status"] == "graticule; hit; detail=redis"


def test_a_session_that_was_looked_up_first_hides_no_run_id() -> None:
    code = """
import django; django.setup()
from django.core.cache import cache
from tileserver import redis_link
cache.get("a session")
print(redis_link.run_id())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == redis_link.run_id() != ""


def test_every_tile_has_a_time_to_live_and_no_index_has(client: Client) -> None:
    client.get(TILE)
    client.get("/tiles/world/3/5/2.mvt")
    client.get("/tiles/world/8/0/100.mvt")
    redis = get_redis_connection("tiles")
    lives = {key: redis.ttl(key) for key in stored()}
    assert len(lives) > 3
    longest = TRACKED_SECONDS * 1.1 + cache.LAST_RESORT_SECONDS + 1
    tiles = {key: life for key, life in lives.items() if b"{" in key}
    assert all(TRACKED_SECONDS <= life <= longest for life in tiles.values()), lives
    assert set(lives) - set(tiles)
    assert all(lives[key] == -1 for key in set(lives) - set(tiles)), "an index is never evicted"


def test_a_value_begins_with_a_header_that_is_no_number(client: Client) -> None:
    answer = client.get(TILE, headers={"Accept-Encoding": "gzip"})
    [key] = [key for key, kind in stored().items() if kind == b"hash"]
    value = get_redis_connection("tiles").hget(key, "v|public|")
    header, _, body = value.partition(b"\n")
    assert header.startswith(b"G1|")
    assert header.split(b"|")[1].decode() in answer.headers["ETag"]
    assert body == answer.content


def test_the_index_of_each_layer_finds_its_tiles(client: Client) -> None:
    for path in (TILE, "/tiles/world_countries/0/0/0.mvt", "/tiles/world/1/1/0.mvt"):
        client.get(path)
    found = indexed("world_countries", Tile(0, 0, 0))
    assert sorted(found) == sorted(
        key.decode() for key in stored() if b"{WebMercatorQuad/0/" in key
    )
    assert len(indexed("world_lakes", Tile(0, 0, 0))) == 1
    assert len(indexed("world_lakes", Tile(1, 1, 0))) == 1


def test_to_expire_a_tile_is_to_drop_every_variant(client: Client) -> None:
    for query in ("", "?properties=name"):
        client.get(TILE + query)
    keys = indexed("world_countries", Tile(0, 0, 0))
    assert index.expire(tile_db.epoch(), keys) == 1
    assert index.expire(tile_db.epoch(), keys) == 0
    for query in ("", "?properties=name"):
        assert "detail=render" in client.get(TILE + query).headers["Cache-Status"]


def test_an_entry_older_than_its_time_is_made_again(odd: OddTable) -> None:
    table = odd("text_ids", freshness="ttl", ttl_seconds=1)
    address: Address = (0, 0, 0)
    assert "detail=render" in table.answer(address).headers["Cache-Status"]
    assert "detail=redis" in table.answer(address).headers["Cache-Status"]
    time.sleep(1.05)
    assert "detail=render" in table.answer(address).headers["Cache-Status"]


@pytest.mark.parametrize("value", [b"", b"5", b"garbage", b"G1|a|b\n", b"G0|a|gzip|1|1|1\nx"])
def test_a_value_that_is_not_ours_is_made_again(client: Client, value: bytes) -> None:
    first = client.get(TILE)
    [key] = [key for key, kind in stored().items() if kind == b"hash"]
    get_redis_connection("tiles").hset(key, "v|public|", value)
    again = client.get(TILE)
    assert (again.status_code, again.content) == (200, first.content)


def test_a_key_of_another_type_costs_no_tile(client: Client) -> None:
    client.get(TILE)
    [key] = [key for key, kind in stored().items() if kind == b"hash"]
    get_redis_connection("tiles").set(key, "5")
    assert client.get(TILE).status_code == 200
    cache.away.until = 0.0


@contextmanager
def redis_server(socket: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis of the test's own, on a socket; ended by its process id."""
    path = program()
    if path is None:
        pytest.skip("no redis-server on this machine: REDIS_URL names one elsewhere")
    command = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", ""]
    process = subprocess.Popen(command, executable=path, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 5
        while not socket.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(10)


def timed(site: str) -> tuple[Answer, float]:
    """A tile of `site`, and how long it took."""
    started = time.monotonic()
    answer = request(site, TILE)
    return answer, time.monotonic() - started


def hit(answer: Answer) -> bool:
    """True when the tile came out of a cache, and is believed."""
    return answer.headers["cache-status"] in (
        "graticule; hit; detail=redis",
        "graticule; hit; detail=memory",
    )


def wait_for_hit(site: str) -> None:
    """Fail unless tiles come out of Redis again within some seconds."""
    deadline = time.monotonic() + 5
    while not hit(request(site, TILE)):
        assert time.monotonic() < deadline, "Redis is back and nobody asks it"
        time.sleep(0.05)


def test_without_redis_tiles_are_served_and_with_it_again_they_are_kept(
    world: None, tmp_path_factory: Any
) -> None:
    # A socket's path may have 107 bytes at most.
    folder = tmp_path_factory.mktemp("r")
    socket = folder / "s"
    url = f"unix://{socket}?db=0"
    log = folder / "web.log"
    with listening(REDIS_URL=url), serving(log, {"REDIS_URL": url}, workers=1) as site:
        answer, _ = timed(site)
        assert (answer.status, hit(answer)) == (200, False), "it starts without Redis"
        with redis_server(socket) as redis:
            wait_for_hit(site)
            redis.send_signal(signal.SIGSTOP)
            time.sleep(1.1)  # the lease that was heard last has lapsed
            answer, seconds = timed(site)
            assert (answer.status, hit(answer)) == (200, False)
            assert seconds < 3, "a hung Redis costs one timeout, not one a command"
            answer, seconds = timed(site)
            assert answer.status == 200
            assert seconds < 0.5, "and the next tiles not even that"
            redis.send_signal(signal.SIGCONT)
            wait_for_hit(site)
        for _ in range(3):
            answer, seconds = timed(site)
            assert (answer.status, hit(answer)) == (200, False)
            assert seconds < 3
        assert request(site, "/health/ready").json() == {
            "status": "ok", "database": "ok", "redis": "unavailable"
        }  # fmt: skip


def test_metrics_say_that_nothing_is_believed_without_redis(
    world: None, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("m")
    socket, shared = folder / "s", folder / "metrics"
    shared.mkdir()
    url = f"unix://{socket}?db=0"
    env = {"REDIS_URL": url, "PROMETHEUS_MULTIPROC_DIR": str(shared)}
    with listening(REDIS_URL=url), serving(folder / "web.log", env) as site:
        with redis_server(socket):
            wait_for_hit(site)
            wait_for_line(site, "graticule_truth_believed 1.0")
        wait_for_line(site, "graticule_truth_believed 0.0")


def wait_for_line(site: str, line: str) -> None:
    """Fail unless the metrics have this line within some seconds."""
    deadline = time.monotonic() + 10
    while line not in request(site, "/metrics").body.decode().splitlines():
        assert time.monotonic() < deadline, line
        time.sleep(0.1)
