"""Martin, with its own defaults but for the number of connections."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.addresses import Address
from benchmarks.servers import process
from benchmarks.servers.server import CONNECTIONS_TO_POSTGRES, Server

# The id column becomes the feature id, as with us: its default is to make a property of it.
CONFIGURATION = """\
listen_addresses: '127.0.0.1:{port}'
{cache}postgres:
  connection_string: ${{DATABASE_URL}}
  pool_size: {connections}
  auto_publish:
    tables:
      from_schemas: {schema}
      id_columns: id
    functions: false
"""


@dataclass
class Martin(Server):
    """`cache` False: every tile is asked of PostgreSQL."""

    name: str = "martin"
    cache: bool = True

    def missing(self) -> str:
        """Whether there is a program to run."""
        return "" if program() else "not on the PATH, and MARTIN names none"

    def version(self) -> str:
        """As it says."""
        return f"{process.said(program(), '--version')}, cache {'on' if self.cache else 'off'}"

    def path(self, address: Address) -> str:
        """The path of a tile."""
        return f"/{address.dataset}/{address.z}/{address.x}/{address.y}"

    def command(self) -> Sequence[str]:
        """With a configuration of its own."""
        return [program(), "--config", str(self.log.with_suffix(".yaml"))]

    def environment(self) -> Mapping[str, str]:
        """The database, which its configuration names by variable, and no line for each request."""
        return {"DATABASE_URL": self.place.database_url, "RUST_LOG": "warn"}

    def prepare(self) -> None:
        """Write the configuration."""
        text = CONFIGURATION.format(
            port=self.port,
            cache="" if self.cache else "cache:\n  size_mb: 0\n",
            connections=CONNECTIONS_TO_POSTGRES,
            schema=self.place.schema,
        )
        self.log.with_suffix(".yaml").write_text(text)


def program() -> str:
    """The path of Martin: the variable MARTIN, or the PATH; empty without one."""
    return os.environ.get("MARTIN") or shutil.which("martin") or ""
