"""Start a server in the background, wait until it answers, end it."""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from script.local import records
from script.local.account import Account
from script.local.place import Place
from script.local.say import Failure


@dataclass
class Daemon:
    """A server program of ours: how it is started, known to be ready, and ended."""

    name: str
    place: Place
    account: Account
    command: list[str]
    answers: Callable[[], bool]
    executable: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 20
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def log_file(self) -> Path:
        """Where the server's output goes."""
        return self.place.log / f"{self.name}.log"

    def running(self) -> bool:
        """Whether our own instance is alive and answers."""
        record = records.read(self.place.run, self.name)
        return record is not None and record.leader_alive and self.answers()

    def detached(self) -> bool:
        """Whether it was started to outlive the command that started it."""
        record = records.read(self.place.run, self.name)
        return record is not None and record.detached and record.leader_alive

    def start(self, *, detached: bool) -> None:
        """Start it and wait until it answers; raises Failure with the end of its log."""
        with self.log_file.open("ab") as log:
            child = subprocess.Popen(
                self.command, executable=self.executable, cwd="/", stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True, **self.account.identity(),
            )  # fmt: skip
        self.children.append(child)
        records.write(self.place.run, self.name, child.pid, detached=detached)
        self.wait_for(child)

    def wait_for(self, child: subprocess.Popen[bytes], seconds: float = 60) -> None:
        """Return when the server answers; raise Failure when it ended or stays silent."""
        until = time.monotonic() + seconds
        while not self.answers():
            if child.poll() is not None:
                raise Failure(f"{self.name} did not start: {self.last_words()}", self.see_log())
            if time.monotonic() > until:
                raise Failure(f"{self.name} gave no answer in {seconds:.0f} s.", self.see_log())
            time.sleep(0.05)

    def last_words(self) -> str:
        """The last line of the log."""
        lines = self.log_file.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing."

    def see_log(self) -> str:
        """Where to look."""
        return f"Read {self.log_file}"

    def stop(self) -> None:
        """End our own instance, if there is one, and forget it."""
        record = records.read(self.place.run, self.name)
        if record is not None:
            records.end(record, self.stop_signal, self.patience)
        for child in self.children:
            child.wait()
        records.forget(self.place.run, self.name)
