"""The bar: a reload of which 0.1 % differs keeps at least 95 % of the cached tiles.

Rows are scattered, and so are the changes: the worst that a load can do. Every tile of the pyramid
down to zoom 14 has the same chance to be cached. RELEASE_ROWS=1000000 takes it to the full size.
"""

import os
import random

import mercantile
import pytest

from core import snapshot
from core.layer_spec import LayerSpec
from core.models import Layer
from core.publishing import publish
from core.selection import select
from tests.database import execute
from tests.release.town import counts, released
from tests.truth.equality import fresh as rendered
from tests.truth.equality import info, kept, settle
from tileserver.render import render
from tileserver.tile import Tile

ROWS = int(os.environ.get("RELEASE_ROWS", "10000"))
MOST_CACHED = min(20_000, ROWS // 10)
ZOOMS = range(15)
# As many rows on each square kilometre, however many there are.
SIDE = 10.0 * (ROWS / 1_000_000) ** 0.5
BOUNDS = (60.0, 45.0, 60.0 + SIDE, 45.0 + SIDE / 2)
TABLE = f"""
SELECT setseed(0.5);
CREATE TABLE odd.many AS SELECT n AS id, 'house ' || n AS name, ST_Buffer(ST_SetSRID(ST_MakePoint(
  {BOUNDS[0]} + random() * {SIDE}, {BOUNDS[1]} + random() * {SIDE / 2}), 4326), 0.0001, 2)
  ::geometry(Polygon, 4326) AS geom FROM generate_series(1, {ROWS}) n;
ALTER TABLE odd.many ADD PRIMARY KEY (id);
CREATE INDEX ON odd.many USING gist (geom);
CREATE TABLE odd.load AS TABLE odd.many;
ANALYZE odd.many, odd.load;
"""
# Of a thousand rows one differs: renamed, moved, gone or new.
CHANGED = """
UPDATE odd.load SET name = 'renamed' WHERE id % 4000 = 0;
UPDATE odd.load SET geom = ST_Translate(geom, 0.01, 0) WHERE id % 4000 = 1000;
DELETE FROM odd.load WHERE id % 4000 = 2000;
INSERT INTO odd.load SELECT id + 10000000, 'new', ST_Translate(geom, 0, 0.01) FROM odd.many
WHERE id % 4000 = 3000;
"""


def cache_some(layer: Layer) -> int:
    """Render tiles, each of the pyramid with the same chance; how many."""
    tiles = list(mercantile.tiles(*BOUNDS, zooms=ZOOMS))
    random.Random(1).shuffle(tiles)
    snapshot.forget()
    selection = select(snapshot.current(), layer.name)
    for tile in tiles[:MOST_CACHED]:
        render(selection, Tile(tile.z, tile.x, tile.y))
    return min(len(tiles), MOST_CACHED)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_load_keeps_what_did_not_change(committed: None) -> None:
    execute(TABLE)
    layer = publish(LayerSpec(name="many", relation="odd.many", max_zoom=14))
    settle()
    before = cache_some(layer)
    assert len(kept(info("many"))) == before == MOST_CACHED
    execute(CHANGED)
    report = released(layer)
    assert sum(counts(report)[1:]) == ROWS // 1000
    assert report.boxes is not None
    settle()
    left = kept(info("many"))
    print(f"{report}: {len(left):,} of {before:,} cached tiles kept")
    assert len(left) >= 0.95 * before
    for one in left[:: max(1, len(left) // 200)]:
        assert one.body == rendered(info("many"), one.tile), one.tile
