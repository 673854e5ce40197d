"""What must be on the machine, and how apt brings it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from script.local import postgres, redis
from script.local.command import Command
from script.local.place import CHECKOUT
from script.local.say import Failure, detail
from script.local.servers import given

CONTAINERS = "docker compose -f compose/compose.yaml up"
NOTO = Path("/usr/share/fonts/truetype/noto")


@dataclass(frozen=True)
class Need:
    """Something the machine must have: a test for it, and the packages that bring it."""

    what: str
    there: Callable[[], bool]
    packages: tuple[str, ...]
    server: str = ""


def program(name: str, *packages: str) -> Need:
    """A Need for a program on the search path."""
    return Need(name, lambda: shutil.which(name) is not None, packages or (name,))


def library(name: str, package: str) -> Need:
    """A Need for a shared library that programs load by this name."""

    def there() -> bool:
        folders = (Path("/usr/lib"), Path("/lib"))
        return any(any(folder.glob(f"*/{name}")) for folder in folders)

    return Need(name, there, (package,))


SERVE = (
    Need(
        "Python's venv",
        lambda: find_spec("ensurepip") is not None,
        (f"python3.{sys.version_info.minor}-venv",),
    ),
    Need(
        "PostgreSQL with PostGIS",
        lambda: postgres.programs() is not None,
        ("@postgis",),
        "postgres",
    ),
    Need("Redis", lambda: redis.program() is not None, ("redis-tools",), "redis"),
    Need("redis-cli", lambda: shutil.which("redis-cli") is not None, ("redis-tools",), "redis"),
    program("ogr2ogr", "gdal-bin"),
    Need(
        "Noto Sans fonts",
        (NOTO / "NotoSans-Regular.ttf").exists,
        ("fonts-noto-core",),
    ),
    Need(
        "certificates",
        Path("/etc/ssl/certs/ca-certificates.crt").exists,
        ("ca-certificates",),
    ),
)
# nginx is not on the search path of accounts other than root.
BENCH = (
    program("wrk"),
    Need("nginx", Path("/usr/sbin/nginx").exists, ("nginx-light",)),
)
CHECK = (
    *BENCH,
    program("chromium"),
    program("shellcheck"),
    Need("PgBouncer", Path("/usr/sbin/pgbouncer").exists, ("pgbouncer",)),
    program("git"),
    library("libEGL.so.1", "libegl1"),
    library("dri/swrast_dri.so", "libgl1-mesa-dri"),
    library("libOpenGL.so.0", "libopengl0"),
    library("libuv.so.1", "libuv1"),
)


def missing(needs: tuple[Need, ...]) -> list[Need]:
    """The needs that this machine does not meet; servers that the environment gives are none."""
    return [need for need in needs if need.server not in given() and not need.there()]


def install(needs: tuple[Need, ...]) -> None:
    """Install with apt what is missing; raises Failure with the packages if that cannot be."""
    lacking = missing(needs)
    if not lacking:
        detail("nothing is missing")
        return
    detail("missing: " + ", ".join(need.what for need in lacking))
    names = sorted({package for need in lacking for package in need.packages})
    prefix, terminal = become_root(names)
    Command(
        "apt", [*prefix, str(CHECKOUT / "script" / "install-packages"), *names],
        show=r"^(Need to get|After this operation)", terminal=terminal,
        remedy=f"Install by hand: {as_typed(names)}",
    ).run()  # fmt: skip
    still = missing(tuple(lacking))
    if still:
        raise Failure(
            f"After the installation this is still missing: {', '.join(n.what for n in still)}.",
            f"Install it by hand, or: {CONTAINERS}",
        )


def become_root(names: list[str]) -> tuple[list[str], bool]:
    """The words before a command that needs root, and whether it may ask for a password."""
    typed = as_typed(names)
    if shutil.which("apt-get") is None:
        raise Failure(
            "This machine has no apt to install what is missing.",
            f"Install the like of `{typed}`, or: {CONTAINERS}",
        )
    if os.geteuid() == 0:
        return [], False
    if shutil.which("sudo") is None:
        raise Failure(
            "Installing what is missing needs root, and there is no sudo.",
            f"As root: {typed} (or {CONTAINERS})",
        )
    silent = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    if silent.returncode == 0:
        return ["sudo", "-n"], False
    if not os.isatty(0):
        raise Failure(
            "Installing what is missing needs root, and sudo would ask for a password.",
            f"sudo {typed}",
        )
    return ["sudo"], True


def as_typed(names: list[str]) -> str:
    """The command that somebody would type for these packages."""
    plain = ["postgresql-15-postgis-3" if name == "@postgis" else name for name in names]
    return "apt-get install --no-install-recommends " + " ".join(plain)
