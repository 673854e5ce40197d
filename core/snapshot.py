"""What is published, in memory: the tile road looks here and never asks the ORM.

A snapshot is renewed when the revision (see `core.models.Revision`) has moved. It is checked at
most every `CHECK_SECONDS`; nobody is answered from one that was last checked more than
`BELIEVE_SECONDS` ago, unless the database does not answer. Before somebody is told that there is
nothing, it is checked again: it may have been published a moment ago.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import Error, connection

from core.models import Layer, Member, Overview, Resource, Revision, Tileset
from core.problems import NotFound, Unavailable
from core.published import FieldInfo, LayerInfo, OverviewInfo, TilesetInfo

CHECK_SECONDS = 0.4
BELIEVE_SECONDS = 0.8
# Whoever asks for names that are not there costs the database 20 short queries a second at most.
MISSING_SECONDS = 0.05
logger = logging.getLogger(__name__)
Found = TypeVar("Found")


@dataclass(frozen=True)
class Snapshot:
    """All Layers and Tilesets at one revision."""

    revision: int
    layers: dict[str, LayerInfo] = field(default_factory=dict)
    tilesets: dict[str, TilesetInfo] = field(default_factory=dict)


class _Keeper:
    """Holds the current snapshot of this process."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._checked = 0.0
        self._doubted = 0.0
        self._lock = threading.Lock()

    def current(self) -> Snapshot:
        """What is published, as of the last `BELIEVE_SECONDS`; raises Unavailable."""
        age = time.monotonic() - self._checked
        snapshot = self._snapshot
        if snapshot is not None and age < CHECK_SECONDS:
            return snapshot
        # One thread checks while the others still believe; past that, all wait for it.
        if snapshot is not None and age < BELIEVE_SECONDS and self._lock.locked():
            return snapshot
        with self._lock:
            return self._check(CHECK_SECONDS)

    def find(self, look: Callable[[Snapshot], Found]) -> Found:
        """What `look` finds in what is published; raises NotFound when it did so of late, too."""
        seen = self.current()
        try:
            return look(seen)
        except NotFound:
            with self._lock:
                newer = self._check(MISSING_SECONDS)
            if newer is seen:
                raise
            return look(newer)

    def _check(self, seconds: float) -> Snapshot:
        began = time.monotonic()
        if self._snapshot is not None and began - self._checked < seconds:
            return self._snapshot
        try:
            self._snapshot = renewed(self._snapshot)
        except Error as error:
            if self._snapshot is None:
                raise Unavailable("The database does not answer. Try again soon.") from error
            logger.warning("the database does not answer: the last snapshot is kept")
        self._checked = time.monotonic() if self._doubted < began else 0.0
        return self._snapshot

    def doubt(self) -> None:
        """Check again before the next answer: somebody heard of another revision."""
        self._doubted = time.monotonic()
        self._checked = 0.0

    def forget(self) -> None:
        """Believe nothing: the next caller reads everything again."""
        with self._lock:
            self._snapshot, self._checked = None, 0.0


_keeper = _Keeper()
current = _keeper.current
find = _keeper.find
doubt = _keeper.doubt
forget = _keeper.forget


def renewed(old: Snapshot | None) -> Snapshot:
    """`old` if its revision still stands, else a new snapshot; raises django.db.Error."""
    borrowed = connection.in_atomic_block
    try:
        revision = Revision.objects.values_list("value", flat=True).get(pk=1)
        if old is not None and old.revision == revision:
            return old
        return load()
    finally:
        if not borrowed:
            connection.close()


def load() -> Snapshot:
    """Read everything that is published.

    The revision is read first: whatever changes while the rest is read has moved it, so the next
    check reads all of it again.
    """
    revision = Revision.objects.values_list("value", flat=True).get(pk=1)
    memberships = list(Member.objects.values_list("tileset_id", "layer_id"))
    layers = {row.pk: _layer(row) for row in Layer.objects.prefetch_related("overviews")}
    members: dict[int, list[LayerInfo]] = {}
    for tileset_id, layer_id in memberships:
        if layer_id in layers:
            members.setdefault(tileset_id, []).append(layers[layer_id])
    tilesets = [_tileset(row, members.get(row.pk, [])) for row in Tileset.objects.all()]
    return Snapshot(
        revision,
        {layer.name: layer for layer in layers.values()},
        {tileset.name: tileset for tileset in tilesets},
    )


def _words(row: Resource) -> dict[str, Any]:
    names = ("name", "title", "description", "attribution", "access", "state")
    return {name: getattr(row, name) for name in names}


def _overview(row: Overview) -> OverviewInfo:
    return OverviewInfo(row.relation_schema, row.relation_name, row.min_zoom, row.max_zoom)


_COPIED = (
    "generation", "layer_name", "relation_schema", "relation_name", "geometry_column",
    "geometry_type", "geography", "srid", "id_column", "id_is_feature_id", "id_is_unique",
    "min_zoom", "max_zoom", "rank_column", "min_zoom_column", "max_zoom_column", "extent",
    "buffer", "feature_limit", "byte_budget", "freshness", "ttl_seconds", "frozen", "cacheable",
    "held", "poll_seconds", "large_shapes",
)  # fmt: skip


def _layer(row: Layer) -> LayerInfo:
    return LayerInfo(
        id=row.pk,
        **_words(row),
        **{name: getattr(row, name) for name in _COPIED},
        fields=tuple(FieldInfo(one["name"], one["type"]) for one in row.fields),
        bounds=row.bounds,
        area_of_use=(row.use_west, row.use_south, row.use_east, row.use_north),
        overviews=tuple(_overview(one) for one in row.overviews.all()),
    )


def _tileset(row: Tileset, layers: list[LayerInfo]) -> TilesetInfo:
    return TilesetInfo(
        id=row.pk,
        **_words(row),
        generation=row.generation,
        byte_budget=row.byte_budget,
        frozen=row.frozen,
        layers=tuple(layers),
    )
