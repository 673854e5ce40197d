"""What is to be done in a run."""

from dataclasses import dataclass

REAL = ("footprints", "streets", "places", "countries", "gshhg")
SERVERS = ("nginx", "martin", "tipg", "pg_tileserv", "tegola", "django")
# Made, not real: for trying the benchmark itself out.
TINY = ("squares",)
CASES = (
    "hot",
    "redis",
    "not-modified",
    "connections",
    "alone",
    "together",
    "mixed",
    "stampede",
    "crowded",
    "memory",
    "triggers",
    "fresh",
    "feed",
)


@dataclass(frozen=True)
class Plan:
    """The cases, the data and how long: `seconds` a load, `rounds` of which the median counts.

    `share` of the addresses of each band is asked for: 1 in a full run.
    """

    cases: tuple[str, ...] = CASES
    datasets: tuple[str, ...] = REAL
    servers: tuple[str, ...] = ()
    seconds: float = 3.0
    rounds: int = 3
    share: float = 1.0
    seed: int = 1
    crowd: int = 500
    levels: tuple[int, ...] = (1, 8, 32, 128)
    sizes: tuple[str, ...] = ("11 kB", "20 kB")

    def some(self, count: int) -> int:
        """`count` of a full run in this one."""
        return max(4, round(count * self.share))

    def wants(self, server: str) -> bool:
        """Whether a server takes part; all do unless some are named, and ours always does."""
        ours = server.startswith("graticule")
        return ours or not self.servers or server.replace(",", " ").split()[0] in self.servers


QUICK = Plan(
    datasets=TINY, seconds=1, rounds=1, share=0.1, crowd=50, levels=(1, 32), sizes=("11 kB",)
)
