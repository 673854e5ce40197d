"""The virtual environment of a checkout."""

import shutil
import subprocess
import sys
from pathlib import Path

from script.local.command import Command
from script.local.place import CHECKOUT
from script.local.say import detail
from script.local.stamps import Stamp, digest

FOLDER = CHECKOUT / ".venv"
PYTHON = FOLDER / "bin" / "python"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def make() -> None:
    """Make the environment if it is missing, broken, moved or of another Python."""
    if PYTHON.exists() and version_of(PYTHON) == VERSION and not moved():
        return
    if FOLDER.exists():
        detail(f"{FOLDER.name} was moved or is not of Python {VERSION}: made anew")
        shutil.rmtree(FOLDER)
    Command("venv", [sys.executable, "-m", "venv", str(FOLDER)]).run()


def moved() -> bool:
    """Whether it was made at another place: its programs still call the Python there."""
    return str(FOLDER) not in (FOLDER / "bin" / "pip").read_text()


def version_of(python: Path) -> str:
    """Major and minor version of a Python; empty if it does not run."""
    code = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    asked = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)
    return asked.stdout.strip()


def require(name: str) -> None:
    """Install `requirements/<name>.txt`, whose hashes are checked, unless that is done."""
    make()
    file = CHECKOUT / "requirements" / f"{name}.txt"
    stamp = Stamp(name, digest([f"requirements/{name}.txt"], VERSION), (), FOLDER / "stamps")
    if stamp.valid:
        detail(f"requirements/{name}.txt is installed")
        return
    count = sum("==" in text for text in file.read_text().splitlines())
    detail(f"installing {count} packages of requirements/{name}.txt")
    Command(
        "pip",
        [str(PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
         "--progress-bar=off", "--require-hashes", "-r", str(file)],
    ).run()  # fmt: skip
    stamp.set()
