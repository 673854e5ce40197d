"""wrk: the load generator, as fast as it is answered or with rests in between."""

import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.load.answer import Content, alike, content_of
from benchmarks.load.client import Client
from benchmarks.load.measure import Measure

SCRIPT = Path(__file__).with_name("walk.lua")
SAMPLES_A_SECOND = 20.0
PATIENCE_SECONDS = 300.0
SETTLE_SECONDS = 0.5


class LoadFailed(RuntimeError):
    """wrk did not do its work; the message has its last words."""


@dataclass(frozen=True)
class Walk:
    """What is asked: paths of one server, with the coding, and ETags where the client has them.

    `expected` is the content of each path that answers are compared with; paths without are not.
    `pause` is in milliseconds: how long a connection rests before each request, on average.
    """

    base: str
    paths: Sequence[str]
    coding: str = "gzip"
    etags: Mapping[str, str] = field(default_factory=dict)
    expected: Mapping[str, Content] = field(default_factory=dict)
    exact: bool = True
    pause: int = 0

    def same(self, found: Content | None, path: str) -> bool:
        """Whether a content is what the path must give.

        Where it is not `exact` the length decides, to 2 %: peers have features in any order.
        """
        return alike(found, self.expected[path], exact=self.exact)

    @contextmanager
    def listed(self) -> Iterator[str]:
        """The list as a file."""
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="ascii") as file:
            file.writelines(f"{path}\t{self.etags.get(path, '')}\n" for path in self.paths)
            file.flush()
            yield file.name


def over_and_over(walk: Walk, connections: int, seconds: float, seed: int = 0) -> Measure:
    """Ask for the paths in turn, for some seconds; meanwhile compare a sample of answers."""
    threads = 1 if walk.pause else min(2, connections)
    with _started(walk, connections, threads, seconds, once=False) as wrk:
        checked, wrong = _sample(walk, wrk, random.Random(seed))
        said = _result(wrk)
    return _measure(said, checked, wrong)


def once(walk: Walk, connections: int) -> Measure:
    """Ask for each path once; the contents of all answers together must be the expected ones.

    The order of answers is not the order of paths, so their CRCs are compared as a sum.
    """
    with _started(walk, connections, 1, PATIENCE_SECONDS, once=True) as wrk:
        if wrk.stdout is None or not any(line == "WALKED\n" for line in wrk.stdout):
            raise LoadFailed(f"{walk.base} did not answer {len(walk.paths)} requests in time")
        wrk.send_signal(signal.SIGINT)
        said = _result(wrk)
    contents = [walk.expected[path] for path in walk.paths if path in walk.expected]
    if len(contents) < len(walk.paths):
        return _measure(said, 0, 0)
    wanted = Content(sum(one.crc for one in contents) % 2**32, sum(one.size for one in contents))
    found = Content(int(said["crcs"]), int(said["sizes"]))
    return _measure(said, len(contents), int(not alike(found, wanted, exact=walk.exact)))


class Press:
    """A load in the background; `rate` is known when it has ended."""

    rate = 0.0


@contextmanager
def pressing(walk: Walk, connections: int, *, again: bool = False) -> Iterator[Press]:
    """Ask for each path at most once while the block runs; over and over if `again`."""
    press = Press()
    with _started(walk, connections, 1, PATIENCE_SECONDS, once=not again) as wrk:
        began = time.monotonic()
        time.sleep(SETTLE_SECONDS)
        yield press
        took = time.monotonic() - began
        wrk.send_signal(signal.SIGINT)
        press.rate = _result(wrk)["answers"] / took


@contextmanager
def _started(
    walk: Walk, connections: int, threads: int, seconds: float, once: bool
) -> Iterator[subprocess.Popen[str]]:
    program = shutil.which("wrk")
    if program is None:
        raise LoadFailed("wrk is not installed: apt-get install wrk")
    with walk.listed() as file:
        env = {"WALK_LIST": file, "WALK_CODING": walk.coding, "WALK_ONCE": "1" if once else "0"}
        env["WALK_PAUSE"] = str(walk.pause)
        command = [program, "-t", str(threads), "-c", str(connections), "-d", f"{seconds:.0f}s"]
        command += ["--timeout", "60s", "-s", str(SCRIPT), walk.base]
        started = subprocess.Popen(
            command, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True
        )
        try:
            yield started
        finally:
            if started.poll() is None:
                started.kill()
            started.wait()


def _result(wrk: subprocess.Popen[str]) -> dict[str, float]:
    output = wrk.communicate(timeout=PATIENCE_SECONDS)[0]
    for line in output.splitlines():
        if line.startswith("RESULT "):
            said: dict[str, float] = json.loads(line.removeprefix("RESULT "))
            return said
    raise LoadFailed(f"wrk ended with {wrk.returncode}: {output.strip()[-400:]}")


def _sample(walk: Walk, wrk: subprocess.Popen[str], dice: random.Random) -> tuple[int, int]:
    """Compare some answers a second while the load runs; how many, and how many were wrong."""
    headers = {"Accept-Encoding": walk.coding} if walk.coding else {}
    client, paths = Client(walk.base, headers), [p for p in walk.paths if p in walk.expected]
    checked = wrong = 0
    while paths and wrk.poll() is None:
        path = dice.choice(paths)
        try:
            wrong += not walk.same(content_of(client.get(path)), path)
        except OSError:
            wrong += 1
        checked += 1
        time.sleep(1 / SAMPLES_A_SECOND)
    client.close()
    return checked, wrong


def _measure(said: dict[str, float], checked: int, wrong: int) -> Measure:
    return Measure(
        rate=said["answers"] / said["seconds"],
        p50=said["p50"],
        p95=said["p95"],
        p99=said["p99"],
        longest=said["longest"],
        answers=int(said["answers"]),
        bytes=int(said["bytes"]),
        errors=int(said["failures"] + said["broken"]),
        checked=checked,
        wrong=wrong,
    )
