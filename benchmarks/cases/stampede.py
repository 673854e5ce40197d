"""A crowd that asks for one large cold tile at once."""

import time

from benchmarks.addresses import Address
from benchmarks.bench import Bench
from benchmarks.cases.cold import peers
from benchmarks.load import crowd
from benchmarks.load.answer import EMPTY, alike
from benchmarks.reference import scans
from benchmarks.servers.graticule import Graticule
from benchmarks.servers.martin import Martin
from benchmarks.servers.server import Server

WANTED_BYTES = 3_000_000
# Where tiles of that size may be found, uncompressed.
WHERE = (("places", 3, 5), ("footprints", 8, 10), ("streets", 10, 12), ("squares", 10, 12))
LOOKED_AT = 12
# PostgreSQL tells its statistics to others at most so late.
SETTLED_SECONDS = 11.0


def large(bench: Bench) -> Address:
    """The tile whose uncompressed size is nearest to 3 MB."""
    candidates = [
        address
        for dataset, low, high in WHERE
        if dataset in bench.plan.datasets
        for address in bench.atlas.tiles(dataset, low, high, LOOKED_AT)
    ]
    return min(candidates, key=lambda a: abs(bench.reference.content(a).size - WANTED_BYTES))


def stampede(bench: Bench) -> None:
    """One server at a time: statements are counted by the database, as scans of the table."""
    tile = large(bench)
    probe = bench.atlas.tiles(tile.dataset, 14, 14, 1)[0]
    render = min(bench.reference.best(tile)[1] for _ in range(3))
    for server in [Graticule(bench.place), Martin(bench.place), *peers(bench)[2:]]:
        with bench.serving("stampede", [server], probe) as started:
            for one in started:
                _crowd(bench, one, tile, render)


def _crowd(bench: Bench, server: Server, tile: Address, render: float) -> None:
    if isinstance(server, Graticule):
        server.cool([tile.dataset])
    before = _scans(bench, tile)
    met = crowd.ask(server.base, server.path(tile), bench.plan.crowd)
    after = _scans(bench, tile)
    # Ours is what raw SQL gives; the answers of others are compared with each other.
    first = next(iter(met.contents), None) or EMPTY
    expected = bench.reference.content(tile) if server.same_bytes else first
    met.measure.checked = len(met.contents)
    exact = server.same_bytes
    met.measure.wrong += sum(not alike(one, expected, exact=exact) for one in met.contents)
    size = bench.reference.content(tile).size
    facts = {
        "last_seconds": round(met.last_seconds, 3),
        "one_render_seconds": round(render, 3),
        "statuses": met.statuses,
        "statements": None if before is None or after is None else after - before,
        "tile_bytes": size,
        "pss": server.pss(),
    }
    what = f"{bench.plan.crowd} at once"
    bench.note("stampede", what, server.name, [met.measure], **facts)


def _scans(bench: Bench, tile: Address) -> int | None:
    """Scans of the table until now; None in a quick run, which does not wait for statistics."""
    if bench.plan.share < 1:
        return None
    time.sleep(SETTLED_SECONDS)
    return scans(bench.place, tile.dataset)
