"""TiPg out of the side environment, with its own defaults but for the number of connections."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from typing import ClassVar
from urllib.parse import parse_qs, quote, urlsplit

from benchmarks.addresses import Address
from benchmarks.servers.server import CONNECTIONS_TO_POSTGRES, Server


@dataclass
class TiPg(Server):
    """One uvicorn process, as its documentation starts it."""

    name: str = "tipg"
    one_round: ClassVar[bool] = True

    def missing(self) -> str:
        """Whether it was installed; loading the streets does that too."""
        return "" if (self.place.folder / "venv/bin/uvicorn").exists() else "not installed"

    def version(self) -> str:
        """The package's version."""
        libraries = (self.place.folder / "venv").glob("lib/python*/site-packages")
        found = distributions(name="tipg", path=[str(one) for one in libraries])
        return next((f"tipg {one.version}" for one in found), "tipg")

    def path(self, address: Address) -> str:
        """The path of a tile."""
        collection = f"{self.place.schema}.{address.dataset}"
        where = f"{address.z}/{address.x}/{address.y}"
        return f"/collections/{collection}/tiles/WebMercatorQuad/{where}"

    def command(self) -> Sequence[str]:
        """One process."""
        program = str(self.place.folder / "venv/bin/uvicorn")
        return [program, "tipg.main:app", "--port", str(self.port), "--no-access-log"]

    def environment(self) -> Mapping[str, str]:
        """The database. Its reader of URLs wants a host: a socket's folder goes there, quoted."""
        parts = urlsplit(self.place.database_url)
        socket = parse_qs(parts.query).get("host", [""])[0]
        netloc = parts.netloc if parts.hostname else parts.netloc + quote(socket, safe="")
        return {
            "DATABASE_URL": f"postgresql://{netloc}{parts.path}",
            "TIPG_DB_SCHEMAS": json.dumps([self.place.schema]),
            "DB_MAX_CONN_SIZE": str(CONNECTIONS_TO_POSTGRES),
        }
