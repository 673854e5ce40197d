"""The changes feed: where tiles changed after a position, out of this process's memory.

Open maps ask for it once a second. A map may hear of a change here and fetch the tile from a
process that has not heard of it yet, and would be given the old one. So a batch is shown
SETTLE_SECONDS after it was heard: twice what a saturated process needs to hear it too. A process
that is stuck for longer loses the truth lease within a second, and with it the belief in its
memory. So who asks for the same tiles again a second later, as live.js does, has them for sure.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tileserver import places
from tileserver.batches import Batches
from tileserver.encode import IDENTITY, TileBytes, digest_of
from tileserver.params import BadParameter, pairs
from tileserver.places import Places

SETTLE_SECONDS = 0.25
MOST_PLACES = 256
MOST_ANSWERS = 1000
MOST_SUBJECTS = 1000
WORTH_PACKING = 1000
# How often an open map should ask; less often once the truth has been unknown for some time.
POLL_SECONDS = 1
DOUBTFUL_POLL_SECONDS, DOUBTFUL_SECONDS = 5, 5.0
MOST_DIGITS = 18


@dataclass(frozen=True)
class Asked:
    """A question: what came after `since`, or in the last `ago` seconds; or only where we are.

    `epoch` is what an earlier answer said.
    """

    since: int | None = None
    ago: int | None = None
    epoch: str | None = None


def parse(query: str) -> Asked:
    """The question in a query string; raises BadParameter."""
    found = pairs(query, ("since", "ago", "epoch"))
    if "since" in found and "ago" in found:
        raise BadParameter("Give since or ago, not both.")
    since = _whole("since", found.get("since"), "the seq of an earlier answer")
    ago = _whole("ago", found.get("ago"), "seconds")
    return Asked(since, ago, found.get("epoch"))


def _whole(name: str, text: str | None, what: str) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS:
        return int(text)
    raise BadParameter(f"{name} must be a whole number: {what}.")


@dataclass(frozen=True)
class Subject:
    """What one tile URL is to the feed, at one revision.

    `layers` has the lowest zoom of each Layer, by id. `making` names the generations of all of
    them: another making is another epoch. `margin` is the part of a tile's side by which a change
    is felt beyond its box. `lag` is how many seconds a map may be behind although all is well;
    a map with changes that nobody tells of should ask for everything each `reload` seconds (0: all
    changes are told).
    """

    revision: int
    layers: Mapping[int, int]
    making: str
    margin: float
    lag: int = 0
    reload: int = 0
    poll: int = POLL_SECONDS


class Feed:
    """The feed of one process: the watcher tells it, any thread may ask."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._batches = Batches(clock, SETTLE_SECONDS)
        self._epoch = ""
        self._until: float | None = None
        self._born = clock()
        self._due = self._batches.due
        self._answers: dict[tuple[str, str], TileBytes] = {}
        self._subjects: dict[str, Subject] = {}

    def on_change(self, seq: int, layers: Mapping[str, dict[str, Any]]) -> None:
        """Hear of a batch: for each Layer id `boxes`, `tiles` and `whole` (see `places.read`)."""
        read = {int(key): places.read(told) for key, told in layers.items()}
        with self._lock:
            self._batches.add(seq, read)
            self._due = self._batches.due

    def on_lease(self, epoch: str, position: int, until: float) -> None:
        """Hear the truth lease: what is known is right until then (of the clock).

        To be called when every batch up to `position` that was told here has been heard.
        """
        with self._lock:
            self._until = until
            if epoch != self._epoch and self._batches.start is not None:
                self._batches.forget()
            if self._batches.start is None or position > self._batches.heard:
                self._epoch = epoch
                self._batches.begin(position)
                self._answers.clear()

    def forget(self) -> None:
        """The news broke off: what comes next may not follow what was heard."""
        with self._lock:
            self._batches.forget()
            self._answers.clear()
            if self._until is not None:
                self._until = min(self._until, self._clock())

    def answer(self, subject: Subject, asked: Asked) -> dict[str, Any]:
        """The answer, as a document."""
        self._settle()
        with self._lock:
            if not self._verified():
                return self._unverified(subject, asked)
            return self._verified_answer(subject, asked)

    def learn(self, path: str, subject: Subject) -> None:
        """Remember what a public address asks about, for `quick`."""
        with self._lock:
            if self._subjects.get(path) == subject:
                return
            if len(self._subjects) >= MOST_SUBJECTS:
                self._subjects.clear()
            self._subjects[path] = subject
            self._answers.clear()

    def quick(self, path: str, query: str, revision: int) -> TileBytes | None:
        """The answer for a public address at this revision, kept from before; None: ask Django."""
        if self._clock() >= self._due:
            self._settle()
        subject = self._subjects.get(path)
        if subject is None or subject.revision != revision or not self._verified():
            return None
        return self._answers.get((path, query)) or self._made(path, query, subject)

    def _made(self, path: str, query: str, subject: Subject) -> TileBytes | None:
        try:
            asked = parse(query)
        except BadParameter:
            return None
        with self._lock:
            if not self._verified():
                return None
            answer = packed(self._verified_answer(subject, asked))
            # What was true of the last seconds is not for whoever asks an hour later.
            if asked.ago is None and len(self._answers) < MOST_ANSWERS:
                self._answers[path, query] = answer
            return answer

    def _verified(self) -> bool:
        until = self._until
        return until is not None and self._clock() < until and self._batches.start is not None

    def _settle(self) -> None:
        with self._lock:
            if self._batches.settle():
                self._answers.clear()
            self._due = self._batches.due

    def _unverified(self, subject: Subject, asked: Asked) -> dict[str, Any]:
        """What was asked, said back: whoever asks goes on from there when the truth is known."""
        silent = max(0.0, self._clock() - (self._born if self._until is None else self._until))
        return {
            **_document(subject, asked.epoch or "", asked.since or 0),
            "verified": False,
            "age": None if self._until is None else round(silent + subject.lag, 1),
            "poll": DOUBTFUL_POLL_SECONDS if silent > DOUBTFUL_SECONDS else subject.poll,
        }

    def _verified_answer(self, subject: Subject, asked: Asked) -> dict[str, Any]:
        epoch, shown = f"{self._epoch}.{subject.making}", self._batches.shown
        position = self._position(asked)
        changed = [] if position is None else list(self._changed(subject, position))
        found = places.together((where for _, where in changed), MOST_PLACES)
        other = asked.epoch is not None and asked.epoch != epoch
        if position is None or other or found.whole:
            return {**_document(subject, epoch, shown), "reset": True}
        return {
            **_document(subject, epoch, max(shown, asked.since or 0)),
            "tiles": found.tiles,
            "boxes": found.boxes,
            "minzoom": min((subject.layers[layer] for layer, _ in changed), default=0),
        }

    def _position(self, asked: Asked) -> int | None:
        """The position after which is asked; None when what came after it is not known."""
        if asked.ago is not None:
            return self._batches.position_at(self._clock() - asked.ago)
        if asked.since is None:
            return self._batches.shown
        start = self._batches.start
        known = start is not None and start <= asked.since <= self._batches.heard
        return asked.since if known else None

    def _changed(self, subject: Subject, position: int) -> Iterator[tuple[int, Places]]:
        for batch in self._batches.after(position):
            for layer in batch.layers.keys() & subject.layers.keys():
                yield layer, batch.layers[layer]


def _document(subject: Subject, epoch: str, seq: int) -> dict[str, Any]:
    """An answer that nothing changed."""
    return {
        "epoch": epoch,
        "seq": seq,
        "reset": False,
        "tiles": (),
        "boxes": (),
        "minzoom": 0,
        "buffer": subject.margin,
        "verified": True,
        "age": subject.lag,
        "poll": subject.poll,
        "reload": subject.reload,
    }


def packed(document: dict[str, Any]) -> TileBytes:
    """An answer as it is sent, compressed where that pays."""
    body = json.dumps(document, separators=(",", ":")).encode()
    plain = TileBytes(body, IDENTITY, digest_of(body), len(body))
    return plain.as_gzip() if len(body) >= WORTH_PACKING else plain
