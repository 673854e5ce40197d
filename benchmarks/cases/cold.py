"""Cold tiles, by zoom band: nothing kept, PostgreSQL's buffers warm for all alike."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from statistics import median
from typing import Any

from benchmarks.addresses import Address, Band
from benchmarks.bench import Bench
from benchmarks.load import wrk
from benchmarks.load.client import Client
from benchmarks.load.measure import Measure, of_times
from benchmarks.servers.graticule import Graticule
from benchmarks.servers.martin import Martin
from benchmarks.servers.pg_tileserv import PgTileserv
from benchmarks.servers.server import Server
from benchmarks.servers.tegola import Tegola
from benchmarks.servers.tipg import TiPg

# Tiles of fewer bytes (uncompressed) are told apart: of them the server is the larger part.
SMALL_BYTES = 2_000
TOGETHER = 8
Ask = Callable[[Address], float]
Times = dict[str, list[dict[Address, float]]]
Learned = dict[str, dict[str, Any]]


def peers(bench: Bench) -> list[Server]:
    """Ours, and those that ask PostgreSQL for every tile."""
    return [
        Graticule(bench.place),
        Martin(bench.place, name="martin, no cache", cache=False),
        TiPg(bench.place),
        PgTileserv(bench.place),
        Tegola(bench.place),
    ]


def alone(bench: Bench) -> None:
    """One connection, one tile after the other; for each tile every server in turn."""
    bands = bench.bands()
    probe = bench.atlas.band(bands[0], 1)[0]
    with bench.serving("alone", peers(bench), probe) as started:
        for band in bands:
            tiles = bench.atlas.band(band, bench.plan.some(band.alone))
            _acquaint(bench, band, started, tiles)
            learned = {server.name: bench.learn(server, tiles) for server in started}
            with ExitStack() as stack:
                asking = {**_raw(bench), **_askers(stack, started)}
                times = _in_turn(bench, band, tiles, asking)
            _note(bench, band, tiles, times, learned)


def _acquaint(
    bench: Bench, band: Band, servers: Sequence[Server], tiles: Sequence[Address]
) -> None:
    """Ask for other tiles of the band: connections are made, statements prepared."""
    others = bench.atlas.band(band, 2 * TOGETHER, but_not=set(tiles))
    for server in servers if others else ():
        wrk.once(server.walk(others), TOGETHER)


def _raw(bench: Bench) -> dict[str, Ask]:
    return {
        "raw SQL, best": lambda address: bench.reference.best(address)[1],
        "raw SQL, textbook": lambda address: bench.reference.textbook(address)[1],
    }


def _asker(server: Server, client: Client) -> Ask:
    return lambda address: client.get(server.path(address)).seconds


def _askers(stack: ExitStack, servers: Sequence[Server]) -> dict[str, Ask]:
    """A connection to each server, closed with the stack."""
    found = {}
    for server in servers:
        client = stack.enter_context(closing(Client(server.base, {"Accept-Encoding": "gzip"})))
        found[server.name] = _asker(server, client)
    return found


def _in_turn(bench: Bench, band: Band, tiles: Sequence[Address], asking: dict[str, Ask]) -> Times:
    """Seconds by server, round and tile; who is asked first changes with each tile."""
    times: Times = {name: [] for name in asking}
    names = list(asking)
    for _ in range(bench.plan.rounds):
        Graticule.cool([band.dataset])
        for name in names:
            times[name].append({})
        for number, address in enumerate(tiles):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                times[name][-1][address] = asking[name](address)
    return times


def _note(
    bench: Bench, band: Band, tiles: Sequence[Address], times: Times, learned: Learned
) -> None:
    size = {address: bench.reference.content(address).size for address in tiles}
    groups = {
        "": tiles,
        ", < 2 kB": [one for one in tiles if size[one] < SMALL_BYTES],
        ", >= 2 kB": [one for one in tiles if size[one] >= SMALL_BYTES],
    }
    for words, group in groups.items():
        for name, rounds in times.items() if group else ():
            found = [of_times([r[one] for one in group], sum(r.values())) for r in rounds]
            facts = {"tiles": len(group), "over_raw_ms": _over_raw(times, name, group)}
            bench.note("alone", band.name + words, name, found, **facts, **learned.get(name, {}))


def _over_raw(times: Times, name: str, group: Iterable[Address]) -> float:
    """Milliseconds more than the best raw SQL, tile by tile; the median."""
    best = {one: median(r[one] for r in times["raw SQL, best"]) for one in group}
    return round(1000 * median(median(r[one] for r in times[name]) - best[one] for one in best), 3)


def together(bench: Bench) -> None:
    """Eight connections, every tile once, as fast as they come."""
    bands = bench.bands()
    probe = bench.atlas.band(bands[0], 1)[0]
    with bench.serving("together", peers(bench), probe) as started:
        for band in bands:
            _together(bench, band, started)


def _together(bench: Bench, band: Band, servers: Sequence[Server]) -> None:
    tiles = bench.atlas.band(band, bench.plan.some(band.together))
    _acquaint(bench, band, servers, tiles)
    learned = {server.name: bench.learn(server, tiles) for server in servers}

    def load(server: Server) -> Measure:
        if isinstance(server, Graticule):
            server.cool([band.dataset])
        return wrk.once(server.walk(tiles), TOGETHER)

    found = bench.rounds(servers, load)
    for server in servers:
        facts = {"tiles": len(tiles), "pss": server.pss(), **learned[server.name]}
        bench.note("together", band.name, server.name, found[server.name], **facts)
