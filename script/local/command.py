"""Run the programs of others: their output goes to a log, signs of life to the reader."""

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from script.local import records
from script.local.place import CHECKOUT, SERVING
from script.local.say import Failure, detail

HEARTBEAT = 10
NO_NETWORK = re.compile(
    r"name resolution|Network is unreachable|Could not resolve|ENOTFOUND|EAI_AGAIN|ETIMEDOUT"
    r"|NewConnectionError|Failed to fetch|Connection timed out|ECONNREFUSED|Temporary failure"
    r"|CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT"
)


@dataclass(frozen=True)
class Command:
    """A program to run: `name` is its log file's name, `show` picks lines worth seeing."""

    name: str
    argv: list[str]
    env: Mapping[str, str] | None = None
    show: str = r"(?!)"
    remedy: str = ""
    terminal: bool = False

    @property
    def log_file(self) -> Path:
        """Where its output goes."""
        return SERVING.log / f"{self.name}.log"

    def run(self) -> None:
        """Run it to its end; raises Failure if it fails or cannot be started."""
        SERVING.prepare()
        code = self.follow()
        if code != 0:
            raise self.complaint(code)

    def follow(self) -> int:
        """Run it, show what is worth seeing, and return its exit code."""
        reader, writer = os.pipe()
        child = subprocess.Popen(
            self.argv, cwd=CHECKOUT, env=self.environment(), stdout=writer,
            stderr=subprocess.STDOUT, stdin=None if self.terminal else subprocess.DEVNULL,
            start_new_session=not self.terminal,
        )  # fmt: skip
        os.close(writer)
        record = records.write(SERVING.run, self.record, child.pid)
        try:
            self.copy(reader)
            return child.wait()
        finally:
            os.close(reader)
            child.terminate()
            child.wait()
            records.end(record, signal.SIGTERM, 10)
            records.forget(SERVING.run, self.record)

    @property
    def record(self) -> str:
        """The name of its process record; each of our commands has its own."""
        return f"setup-{os.getpid()}"

    def copy(self, reader: int) -> None:
        """Copy its output to the log; show what is worth seeing, or a sign of life."""
        begun = told = time.monotonic()
        last = "at work"
        with self.log_file.open("w") as log:
            for text in lines(reader):
                log.write(text + "\n" if text else "")
                last = text.strip() or last
                if re.search(self.show, text):
                    detail(shortened(text))
                elif time.monotonic() - told >= HEARTBEAT:
                    detail(f"{time.monotonic() - begun:3.0f} s  {shortened(last)}")
                else:
                    continue
                told = time.monotonic()

    def environment(self) -> dict[str, str]:
        """The environment of the child."""
        return {**os.environ, **(self.env or {})}

    def complaint(self, code: int) -> Failure:
        """What went wrong, in one sentence."""
        said = self.log_file.read_text(errors="replace")
        words = [text for text in said.splitlines() if text.strip()]
        cut_off = next(filter(NO_NETWORK.search, words), None)
        if cut_off is not None:
            return Failure(
                f"{self.name} could not reach the network: {shortened(cut_off, 200)}",
                f"Check the connection and proxy settings, then start again ({self.log_file}).",
            )
        last = shortened(words[-1]) if words else "it said nothing"
        return Failure(
            f"{self.name} failed with exit code {code}: {last}",
            self.remedy or f"Read {self.log_file}",
        )


def blocks(stream: int) -> Iterator[bytes]:
    """What arrives on a stream, and an empty block for each second without anything."""
    while True:
        ready, _, _ = select.select([stream], [], [], 1)
        block = os.read(stream, 65536) if ready else b""
        if ready and not block:
            return
        yield block


def lines(stream: int) -> Iterator[str]:
    """The lines of a program's output as they come, and an empty one for each second without."""
    rest = b""
    for block in blocks(stream):
        # Progress bars end their lines with carriage returns.
        *whole, rest = (rest + block).replace(b"\r", b"\n").split(b"\n")
        for raw in whole or [b""]:
            yield raw.decode(errors="replace").rstrip()
    yield rest.decode(errors="replace")


def shortened(text: str, width: int = 100) -> str:
    """One line that fits a terminal."""
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"
