"""The private PostgreSQL and Redis of a checkout together."""

import os
from dataclasses import dataclass
from pathlib import Path

from script.local import redis, settings
from script.local.account import server_account
from script.local.daemon import Daemon
from script.local.place import Place
from script.local.postgres import OWNER, RENDER, Passwords, Postgres, programs
from script.local.say import Failure, detail


@dataclass
class Servers:
    """The servers of one Place; `wanted` names those that are not given by the environment."""

    place: Place
    wanted: frozenset[str] = frozenset({"postgres", "redis"})

    @classmethod
    def wanted_here(cls, place: Place) -> "Servers":
        """The servers that the environment does not give."""
        return cls(place, frozenset({"postgres", "redis"}) - given())

    def start(self, *, detached: bool = False) -> list[Daemon]:
        """Start what is not running and write the env file; return what this call started."""
        self.place.prepare()
        started: list[Daemon] = []
        try:
            if "postgres" in self.wanted:
                self.begin(self.made_cluster().daemon(), started, detached=detached)
            if "redis" in self.wanted:
                self.begin(redis.redis(self.place, server_account()), started, detached=detached)
            self.furnish()
        except BaseException:
            stop(started)
            raise
        return started

    def begin(self, daemon: Daemon, started: list[Daemon], *, detached: bool) -> None:
        """Start one server, unless a detached one of ours runs already."""
        if daemon.detached() and daemon.running():
            detail(f"{daemon.name} runs already (started by `script/local up`)")
            return
        daemon.stop()
        daemon.account.own(self.place.sockets)
        started.append(daemon)
        daemon.start(detached=detached)

    def made_cluster(self) -> Postgres:
        """The PostgreSQL cluster, made if need be."""
        cluster = self.cluster()
        if cluster.data.parent != self.place.root:
            detail(f"{cluster.account.name} cannot reach this checkout; data: {cluster.data}")
        cluster.make()
        return cluster

    def cluster(self) -> Postgres:
        """The PostgreSQL cluster, made or not."""
        bin_folder = programs()
        if bin_folder is None:
            raise Failure("PostgreSQL with PostGIS is not installed.", "Run script/bootstrap")
        account = server_account()
        return Postgres(self.place, account, self.place.data(account) / "postgres", bin_folder)

    def data(self) -> Path | None:
        """The data directory of the private cluster; None if the environment gives a database."""
        return self.cluster().data if "postgres" in self.wanted else None

    def furnish(self) -> None:
        """Give the database its roles and write the env file, keeping secrets that exist."""
        values = settings.read(self.place.env_file)
        # Of a script/server that was killed: see `settings.told`.
        values.pop("PUBLIC_URL", None)
        values.setdefault("SECRET_KEY", settings.secret() + settings.secret())
        if "postgres" in self.wanted:
            owner = values.setdefault("OWNER_PASSWORD", settings.secret())
            render = values.setdefault("RENDER_PASSWORD", settings.secret())
            postgres = self.cluster()
            postgres.furnish(Passwords(owner, render))
            values["DATABASE_URL"] = postgres.url(OWNER, owner)
            values["RENDER_DATABASE_URL"] = postgres.url(RENDER, render)
        if "redis" in self.wanted:
            values["REDIS_URL"] = redis.url(self.place)
        settings.write(self.place.env_file, values)

    def daemons(self) -> list[Daemon]:
        """The servers that may run, in the order of their start."""
        found = [self.cluster().daemon()] if programs() is not None else []
        return [*found, redis.redis(self.place, server_account())]


def given() -> frozenset[str]:
    """Which servers the environment names, so that none of ours is started for them."""
    names = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}
    return frozenset(
        server for server, name in names.items() if {name, f"{name}_FILE"} & set(os.environ)
    )


def stop(daemons: list[Daemon]) -> None:
    """End servers, the last started first."""
    for daemon in reversed(daemons):
        daemon.stop()
