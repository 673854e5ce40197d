"""The private PostgreSQL cluster of a checkout: made, started, and given its roles."""

import re
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from script.local.account import Account
from script.local.daemon import Daemon
from script.local.place import Place
from script.local.say import Failure, detail

OWNER, RENDER, DATABASE = "graticule", "graticule_render", "graticule"
PROGRAMS = Path("/usr/lib/postgresql")
# Peer for the superuser, passwords for our roles, nothing for anybody else; no TCP at all.
HBA = """\
local all postgres peer map=superuser
local all all scram-sha-256
"""
IDENT = "superuser {account} postgres\n"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_connections": "60",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "password_encryption": "scram-sha-256",
    "log_min_messages": "warning",
    # A crash of the machine may lose the last commits of a private cluster, never its order.
    "synchronous_commit": "off",
}
ROLES = """\
\\set ON_ERROR_STOP on
SELECT format('CREATE ROLE %I LOGIN', name) FROM (VALUES (:'owner'), (:'render')) AS wanted(name)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \\gexec
ALTER ROLE :"owner" LOGIN CREATEDB PASSWORD :'owner_password';
ALTER ROLE :"render" LOGIN CONNECTION LIMIT 9 PASSWORD :'render_password';
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \\gexec
"""
EXTENSION = "CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public;\n"


@dataclass(frozen=True)
class Passwords:
    """The passwords of the two roles that Graticule connects as."""

    owner: str
    render: str


def programs() -> Path | None:
    """The folder of the newest PostgreSQL (13 or later) that has PostGIS; None without one."""
    versions = sorted((int(p.name) for p in PROGRAMS.glob("[0-9]*")), reverse=True)
    for version in versions:
        control = Path(f"/usr/share/postgresql/{version}/extension/postgis.control")
        folder = PROGRAMS / str(version) / "bin"
        if version >= 13 and control.exists() and (folder / "postgres").exists():
            return folder
    return None


@dataclass(frozen=True)
class Postgres:
    """A private cluster: `data` is its directory, run by `account`."""

    place: Place
    account: Account
    data: Path
    bin: Path

    def make(self) -> None:
        """Make the cluster if there is none, with UTF-8 whatever the locale of the machine."""
        if (self.data / "PG_VERSION").exists():
            self.check_version()
        else:
            self.initialise()
        self.write_access()

    def initialise(self) -> None:
        """Make the cluster's files."""
        detail(f"new cluster in {self.data}")
        self.account.own(self.data)
        made = self.account.run(
            [str(self.bin / "initdb"), "-D", str(self.data), "-U", "postgres", "-E", "UTF8",
             "--locale=C.UTF-8", "--auth=peer", "--data-checksums"]
        )  # fmt: skip
        if made.returncode != 0:
            shutil.rmtree(self.data)
            raise Failure(
                f"PostgreSQL could not make a cluster in {self.data}: {last_line(made.stderr)}",
                "Check the free space and the rights of that folder, then start again.",
            )

    def check_version(self) -> None:
        """Raise Failure if the cluster was made by another major version of PostgreSQL."""
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != self.bin.parent.name:
            raise Failure(
                f"The database in {self.data} was made by PostgreSQL {made_by}, "
                f"and {self.bin.parent.name} is installed.",
                f"Install postgresql-{made_by}-postgis-3, or start afresh: script/server --reset",
            )

    def daemon(self) -> Daemon:
        """The cluster as a Daemon."""
        options = {**SETTINGS, "unix_socket_directories": str(self.place.sockets)}
        arguments = [f"--{key}={value}" for key, value in options.items()]
        command = [str(self.bin / "postgres"), "-D", str(self.data), *arguments]
        # SIGINT is PostgreSQL's fast shutdown: open connections are ended, data is written.
        return Daemon(
            "postgres", self.place, self.account, command, self.answers,
            stop_signal=signal.SIGINT, patience=60,
        )  # fmt: skip

    def answers(self) -> bool:
        """Whether the superuser can ask it something."""
        asked = self.account.run(self.psql("postgres", "-c", "SELECT 1"))
        return asked.returncode == 0

    def psql(self, database: str, *arguments: str) -> list[str]:
        """A psql command line as superuser."""
        return [
            str(self.bin / "psql"), "-X", "-q", "-A", "-t", "-h", str(self.place.sockets),
            "-U", "postgres", "-d", database, *arguments,
        ]  # fmt: skip

    def write_access(self) -> None:
        """Write who may connect; read by PostgreSQL at its next start."""
        texts = {
            "pg_hba.conf": HBA,
            "pg_ident.conf": IDENT.format(account=quoted(self.account.name)),
        }
        for name, text in texts.items():
            target = self.data / name
            self.account.run(["/bin/sh", "-c", 'cat > "$1"', "sh", str(target)], text=text)

    def furnish(self, passwords: Passwords) -> None:
        """Make roles, database and the PostGIS extension (in template1 too, for test databases)."""
        self.execute("template1", EXTENSION)
        variables = {
            "owner": OWNER, "render": RENDER, "database": DATABASE,
            "owner_password": passwords.owner, "render_password": passwords.render,
        }  # fmt: skip
        settings = "".join(f"\\set {key} '{value}'\n" for key, value in variables.items())
        self.execute("postgres", settings + ROLES)
        self.execute(DATABASE, EXTENSION)

    def execute(self, database: str, script: str) -> None:
        """Run an SQL script as superuser, given on standard input so that `ps` shows no secret."""
        done = self.account.run(self.psql(database, "-v", "ON_ERROR_STOP=1"), text=script)
        if done.returncode != 0:
            raise Failure(
                f"PostgreSQL refused to set up the database: {last_line(done.stderr)}",
                f"Read {self.place.log / 'postgres.log'}",
            )

    def url(self, role: str, password: str) -> str:
        """A database URL for a role, over the private socket."""
        return f"postgresql://{role}:{password}@/{DATABASE}?host={self.place.sockets}"


def quoted(name: str) -> str:
    """An account name as pg_ident.conf wants it."""
    return name if re.fullmatch(r"[a-z_][a-z0-9_-]*", name) else '"' + name + '"'


def last_line(text: str) -> str:
    """The last line that is not empty."""
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason given"
