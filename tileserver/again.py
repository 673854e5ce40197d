"""Answers out of memory that are given again: most of a second's are like one before.

To find an answer, mark it as used, see whether it is believed and write its head takes several
times as long as to see that nothing of that has changed.
"""

import time
from dataclasses import dataclass
from typing import Self
from weakref import ref

from tileserver import front, metrics, process, wire
from tileserver.asked import Asked
from tileserver.memory import Answer, Memory
from tileserver.reply import HIT, composed
from tileserver.wire import Parts


@dataclass(frozen=True, slots=True)
class Again:
    """What is said out of memory to one who asks, and to all who ask so, within a second.

    Not longer: then the Date is another, and who finds the answer anew marks it as used. Good
    `until` then, of the monotonic clock, as long as the `answer` is kept and `memory` has heard of
    no change in its tile since `moment`.
    """

    answer: ref[Answer]
    memory: Memory
    moment: int
    until: float
    head: bytes
    outcome: str
    whole: bool

    @classmethod
    def found(cls, asked: Asked) -> Self | None:
        """What is in this process's memory, and may be given now."""
        here = process.current()
        # Taken before anything is looked at that may change.
        moment, second_ends = here.memory.now(), time.monotonic() + 1 - time.time() % 1
        answer = front.remembered(asked)
        if answer is None:
            return None
        said = composed(asked, answer, "memory", HIT)
        good_until = here.watcher.good_until(answer.revision, answer.until)
        return cls(
            answer=ref(answer),
            memory=here.memory,
            moment=moment,
            until=min(second_ends, good_until),
            head=wire.start(said.status) + said.lines + b"\r\n",
            outcome=said.outcome,
            whole=bool(said.body),
        )

    def parts(self) -> Parts | None:
        """The answer once more; None where it must be found anew."""
        answer = self.answer()
        if answer is None or time.monotonic() >= self.until:
            return None
        if not self.memory.stands(answer.key, self.moment):
            return None
        metrics.count(self.outcome, answer.zooms)
        return (self.head, answer.body) if self.whole else (self.head,)
