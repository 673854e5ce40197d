"""The private Redis of a checkout."""

import shutil
import subprocess

from script.local.account import Account
from script.local.daemon import Daemon
from script.local.place import Place

# Debian builds one binary and picks what it does by the name it is called by. Its package
# `redis-tools` holds that binary without the system service of `redis-server`.
CANDIDATES = ("redis-server", "redis-check-rdb")
SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "maxmemory": "512mb",
    "maxmemory-policy": "volatile-lru",
    "save": "",
    "appendonly": "no",
    "daemonize": "no",
}


def program() -> str | None:
    """The path of a program that is a Redis server when called by that name; None without one."""
    for name in CANDIDATES:
        path = shutil.which(name)
        if path is not None and "Redis server" in version(path):
            return path
    return None


def version(path: str) -> str:
    """What the program says about itself when it is called `redis-server`."""
    asked = subprocess.run(
        ["redis-server", "--version"],
        executable=path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return asked.stdout


def redis(place: Place, account: Account) -> Daemon:
    """The private Redis as a Daemon; it listens on a socket only and keeps nothing on disk."""
    socket = place.sockets / "redis.sock"
    options = {**SETTINGS, "unixsocket": str(socket), "dir": str(place.sockets)}
    arguments = [word for key, value in options.items() for word in (f"--{key}", value)]

    def answers() -> bool:
        ping = account.run(["redis-cli", "-s", str(socket), "ping"])
        return ping.stdout.strip() == "PONG"

    return Daemon(
        "redis", place, account, ["redis-server", *arguments], answers, executable=program()
    )


def url(place: Place) -> str:
    """The REDIS_URL of the private Redis."""
    return f"unix://{place.sockets / 'redis.sock'}?db=0"
