"""nginx that serves the same bytes from disk: as fast as tiles can be had on this machine."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from benchmarks.addresses import Address
from benchmarks.servers import process
from benchmarks.servers.server import Server
from tileserver.encode import GZIP, TileBytes

# Debian's defaults, but for the log (nobody else writes one), and for the end of a connection
# after 1,000 requests, which no other server has.
CONFIGURATION = """\
{user}worker_processes auto;
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 768; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  gzip_static on;
  keepalive_requests 1000000000;
  types {{ application/vnd.mapbox-vector-tile mvt; }}
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {files}; }}
}}
"""


@dataclass
class Nginx(Server):
    """Files below `files`, written by `put`."""

    name: str = "nginx"
    same_bytes: ClassVar[bool] = True

    @property
    def home(self) -> Path:
        """Its configuration, and what it writes."""
        return self.place.folder / "nginx"

    @property
    def files(self) -> Path:
        """The tiles."""
        return self.home / "files"

    def missing(self) -> str:
        """Whether nginx is installed."""
        return "" if program() else "not installed"

    def version(self) -> str:
        """As it says."""
        return f"{process.said(program(), '-v')}; static files, gzip_static"

    def path(self, address: Address) -> str:
        """The path of a tile."""
        return f"/{address.dataset}/{address.z}/{address.x}/{address.y}.mvt"

    def command(self) -> Sequence[str]:
        """With a configuration of its own."""
        return [
            program(),
            "-c",
            str(self.home / "nginx.conf"),
            "-p",
            str(self.home),
            "-e",
            "stderr",
        ]

    def prepare(self) -> None:
        """Write the configuration."""
        self.home.mkdir(parents=True, exist_ok=True)
        text = CONFIGURATION.format(
            folder=self.home,
            files=self.files,
            port=self.port,
            user="user root;\n" if os.geteuid() == 0 else "",
        )
        (self.home / "nginx.conf").write_text(text)

    def put(self, address: Address, tile: TileBytes) -> None:
        """Write a tile, as it is and as it is sent."""
        target = self.files / self.path(address).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(tile.as_identity().body)
        if tile.coding == GZIP:
            target.with_name(f"{target.name}.gz").write_bytes(tile.body)


def program() -> str:
    """The path of nginx; empty without one. /usr/sbin is not on everybody's search path."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or ""
