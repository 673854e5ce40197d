"""The listener's turn: read what is new, drop what is dirty, then say that the rest is true.

The lease is renewed for what is left of a second since the reading began: whoever believes it,
believes what was true less than a second ago, however long the turn took.
"""

import logging
import secrets
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.conf import settings

from core import snapshot
from core.changelog import reader
from core.changelog.reader import Applied, Batch
from core.changelog.sources import sources
from core.changelog.values import Source
from core.published import LayerInfo
from tileserver import db, metrics, redis_link, truth
from tileserver.listener import applying, history
from tileserver.listener.applying import Effect
from tileserver.listener.history import Seen

logger = logging.getLogger(__name__)
IDLE_SECONDS = 10.0
SKIPPED = 1_000_000


@dataclass(frozen=True)
class Published:
    """What changes are applied to, at one revision."""

    revision: int
    layers: dict[int, LayerInfo]
    sources: dict[int, tuple[Source, ...]]


class Turn:
    """Takes turns on one session of the active listener; made anew with each session."""

    def __init__(self) -> None:
        self._name = reader.cursor_name(settings.REDIS_URL)
        # What vouches for the tiles, if anything does: read before the first word is believed.
        self._seen: Seen | None = history.recall()
        self.epoch = db.epoch(again=True)
        self._epoch_number = 0
        self._published: Published | None = None
        self._advanced = 0.0
        self._told = 0
        # The snapshot of the last turn, if nothing was logged yet: from there on nothing is lost.
        self._untracked_until = ""
        # Every change that was committed before this moment of the monotonic clock is applied.
        self.through = 0.0

    def take(self) -> bool:
        """Apply what is new and renew the lease; True if there was any.

        Raises Error, RedisError or Problem.
        Whatever is raised, the cursor has not moved past what was not applied: it is read again.
        """
        began = time.monotonic()
        batch = self._trusted(reader.read(self._name))
        position = (batch.position or 0) if batch.state.tracked else self._seen_position()
        metrics.oldest_change_seconds.set(_age(batch))
        busy = bool(batch.changes)
        if busy:
            position = self._apply(batch, position)
            # It may have raised a generation: what is vouched for is what is published now.
            batch = replace(batch, state=reader.state())
        elif batch.state.tracked and began - self._advanced > IDLE_SECONDS:
            reader.advance(self._name, batch.state.snapshot, position, [])
            self._advanced = began
        self._vouch(batch, position, began)
        self.through = began
        return busy

    def settled(self, moment: float) -> bool:
        """True when every change that was committed before `moment` has been applied."""
        return moment < self.through

    def _trusted(self, batch: Batch) -> Batch:
        """The batch, if its history is the one that is cached; else a new epoch and nothing new."""
        state = batch.state
        if batch.position is None and self._untracked_until:
            reader.advance(self._name, self._untracked_until, self._seen_position() + 1, [])
            batch = reader.read(self._name)
        self._untracked_until = "" if batch.state.tracked else batch.state.snapshot
        known = batch.position is not None and batch.state.tracked
        position = batch.position if known else self._seen_position()
        fault = self._seen.broken_by(state, position or 0) if self._seen else ""
        if batch.position is None or fault:
            batch = self._begin_anew(batch, fault or "there is no cursor of this history")
        elif self._epoch_number not in (0, state.epoch):
            self._move_on(f"the epoch was raised to {state.epoch}")
        self._epoch_number = batch.state.epoch
        return batch

    def _seen_position(self) -> int:
        return self._seen.position if self._seen else 0

    def _begin_anew(self, batch: Batch, why: str) -> Batch:
        position = max(batch.position or 0, self._seen_position()) + 1
        reader.begin(self._name, batch.state, position)
        self._move_on(why)
        # The rows that follow were written after this snapshot, by us or by others.
        return replace(reader.read(self._name), position=position, changes=())

    def _move_on(self, why: str) -> None:
        logger.warning("nothing cached before is believed: %s", why)
        truth.tell_epoch(self.epoch)
        if self._seen is not None and self._seen.epoch != self.epoch:
            truth.tell_epoch(self._seen.epoch)
        self._seen = None
        self.epoch = db.epoch(again=True)

    def _apply(self, batch: Batch, position: int) -> int:
        """Drop what is dirty, tell of it, and move the cursor; gives the new position."""
        published = self._current(batch.state.revision)
        effects = applying.effects(batch.changes, published.sources, published.layers, self.epoch)
        for effect in effects:
            applying.carry_out(effect, self.epoch)
        position = self._told = self._next(position)
        # Told even where no Layer felt it: a position that was not told of is a gap in the news.
        truth.tell_change(self.epoch, position, applying.told(effects))
        records = applying.records(effects)
        reader.advance(self._name, batch.state.snapshot, position, records)
        self._advanced = time.monotonic()
        _count(batch, effects, records)
        return position

    def _next(self, position: int) -> int:
        """The next position, never told before: not by us, nor by one that died after telling.

        Such a batch is read again, and may have grown: under the same position nobody who heard
        of it would ask for the rest.
        """
        skipped = 0 if self._told else secrets.randbelow(SKIPPED)
        return max(position, self._told) + 1 + skipped

    def _current(self, revision: int) -> Published:
        """What is published at `revision` or later: nothing that was cached lacks its sources."""
        if self._published is None or self._published.revision != revision:
            found = snapshot.load()
            layers = {layer.id: layer for layer in found.layers.values()}
            self._published = Published(revision, layers, sources())
        return self._published

    def _vouch(self, batch: Batch, position: int, began: float) -> None:
        """Renew the lease, and remember what it was given for."""
        seen = Seen.of(self.epoch, batch.state, position)
        history.note(seen)
        self._seen = seen
        left = int(truth.LEASE_MS - (time.monotonic() - began) * 1000)
        if left > 0:
            lease = truth.Lease(batch.state.revision, position, _index_name(self.epoch))
            truth.renew(self.epoch, lease, left)
        metrics.truth_position.set(position)
        # The auditor renders here, and nobody else in this process carries its seat over.
        metrics.carry()


def _index_name(epoch: str) -> str:
    """What the index of cached keys is called; another name after Redis was emptied."""
    key = f"g:{epoch}.{redis_link.run_id()}:index"
    redis_link.client().set(key, secrets.token_hex(4), nx=True)
    name: bytes = redis_link.client().get(key)
    return name.decode()


def _age(batch: Batch) -> float:
    """Seconds since the oldest change that waits; 0 when none does."""
    if not batch.changes:
        return 0.0
    return (datetime.now(UTC) - min(change.at for change in batch.changes)).total_seconds()


def _count(batch: Batch, effects: list[Effect], records: list[Applied]) -> None:
    metrics.changes_applied.inc(len(batch.changes))
    metrics.tiles_expired.inc(sum(len(effect.keys) for effect in effects))
    for record in records:
        metrics.change_seconds.observe(max(0.0, record.seconds))
