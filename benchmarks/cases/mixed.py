"""Nine requests for hot tiles to one for a cold one, as a quiet day brings them."""

from collections.abc import Iterator, Sequence

from benchmarks.addresses import Address
from benchmarks.bench import USUAL_CONNECTIONS, Bench
from benchmarks.cases.hot import of_size
from benchmarks.load import wrk
from benchmarks.load.measure import Measure
from benchmarks.servers.graticule import Graticule
from benchmarks.servers.martin import Martin
from benchmarks.servers.server import Server

COLD_TILES = 600
HOT_FOR_EACH = 9
ZOOMS = {"footprints": (14, 16), "squares": (13, 15)}


def mixed(bench: Bench) -> None:
    """The hot tiles are warm everywhere; every round has cold tiles that nobody has asked for."""
    dataset = next(name for name in bench.plan.datasets if name in ZOOMS)
    hot = of_size(bench, "11 kB")
    count = bench.plan.some(COLD_TILES)
    cold = bench.atlas.tiles(dataset, *ZOOMS[dataset], count * bench.plan.rounds, but_not=set(hot))
    deals = [cold[n * count : (n + 1) * count] for n in range(bench.plan.rounds)]
    # Of the cold ones nobody learns by asking: raw SQL says what they hold.
    with bench.serving("mixed", [Graticule(bench.place), Martin(bench.place)], hot[0]) as started:
        found: dict[str, list[Measure]] = {server.name: [] for server in started}
        for server in started:
            bench.learn(server, hot)
            bench.warm(server, hot)
            _expect(bench, server, cold)
        Graticule.cool([])
        for deal in deals:
            for server in started:
                walk = server.walk(list(_shuffled(hot, deal)))
                found[server.name].append(wrk.once(walk, USUAL_CONNECTIONS))
        for server in started:
            bench.note("mixed", "90 % hot, 10 % cold", server.name, found[server.name])


def _expect(bench: Bench, server: Server, tiles: Sequence[Address]) -> None:
    """What the bytes of cold tiles will be is known for ours only."""
    if isinstance(server, Graticule):
        server.expected.update((server.path(one), bench.reference.content(one)) for one in tiles)


def _shuffled(hot: Sequence[Address], cold: Sequence[Address]) -> Iterator[Address]:
    """Nine hot ones in turn, then a cold one."""
    for number, address in enumerate(cold):
        first = number * HOT_FOR_EACH
        yield from (hot[(first + more) % len(hot)] for more in range(HOT_FOR_EACH))
        yield address
