"""What every server of the benchmark has: a name, addresses, a start and an end."""

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from benchmarks.addresses import Address
from benchmarks.load.answer import Content
from benchmarks.load.wrk import Walk
from benchmarks.place import Place
from benchmarks.servers import process

CONNECTIONS_TO_POSTGRES = 4


@dataclass
class Server(ABC):
    """A tile server that can be started on a free loopback port.

    `expected` holds the content of every tile that it was once seen to give, and that was found
    to be right then.
    """

    place: Place
    port: int = field(default_factory=process.free_port)
    expected: dict[str, Content] = field(default_factory=dict)
    name: str = ""
    leader: subprocess.Popen[bytes] | None = None
    # Whether it gives the very bytes of our statement. Peers order features, name attributes and
    # cut at the edge as they like.
    same_bytes: ClassVar[bool] = False
    # Measured in one round only, of those that no target asks for.
    one_round: ClassVar[bool] = False

    @property
    def base(self) -> str:
        """The URL that paths are appended to."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What its processes write."""
        return self.place.folder / f"{self.name.replace(' ', '-')}.log"

    @property
    def folder(self) -> Path:
        """Where it runs."""
        return self.place.folder

    @abstractmethod
    def missing(self) -> str:
        """Why it cannot be run here; empty when it can."""

    @abstractmethod
    def version(self) -> str:
        """What it is, for the report; asked only where it can be run."""

    @abstractmethod
    def path(self, address: Address) -> str:
        """The path of a tile."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The command that starts it."""

    def environment(self) -> Mapping[str, str]:
        """What is added to the environment."""
        return {}

    def prepare(self) -> None:  # noqa: B027 - most want none
        """Write the files that it wants."""

    def beside(self) -> AbstractContextManager[object]:
        """What must run beside it, and before it."""
        return nullcontext()

    def walk(self, addresses: Sequence[Address], **more: object) -> Walk:
        """A Walk over tiles of this server, compared with what is expected of it."""
        paths = [self.path(address) for address in addresses]
        told = {"expected": self.expected, "exact": self.same_bytes, **more}
        return Walk(self.base, paths, **told)  # type: ignore[arg-type]

    @contextmanager
    def running(self, probe: Address) -> Iterator["Server"]:
        """Running, once `probe` is answered; ended afterwards. Raises process.NotStarted."""
        self.log.unlink(missing_ok=True)
        self.prepare()
        with (
            self.beside(),
            process.running(self.command(), self.environment(), self.log, self.folder) as leader,
        ):
            process.wait_for(self.base, self.path(probe), leader, self.log)
            self.leader = leader
            yield self
            self.leader = None

    def pss(self) -> list[float]:
        """Pss in MB of its processes, largest first."""
        return process.family_pss(self.leader.pid) if self.leader else []
