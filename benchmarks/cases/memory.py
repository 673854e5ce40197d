"""What a web process weighs when its cache is full."""

from benchmarks.bench import USUAL_CONNECTIONS, Bench
from benchmarks.load import wrk
from benchmarks.servers.graticule import Graticule

# Some 30 kB each, more than 64 MB of them.
BANDS = (("footprints", 12, 14, 2200), ("streets", 12, 14, 900), ("squares", 13, 15, 300))


def memory(bench: Bench) -> None:
    """Ask for more different tiles than the memory tier holds, until every process is full."""
    tiles = [
        address
        for dataset, low, high, count in BANDS
        if dataset in bench.plan.datasets
        for address in bench.atlas.tiles(dataset, low, high, bench.plan.some(count))
    ]
    with bench.serving("memory", [Graticule(bench.place)], tiles[0]) as (server,):
        if not isinstance(server, Graticule):
            raise TypeError("only ours is weighed")
        first = wrk.once(server.walk(tiles), USUAL_CONNECTIONS)
        again = wrk.over_and_over(server.walk(tiles), USUAL_CONNECTIONS, 2 * bench.plan.seconds)
        cache = server.metric("graticule_memory_bytes") / 1e6
        workers = server.workers()
        facts = {
            "workers_pss": [round(size, 1) for size in workers],
            "others_pss": [round(size, 1) for size in server.pss()[len(workers) :]],
            "cache_mb": round(cache / len(workers), 1),
            "over_cache_mb": round(max(workers) - cache / len(workers), 1),
        }
        bench.note("memory", "the cache full", server.name, [first, again], **facts)
