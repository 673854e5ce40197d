"""The tests in two runs beside each other, of which one alone would leave a processor idle.

The smaller one has the tests with a browser, which wait most of the time, and those of much data.
"""

import subprocess
import tempfile
from collections.abc import Mapping, Sequence

from script.local import venv
from script.local.place import CHECKOUT
from script.local.say import line

PYTEST = (str(venv.PYTHON), "-m", "pytest")
APART = "browser or data"
# Each run flushes its own number of Redis.
NUMBER = "TEST_REDIS_NUMBER"


def run_all(env: Mapping[str, str]) -> int:
    """Run all tests; the closing line of the larger run is our last. Returns the exit code."""
    with tempfile.TemporaryFile() as said:
        beside = subprocess.Popen(
            [*PYTEST, "-m", APART], cwd=CHECKOUT, env={**env, NUMBER: "12"},
            stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            code, closing = _shown([*PYTEST, "-m", f"not ({APART})"], {**env, NUMBER: "8"})
            other = beside.wait()
        finally:
            if beside.poll() is None:
                beside.terminate()
                beside.wait()
        said.seek(0)
        told = said.read().decode("utf-8", "replace")
        line(f"\nBeside these, with a browser or much data:\n\n{told}")
    line(closing)
    return code or other


def run_some(arguments: Sequence[str], env: Mapping[str, str]) -> int:
    """Run pytest with these arguments; returns its exit code."""
    return subprocess.run([*PYTEST, *arguments], cwd=CHECKOUT, env=env, check=False).returncode


def _shown(command: Sequence[str], env: Mapping[str, str]) -> tuple[int, str]:
    """Run a command and show what it says as it goes, but for its last line."""
    last = ""
    with subprocess.Popen(
        command, cwd=CHECKOUT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", errors="replace",
    ) as running:  # fmt: skip
        assert running.stdout is not None  # noqa: S101 - it is a pipe
        for said in running.stdout:
            if last:
                line(last)
            last = said.rstrip("\n") or " "
    return running.returncode, last
