"""Hot tiles at a fixed rate while cold ones saturate the database: does one feel the other?"""

from collections.abc import Sequence

from benchmarks.addresses import Address
from benchmarks.bench import USUAL_CONNECTIONS, Bench
from benchmarks.cases.hot import of_size
from benchmarks.load import wrk
from benchmarks.load.measure import Measure
from benchmarks.load.paced import Pace
from benchmarks.servers.graticule import Graticule
from benchmarks.servers.martin import Martin
from benchmarks.servers.server import Server

SHARE_OF_CAPACITY = 0.3
PRESSING_CONNECTIONS = 32
# More than can be rendered in the time of a round.
COLD_TILES = 3000
ZOOMS = {"footprints": (13, 16), "squares": (13, 15)}


def crowded(bench: Bench) -> None:
    """30 % of what the server can do, alone and beside 32 connections that ask for cold tiles."""
    dataset = next(name for name in bench.plan.datasets if name in ZOOMS)
    hot = of_size(bench, "11 kB")
    count = bench.plan.some(COLD_TILES)
    cold = bench.atlas.tiles(dataset, *ZOOMS[dataset], count * bench.plan.rounds, but_not=set(hot))
    with bench.serving("crowded", [Graticule(bench.place), Martin(bench.place)], hot[0]) as started:
        for server in started:
            bench.learn(server, hot)
            bench.warm(server, hot)
            _measured(bench, server, hot, cold)


def _measured(
    bench: Bench, server: Server, hot: Sequence[Address], cold: Sequence[Address]
) -> None:
    walk, count = server.walk(hot), len(cold) // bench.plan.rounds
    capacity = wrk.over_and_over(walk, USUAL_CONNECTIONS, bench.plan.seconds).rate
    rate = SHARE_OF_CAPACITY * capacity
    found: dict[str, list[Measure]] = {"alone": [], "beside cold tiles": []}
    late: dict[str, list[float]] = {name: [] for name in found}
    pressed: list[float] = []
    for turn in range(bench.plan.rounds):
        deal = cold[turn * count : (turn + 1) * count]
        alone = Pace(walk, rate, USUAL_CONNECTIONS).run(bench.plan.seconds)
        with wrk.pressing(server.walk(deal), PRESSING_CONNECTIONS) as press:
            beside = Pace(walk, rate, USUAL_CONNECTIONS).run(bench.plan.seconds)
        pressed.append(round(press.rate, 1))
        for rounds, lates, paced in zip(
            found.values(), late.values(), (alone, beside), strict=True
        ):
            rounds.append(paced.measure)
            lates.append(round(paced.late, 4))
    for name, rounds in found.items():
        facts = {"rate": round(rate), "capacity": round(capacity), "late": late[name]}
        more = {"cold_rate": pressed} if name != "alone" else {}
        bench.note("crowded", name, server.name, rounds, **facts, **more)
