"""What the active listener looks after beside its turns, in a thread that may take its time."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Self

from django.db import connection

from core.changelog import identity, polling, trimming
from tileserver.auditor import Auditor
from tileserver.listener.loop import Turn

logger = logging.getLogger(__name__)
Chore = Callable[[], object]


class Keeper:
    """Watches identity, trims the log and audits; ends with its block."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(5)

    def start(self, turn: Turn) -> None:
        """Start beside the turns of this session, once."""
        if self._threads:
            return
        auditor = Auditor(turn.epoch, turn.settled)

        def audit() -> None:
            auditor.epoch = turn.epoch
            auditor.step()

        chores: dict[str, tuple[float, Chore]] = {
            "auditor": (1.0, audit),
            "identity": (1.0, lambda: _say(identity.inspect())),
            "polling": (1.0, lambda: _say(polling.poll())),
            "trimming": (60.0, trimming.trim),
        }
        for name, (every, chore) in chores.items():
            thread = threading.Thread(
                target=self._run, args=(name, every, chore), name=name, daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def _run(self, name: str, every: float, chore: Chore) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                chore()
            except Exception:
                # The next time may go well; the lease does not hang on it.
                logger.exception("%s failed", name)
                connection.close()
            self._stop.wait(max(0.0, began + every - time.monotonic()))
        connection.close()


def _say(sentences: list[str]) -> None:
    for sentence in sentences:
        logger.warning(sentence)
