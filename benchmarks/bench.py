"""What every case works with: the place, the plan, the servers, and where results go."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.addresses import BANDS, Address, Atlas, Band
from benchmarks.load import wrk
from benchmarks.load.answer import Content, content_of
from benchmarks.load.client import Client
from benchmarks.load.measure import Measure
from benchmarks.place import Place
from benchmarks.plan import Plan
from benchmarks.reference import Reference, features
from benchmarks.results import Results, Row
from benchmarks.servers.nginx import Nginx
from benchmarks.servers.plain import Plain
from benchmarks.servers.process import NotStarted
from benchmarks.servers.server import Server

USUAL_CONNECTIONS = 32
WARM_UP_SECONDS = 2.0


@dataclass
class Bench:
    """One run."""

    place: Place
    plan: Plan
    say: Callable[[str], None]
    reference: Reference
    atlas: Atlas
    results: Results = field(default_factory=Results)
    # Lists that several cases use, by name.
    lists: dict[str, list[Address]] = field(default_factory=dict)

    def bands(self) -> list[Band]:
        """The bands of the datasets of this run."""
        return [band for band in BANDS if band.dataset in self.plan.datasets]

    @contextmanager
    def serving(
        self, case: str, servers: Sequence[Server], probe: Address
    ) -> Iterator[list[Server]]:
        """Those of the servers that can be run here, running; the others are noted as not run."""
        with ExitStack() as stack:
            started = []
            for server in servers:
                reason = self._start(stack, server, probe)
                if reason:
                    self.results.rows.append(Row(case, "", server.name, not_run=reason))
                else:
                    started.append(server)
            yield started

    def _start(self, stack: ExitStack, server: Server, probe: Address) -> str:
        if not self.plan.wants(server.name):
            return "not asked for"
        reason = server.missing()
        if reason:
            return reason
        try:
            stack.enter_context(server.running(probe))
        except NotStarted as fault:
            self.say(str(fault))
            return "did not start"
        self.results.about.setdefault("servers", {})[server.name] = server.version()
        return ""

    def learn(self, server: Server, addresses: Sequence[Address]) -> dict[str, Any]:
        """Ask for each tile once and note its content; returns how it compares with raw SQL.

        `differ`: tiles that are not the same bytes, of servers that must give the same. Of peers
        the answer itself is noted, and compared by length when they are loaded; `features`: how
        many they give for each of ours (a wider buffer gives more).
        """
        differ = ours = theirs = 0
        with closing(Client(server.base, {"Accept-Encoding": "gzip"})) as client:
            for address in addresses:
                wanted, answer = self.reference.content(address), client.get(server.path(address))
                found = content_of(answer)
                differ += found != wanted
                ours += self.reference.features(address)
                theirs += features(answer.content)
                noted = wanted if server.same_bytes else found
                server.expected[server.path(address)] = noted or Content(0, -1)
        if server.same_bytes:
            return {"differ": differ}
        return {"features": round(theirs / max(1, ours), 3)}

    def put(self, server: Nginx | Plain, addresses: Sequence[Address]) -> None:
        """Give a server that renders nothing its tiles."""
        for address in addresses:
            server.put(address, self.reference.tile(address))

    def warm(self, server: Server, addresses: Sequence[Address], **more: Any) -> None:
        """Load a server for a moment, without looking: its caches and our eyes get used to it."""
        seconds = min(WARM_UP_SECONDS, self.plan.seconds)
        wrk.over_and_over(server.walk(addresses, **more), USUAL_CONNECTIONS, seconds)

    def loop(
        self, tiles: Sequence[Address], connections: int = USUAL_CONNECTIONS, **more: Any
    ) -> Callable[[Server], Measure]:
        """A load that asks for the tiles over and over for the seconds of the plan."""

        def load(server: Server) -> Measure:
            walk = server.walk(tiles, **more)
            return wrk.over_and_over(walk, connections, self.plan.seconds)

        return load

    def rounds(
        self, servers: Sequence[Server], load: Callable[[Server], Measure]
    ) -> dict[str, list[Measure]]:
        """Every server in turn, over and over: what drifts on the machine meets all of them."""
        found: dict[str, list[Measure]] = {server.name: [] for server in servers}
        for turn in range(self.plan.rounds):
            for server in servers:
                if not (turn and server.one_round):
                    found[server.name].append(load(server))
        return found

    def note(self, case: str, what: str, server: str, rounds: list[Measure], **facts: Any) -> None:
        """Keep a row and tell it."""
        row = Row(case, what, server, rounds, facts)
        self.results.rows.append(row)
        one = row.middle
        wrong = f"  {one.errors} errors, {one.wrong} wrong" if one.errors or one.wrong else ""
        self.say(
            f"{case:<13}{what:<28}{server:<18}{one.rate:>9.0f}/s"
            f"{one.p50:>9.2f}{one.p99:>9.2f} ms{wrong}"
        )
