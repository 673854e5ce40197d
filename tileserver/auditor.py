"""The auditor: cached tiles, taken at random and rendered again, to find one that is not true.

A tile that differs is only a suspect: a row may have changed the moment before, and its expiry be
under way. It is wrong if, when every change of that moment has been applied, Redis still has the
same value and the database still says otherwise. Then it is purged, its Layer promises nothing any
more (freshness `ttl`, another generation), and an error is logged.
"""

import logging
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import Error, connection
from redis.exceptions import RedisError

from core import doubt, snapshot
from core.problems import Problem
from core.published import PROMISES
from core.snapshot import Snapshot
from tileserver import cache, comparison, db, index, metrics, redis_link
from tileserver.comparison import Difference, Found
from tileserver.index import Shelf
from tileserver.tile import DEFAULT_MATRIX_SET

logger = logging.getLogger(__name__)
AGAIN_SECONDS = 1.5
MOST_SUSPECTS = 100
SHELVES_AT_ONCE = 64
DRAWN_AT_ONCE = 8
TIER = "redis"


@dataclass(frozen=True)
class Suspect:
    """A tile that differed at `moment`, to be looked at again at `due` (monotonic clock)."""

    difference: Difference
    moment: float
    due: float


def suspect(difference: Difference) -> Suspect:
    """It differs now; a polled Layer has two turns to notice."""
    now = time.monotonic()
    polled = [one.poll_seconds for one in difference.layers if one.freshness == "polled"]
    return Suspect(difference, now, now + AGAIN_SECONDS + 2 * max(polled, default=0))


@dataclass
class Auditor:
    """Checks one cached tile at each step; for one thread, in one process for each Redis.

    `settled(moment)` says whether every change that was committed before `moment`, of this
    process's monotonic clock, has been applied. Until it says so nobody is called a liar.
    """

    epoch: str
    settled: Callable[[float], bool]
    _suspects: list[Suspect] = field(default_factory=list)
    _turn: int = 0

    def step(self) -> None:
        """Judge the suspects whose time has come, and check one more tile. Raises nothing."""
        try:
            self._judge()
            self._check()
        except (Error, Problem, RedisError) as fault:
            logger.debug("nothing was audited: %s", fault)
        except Exception:
            logger.exception("the auditor stumbled")
        finally:
            # Between its turns the render role's connection is for whoever else wants one; and it
            # never takes more than one of what would be its share of seats.
            db.pool().close()
            metrics.seats.set(1)
            if not connection.in_atomic_block:
                connection.close()

    def _judge(self) -> None:
        now = time.monotonic()
        ready = [one for one in self._suspects if one.due <= now and self.settled(one.moment)]
        for one in ready:
            self._suspects.remove(one)
            wrong = confirmed(one.difference)
            if wrong is not None:
                condemn(self.epoch, wrong)

    def _check(self) -> None:
        published = snapshot.current()
        found = self._draw(published)
        recipe = comparison.recipe_of(found, published) if found else None
        if found is None or recipe is None:
            return
        difference = comparison.compare(found, recipe)
        metrics.truth_checked.labels(TIER).inc()
        if difference is not None and len(self._suspects) < MOST_SUSPECTS:
            self._suspects.append(suspect(difference))

    def _draw(self, published: Snapshot) -> Found | None:
        """A cached tile; each Layer and zoom with any gets its turn. Raises RedisError."""
        shelves = list(shelves_of(self.epoch, published))
        order = [*range(self._turn, len(shelves)), *range(min(self._turn, len(shelves)))]
        for start in range(0, len(order), SHELVES_AT_ONCE):
            part = order[start : start + SHELVES_AT_ONCE]
            for number, keys in zip(part, drawn([shelves[n] for n in part]), strict=True):
                found = _first(keys, published)
                if found is not None:
                    self._turn = number + 1
                    return found
        return None


def shelves_of(epoch: str, published: Snapshot) -> Iterator[Shelf]:
    """Where cached tiles of Layers that promise something are named, by Layer and zoom."""
    start = cache.prefix(epoch)
    for layer in published.layers.values() if start else ():
        if layer.freshness in PROMISES:
            for zoom in range(layer.min_zoom, layer.max_zoom + 1):
                yield Shelf(start, layer.id, DEFAULT_MATRIX_SET, zoom)


def drawn(shelves: list[Shelf], count: int = DRAWN_AT_ONCE) -> list[list[str]]:
    """At most `count` keys of each shelf, at random; raises RedisError."""
    asked = redis_link.client().pipeline(transaction=False)
    for shelf in shelves:
        asked.zrandmember(shelf.keys[0], count)
    return [[key.decode() for key in keys] for keys in asked.execute()]


def _first(keys: list[str], published: Snapshot) -> Found | None:
    """A variant of the first of these that is of what is published now."""
    generations = {layer.id: layer.generation for layer in published.layers.values()}
    for key in keys:
        parts = index.parsed(key)
        if tuple(generations.get(one) for one in parts.layer_ids) != parts.generations:
            continue
        fields = comparison.variants(key)
        if fields:
            return comparison.find(key, random.choice(fields))  # noqa: S311 - no secret
    return None


def confirmed(difference: Difference) -> Difference | None:
    """The difference as it is now, None if anything has touched the tile or it is true now.

    Raises what `compare` raises, and RedisError.
    """
    if not difference.found.still_there():
        return None
    recipe = comparison.recipe_of(difference.found, snapshot.current())
    again = comparison.compare(difference.found, recipe) if recipe else None
    return again if again is not None and difference.found.still_there() else None


def condemn(epoch: str, wrong: Difference) -> None:
    """Purge the tile, doubt its Layers, and shout; raises RedisError or django.db.Error."""
    metrics.truth_mismatch.labels(TIER).inc()
    said = describe(wrong, snapshot.current())
    logger.error("%s. Its Layers promise nothing until they are repaired: %s", said, names(wrong))
    index.expire(epoch, [wrong.found.key])
    doubt.doubt([layer.id for layer in wrong.layers], said)


def describe(wrong: Difference, published: Snapshot) -> doubt.Wrong:
    """The mismatch as it is noted and told."""
    recipe = comparison.recipe_of(wrong.found, published)
    return doubt.Wrong(
        tier=TIER,
        tile=str(wrong.found.tile),
        tileset=recipe.series.selection.name if recipe else names(wrong),
        variant=wrong.found.variant,
        kept=wrong.kept,
        fresh=wrong.fresh,
    )


def names(wrong: Difference) -> str:
    """The Layers at fault."""
    return ", ".join(layer.name for layer in wrong.layers)
