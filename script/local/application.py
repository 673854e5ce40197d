"""The steps that `manage.py` does: tables, static files, the administrator, the demo map."""

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path

from script.local import node, settings
from script.local.command import Command
from script.local.place import CHECKOUT, Place
from script.local.say import detail, line
from script.local.stamps import Stamp, digest
from script.local.venv import PYTHON

MIGRATIONS = ("*/migrations/*.py", "requirements/base.txt")
STATIC = (
    "core/static/**/*",
    "styles/static/**/*",
    "tasks/static/**/*",
    "viewer/static/**/*",
    "build/vendor/**/*",
    "core/static.py",
    "requirements/base.txt",
)
DEMO = ("core/demo/**/*.py", "core/demo/**/*.sql", "core/management/commands/load_demo.py")
STYLES = ("styles/demo/**/*", "styles/management/commands/*.py")


@dataclass(frozen=True)
class Application:
    """Runs `manage.py` in the environment `env`; `cluster` is the private database, if it is."""

    place: Place
    env: dict[str, str]
    cluster: Path | None

    def manage(self, name: str, *arguments: str, **env: str) -> None:
        """Run a management command; its lines go to a log, those of weight are shown too."""
        show = r"\S" if name == "demo" else r"^\S"
        argv = [str(PYTHON), "manage.py", *arguments]
        Command(name, argv, env={**self.env, **env}, show=show).run()

    def once(self, name: str, inputs: tuple[str, ...], *arguments: str) -> None:
        """Run a management command that need not run again for the same inputs and database."""
        stamp = Stamp(name, digest(inputs, self.database()))
        if self.private and stamp.valid:
            detail("up to date")
            return
        self.manage(name, *arguments)
        stamp.set()

    @property
    def private(self) -> bool:
        """Whether the database is our own; somebody else's may change behind our back."""
        return self.cluster is not None

    def database(self) -> str:
        """What tells this database from any other, also from an earlier one at this place."""
        if self.cluster is None:
            return hashlib.sha256(self.env["DATABASE_URL"].encode()).hexdigest()
        control = (self.cluster / "global" / "pg_control").read_bytes()
        return f"cluster {struct.unpack('<Q', control[:8])[0]}"

    def migrate(self) -> None:
        """Make or update the tables."""
        self.once("migrate", MIGRATIONS, "migrate", "--no-input", "--verbosity=1")

    def track(self) -> None:
        """Install the change log for what is published; a Layer that cannot be tracked says why."""
        self.manage("track", "track", "default", "--skip-checks", "--lenient")

    def collect_static(self) -> None:
        """Collect the static files under the names that browsers may keep for ever."""
        manifest = node.build_folder() / "static" / "staticfiles.json"
        stamp = Stamp("static", digest(STATIC), (manifest,))
        if stamp.valid:
            detail("up to date")
            return
        self.manage("collectstatic", "collectstatic", "--no-input", "--verbosity=1")
        stamp.set()

    def make_admin(self) -> None:
        """Make the user `admin` with a random password, shown this once."""
        file = self.place.root / ("admin-password" if self.private else "admin-password.given")
        stamp = Stamp("admin", self.database(), (file,))
        if self.private and stamp.valid:
            detail(f"user admin; its password is in {file.relative_to(CHECKOUT)}")
            return
        password = settings.secret()[:20]
        fresh = self.place.root / "admin-password.new"
        settings.write_private(fresh, password + "\n")
        self.manage("admin", "ensure_admin", "--skip-checks", ADMIN_PASSWORD_FILE=str(fresh))
        if "exists" in (self.place.log / "admin.log").read_text():
            fresh.unlink()
            return
        fresh.replace(file)
        stamp.set()
        line(f"    user: admin   password: {password}")
        detail(f"(shown this once; kept in {file.relative_to(CHECKOUT)})")

    def load_demo(self) -> None:
        """Load the demo map's data and styles."""
        self.once("demo", DEMO, "load_demo", "--skip-checks")
        self.once("styles", STYLES, "load_styles", "--skip-checks")
