"""Warming: filling the cache ahead of requests, through the same `render()` as the web."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from core.access import Caller, decide_all
from core.problems import Problem
from core.selection import Selection, chosen, refuse_clash
from tasks import pyramid
from tileserver import db, process
from tileserver.render import Rendered, refresh, render
from tileserver.tile import Tile

logger = logging.getLogger(__name__)
MAX_TILES = 5_000_000
REPORT_SECONDS = 0.5
BELIEF_SECONDS = 8.0
OPERATOR = Caller(is_staff=True)


class NothingKept(ValueError):
    """What would be rendered could not be kept; the message says why."""


class TooMany(ValueError):
    """More tiles than one run may hold; the message says how many and what to do."""


@dataclass
class Progress:
    """How far a warming is; counts are tiles, `bytes` as they are kept."""

    total: int
    rendered: int = 0
    cached: int = 0
    empty: int = 0
    failed: int = 0
    bytes: int = 0
    zoom: int | None = None
    error: str = ""

    @property
    def done(self) -> int:
        """Tiles that have been dealt with."""
        return self.rendered + self.cached + self.failed

    def note(self, tile: Tile, result: Rendered | Problem) -> None:
        """Count one tile."""
        self.zoom = tile.z
        if isinstance(result, Problem):
            self.failed += 1
            self.error = self.error or f"{tile}: {result.detail}"
        elif result.outcome == "render" and not result.key:
            self.failed += 1
            self.error = self.error or f"{tile}: rendered, and could not be kept."
        elif result.outcome == "render":
            self.rendered += 1
            self.empty += result.tile.empty
            self.bytes += len(result.tile.body)
        else:
            self.cached += 1


@dataclass(frozen=True)
class Job:
    """What is warmed: a name in the namespace of Tilesets, zooms, and an area in degrees.

    None is where the Layers have data, as is known when the work begins.
    """

    name: str
    bbox: pyramid.BBox | None
    min_zoom: int
    max_zoom: int
    replace: bool = False


def clipped(job: Job, selection: Selection) -> tuple[int, Iterator[Tile]]:
    """How many tiles the selection has of what is asked for, and which; raises TooMany."""
    low, high = max(job.min_zoom, selection.min_zoom), min(job.max_zoom, selection.max_zoom)
    area, reach = pyramid.area_of(selection, job.bbox)
    total = pyramid.count_all(area, low, high, reach)
    if total > MAX_TILES:
        raise TooMany(
            f"That is {total:,} tiles; one run holds {MAX_TILES:,}. Take a smaller area or "
            "fewer zooms."
        )
    return total, pyramid.tiles(area, low, high, reach)


def warm(job: Job, report: Callable[[Progress], bool]) -> Progress:
    """Warm the tiles of `job`; `report` is told of progress and returns False to stop.

    Raises NotFound for a name that is not there, BadRequest for Layers that cannot share a tile,
    TooMany for too large an area, NothingKept without Redis or the truth lease.
    """
    selection = chosen(job.name)
    refuse_clash(selection)
    if not process.current().watcher.wait_for_belief(BELIEF_SECONDS):
        raise NothingKept(
            "Nothing would be kept: Redis is away, or no `manage.py listen` runs. Start it, then "
            "warm again."
        )
    total, work = clipped(job, selection)
    progress = Progress(total)
    report(progress)
    told = time.monotonic()
    for tile, result in _made(selection, work, job.replace):
        progress.note(tile, result)
        if time.monotonic() - told >= REPORT_SECONDS:
            told = time.monotonic()
            if not report(progress):
                return progress
    report(progress)
    return progress


def _made(
    selection: Selection, work: Iterable[Tile], replace: bool
) -> Iterator[tuple[Tile, Rendered | Problem]]:
    """Each tile with its result, in order; as many at once as this process has seats."""
    # The variant that those get who may see it: of a draft, what staff look at.
    kind = decide_all(OPERATOR, selection.guarded).permission_class
    source = iter(work)

    def one(tile: Tile) -> tuple[Tile, Rendered | Problem]:
        try:
            if replace:
                return tile, refresh(selection, tile, kind)
            return tile, render(selection, tile, permission_class=kind)
        except Problem as problem:
            logger.warning("warming %s of %s failed: %s", tile, selection.name, problem.detail)
            return tile, problem

    with ThreadPoolExecutor(db.share(), thread_name_prefix="warm") as threads:
        while batch := list(islice(source, 8 * db.share())):
            yield from threads.map(one, batch)
