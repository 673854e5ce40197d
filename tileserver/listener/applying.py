"""Applying changes: from a batch of the log to the tiles that are dropped."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import mercantile

from core.changelog import reader
from core.changelog.reader import Applied
from core.changelog.values import Box, Change, Source
from core.models import Resource
from core.published import LayerInfo
from tileserver import cache, dirty, grid, index
from tileserver.index import Shelf
from tileserver.tile import DEFAULT_MATRIX_SET

logger = logging.getLogger(__name__)
# More keys than this are not worth dropping one by one: the generation is raised.
MOST_KEYS = 20_000
MOST_CANDIDATES = 200_000
TOLD_BOXES = 256

Felt = tuple[Change, Source]


@dataclass
class Effect:
    """What a batch does to one Layer. `zooms` is dirty and cached tiles by zoom."""

    layer: LayerInfo
    changes: list[Change]
    boxes: list[Box] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    zooms: dict[str, tuple[int, int]] = field(default_factory=dict)
    whole: bool = False
    candidates: int = 0

    @property
    def too_many(self) -> bool:
        """True when raising the generation is cheaper than dropping key by key."""
        return self.candidates > MOST_CANDIDATES or len(self.keys) > MOST_KEYS

    def record(self, now: datetime) -> Applied:
        """The row that tells an admin."""
        newest = self.changes[-1]
        others = len(self.changes) - 1
        return Applied(
            change=newest.id,
            layer=self.layer.id,
            seconds=(now - min(change.at for change in self.changes)).total_seconds(),
            whole=self.whole,
            zooms=self.zooms,
            cached=len(self.keys),
            note="; ".join(self._notes(others)),
        )

    def _notes(self, others: int) -> Iterable[str]:
        if others:
            yield f"with {others} more before it"
        if self.too_many:
            yield "too many cached tiles: the generation was raised"

    def news(self) -> dict[str, Any]:
        """What open maps are told."""
        area = dirty.Area(self.boxes, 0.0) if self.boxes else None
        boxes = area.degrees(TOLD_BOXES) if area is not None else []
        tiles = [list(tile) for change in self.changes for tile in change.tiles]
        return {"boxes": boxes, "tiles": tiles[:TOLD_BOXES], "whole": self.whole}


def effects(
    changes: Iterable[Change],
    sources: dict[int, tuple[Source, ...]],
    layers: dict[int, LayerInfo],
    epoch: str,
) -> list[Effect]:
    """What these changes do to each Layer; finds the keys, drops nothing. Raises RedisError."""
    felt: dict[int, list[Felt]] = {}
    for change in changes:
        for source in sources.get(change.relation, ()):
            felt.setdefault(source.layer_id, []).append((change, source))
    known = ((layers[key], parts) for key, parts in felt.items() if key in layers)
    return [_effect(layer, parts, cache.prefix(epoch)) for layer, parts in known]


def _effect(layer: LayerInfo, felt: list[Felt], start: str) -> Effect:
    effect = Effect(layer, list({change.id: change for change, _ in felt}.values()))
    bands: dict[tuple[int, int], list[Felt]] = {}
    for change, source in felt:
        bands.setdefault((source.min_zoom, source.max_zoom), []).append((change, source))
    for (low, high), parts in bands.items():
        boxes = _places(layer, parts)
        effect.whole |= boxes is None
        effect.boxes += [dirty.WORLD] if boxes is None else boxes
        zooms = range(max(low, layer.min_zoom), min(high, layer.max_zoom) + 1)
        if boxes != []:
            area = dirty.Area(boxes or [dirty.WORLD], _margin(layer, parts))
            _find(effect, area, zooms, start)
    return effect


def _places(layer: LayerInfo, felt: list[Felt]) -> list[Box] | None:
    """Where the changes are felt, in EPSG:3857; None: anywhere."""
    found: list[Box] = []
    for change, source in felt:
        boxes = _mercator(change, exact=not layer.feature_limit)
        if source.reach is None and not change.rows and boxes == []:
            continue  # Nothing that anybody uses was changed.
        if boxes is None or source.reach is None:
            return None
        found += dirty.grown(boxes, source.reach)
    return found


def _mercator(change: Change, exact: bool) -> list[Box] | None:
    """A feature limit counts every row whose box touches a tile: then only boxes will do."""
    if change.tiles:
        return [tuple(mercantile.xy_bounds(x, y, z)) for z, x, y in change.tiles]
    boxes = change.parts if exact and change.parts is not None else change.boxes
    if boxes is None:
        return None
    if change.srid == 3857 or not boxes:
        return dirty.from_metres(boxes)
    if change.srid == 4326:
        return dirty.from_degrees(boxes)
    return reader.projected(boxes, change.srid)


def _margin(layer: LayerInfo, felt: list[Felt]) -> float:
    """The part of a tile's side by which these changes are felt beyond their boxes."""
    parts = any(change.parts is not None for change, _ in felt)
    return grid.margin(layer.buffer, layer.extent, parts=parts)


def _find(effect: Effect, area: dirty.Area, zooms: Iterable[int], start: str) -> None:
    for zoom in zooms:
        hits = _hits(area, _candidates(effect, area, zoom, start), zoom)
        effect.keys.update(hits)
        before = effect.zooms.get(str(zoom), (0, 0))
        effect.zooms[str(zoom)] = (before[0] + area.count(zoom), before[1] + len(hits))


def _candidates(
    effect: Effect, area: dirty.Area, zoom: int, start: str
) -> dict[str, tuple[int, int]]:
    """The keys that may be dirty; none once there are too many to be dropped one by one."""
    shelf, ranges = Shelf(start, effect.layer.id, DEFAULT_MATRIX_SET, zoom), area.ranges(zoom)
    if not start or effect.too_many:
        return {}
    effect.candidates += index.count(shelf, ranges)
    return {} if effect.too_many else index.find(shelf, ranges)


def _hits(area: dirty.Area, found: dict[str, tuple[int, int]], zoom: int) -> list[str]:
    if not found:
        return []
    columns, rows = zip(*found.values(), strict=True)
    touched = area.dirty(columns, rows, zoom)
    return [key for key, hit in zip(found, touched, strict=True) if hit]


def carry_out(effect: Effect, epoch: str) -> None:
    """Drop the tiles, or raise the generation where they are too many. Raises RedisError, Error."""
    if not effect.too_many:
        index.expire(epoch, sorted(effect.keys))
        return
    effect.whole = True
    for layer in Resource.objects.filter(pk=effect.layer.id):
        layer.raise_generation()
    logger.warning(
        "%s: its generation is raised, %d cached tiles may be dirty",
        effect.layer.name,
        effect.candidates,
    )


def told(effects_: Iterable[Effect]) -> dict[str, Any]:
    """The news of some effects, by Layer id."""
    return {str(effect.layer.id): effect.news() for effect in effects_}


def records(effects_: Iterable[Effect]) -> list[Applied]:
    """The rows of the feed for some effects."""
    now = datetime.now(UTC)
    return [effect.record(now) for effect in effects_]
