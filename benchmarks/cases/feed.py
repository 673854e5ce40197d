"""The changes feed, as open maps ask for it: each from where it was a second ago."""

import json
from contextlib import closing

from benchmarks.addresses import Address
from benchmarks.bench import Bench
from benchmarks.cases.tracked import copies, track
from benchmarks.load import wrk
from benchmarks.load.client import Client
from benchmarks.load.wrk import Walk
from benchmarks.servers.graticule import Graticule
from benchmarks.servers.server import Server

CONNECTIONS = (32, 128)
FED = "fed"


def feed(bench: Bench) -> None:
    """Requests a second; 10,000 open maps ask 10,000 times a second."""
    probe = Address(bench.plan.datasets[0], 14, 0, 0)
    with copies(bench, [FED], bench.plan.some(1000)):
        track(bench, FED)
        with bench.serving("feed", [Graticule(bench.place)], probe) as started:
            for server in started:
                walk = Walk(server.base, [_path(server)])
                for count in CONNECTIONS:
                    wrk.over_and_over(walk, count, 1)
                    rounds = [
                        wrk.over_and_over(walk, count, bench.plan.seconds)
                        for _ in range(bench.plan.rounds)
                    ]
                    bench.note("feed", f"{count} connections", server.name, rounds)


def _path(server: Server) -> str:
    """The question of a map that is up to date."""
    path = f"/tiles/{FED}/changes"
    with closing(Client(server.base)) as client:
        told = json.loads(client.get(path).content)
    return f"{path}?since={told['seq']}&epoch={told['epoch']}"
