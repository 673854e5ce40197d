"""What has to be right before anything is installed or started."""

import fcntl
import os
import platform
import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from script.local import records
from script.local.place import CHECKOUT, Place
from script.local.say import Failure, detail, size

# Measured on a first start: packages, environments, the database and the demo's downloads.
FIRST_START_BYTES = 3_000_000_000
LATER_START_BYTES = 300_000_000
# PostgreSQL goes last, since the others use it, and with its own signal for a fast shutdown.
LAST = ("redis", "postgres")


@dataclass
class Lock:
    """Held by the one command that looks after a Place; gone when its process is gone."""

    place: Place
    file: TextIO | None = None

    def take(self, what: str) -> None:
        """Take it, or raise Failure that tells who has it."""
        self.place.prepare()
        file = (self.place.root / "lock").open("a+")
        try:
            # A POSIX lock, which children do not inherit: orphans must not hold it.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise Failure(
                f"This checkout is in use already: {file.read().strip()}.",
                "End that process first (Ctrl-C or SIGTERM).",
            ) from None
        file.truncate(0)
        file.write(f"{what}, process {os.getpid()}\n")
        file.flush()
        self.file = file


def end_orphans(place: Place) -> None:
    """End what an earlier start left behind when it was killed; call it with the Lock held."""
    names = {file.stem for file in place.run.glob("*.pid")}
    for name in [*sorted(names - set(LAST)), *LAST]:
        record = records.read(place.run, name)
        if record is None or in_use(name, record):
            continue
        left = record.members()
        if left:
            detail(f"ending {name.partition('-')[0]} of an earlier start ({len(left)} processes)")
            fast = signal.SIGINT if name == "postgres" else signal.SIGTERM
            records.end(record, fast, 20)
        records.forget(place.run, name)


def in_use(name: str, record: records.Record) -> bool:
    """Whether somebody answers for a recorded process: whoever typed `up`, or a running set-up."""
    command, _, parent = name.partition("-")
    if command == "setup":
        return records.look(int(parent)) is not None
    return record.detached and record.leader_alive


def port() -> int:
    """The port to serve on, from PORT."""
    text = os.environ.get("PORT", "8000")
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= 65535:
        raise Failure(f"PORT={text!r} is not a port number.", "PORT=8001 script/server")
    return int(text)


def check_port(number: int) -> None:
    """Raise Failure if somebody listens on the port, or we may not."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError as error:
            raise Failure(
                f"Port {number} cannot be used: {error.strerror}.",
                f"Take another one: PORT={number + 1} script/server",
            ) from None


def check_machine() -> None:
    """Raise Failure if this is not a Linux machine with the free space that we need."""
    if platform.system() != "Linux":
        raise Failure(
            "script/server sets up Debian and Ubuntu machines only.",
            "Elsewhere: docker compose -f compose/compose.yaml up",
        )
    first = not (CHECKOUT / ".local" / "stamps" / "demo").exists()
    needed = FIRST_START_BYTES if first else LATER_START_BYTES
    for folder in (CHECKOUT, Path("/tmp")):  # noqa: S108
        free = shutil.disk_usage(folder).free
        if free < (needed if folder == CHECKOUT else LATER_START_BYTES):
            raise Failure(
                f"Only {size(free)} are free for {folder}; {size(needed)} are needed.",
                "Make room, then start again.",
            )
