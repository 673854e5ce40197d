"""Which tiles a release dirties: foreseen for a dry run, and as the listener found afterwards."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection
from redis.exceptions import RedisError

from core import snapshot
from core.changelog.sources import Sources, sources
from core.changelog.values import Change, Source
from core.models.layer import MAX_ZOOM
from core.published import LayerInfo
from core.release.report import Report
from tileserver import db
from tileserver.listener.applying import Effect, effects

ASK_AGAIN_SECONDS = 0.1


@dataclass(frozen=True)
class Dirtied:
    """Dirty tiles of one Layer by zoom, and those among them that are cached.

    `whole`: everything in it is dropped. `seconds`: from the commit until it was; None: foreseen.
    """

    layer: str
    whole: bool
    zooms: dict[str, tuple[int, int]]
    seconds: float | None = None

    @property
    def cached(self) -> int:
        """How many tiles are dropped from the cache."""
        return sum(cached for _, cached in self.zooms.values())

    def line(self) -> str:
        """For people."""
        dropped = "are dropped" if self.seconds is None else f"dropped within {self.seconds:.2f} s"
        if self.whole:
            return f"{self.layer}: all its {self.cached:,} cached tiles {dropped}."
        tiles = sum(dirty for dirty, _ in self.zooms.values())
        by_zoom = ", ".join(
            f"z{zoom} {cached:,}/{dirty:,}"
            for zoom, (dirty, cached) in sorted(self.zooms.items(), key=lambda one: int(one[0]))
            if cached
        )
        shown = f" ({by_zoom})" if by_zoom else ""
        return (
            f"{self.layer}: of {tiles:,} dirty tiles {self.cached:,} cached ones {dropped}{shown}."
        )


def foreseen(reports: Iterable[Report]) -> list[Dirtied]:
    """What the differences that dry runs found would dirty; nothing where Redis is away."""
    changes = [
        _change(report.target, report.srid, report.places if report.boxes is not None else None)
        for report in reports
        if report.differences
    ]
    return _dirtied(changes, sources())


def all_of(layers: Sequence[int]) -> list[Dirtied]:
    """What is cached of whole Layers, by their ids: what a new generation drops."""
    felt: Sources = {-one: (Source(one, 0, MAX_ZOOM, None),) for one in layers}
    return _dirtied([_change(-one, 0, None) for one in layers], felt)


def _change(relation: int, srid: int, places: Sequence[tuple[float, ...]] | None) -> Change:
    return Change(
        id=0,
        relation=relation,
        what="load",
        rows=0,
        at=datetime.now(UTC),
        who="",
        application="",
        srid=srid,
        boxes=places,  # type: ignore[arg-type]
    )


def _dirtied(changes: list[Change], felt: Sources) -> list[Dirtied]:
    snapshot.forget()
    layers: dict[int, LayerInfo] = {one.id: one for one in snapshot.current().layers.values()}
    found: list[Effect] = []
    try:
        for change in changes:
            found += effects([change], felt, layers, db.epoch())
    except RedisError:
        return []
    return [Dirtied(one.layer.name, one.whole or one.too_many, one.zooms) for one in found]


_APPLIED = """
SELECT DISTINCT ON (r.name) r.name, a.whole, a.zooms::text
FROM graticule.applied a JOIN core_resource r ON r.id = a.layer
WHERE a.change >= %s AND a.layer = ANY (%s) ORDER BY r.name, a.change
"""


def applied(reports: Iterable[Report], seconds: float) -> list[Dirtied]:
    """What the listener dropped because of releases just committed; waits, and may lack some."""
    since = time.monotonic()
    found: list[Dirtied] = []
    for report in reports:
        if report.change is not None:
            found += _applied(report, since, seconds)
    return found


def _applied(report: Report, since: float, seconds: float) -> list[Dirtied]:
    felt = {source.layer_id for source in sources().get(report.target, ())}
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_APPLIED, [report.change, list(felt)])
            rows = cursor.fetchall()
        waited = time.monotonic() - since
        if len(rows) >= len(felt) or waited > seconds:
            return [_told(name, whole, zooms, waited) for name, whole, zooms in rows]
        time.sleep(ASK_AGAIN_SECONDS)


def _told(layer: str, whole: bool, zooms: str, seconds: float) -> Dirtied:
    counts = {zoom: (dirty, cached) for zoom, (dirty, cached) in json.loads(zooms).items()}
    return Dirtied(layer, whole, counts, seconds)
