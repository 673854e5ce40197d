"""Where a checkout keeps what it makes: private servers, logs, records and settings."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from script.local.account import Account

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Place:
    """One set of private servers of one checkout (the running ones, or those of the tests)."""

    root: Path

    @property
    def log(self) -> Path:
        """The folder of log files."""
        return self.root / "log"

    @property
    def run(self) -> Path:
        """The folder of process records."""
        return self.root / "run"

    @property
    def env_file(self) -> Path:
        """The settings of the private servers, KEY=VALUE, for the owner's eyes only."""
        return self.root / "env"

    @property
    def digest(self) -> str:
        """A short name that differs between checkouts, so that two never collide."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:10]

    @property
    def sockets(self) -> Path:
        """Where the servers listen; short, because a socket's path may have 107 bytes at most."""
        return Path("/tmp") / f"graticule-{self.digest}"  # noqa: S108

    def data(self, account: Account) -> Path:
        """The folder for the servers' data, one that `account` can reach."""
        if account.reaches(self.root):
            return self.root
        return Path("/var/lib") / f"graticule-{self.digest}"

    def prepare(self) -> None:
        """Make the folders."""
        for folder in (self.root, self.log, self.run):
            folder.mkdir(parents=True, exist_ok=True)


SERVING = Place(CHECKOUT / ".local")
TESTING = Place(CHECKOUT / ".local" / "test")
