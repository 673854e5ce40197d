"""Faults, made by really stopping servers: no wrong tile, honest 503s, and recovery by itself."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis

from script.local.redis import program
from tests.database import SLOWLY
from tests.installation import Installation
from tests.listening import listening
from tests.raw import Answer, request
from tests.site import serving

pytestmark = pytest.mark.slow
TILE, COLD = "/tiles/towns/0/0/0.mvt", "/tiles/towns/1/1/0.mvt"


@pytest.fixture
def site(installation: Installation, tmp_path: Path) -> Iterator[str]:
    """Two web processes and a listener, believing."""
    env = installation.env
    with listening(**env), serving(tmp_path / "web.log", env) as base:
        until(base, believed)
        yield base


def ask(base: str, path: str = TILE) -> Answer:
    """A tile as a browser asks for it."""
    return request(base, path, headers={"Accept-Encoding": "gzip"})


def status(answer: Answer) -> str:
    """How a tile was had, or its status if it was not."""
    return answer.headers.get("cache-status", str(answer.status)).rpartition("=")[2]


def believed(answer: Answer) -> bool:
    """True when the tile came out of a cache that is believed."""
    return status(answer) in ("memory", "redis")


def until(base: str, wanted: object, path: str = TILE, seconds: float = 12) -> Answer:
    """Ask until it is so; fail after some seconds."""
    deadline = time.monotonic() + seconds
    while not wanted(answer := ask(base, path)):  # type: ignore[operator]
        assert time.monotonic() < deadline, f"still {status(answer)}"
        time.sleep(0.05)
    return answer


@dataclass
class Load:
    """Requests that go on while servers come and go: what was answered."""

    base: str
    seen: set[tuple[int, str]] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Ask until told to stop."""
        while not self.over.is_set():
            try:
                answer = ask(self.base)
            except OSError as fault:
                self.broken.append(str(fault))
                continue
            self.seen.add((answer.status, answer.headers.get("etag", "")))
            if answer.status == 503:
                assert "retry-after" in answer.headers
            time.sleep(0.01)


