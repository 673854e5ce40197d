"""Hot tiles at a fixed rate while cold ones saturate the database: does one feel the other?

The rate is that of many users who each rest after an answer, some milliseconds more or less. An
open loop would be stricter, but no generator for it is to be had that leaves the server a fair
part of two processors: one in Python takes a whole one at this rate, and measures itself.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from benchmarks.addresses import Address
from benchmarks.bench import USUAL_CONNECTIONS, Bench
from benchmarks.cases.hot import of_size
from benchmarks.load import wrk
from benchmarks.load.measure import Measure
from benchmarks.results import Row
from benchmarks.servers import shares
from benchmarks.servers.graticule import Graticule
from benchmarks.servers.martin import Martin
from benchmarks.servers.server import Server

SHARE_OF_CAPACITY = 0.3
PRESSING_CONNECTIONS = 32
CROWDS = (32, 64, 128, 256)
# Rests are whole milliseconds.
LEAST_PAUSE_MS = 6
# More than can be rendered in the time of a round: a list that ends is no press any more.
COLD_TILES = 12000
ZOOMS = {"footprints": (13, 16), "squares": (13, 15)}
BARE, SHARED = "beside cold tiles", "beside cold tiles, shares of compose.yaml"
Setting = Callable[[], AbstractContextManager[None]]


def crowded(bench: Bench) -> None:
    """30 % of what the server can do, alone and beside 32 connections that ask for cold tiles."""
    dataset = next(name for name in bench.plan.datasets if name in ZOOMS)
    hot = of_size(bench, "11 kB")
    count = bench.plan.some(COLD_TILES)
    cold = bench.atlas.tiles(dataset, *ZOOMS[dataset], count, but_not=set(hot))
    with bench.serving("crowded", [Graticule(bench.place), Martin(bench.place)], hot[0]) as started:
        for server in started:
            bench.learn(server, hot)
            _measured(bench, server, hot, cold)


def _beside(bench: Bench, server: Server) -> dict[str, Setting]:
    """As bare processes, and with the shares that containers have, where they can be given."""
    reason = shares.missing(bench.place)
    if reason or server.leader is None:
        bench.results.rows.append(Row("crowded", SHARED, server.name, not_run=reason))
        return {BARE: nullcontext}
    return {BARE: nullcontext, SHARED: partial(shares.given, bench.place, server.leader.pid)}


def _measured(
    bench: Bench, server: Server, hot: Sequence[Address], cold: Sequence[Address]
) -> None:
    settings = _beside(bench, server)
    bench.warm(server, hot)
    capacity = wrk.over_and_over(server.walk(hot), USUAL_CONNECTIONS, bench.plan.seconds).rate
    users, pause = _crowd(SHARE_OF_CAPACITY * capacity)
    load = bench.loop(hot, users, pause=pause)
    found: dict[str, list[Measure]] = {name: [] for name in ("alone", *settings)}
    pressed: dict[str, list[float]] = {name: [] for name in settings}
    for turn in range(bench.plan.rounds):
        found["alone"].append(load(server))
        for name, setting in settings.items():
            walk = server.walk(_cold_again(bench, server, hot, cold, turn))
            with setting(), wrk.pressing(walk, PRESSING_CONNECTIONS) as press:
                found[name].append(load(server))
            pressed[name].append(round(press.rate, 1))
    for name, rounds in found.items():
        facts = {"capacity": round(capacity), "users": users, "pause_ms": pause}
        more = {"cold_rate": pressed[name]} if name in pressed else {}
        bench.note("crowded", name, server.name, rounds, **facts, **more)


def _cold_again(
    bench: Bench, server: Server, hot: Sequence[Address], cold: Sequence[Address], turn: int
) -> Sequence[Address]:
    """The list from another tile on, cold, and the hot tiles hot.

    A peer's cache may have some of them from the turn before.
    """
    if isinstance(server, Graticule):
        server.cool([cold[0].dataset])
        bench.warm(server, hot)
    start = turn * len(cold) // bench.plan.rounds
    return [*cold[start:], *cold[:start]]


def _crowd(rate: float) -> tuple[int, int]:
    """Connections, and milliseconds of rest before each request, that come to some rate."""
    for users in CROWDS:
        pause = round(1000 * users / rate)
        if pause >= LEAST_PAUSE_MS:
            return users, pause
    return CROWDS[-1], LEAST_PAUSE_MS
