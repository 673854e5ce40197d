"""`script/bootstrap`: packages of the machine, Python and npm packages, built files."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from script.local import node, packages, venv
from script.local.place import SERVING
from script.local.say import Steps, detail

STEPS = 4


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other command sets up this checkout, and keep the others waiting."""
    SERVING.prepare()
    with (SERVING.root / "setup.lock").open("w") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            detail("waiting for another command that sets up this checkout")
            fcntl.lockf(file, fcntl.LOCK_EX)
        yield


def bootstrap(steps: Steps, *, dev: bool) -> None:
    """Bring the machine and the checkout to where the servers can be started (or tested)."""
    with alone():
        bring(steps, dev=dev)


def bring(steps: Steps, *, dev: bool) -> None:
    """The four steps of the set-up."""
    with steps.step("System packages"):
        packages.install(packages.SERVE + (packages.CHECK if dev else ()))
    with steps.step("Python packages"):
        venv.require("dev" if dev else "base")
    with steps.step("Node.js and npm packages"):
        node.provide()
        node.install_packages()
    with steps.step("Fonts, icons and the viewer's files"):
        node.build()
