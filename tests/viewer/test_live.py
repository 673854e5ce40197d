"""live.js as it is served, and that it agrees with the listener about which tiles are touched."""

import json
import random
import subprocess
from pathlib import Path

from django.test import Client

from tileserver import dirty, grid, places
from tileserver.grid import unspread

CHECKOUT = Path(__file__).resolve().parents[2]
ZOOMS = 9
# Reads cases: an answer of the feed, and tiles that it must touch. Prints those that it does not.
CHECK = """
import { readFileSync } from "node:fs";
const { touching } = await import(process.argv[1]);
const missed = JSON.parse(readFileSync(0, "utf-8")).flatMap(({ answer, tiles }) => {
  const touched = touching(answer);
  return tiles.filter(([z, x, y]) => !touched({ z, x, y }, 24));
});
console.log(JSON.stringify(missed));
"""


def test_any_site_may_load_the_module() -> None:
    answer = Client().get("/live.js")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert len(answer.content) < 3000
    again = Client().get("/live.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert Client().post("/live.js").status_code == 405


def random_box(chance: random.Random) -> dirty.Box:
    """A box in degrees of any size, at any place that a web map shows."""
    west, south = chance.uniform(-180, 180), chance.uniform(-85, 85)
    size = 10 ** chance.uniform(-6, 2)
    return west, south, min(180.0, west + size), min(85.0, south + size)


def dirty_tiles(area: dirty.Area, zoom: int) -> list[tuple[int, int, int]]:
    """The tiles of a zoom that the listener would drop, of long ranges the first ones."""
    codes = [
        code
        for first, last in area.ranges(zoom)
        for code in range(first, min(last, first + 200) + 1)
    ]
    columns, rows = zip(*map(unspread, codes), strict=True)
    hits = area.dirty(columns, rows, zoom)
    return [(zoom, x, y) for x, y, hit in zip(columns, rows, hits, strict=True) if hit]


def case(chance: random.Random) -> dict[str, object]:
    """What the feed says of some boxes, and all tiles that the listener takes for dirty."""
    margin = grid.margin(chance.choice([0, 64, 256]), 4096)
    boxes = dirty.from_degrees([random_box(chance) for _ in range(chance.randint(1, 4))])
    area = dirty.Area(boxes, margin)
    told = places.read({"boxes": dirty.Area(boxes, 0.0).degrees(256)})
    tiles = [tile for zoom in range(ZOOMS) for tile in dirty_tiles(area, zoom)]
    answer = {"boxes": told.boxes, "tiles": [], "buffer": margin, "minzoom": 0}
    return {"answer": answer, "tiles": tiles}


def test_no_tile_that_the_listener_drops_is_left_on_the_screen() -> None:
    chance = random.Random(5)
    cases = [case(chance) for _ in range(150)]
    assert sum(len(one["tiles"]) for one in cases) > 5000  # type: ignore[arg-type,misc]
    module = (CHECKOUT / "viewer/static/viewer/live.js").as_uri()
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", CHECK, module],  # noqa: S607
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == []
