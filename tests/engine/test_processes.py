"""The engine over several real processes: one render, one truth."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from core.layer_spec import LayerSpec
from core.publishing import publish
from tests.database import SLOWLY, execute
from tests.listening import listening
from tests.odd import forget_tiles, publish_odd
from tests.raw import Answer, request
from tests.site import serving
from tileserver import cache, db, index
from tileserver.index import Shelf

WORLD = "/tiles/world/0/0/0.mvt"
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def own(world: None, tmp_path: Path) -> Iterator[str]:
    """Two web processes of the test's own, with metrics of their own."""
    forget_tiles()
    metrics = tmp_path / "metrics"
    metrics.mkdir()
    with serving(tmp_path / "web.log", {"PROMETHEUS_MULTIPROC_DIR": str(metrics)}) as site:
        yield site


def ask(site: str, path: str = WORLD) -> Answer:
    """A tile as a browser asks for it."""
    return request(site, path, headers=GZIP)


def how(answer: Answer) -> str:
    """How the tile was had."""
    return answer.headers["cache-status"].rpartition("=")[2]


def until(site: str, wanted: str, path: str = WORLD) -> Answer:
    """Ask until it is had that way; fail after some seconds."""
    deadline = time.monotonic() + 8
    while how(answer := ask(site, path)) != wanted:
        assert time.monotonic() < deadline, f"still {how(answer)}"
        time.sleep(0.05)
    return answer


def renders(site: str) -> float:
    """Tiles that both processes have rendered."""
    lines = request(site, "/metrics").body.decode().splitlines()
    counts = [line for line in lines if line.startswith("graticule_render_seconds_count")]
    return sum(float(line.split()[-1]) for line in counts)


@pytest.mark.slow
def test_a_hot_tile_is_answered_from_memory_with_the_same_headers(own: str) -> None:
    first = until(own, "redis")
    hot = until(own, "memory")
    changing = {"date", "cache-status", "server-timing", "x-request-id"}
    assert hot.body == first.body
    assert {k: v for k, v in hot.headers.items() if k not in changing} == {
        k: v for k, v in first.headers.items() if k not in changing
    }
    same = request(own, WORLD, headers={**GZIP, "If-None-Match": first.headers["etag"]})
    assert (same.status, same.body) == (304, b"")


@pytest.mark.slow
def test_five_hundred_who_ask_two_processes_at_once_cost_one_statement(
    own: str, committed: None
) -> None:
    until(own, "memory")
    execute(SLOWLY.format(schema="odd"))
    execute(
        "CREATE TABLE odd.one AS SELECT 1 AS id, 'x' AS name,"
        " 'SRID=4326;POINT(1 1)'::geometry(Point, 4326) AS geom;"
        "CREATE VIEW odd.slow AS SELECT id, odd.slowly(name, 0.8) AS name, geom FROM odd.one"
    )
    publish(LayerSpec(name="slow", relation="odd.slow"))
    time.sleep(1.0)
    # On a starved machine a process may miss the lease for a moment, and then rightly renders by
    # itself. The answers must be right each time; the count must be one where nothing was missed.
    costs = [stampede(own, tile) for tile in ("1/1/0", "2/2/1", "3/4/3")]
    assert 1 in costs, costs


def stampede(site: str, tile: str) -> float:
    """Five hundred ask for a cold tile at once, and all get it; gives how often it was rendered."""
    before = renders(site)
    with ThreadPoolExecutor(100) as threads:
        answers = list(threads.map(lambda _: ask(site, f"/tiles/slow/{tile}.mvt"), range(500)))
    assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}
    return renders(site) - before


@pytest.mark.slow
def test_an_expiry_is_seen_by_every_process_within_a_second(own: str, committed: None) -> None:
    table = Path("tests/fixtures/tables/text_ids.sql").read_text("utf-8")
    with connection.cursor() as cursor:
        cursor.execute(table)
    layer = publish_odd("text_ids").layer
    path = f"/tiles/{layer.name}/0/0/0.mvt"
    time.sleep(1.0)
    old = until(own, "memory", path)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM odd.text_ids WHERE ctid = (SELECT min(ctid) FROM odd.text_ids)")
    keys = list(
        index.find(Shelf(cache.prefix(db.epoch()), layer.pk, "WebMercatorQuad", 0), [(0, 0)])
    )
    assert keys
    index.expire(db.epoch(), keys)
    time.sleep(1.0)
    seen = {ask(own, path).headers["etag"] for _ in range(20)}
    assert len(seen) == 1
    assert old.headers["etag"] not in seen


@pytest.mark.slow
def test_a_withdrawn_layer_is_gone_from_memory_within_a_second(own: str, committed: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(Path("tests/fixtures/tables/text_ids.sql").read_text("utf-8"))
    layer = publish_odd("text_ids").layer
    path = f"/tiles/{layer.name}/0/0/0.mvt"
    time.sleep(1.0)
    until(own, "memory", path)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_resource SET state = 'draft' WHERE id = %s", [layer.pk])
    time.sleep(1.0)
    assert {ask(own, path).status for _ in range(20)} == {404}


@pytest.mark.slow
def test_nothing_cached_is_believed_without_the_listener(world: None, tmp_path: Path) -> None:
    """The lease lapses: tiles are rendered, and with the listener back they are believed again."""
    folder = tmp_path / "l"
    folder.mkdir()
    url = _other_redis_number()
    with serving(folder / "web.log", {"REDIS_URL": url}) as site:
        assert how(ask(site)) == "render"
        assert how(ask(site)) == "render"
        with listening(REDIS_URL=url) as listener:
            until(site, "memory")
            listener.send_signal(signal.SIGSTOP)
            time.sleep(1.2)
            assert how(ask(site)) == "render"
            listener.send_signal(signal.SIGCONT)
            until(site, "memory")
        time.sleep(1.2)
        assert how(ask(site)) == "render"


def _other_redis_number() -> str:
    """The tests' Redis, but a number that this run's listener does not tend."""
    url = os.environ["REDIS_URL"]
    joint = "=" if "db=" in url else "/"
    start, _, number = url.rpartition(joint)
    return f"{start}{joint}{8 + (int(number) + 1) % 8}"
