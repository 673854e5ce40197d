"""Graticule as it is shipped: the web and listener lines of the Procfile, nothing else set."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from django.db import connection
from django_redis import get_redis_connection
from honcho.environ import parse_procfile

from benchmarks.addresses import Address
from benchmarks.load.client import Client
from benchmarks.place import CHECKOUT
from benchmarks.servers import process
from benchmarks.servers.server import Server
from core.models import Layer
from tileserver import db, truth

# A web process looks for a new revision every 0.4 s, and hears of it within another 0.5 s.
NEW_REVISION_SECONDS = 1.2


@dataclass
class Graticule(Server):
    """`settings` are added to the shipped ones and stand in the report."""

    name: str = "graticule"
    same_bytes: ClassVar[bool] = True
    settings: Mapping[str, str] = field(default_factory=dict)

    def missing(self) -> str:
        """It is always here."""
        return ""

    def version(self) -> str:
        """The line that starts it."""
        more = " ".join(f"{key}={value}" for key, value in self.settings.items())
        return f"{more} {procfile()['web']}".strip()

    def path(self, address: Address) -> str:
        """The path of a tile."""
        return f"/tiles/{address.dataset}/{address.z}/{address.x}/{address.y}.mvt"

    def command(self) -> Sequence[str]:
        """The Procfile's line."""
        return ["/bin/sh", "-c", procfile()["web"]]

    def environment(self) -> Mapping[str, str]:
        """Its port, and counters of its own."""
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {
            "PATH": programs,
            "PORT": str(self.port),
            "PUBLIC_URL": self.base,
            "PROMETHEUS_MULTIPROC_DIR": str(self.metrics),
            **self.settings,
        }

    @property
    def folder(self) -> Path:
        """The checkout: the Procfile's lines want it."""
        return CHECKOUT

    @property
    def metrics(self) -> Path:
        """Where its processes share their counters."""
        return self.place.folder / f"{self.name.replace(' ', '-')}-metrics"

    def prepare(self) -> None:
        """An empty folder for the counters."""
        shutil.rmtree(self.metrics, ignore_errors=True)
        self.metrics.mkdir(parents=True)

    @contextmanager
    def beside(self) -> Iterator[None]:
        """A listener, without which nothing that is cached is believed."""
        command = ["/bin/sh", "-c", procfile()["listener"]]
        log = self.log.with_suffix(".listener.log")
        with process.running(command, self.environment(), log, self.folder) as listener:
            self._wait_for_lease(listener, log)
            yield

    @staticmethod
    def _wait_for_lease(listener: subprocess.Popen[bytes], log: Path) -> None:
        deadline = time.monotonic() + process.START_SECONDS
        redis = get_redis_connection("tiles")
        while not redis.exists(truth.lease_key(db.epoch(again=True))):
            if time.monotonic() > deadline or listener.poll() is not None:
                raise process.NotStarted(f"There is no truth lease.\n{process.end_of(log)}")
            time.sleep(0.1)

    @staticmethod
    def cool(datasets: Iterable[str]) -> None:
        """Raise the generation of these Layers: nothing that is cached of them is found again."""
        for layer in Layer.objects.filter(name__in=list(datasets)):
            layer.raise_generation()
        connection.close()
        time.sleep(NEW_REVISION_SECONDS)

    def metric(self, name: str) -> float:
        """A number of `/metrics`, summed over its labels and all processes."""
        with closing(Client(self.base)) as client:
            lines = client.get("/metrics").body.decode().splitlines()
        found = [line for line in lines if re.match(rf"{name}[ {{]", line)]
        return sum(float(line.rpartition(" ")[2]) for line in found)

    def workers(self) -> list[float]:
        """Pss in MB of the web processes, without gunicorn's own."""
        return self.pss()[: int(os.environ.get("WEB_PROCESSES", "2"))]


def procfile() -> dict[str, str]:
    """The Procfile's lines."""
    return dict(parse_procfile((CHECKOUT / "Procfile").read_text()).processes)
