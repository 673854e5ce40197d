"""`script/test`: set up, then check everything, then run pytest."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from script.local import node, preflight, setup, suites
from script.local.application import Application
from script.local.daemon import Daemon
from script.local.environment import environment
from script.local.place import CHECKOUT, TESTING
from script.local.say import Steps, detail, line
from script.local.servers import Servers, stop


@dataclass(frozen=True)
class Check:
    """A program that must exit with 0: `argv` as typed in the checkout."""

    title: str
    argv: tuple[str, ...]


# mypy's Django plugin reads the settings, which want these; it connects to nothing.
UNUSED = {
    "SECRET_KEY": "unused",
    "DATABASE_URL": "postgresql://unused/unused",
    "REDIS_URL": "redis://unused",
}

CHECKS = (
    Check("ruff check", ("ruff", "check", ".")),
    Check("ruff format", ("ruff", "format", "--check", ".")),
    Check("mypy", ("mypy", ".")),
    Check("import rules", ("lint-imports",)),
    Check("front-end lint", ("npm", "run", "--silent", "lint")),
    Check("front-end tests", ("npm", "test", "--silent")),
    Check("style validation", ("npm", "run", "--silent", "styles")),
    Check("shellcheck", ("script/shellcheck",)),
)


def test(arguments: list[str]) -> int:
    """Check everything; with arguments run only pytest, with them. Returns the exit code."""
    lock = preflight.Lock(TESTING)
    lock.take("script/test")
    steps = Steps(1 + setup.STEPS + 3 + (0 if arguments else len(CHECKS)))
    with steps.step("This machine"):
        preflight.end_orphans(TESTING)
        preflight.check_machine()
    setup.bootstrap(steps, dev=True)
    os.environ["PATH"] = node.path()
    failed = [] if arguments else check(steps)
    code = run_pytest(arguments, steps, failed)
    return code or (1 if failed else 0)


def check(steps: Steps) -> list[str]:
    """Run all checks, two at a time, most of which use one processor; those that failed."""
    failed = []
    with ThreadPoolExecutor(2) as threads:
        for one, running in [(one, threads.submit(run, one)) for one in CHECKS]:
            with steps.step(one.title):
                done = running.result()
                if done.returncode != 0:
                    line(done.stdout.rstrip())
                    detail(f"FAILED with exit code {done.returncode}")
                    failed.append(one.title)
    return failed


def run(one: Check) -> subprocess.CompletedProcess[str]:
    """Run one check, and keep what it says."""
    return subprocess.run(
        one.argv, cwd=CHECKOUT, stdin=subprocess.DEVNULL, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**UNUSED, **os.environ},
    )  # fmt: skip


def run_pytest(arguments: list[str], steps: Steps, failed: list[str]) -> int:
    """Run pytest against servers of its own, which end with it; the last line is pytest's."""
    servers = Servers.wanted_here(TESTING)
    started: list[Daemon] = []
    try:
        with steps.step("PostgreSQL and Redis for the tests"):
            started = servers.start()
        env = environment(TESTING)
        with steps.step("Static files"):
            Application(TESTING, env, servers.data()).collect_static()
        if failed:
            detail("failed so far: " + ", ".join(failed))
        steps.announce("pytest")
        return suites.run_some(arguments, env) if arguments else suites.run_all(env)
    finally:
        stop(started)
