"""Property: whatever is done to a table, under load, no cached tile is wrong once it settles."""

import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings

from tests.database import execute
from tests.odd import Published, forget_tiles, publish_odd
from tests.raw import request
from tests.site import serving
from tests.truth import equality
from tests.truth.histories import MAKE, TABLE, Step, Story, geometry, steps
from tileserver import index
from tileserver.tile import Tile

# Threads of this process roll dice of their own while an example is drawn.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")
MAX_ZOOM = 5
HISTORIES = 12


@dataclass
class Place:
    """A table that is published and tracked, and two web processes with memories of their own."""

    layer: Published
    sites: list[str]
    tiles: list[Tile] = field(default_factory=list)
    kept: int = 0
    dropped: int = 0
    same: int = 0


@pytest.fixture
def place(committed: None, tmp_path: Path) -> Iterator[Place]:
    """Served by two, in front of one Redis."""
    forget_tiles()
    execute(MAKE)
    layer = publish_odd("histories", max_zoom=MAX_ZOOM)
    assert layer.layer.freshness == "tracked"
    with ExitStack() as stack:
        sites = [stack.enter_context(serving(tmp_path / f"{n}.log", workers=1)) for n in range(2)]
        yield Place(layer, sites, every_tile())


def every_tile() -> list[Tile]:
    """All tiles of zooms 0 to 3, and some of those below."""
    dice = random.Random(1)
    low = [Tile(z, x, y) for z in range(4) for x in range(2**z) for y in range(2**z)]
    deep = [Tile(5, dice.randrange(32), dice.randrange(32)) for _ in range(60)]
    return [*low, *deep]


@contextmanager
def readers(place: Place) -> Iterator[None]:
    """Two who look at random tiles of each site without a pause."""
    over = threading.Event()

    def look(site: str, seed: int) -> None:
        dice = random.Random(seed)
        while not over.is_set():
            request(site, f"/tiles/histories/{dice.choice(place.tiles)}.mvt")

    threads = [threading.Thread(target=look, args=(site, 1)) for site in place.sites]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def begin(place: Place, seed: int) -> dict[str, bytes]:
    """Some rows, and every tile in every tier; gives what Redis has."""
    dice = random.Random(seed)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")
        for _ in range(15):
            cursor.execute(
                f"INSERT INTO {TABLE} (kind, geom) VALUES ('old', %s::geometry)", [geometry(dice)]
            )
    equality.settle()
    for site in place.sites * 2:
        for tile in place.tiles:
            equality.served(site, "histories", tile)
    return {one.key: one.body for one in equality.kept(equality.info("histories"))}


def count_drops(place: Place, before: dict[str, bytes]) -> None:
    """Count the tiles that were dropped, and those among them that are the same as before."""
    layer = equality.info("histories")
    tiles = {key: index.parsed(key).tile for key in before}
    left = {one.key for one in equality.kept(layer)}
    gone = set(before) - left
    place.kept += len(left & set(before))
    place.dropped += len(gone)
    place.same += sum(equality.fresh(layer, tiles[key]) == before[key] for key in gone)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_no_cached_tile_is_wrong_after_any_history(
    place: Place, record_property: pytest.FixtureRequest
) -> None:
    @settings(
        max_examples=HISTORIES, suppress_health_check=list(HealthCheck), report_multiple_bugs=False
    )
    @given(steps())
    def true_after(history: list[Step]) -> None:
        before = begin(place, len(history))
        with Story() as story, readers(place):
            for step in history:
                story.tell(step)
            story.finish(len(history))
        equality.settle()
        layer = equality.info("histories")
        count_drops(place, before)
        assert equality.wrong_in_redis(layer) == []
        for site in place.sites:
            assert equality.wrong_at(site, layer, place.tiles) == []

    true_after()
    record_property("dropped", place.dropped)  # type: ignore[operator]
    record_property("dropped though the same", place.same)  # type: ignore[operator]
    print(f"kept {place.kept}, dropped {place.dropped}, of them the same {place.same}")
    assert place.dropped > place.same
