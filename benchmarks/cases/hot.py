"""Hot tiles: out of memory, out of Redis, and not sent again because the client has them."""

from collections.abc import Sequence

from benchmarks.addresses import Address
from benchmarks.bench import Bench
from benchmarks.load.client import Client
from benchmarks.load.measure import Measure
from benchmarks.servers.graticule import Graticule
from benchmarks.servers.martin import Martin
from benchmarks.servers.nginx import Nginx
from benchmarks.servers.plain import Plain
from benchmarks.servers.server import Server
from benchmarks.servers.tipg import TiPg
from tileserver.encode import GZIP

TILES = 200
# The bytes of a tile as it is sent, from and to.
SIZES = {"11 kB": (9_500, 12_500), "20 kB": (17_000, 23_000)}
WHERE = (("footprints", 13, 16), ("streets", 11, 15), ("squares", 12, 15))
CODINGS = {"gzip": "gzip", "identity": ""}
NO_MEMORY = {"MEMORY_CACHE_BYTES": "0"}


def of_size(bench: Bench, what: str) -> list[Address]:
    """Tiles of about one size, from all datasets that have such; any, in a run on tiny data."""
    if what not in bench.lists:
        bench.lists[what] = _found(bench, what)
    return bench.lists[what]


def _found(bench: Bench, what: str) -> list[Address]:
    low, high = SIZES[what]
    wanted, found = bench.plan.some(TILES), []
    names = [where for where in WHERE if where[0] in bench.plan.datasets]
    for dataset, first, last in names:
        share = wanted // len(names)
        for address in bench.atlas.tiles(dataset, first, last, 40 * share):
            tile = bench.reference.tile(address)
            fits = low <= len(tile.body) <= high or dataset == "squares"
            if fits and tile.coding == GZIP:
                found.append(address)
                share -= 1
            if share == 0:
                break
    return found


def hot(bench: Bench) -> None:
    """200 tiles of 11 kB and 200 of 20 kB, for clients with gzip and for those without."""
    for what in bench.plan.sizes:
        tiles = of_size(bench, what)
        nginx = Nginx(bench.place)
        bench.put(nginx, tiles)
        servers = [Graticule(bench.place), nginx, Martin(bench.place), TiPg(bench.place)]
        with bench.serving("hot", servers, tiles[0]) as started:
            for coding, header in CODINGS.items():
                _measured(bench, f"{what}, {coding}", started, tiles, header)


def _measured(
    bench: Bench, what: str, servers: Sequence[Server], tiles: list[Address], coding: str
) -> None:
    learned = {server.name: bench.learn(server, tiles) for server in servers}
    for server in servers:
        bench.warm(server, tiles, coding=coding)
    found = bench.rounds(servers, bench.loop(tiles, coding=coding))
    for server in servers:
        facts = {"tiles": len(tiles), "pss": server.pss(), **learned[server.name]}
        bench.note("hot", what, server.name, found[server.name], **facts)


def redis(bench: Bench) -> None:
    """The same tiles with no memory tier, against a plain Django view over the same Redis."""
    for what in bench.plan.sizes:
        tiles = of_size(bench, what)
        plain = Plain(bench.place)
        bench.put(plain, tiles)
        ours = Graticule(bench.place, name="graticule, no memory", settings=NO_MEMORY)
        with bench.serving("redis", [ours, plain], tiles[0]) as started:
            for server in started:
                bench.learn(server, tiles)
                bench.warm(server, tiles)
            found = bench.rounds(started, bench.loop(tiles))
            for server in started:
                bench.note("redis", what, server.name, found[server.name], pss=server.pss())


def not_modified(bench: Bench) -> None:
    """The client has the tile: 304, beside the same tiles sent whole."""
    tiles = of_size(bench, "11 kB")
    nginx = Nginx(bench.place)
    bench.put(nginx, tiles)
    with bench.serving("not-modified", [Graticule(bench.place), nginx], tiles[0]) as started:
        etags = {server.name: etags_of(server, tiles) for server in started}
        for what in ("200", "304"):
            found: dict[str, list[Measure]] = {}
            for server in started:
                known = etags[server.name] if what == "304" else {}
                bench.warm(server, tiles, etags=known)
                found |= bench.rounds([server], bench.loop(tiles, etags=known))
            for server in started:
                bench.note("not-modified", what, server.name, found[server.name])


def etags_of(server: Server, tiles: Sequence[Address]) -> dict[str, str]:
    """The ETag of each path; raises KeyError where there is none."""
    client = Client(server.base, {"Accept-Encoding": "gzip"})
    paths = [server.path(address) for address in tiles]
    found = {path: client.get(path).headers["etag"] for path in paths}
    client.close()
    return found


def connections(bench: Bench) -> None:
    """The hot tiles of 11 kB over one connection and over many."""
    tiles = of_size(bench, "11 kB")
    nginx = Nginx(bench.place)
    bench.put(nginx, tiles)
    servers = [Graticule(bench.place), nginx, Martin(bench.place)]
    with bench.serving("connections", servers, tiles[0]) as started:
        for server in started:
            bench.learn(server, tiles)
            bench.warm(server, tiles)
        for level in bench.plan.levels:
            found = bench.rounds(started, bench.loop(tiles, level))
            for server in started:
                bench.note("connections", f"{level}", server.name, found[server.name])
