"""`script/server`: everything from an empty machine to `Ready:`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from script.local import node, preflight, settings, setup, venv
from script.local.account import server_account
from script.local.application import Application
from script.local.daemon import Daemon
from script.local.environment import environment
from script.local.place import SERVING, TESTING
from script.local.say import Failure, Steps, detail, line
from script.local.servers import Servers, given, stop

STEPS = 1 + setup.STEPS + 7


def server(arguments: list[str]) -> int:
    """The whole command: `--no-demo` leaves the demo map out, `--reset [--yes]` removes all."""
    unknown = set(arguments) - {"--no-demo", "--reset", "--yes"}
    if unknown:
        raise Failure(f"script/server does not know {min(unknown)}.", "See docs/commands.md")
    if "--reset" in arguments:
        return reset(sure="--yes" in arguments)
    return prepare(arguments)


def prepare(arguments: list[str]) -> int:
    """Check the machine, install what is missing, go on in the virtual environment's Python."""
    lock, steps = preflight.Lock(SERVING), Steps(STEPS)
    lock.take("script/server")
    with steps.step("This machine"):
        preflight.end_orphans(SERVING)
        preflight.check_machine()
        preflight.check_port(preflight.port())
    setup.bootstrap(steps, dev=False)
    os.environ["PATH"] = node.path()
    command = [str(venv.PYTHON), "-m", "script.local", "serve", str(steps.begun), *arguments]
    os.execv(command[0], command)  # noqa: S606


def serve(arguments: list[str]) -> int:
    """Start the servers, bring the database up to date, run the processes to their end.

    The first argument is when the command began, on the monotonic clock.
    """
    lock, steps = preflight.Lock(SERVING), Steps(STEPS, 1 + setup.STEPS, float(arguments[0]))
    lock.take("script/server")
    servers = Servers.wanted_here(SERVING)
    started: list[Daemon] = []
    try:
        with steps.step("PostgreSQL and Redis"):
            check_given()
            started = servers.start()
        application = Application(SERVING, environment(SERVING), servers.data())
        update(application, steps, demo="--no-demo" not in arguments)
        return run(application, steps)
    finally:
        stop(started)


def check_given() -> None:
    """Make sure that servers given by the environment can be used."""
    if not given():
        return
    detail("given by the environment: " + ", ".join(sorted(given())))
    checked = subprocess.run(
        [sys.executable, "-m", "script.local.given"], stderr=subprocess.PIPE, text=True, check=False
    )
    if checked.returncode != 0:
        words = checked.stderr.strip().splitlines()
        raise Failure(words[0].removeprefix("Stopped: "), words[-1].removeprefix("Remedy:  "))


def update(application: Application, steps: Steps, *, demo: bool) -> None:
    """Bring tables, static files, administrator and demo map up to date."""
    with steps.step("Database tables"):
        application.migrate()
    with steps.step("Static files"):
        application.collect_static()
    with steps.step("Administrator"):
        application.make_admin()
    with steps.step("Demo map"):
        if demo:
            application.load_demo()
        else:
            detail("left out")
    with steps.step("Change log"):
        application.track()


def run(application: Application, steps: Steps) -> int:
    """Run the processes; returns the exit code."""
    from script.local.processes import Processes  # noqa: PLC0415 (needs honcho)

    base = f"http://127.0.0.1:{preflight.port()}"
    with steps.step("Processes: web, listener, worker, beat"):
        detail(f"logs: {SERVING.log}/")
    processes = Processes(application.place, application.env, f"{base}/catalog.json")

    def ready() -> None:
        detail(f"it took {steps.seconds():.0f} s in all; end with Ctrl-C")
        line(f"Ready: {base}/")

    # What is typed beside it gives addresses of this server. Who set one for it set one for all.
    with settings.told(SERVING.env_file, "PUBLIC_URL", application.env["PUBLIC_URL"]):
        code = processes.run(ready)
    line("Ended.")
    return code


def reset(*, sure: bool) -> int:
    """Remove the private servers' data, settings and logs, after asking."""
    locks = [preflight.Lock(place) for place in (SERVING, TESTING)]
    for lock in locks:
        lock.take("script/server --reset")
    folders = data_folders()
    line("This removes the private database, all that was published in it, and the admin password:")
    for folder in folders:
        detail(str(folder))
    if not sure and not agreed():
        line("Nothing was removed.")
        return 1
    for place in (TESTING, SERVING):
        preflight.end_orphans(place)
        stop(Servers(place).daemons())
    for folder in folders:
        shutil.rmtree(folder)
    line("Removed. script/server starts afresh.")
    return 0


def agreed() -> bool:
    """Whether the person at the terminal says yes; raises Failure if nobody is there."""
    if not sys.stdin.isatty():
        raise Failure("There is no terminal to ask at.", "script/server --reset --yes")
    return input("Type yes to go on: ").strip() == "yes"


def data_folders() -> list[Path]:
    """Where this checkout keeps data; what lies in another of them comes first."""
    account = server_account()
    places = (SERVING, TESTING)
    wanted = {folder for p in places for folder in (p.root, p.data(account), p.sockets)}
    return sorted((folder for folder in wanted if folder.exists()), reverse=True)
