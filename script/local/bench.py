"""`script/bench`: set up, start PostgreSQL and Redis if they are not given, then measure."""

import os
import subprocess

from script.local import node, packages, preflight, setup, venv
from script.local.daemon import Daemon
from script.local.place import CHECKOUT, SERVING
from script.local.say import Steps
from script.local.servers import Servers, stop

STEPS = setup.STEPS + 2


def bench(arguments: list[str]) -> int:
    """Run the benchmark with these arguments; returns its exit code.

    script/server must not run: it would take what is measured from the machine.
    """
    lock, steps = preflight.Lock(SERVING), Steps(STEPS)
    lock.take("script/bench")
    setup.bootstrap(steps, dev=False)
    with steps.step("Load generators"):
        packages.install(packages.BENCH)
    servers = Servers.wanted_here(SERVING)
    started: list[Daemon] = []
    try:
        with steps.step("PostgreSQL and Redis"):
            started = servers.start()
        command = [str(venv.PYTHON), "-m", "benchmarks", *arguments]
        env = {**os.environ, "PATH": node.path()}
        return subprocess.run(command, cwd=CHECKOUT, env=env, check=False).returncode
    finally:
        stop(started)
