"""A plain Django view over Redis: what a tile cache costs without any of our road."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from benchmarks.addresses import Address
from benchmarks.place import CHECKOUT
from benchmarks.servers.graticule import procfile
from benchmarks.servers.server import Server
from tileserver.encode import TileBytes


@dataclass
class Plain(Server):
    """The smallest Django that can do it, under gunicorn with its own threads."""

    name: str = "django view"
    same_bytes: ClassVar[bool] = True

    def missing(self) -> str:
        """It is always here."""
        return ""

    def version(self) -> str:
        """The application, and that nothing else is between."""
        return "benchmarks/servers/plain_view.py, no middleware, gunicorn's threads"

    @property
    def folder(self) -> Path:
        """The checkout, where its application is imported from."""
        return CHECKOUT

    def path(self, address: Address) -> str:
        """The path of a tile."""
        return f"/{address.dataset}/{address.z}/{address.x}/{address.y}.mvt"

    def command(self) -> Sequence[str]:
        """Our own line with another application, and the worker that gunicorn brings."""
        line = procfile()["web"].replace("core.wsgi", "benchmarks.servers.plain_view")
        line = line.replace("tileserver.worker.Worker", "gthread")
        return ["/bin/sh", "-c", line]

    def environment(self) -> Mapping[str, str]:
        """Its port, and settings of its own."""
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "",
            "PLAIN_REDIS_URL": self.place.redis_url,
        }

    def put(self, address: Address, tile: TileBytes) -> None:
        """Keep a tile in Redis as the view finds it: with Django's own cache, and for ever."""
        from django.core.cache.backends.redis import RedisCache  # noqa: PLC0415

        RedisCache(self.place.redis_url, {}).set(self.path(address), tile.body, None)
