"""The processes of the Procfile, run by honcho; needs the virtual environment."""

import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Message, Printer
from honcho.process import Process

from script.local import records
from script.local.place import CHECKOUT, Place
from script.local.say import Failure

READY_SECONDS = 90


class RecordedProcess(Process):  # type: ignore[misc]
    """A honcho process that leaves a record, so that the next start can end an orphan."""

    folder: Path

    def _send_message(self, data: Any, type: str = "line") -> None:  # noqa: A002
        if type == "start":
            records.write(self.folder, self.name, data["pid"])
        super()._send_message(data, type)


class Logs(Printer):  # type: ignore[misc]
    """Writes each process's lines to its own log file; shows them too once `shown` is set."""

    def __init__(self, folder: Path) -> None:
        super().__init__(sys.stdout)
        self.folder = folder
        self.shown = False
        self.files: dict[str, BinaryIO] = {}

    def write(self, message: Message) -> None:
        """Take one message of a process, or of honcho itself (`system`)."""
        data = message.data if isinstance(message.data, bytes) else message.data.encode()
        self.file(message.name).write(data if data.endswith(b"\n") else data + b"\n")
        if self.shown and message.name != "system":
            super().write(message)

    def file(self, name: str) -> BinaryIO:
        """The log file of a process; the one of the start before is kept as `.1`."""
        if name not in self.files:
            path = self.folder / f"{name}.log"
            if path.exists():
                path.replace(path.with_suffix(".log.1"))
            self.files[name] = path.open("ab", buffering=0)
        return self.files[name]


class Processes(Manager):  # type: ignore[misc]
    """Starts every process of the Procfile and ends them all when one ends, or on a signal."""

    def __init__(self, place: Place, env: dict[str, str], url: str) -> None:
        self.logs = Logs(place.log)
        super().__init__(self.logs)
        self.place = place
        self.url = url
        self.ending = False
        self.silent = False
        self.first_ended: str | None = None
        self._process_ctor = RecordedProcess
        RecordedProcess.folder = place.run
        for name, command in parse_procfile((CHECKOUT / "Procfile").read_text()).processes.items():
            self.add_process(name, command, env=env, cwd=str(CHECKOUT))

    def run(self, ready: Callable[[], None]) -> int:
        """Run until a signal comes (its exit code is returned) or a process ends (Failure).

        `ready` is called once, when the web process answers.
        """
        self.ready = ready
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        try:
            self.loop()
        finally:
            self.clear()
        if self.silent:
            raise Failure(f"{self.url} gave no answer in {READY_SECONDS} s.", self.see("web"))
        if self.first_ended is not None:
            raise Failure(
                f"The {self.first_ended} process ended with exit code {self.returncode}.",
                self.see(self.first_ended),
            )
        return int(self.returncode)

    def see(self, name: str) -> str:
        """Where to look."""
        return f"Read {self.place.log / f'{name}.log'}"

    def terminate(self) -> None:
        """End all processes. Those that are just being started have no pid yet: wait for it."""
        if not self.ending:
            codes = ((name, p.get("returncode")) for name, p in self._processes.items())
            self.first_ended = next((name for name, code in codes if code is not None), None)
        self.ending = True
        if self._all_started():
            super().terminate()

    def _system_print(self, data: str) -> None:
        super()._system_print(data)
        if self.ending and self._all_started():
            super().terminate()

    def _start(self) -> None:
        super()._start()
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self) -> None:
        """Wait for the web process to answer; end everything if it does not."""
        until = time.monotonic() + READY_SECONDS
        while not answers(self.url):
            if self.ending:
                return
            if time.monotonic() > until:
                self.silent = True
                os.kill(os.getpid(), signal.SIGTERM)
                return
            time.sleep(0.1)
        self.logs.shown = True
        self.ready()

    def clear(self) -> None:
        """End what may be left of each process's session, and forget the records."""
        for name in self._processes:
            record = records.read(self.place.run, name)
            if record is not None:
                records.end(record, signal.SIGTERM, 2)
            records.forget(self.place.run, name)


def answers(url: str) -> bool:
    """Whether a GET of the URL gives a 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
