"""The operating system account that runs the private servers.

PostgreSQL refuses to run as root, so root hands its private servers to the `postgres`
account that Debian's package makes. Anybody else runs them under their own name.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from script.local.say import Failure

SERVICE_ACCOUNT = "postgres"


@dataclass(frozen=True)
class Account:
    """Name and ids of an account, and how to act as it."""

    name: str
    uid: int
    gid: int

    def identity(self) -> dict[str, Any]:
        """Keyword arguments that make `subprocess` run a child as this account."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def run(
        self, command: list[str], *, text: str | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this account and return it with its output, whatever its exit code."""
        return subprocess.run(
            command, input=text, env=env, capture_output=True, text=True, cwd="/", check=False,
            **self.identity(),
        )  # fmt: skip

    def reaches(self, folder: Path) -> bool:
        """Whether this account may enter the folder."""
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]).returncode == 0

    def own(self, folder: Path, mode: int = 0o700) -> None:
        """Make a folder of this account, or insist that it is one and nobody else's."""
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
        found = folder.lstat()
        if folder.is_symlink() or found.st_uid not in {os.geteuid(), self.uid}:
            raise Failure(
                f"{folder} belongs to another account (number {found.st_uid}).",
                "Start as that account; or, if it is a stranger, remove that folder.",
            )
        os.chown(folder, self.uid, self.gid)
        folder.chmod(mode)


def server_account() -> Account:
    """The account for PostgreSQL and Redis; raises Failure if root has none to use."""
    if os.geteuid() != 0:
        mine = pwd.getpwuid(os.geteuid())
        return Account(mine.pw_name, mine.pw_uid, mine.pw_gid)
    try:
        entry = pwd.getpwnam(SERVICE_ACCOUNT)
    except KeyError:
        raise Failure(
            f"There is no account `{SERVICE_ACCOUNT}` to run PostgreSQL.",
            "Install PostgreSQL: apt-get install postgresql postgis",
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
