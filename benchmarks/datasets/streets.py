"""Streets of seven cities (OpenStreetMap, by way of neatnet), transformed from their UTM zones.

Read in the side environment, which has pyarrow: the server's environment does without it.
"""

import csv
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.datasets.dataset import Dataset, Report, Row
from benchmarks.servers import side
from core.demo import fetch

PACKAGE = ("neatnet", "0.1.6")
SHA = "a1f760e0875a7f42a778d86293c397b37ee61e71fba49769c2b3db30271a7fff"
READER = Path(__file__).with_name("parquet_reader.py")


def rows(folder: Path, report: Report) -> Iterator[Row]:
    """The multi-vertex streets and the two-point segments, city by city."""
    data = fetch.pypi(*PACKAGE, sha256=SHA, only="*/data/*/*.parquet", source=True, report=report)
    python = side.environment(folder, report)
    command = [str(python), str(READER), str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        if reader.stdout is None:
            raise OSError("the reader of the streets has no output")
        for number, (city, kind, wkb) in enumerate(csv.reader(reader.stdout), start=1):
            yield number, city, kind, wkb
    if reader.returncode:
        raise OSError(f"{' '.join(command)} ended with {reader.returncode}")


DATASET = Dataset(
    name="streets",
    columns=(("city", "text"), ("kind", "text")),
    geometry="LineString",
    srid=4326,
    words="streets of seven cities, from their UTM zones to EPSG:4326",
    attribution="© OpenStreetMap contributors, ODbL 1.0",
    rows=rows,
)
