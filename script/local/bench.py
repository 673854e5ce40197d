"""`script/bench`: measure a server that runs, or say how to start one."""

import os
import subprocess

from script.local import preflight, setup, venv
from script.local.place import CHECKOUT
from script.local.say import Steps


def bench(arguments: list[str]) -> int:
    """Run the tile benchmark against GRATICULE_URL, or this checkout's own server."""
    setup.bootstrap(Steps(setup.STEPS), dev=False)
    url = os.environ.get("GRATICULE_URL", f"http://127.0.0.1:{preflight.port()}")
    command = [str(venv.PYTHON), "-m", "benchmarks.tiles", url, *arguments]
    return subprocess.run(command, cwd=CHECKOUT, check=False).returncode
