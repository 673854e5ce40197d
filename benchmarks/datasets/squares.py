"""Squares on a lattice: made, not real, and small; only for trying out the benchmark itself."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import shapely

from benchmarks.datasets.dataset import Dataset, Report, Row
from benchmarks.datasets.footprints import hexed

SIDE = 60
WEST, SOUTH, STEP, SIZE = 7_900_000.0, 6_600_000.0, 120.0, 70.0


def rows(_folder: Path, _report: Report) -> Iterator[Row]:
    """SIDE times SIDE squares near Astana."""
    corner = np.array([WEST, SOUTH]) + STEP * np.argwhere(np.ones((SIDE, SIDE)))
    boxes = shapely.box(*corner.T, *(corner + SIZE).T)
    shapes = hexed(shapely.multipolygons(boxes[:, None]), 3857)
    for number, wkb in enumerate(shapes, start=1):
        yield number, number % 9, wkb


DATASET = Dataset(
    name="squares",
    columns=(("levels", "smallint"),),
    geometry="MultiPolygon",
    srid=3857,
    words="squares on a lattice, not real",
    attribution="",
    rows=rows,
)
