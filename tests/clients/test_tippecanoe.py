"""tippecanoe-decode, the strictest reader of tiles: exit 112 on a broken one."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.odd import TABLES, OddTable, unpacked
from tests.raw import request
from tests.tileserver.test_index_use import WORDS

pytestmark = pytest.mark.clients
DECODE = Path(sys.executable).parent / "tippecanoe-decode"


def decode(tile: bytes, folder: Path, address: tuple[int, int, int] = (0, 0, 0)) -> list[str]:
    """The MVT layers of a tile, as tippecanoe reads them."""
    file = folder / "tile.mvt"
    file.write_bytes(tile)
    command = [str(DECODE), str(file), *map(str, address)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # By its text: where a tile holds a NaN, tippecanoe writes one, and JSON knows none.
    return re.findall('"properties": { "layer": "([^"]+)"', done.stdout)


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_a_tile_of_many_layers_is_read(site: str, tmp_path: Path, coding: str) -> None:
    answer = request(site, "/tiles/world/2/2/1.mvt", headers={"Accept-Encoding": coding})
    names = decode(answer.body, tmp_path, (2, 2, 1))
    assert {"countries", "places", "boundaries"} <= set(names)


# An empty tile is no file at all to tippecanoe, nor to anybody: it is answered with 204.
ODDITIES = sorted({path.stem for path in TABLES.glob("*.sql")} - {"no_rows"})


@pytest.mark.parametrize("oddity", ODDITIES)
def test_a_tile_of_an_odd_table_is_read(odd: OddTable, tmp_path: Path, oddity: str) -> None:
    table = odd(oddity, **WORDS.get(oddity, {}))
    tile = unpacked(table.answer((0, 0, 0)))
    assert set(decode(tile, tmp_path)) == {oddity}
