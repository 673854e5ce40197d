"""Watching what triggers cannot tell: relations that moved, and triggers that are gone."""

import time
from collections.abc import Collection, Iterable

from django.db import connection, transaction

from core import doubt
from core.changelog import known, schema, tracking
from core.changelog.freshness import Promise, settle
from core.changelog.schema import Cursor
from core.changelog.survey import PROMISING, Survey, faults, survey
from core.feed import log
from core.models import Freshness, Layer, Resource

LOCK_MS = 500
RETRY_SECONDS = 30.0
TIDY_SECONDS = 60.0
# Listeners of several Redis servers look at the same database: one of them is enough.
LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('graticule identity'))"

_last = {"retry": 0.0, "tidy": 0.0}


def inspect() -> list[str]:
    """Look at all that is published; what moved is dropped from every cache, and tracked again.

    Returns a sentence for each Layer that it did something about. Raises django.db.Error.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK)
        if not cursor.fetchone()[0]:
            return []
        noted = known.noted(cursor)
        found = survey(cursor)
        again = _retried(found) if _due("retry", RETRY_SECONDS) else []
        moved = _moved(cursor, found, noted, [layer.pk for layer in again])
        said = [_handled(found, key, why) for key, why in moved.items()]
        said += [text for one in again if one.pk not in moved and (text := _try_again(one))]
    if _due("tidy", TIDY_SECONDS) and (fault := tracking.release_unused(LOCK_MS)):
        said.append(f"Triggers that nobody needs are still there. {fault}")
    return said


def _due(what: str, every: float) -> bool:
    now = time.monotonic()
    if now - _last[what] < every:
        return False
    _last[what] = now
    return True


def _moved(
    cursor: Cursor, found: Survey, noted: known.Noted, again: Collection[int]
) -> dict[int, list[str]]:
    """By Layer, the reasons to believe nothing cached of it; stores what is there now.

    `noted` is older than the survey: what was noted since is of a Layer that it does not know.
    Those, and the Layers of `again`, are nobody else's to write to until the transaction ends.
    """
    now = known.look(cursor, found, found.layers)
    before = known.recall(cursor)
    truncated = known.truncated(cursor)
    words = {
        name: known.moved(before[name], state, truncated)
        for name, state in now.items()
        if name in before
    }
    new = {name: one for name, one in now.items() if before.get(name) != one}
    gone = {name: at for name, at in noted.items() if name not in now}
    wrong = _faults(cursor, found)
    reasons = {
        key: [
            *(f"{name[0]}.{name[1]} {words[name]}" for name in known.names_of(found, key)
              if words.get(name)),
            *wrong.get(key, ()),
            *_broken(found, key),
        ]
        for key in found.layers
    }  # fmt: skip
    moved = {key: why for key, why in reasons.items() if why}
    if new or gone or moved or again:
        _hold(cursor, [*moved, *again])
        known.store(cursor, new)
        known.forget(cursor, gone)
    return moved


def _hold(cursor: Cursor, keys: Collection[int]) -> None:
    """Wait for all who write to these Layers, in the order in which they take their locks."""
    tracking.lock(cursor)
    both = Resource.objects.select_for_update(), Layer.objects.select_for_update(of=["self"])
    for rows in both:
        list(rows.filter(pk__in=keys).order_by("pk").values_list("pk"))


def _faults(cursor: Cursor, found: Survey) -> dict[int, list[str]]:
    """By Layer, what is wrong with the triggers under it."""
    if not schema.version(cursor):
        return {}
    schema.install(cursor)  # Brings an older one up to date.
    return faults(cursor, found)


def _broken(found: Survey, key: int) -> Iterable[str]:
    """Why a promise that was made cannot be kept, or need not be withheld."""
    layer, needs = found.layers[key], found.needs[key]
    if layer.cacheable and needs.session:
        yield f"its rows depend on {', '.join(needs.session)} now"
    elif not layer.cacheable and not needs.session:
        yield "its rows depend on tables only now"
    elif layer.freshness in PROMISING and (doubted := found.doubt(key)):
        yield doubted.rstrip(".")


def _handled(found: Survey, key: int, why: list[str]) -> str:
    """Drop all that is cached of the Layer, and promise what can be promised now."""
    layer = found.layers[key]
    reason = "; ".join(why)
    promise = settle(layer, new=True, lock_ms=LOCK_MS)
    layer.raise_generation()
    text = f"{reason}. Everything cached was dropped."
    log.note_raised([key], text)
    return f"{layer.name}: {text} {_now(promise)}"


def _now(promise: Promise) -> str:
    return f"It is {promise.freshness} now. {promise.trouble}".strip()


def _retried(found: Survey) -> list[Layer]:
    """Layers that promise less than they could, for a reason that may have passed."""
    doubted = doubt.doubted()
    return [
        layer
        for key, layer in found.layers.items()
        if layer.trouble
        and layer.freshness == Freshness.TTL
        and layer.asked_freshness != Freshness.TTL
        and key not in doubted
        and found.best(key) != Freshness.TTL
    ]


def _try_again(layer: Layer) -> str:
    before = layer.freshness
    promise = settle(layer, lock_ms=LOCK_MS)
    return f"{layer.name}: {_now(promise)}" if promise.freshness != before else ""
