"""What a Layer can promise about edits, and the triggers for it: decided in one place."""

from dataclasses import dataclass

from django.db import connection, transaction

from core import doubt
from core.changelog import known, tracking
from core.changelog.needs import TABLES, Needs
from core.changelog.rights import CannotTrack
from core.changelog.survey import PROMISING, Survey, plans, survey
from core.feed import log
from core.models import Freshness, Layer


@dataclass(frozen=True)
class Promise:
    """What a Layer promises. `trouble` says why it is less than could be, or than was asked.

    `refused`: the rows could be followed, but the triggers could not be installed.
    """

    freshness: str
    cacheable: bool = True
    trouble: str = ""
    refused: bool = False


def settle(layer: Layer, *, new: bool = False, lock_ms: int = tracking.LOCK_MS) -> Promise:
    """Find the best that the Layer can promise, install what it takes, and store it.

    `new`: nothing of it can be cached yet. Otherwise another promise raises the generation, since
    a tile that was kept under the old one may be behind. What was asked for (`asked_freshness`)
    and cannot be had is told in `trouble`. Raises django.db.Error.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        tracking.lock(cursor)
        found = survey(cursor)
        promise = _promise(layer, found, lock_ms)
        _store(layer, promise, new=new)
        known.note(cursor, found, layer.pk)
    return promise


def settle_as_asked(layer: Layer, *, new: bool = False) -> Promise:
    """The same, but raises CannotTrack, and changes nothing, when what was asked cannot be had."""
    with transaction.atomic():
        promise = settle(layer, new=new)
        if layer.asked_freshness not in ("", promise.freshness):
            raise CannotTrack(f"{layer.name} cannot be {layer.asked_freshness}. {promise.trouble}")
    return promise


def _promise(layer: Layer, found: Survey, lock_ms: int) -> Promise:
    asked = layer.asked_freshness
    needs = found.needs[layer.pk]
    if needs.session:
        why = f"Its rows depend on {', '.join(needs.session)}: nothing of it is cached."
        return Promise(Freshness.TTL, cacheable=False, trouble=why)
    if layer.pk in doubt.doubted():
        return Promise(Freshness.TTL, trouble=layer.trouble)
    if asked in (Freshness.TTL, Freshness.POLLED):
        return Promise(asked, trouble="" if needs.kind else needs.doubt)
    fault = found.doubt(layer.pk) or _wrong_kind(needs, asked, layer)
    if fault:
        return Promise(Freshness.TTL, trouble=fault)
    with connection.cursor() as cursor:
        fault = tracking.attempt(cursor, found, [layer.pk], lock_ms)
    if fault:
        return Promise(Freshness.TTL, trouble=fault, refused=True)
    return Promise(needs.best)


def _wrong_kind(needs: Needs, asked: str, layer: Layer) -> str:
    is_table = needs.kind in tuple(TABLES)
    if asked == Freshness.TRACKED and not is_table and needs.kind:
        return f"{layer.relation} is no table: ask for 'derived'."
    if asked == Freshness.DERIVED and is_table:
        return f"{layer.relation} is a table: ask for 'tracked'."
    return ""


def _store(layer: Layer, promise: Promise, *, new: bool) -> None:
    """Write it past `save`, so that a new Layer keeps its first generation."""
    before = (layer.freshness, layer.cacheable)
    layer.write(freshness=promise.freshness, cacheable=promise.cacheable, trouble=promise.trouble)
    if not new and before != (promise.freshness, promise.cacheable):
        layer.raise_generation()


@dataclass(frozen=True)
class Health:
    """How a Layer's promise stands. `faults` are what `repair` would put right."""

    freshness: str
    best: str
    trouble: str
    tables: tuple[str, ...]
    faults: tuple[str, ...]


def health(layer: Layer) -> Health:
    """Look at the triggers under a Layer; changes nothing. Raises django.db.Error."""
    with connection.cursor() as cursor:
        found = survey(cursor)
        faults: list[str] = []
        families = found.families_of([layer.pk])
        if layer.freshness in PROMISING:
            promising = found.promising()
            lacking = plans(cursor, found, promising, families)
            faults = [fault for plan in lacking for fault in plan.faults()]
    return Health(
        freshness=layer.freshness,
        best=found.best(layer.pk),
        trouble=layer.trouble or found.doubt(layer.pk),
        tables=tuple(sorted(family.root.label for family in families)),
        faults=tuple(faults),
    )


def repair(layer: Layer, lock_ms: int = tracking.LOCK_MS) -> Promise:
    """Believe the Layer again: settle mismatches, renew triggers, raise the generation.

    Raises CannotTrack and django.db.Error, and then changes nothing.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        tracking.lock(cursor)
        doubt.settle(layer.pk)
        promise = settle(layer, lock_ms=lock_ms)
        layer.raise_generation()
        log.note_raised([layer.pk], "repaired by hand: everything cached was dropped")
    return promise
