"""pg_tileserv where it is on the PATH, with its own defaults but for the number of connections."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.addresses import Address
from benchmarks.servers import process
from benchmarks.servers.server import CONNECTIONS_TO_POSTGRES, Server

CONFIGURATION = """\
HttpHost = "127.0.0.1"
HttpPort = {port}
DbPoolMaxConns = {connections}
"""


@dataclass
class PgTileserv(Server):
    """It keeps nothing: every tile is asked of PostgreSQL."""

    name: str = "pg_tileserv"

    def missing(self) -> str:
        """Whether there is a program to run."""
        return "" if shutil.which("pg_tileserv") else "not on the PATH"

    def version(self) -> str:
        """As it says."""
        return process.said("pg_tileserv", "--version")

    def path(self, address: Address) -> str:
        """The path of a tile."""
        return f"/{self.place.schema}.{address.dataset}/{address.z}/{address.x}/{address.y}.pbf"

    def command(self) -> Sequence[str]:
        """With a configuration of its own."""
        return ["pg_tileserv", "--config", str(self.log.with_suffix(".toml"))]

    def environment(self) -> Mapping[str, str]:
        """The database."""
        return {"DATABASE_URL": self.place.database_url}

    def prepare(self) -> None:
        """Write the configuration."""
        text = CONFIGURATION.format(port=self.port, connections=CONNECTIONS_TO_POSTGRES)
        self.log.with_suffix(".toml").write_text(text)
