"""`python3 -m script.local COMMAND`: what the scripts in `script/` call."""

import signal
import sys
from collections.abc import Callable
from types import FrameType

from script.local import bench, preflight, server, setup, testing
from script.local.place import SERVING
from script.local.say import Failure, Steps, failure, line
from script.local.servers import Servers, stop

USAGE = """\
usage: python3 -m script.local COMMAND
  bootstrap [--dev]                      install what is missing
  server [--no-demo] [--reset [--yes]]   start everything
  test [pytest's arguments]              check everything
  bench [benchmark's arguments]          measure
  up | down                              the private servers alone, in the background"""


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit code."""
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, end)
    try:
        return command(arguments)
    except Failure as problem:
        failure(problem)
        return 1
    except KeyboardInterrupt:
        return 130


def end(number: int, _frame: FrameType | None) -> None:
    """Leave in good order on a signal."""
    sys.exit(128 + number)


def command(arguments: list[str]) -> int:
    """Find the command's function and call it with the words that follow."""
    if not arguments or arguments[0] not in COMMANDS:
        line(USAGE)
        return 2
    return COMMANDS[arguments[0]](arguments[1:])


def install(arguments: list[str]) -> int:
    """Install what is missing."""
    setup.bootstrap(Steps(setup.STEPS), dev="--dev" in arguments)
    return 0


def up(_arguments: list[str]) -> int:
    """Start the private servers, to go on after this command."""
    preflight.end_orphans(SERVING)
    Servers(SERVING).start(detached=True)
    line(f"PostgreSQL and Redis listen in {SERVING.sockets}; see {SERVING.env_file}")
    return 0


def down(_arguments: list[str]) -> int:
    """End the private servers."""
    stop(Servers(SERVING).daemons())
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "bootstrap": install,
    "server": server.server,
    "serve": server.serve,
    "test": testing.test,
    "bench": bench.bench,
    "up": up,
    "down": down,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