@contextmanager
def load(base: str) -> Iterator[Load]:
    """Four who ask without a pause."""
    running = Load(base)
    threads = [threading.Thread(target=running.run) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield running
    finally:
        running.over.set()
        for thread in threads:
            thread.join()


def test_without_the_database_what_is_kept_is_given_as_stale_and_the_rest_is_503(
    installation: Installation, site: str
) -> None:
    fresh = until(site, believed)
    installation.postgres.stop()
    try:
        stale = until(site, lambda answer: status(answer) == "stale")
        assert stale.headers["etag"] == fresh.headers["etag"]
        assert stale.headers["cache-control"] == "no-store"
        away = ask(site, COLD)
        assert away.problem()["status"] == 503
        assert away.headers["retry-after"]
    finally:
        installation.postgres.start(detached=False)
    until(site, believed)
    until(site, believed, COLD)


def test_a_database_that_crashes_under_load_costs_nothing_but_503s(
    installation: Installation, site: str
) -> None:
    etag = until(site, believed).headers["etag"]
    with load(site) as running:
        time.sleep(0.5)
        installation.crash_postgres()
        time.sleep(1.5)
        installation.postgres.start(detached=False)
        until(site, believed)
    assert running.broken == []
    assert running.seen <= {(200, etag), (503, "")}
    assert (200, etag) in running.seen


def test_a_slow_database_is_given_up_at_the_timeout(
    installation: Installation, tmp_path: Path
) -> None:
    installation.execute(
        SLOWLY.format(schema="public")
        + "CREATE OR REPLACE VIEW slow AS SELECT id, slowly(name, 5) AS name, geom"
        " FROM towns WHERE id = 1"
    )
    installation.manage("publish", "public.slow")
    env = {**installation.env, "STATEMENT_TIMEOUT_SECONDS": "1"}
    with serving(tmp_path / "web.log", env) as base:
        started = time.monotonic()
        answer = ask(base, "/tiles/slow/0/0/0.mvt")
        assert answer.problem()["status"] == 503
        assert time.monotonic() - started < 4
        assert ask(base).status == 200, "others are served meanwhile"


def test_a_renderer_that_died_is_replaced_when_its_lease_lapses(
    installation: Installation, tmp_path: Path
) -> None:
    """The process that renders is stopped for good in the middle of it."""
    installation.execute(
        SLOWLY.format(schema="public")
        + "CREATE OR REPLACE VIEW slow AS SELECT id, slowly(name, 1) AS name, geom"
        " FROM towns WHERE id = 2"
    )
    installation.manage("publish", "public.slow")
    env = installation.env
    path = "/tiles/slow/2/2/1.mvt"
    (tmp_path / "a").mkdir()
    with listening(**env), serving(tmp_path / "b.log", env) as living:
        until(living, believed)
        with serving(tmp_path / "a" / "web.log", env, workers=1) as dying:
            until(dying, believed)
            asker = threading.Thread(target=lambda: swallow(dying, path))
            asker.start()
            time.sleep(0.4)
            kill_workers(dying)
            started = time.monotonic()
            answer = ask(living, path)
            assert (answer.status, status(answer)) == (200, "render")
            assert time.monotonic() - started < 3 + 1
            asker.join()


def swallow(base: str, path: str) -> None:
    """Ask a process that will be killed."""
    try:
        ask(base, path)
    except (OSError, ValueError):
        return


def kill_workers(base: str) -> None:
    """Kill the gunicorn of a base URL and its workers, as the kernel would."""
    bound = base.removeprefix("http://").encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"gunicorn" in words and bound in words:
            os.kill(int(folder.name), signal.SIGKILL)


@contextmanager
def keeping_redis(folder: Path) -> Iterator[str]:
    """A Redis that loads what it saved in `folder`; killed at the end, without saving."""
    command = [
        *("redis-server", "--port", "0", "--unixsocket", str(folder / "s")),
        *("--dir", str(folder), "--dbfilename", "dump.rdb", "--save", ""),
    ]
    process = subprocess.Popen(command, executable=program(), stdout=subprocess.DEVNULL)
    url = f"unix://{folder / 's'}?db=0"
    deadline = time.monotonic() + 10
    while not answers(url) and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        yield url
    finally:
        process.kill()
        process.wait(10)


def answers(url: str) -> bool:
    """Whether a Redis answers there."""
    try:
        return bool(redis.Redis.from_url(url).ping())
    except redis.RedisError:
        return False


def test_a_redis_that_comes_back_with_old_content_is_not_believed(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("r")
    with keeping_redis(folder) as url:
        env = {**installation.env, "REDIS_URL": url, "BROKER_URL": url}
        with listening(**env), serving(folder / "web.log", env) as base:
            old = until(base, believed).headers["etag"]
            redis.Redis.from_url(url).save()
            installation.execute("UPDATE towns SET name = 'renamed' WHERE id = 3")
            expire_all(url)
            new = until(base, lambda answer: answer.headers["etag"] != old, seconds=2)
            until(base, believed)
            with load(base) as running:
                kill_redis(folder)
                with keeping_redis(folder):
                    until(base, believed)
                    time.sleep(1.0)
    assert running.seen == {(200, new.headers["etag"])}


def expire_all(url: str) -> None:
    """Expire every cached tile of that Redis, as a listener would."""
    client: Any = redis.Redis.from_url(url)
    for key in client.keys("g:*{*"):
        news = key.split(b".", 1)[0] + b":news"
        client.pipeline().unlink(key).publish(news, b"x " + key).execute()


def kill_redis(folder: Path) -> None:
    """Kill the Redis that listens in `folder`."""
    client: Any = redis.Redis.from_url(f"unix://{folder / 's'}?db=0")
    os.kill(client.info("server")["process_id"], signal.SIGKILL)
