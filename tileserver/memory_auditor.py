"""The memory tier's auditor: once a second one answer of this process against Redis.

Both were made of the same rows, or one of them missed an expiry. A difference is looked at again
after a while, since the news of an expiry may be under way.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import Error, connection
from redis.exceptions import RedisError

from core import doubt, snapshot
from core.problems import Problem
from core.published import PROMISES, LayerInfo
from tileserver import cache, index, metrics, redis_link
from tileserver.encode import TileBytes, digest_of
from tileserver.memory import Answer, Memory

logger = logging.getLogger(__name__)
EVERY_SECONDS = 1.0
AGAIN_SECONDS = 1.5
TIER = "memory"
FIELD = "v|public|"


@dataclass(frozen=True)
class Suspect:
    """An answer that differed from Redis, to be looked at again at `due` (monotonic clock)."""

    address: str
    answer: Answer
    due: float


class MemoryAuditor:
    """Audits the memory of one process, in a thread of its own: no tile waits for it."""

    def __init__(self, memory: Memory, believed: Callable[[], bool], epoch: Callable[[], str]):
        self._memory = memory
        self._believed = believed
        self._epoch = epoch
        self._suspect: Suspect | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="memory auditor", daemon=True)

    def start(self) -> None:
        """Start the thread, once."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join(2)

    def _run(self) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            try:
                self.step()
            except (Error, Problem, RedisError) as fault:
                logger.debug("nothing was audited in memory: %s", fault)
            except Exception:
                logger.exception("the auditor of the memory stumbled")
            finally:
                connection.close()

    def step(self) -> None:
        """Look at the suspect again, or at one more answer.

        Raises RedisError, and if there is something to note, django.db.Error and Unavailable.
        """
        if not self._believed():
            self._suspect = None  # Nothing is given out of memory now.
        elif self._suspect is not None:
            self._judge(self._suspect)
        else:
            self._check()

    def _check(self) -> None:
        sampled = self._memory.sample()
        if sampled is None:
            return
        address, answer = sampled
        kept = kept_digest(answer.key)
        if kept is None:
            return
        metrics.truth_checked.labels(TIER).inc()
        if kept != content_digest(answer):
            self._suspect = Suspect(address, answer, time.monotonic() + AGAIN_SECONDS)

    def _judge(self, one: Suspect) -> None:
        if time.monotonic() < one.due:
            return
        self._suspect = None
        kept, found = kept_digest(one.answer.key), content_digest(one.answer)
        if kept in (None, found) or not self._memory.holds(one.address, one.answer):
            return
        layers = promising(one.answer.key)
        if layers:
            self._condemn(one.answer, layers, found, str(kept))

    def _condemn(self, answer: Answer, layers: list[LayerInfo], found: str, kept: str) -> None:
        """Purge the tile everywhere, doubt its Layers, and shout."""
        metrics.truth_mismatch.labels(TIER).inc()
        self._memory.expire(answer.key)
        names = ",".join(layer.name for layer in layers)
        tile = str(index.parsed(answer.key).tile)
        wrong = doubt.Wrong(TIER, tile, names, "public|", found, kept)
        logger.error("%s. Its Layers promise nothing until they are repaired: %s", wrong, names)
        index.expire(self._epoch(), [answer.key])
        doubt.doubt([layer.id for layer in layers], wrong)


def content_digest(answer: Answer) -> str:
    """The digest of what the answer gives; of the bytes as they are where they do not unpack."""
    tile = TileBytes(answer.body, answer.coding, answer.digest, 0)
    body = tile.content()
    found = digest_of(answer.body if body is None else body)
    # An ETag that names something else is as wrong as the bytes.
    return found if found == answer.digest else f"said to be {answer.digest}"


def kept_digest(key: str) -> str | None:
    """What Redis says of the same tile; None when it is not kept there. Raises RedisError."""
    value = redis_link.client().hget(key, FIELD)
    kept = None if value is None else cache.unpacked(value)
    return None if kept is None else kept.tile.digest


def promising(key: str) -> list[LayerInfo]:
    """The Layers of a tile that promise something, if it is of what is published now."""
    parts = index.parsed(key)
    by_id = {layer.id: layer for layer in snapshot.current().layers.values()}
    layers = [by_id[one] for one in parts.layer_ids if one in by_id]
    if tuple(layer.generation for layer in layers) != parts.generations:
        return []
    return [layer for layer in layers if layer.freshness in PROMISES]
