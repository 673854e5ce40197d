"""A crowd that asks for one large cold tile at once."""

from django.conf import settings

from benchmarks.addresses import Address
from benchmarks.bench import Bench
from benchmarks.cases.cold import peers
from benchmarks.load import crowd
from benchmarks.load.answer import EMPTY, alike
from benchmarks.load.statements import watching
from benchmarks.servers.graticule import Graticule
from benchmarks.servers.martin import Martin
from benchmarks.servers.server import Server

WANTED_BYTES = 3_000_000
# Where tiles of that size may be found, uncompressed.
WHERE = (("places", 3, 5), ("footprints", 8, 10), ("streets", 10, 12), ("squares", 10, 12))
LOOKED_AT = 12


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
    """One server at a time: statements are counted as the database shows them while they run."""
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
    ours = isinstance(server, Graticule)
    url = settings.RENDER_DATABASE_URL if ours else bench.place.database_url
    with watching(url, tile.dataset) as statements:
        met = crowd.ask(server.base, server.path(tile), bench.plan.crowd)
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
        # A tile of a quick run takes too little time to be seen.
        "statements": statements.count if bench.plan.share == 1 else None,
        "tile_bytes": size,
        "pss": server.pss(),
    }
    what = f"{bench.plan.crowd} at once"
    bench.note("stampede", what, server.name, [met.measure], **facts)
