"""What a dataset is: its table, where its rows come from, and where people would look at it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = tuple[Any, ...]
Report = Callable[[str], None]

# One point of each feature. `{table}` is the quoted table; gives x and y in EPSG:3857.
A_POINT_EACH = """
SELECT ST_X(p) AS x, ST_Y(p) AS y
FROM (SELECT ST_Transform(ST_PointOnSurface(geom), 3857) AS p FROM {table}) AS points
"""


@dataclass(frozen=True)
class Dataset:
    """A table of the benchmark.

    `columns` stand between `id` and `geom` as (name, SQL type). `rows` gives (id, columns ...,
    EWKB as hex); what is in another SRID is transformed to `srid` when it is loaded. `spots` is
    SQL for points (EPSG:3857) that tiles are asked about, of `{table}` and of the `{spots}` of the
    datasets that it `needs`. `words` stand beside every number.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    geometry: str
    srid: int
    words: str
    attribution: str
    rows: Callable[[Path, Report], Iterator[Row]]
    spots: str = A_POINT_EACH
    max_zoom: int = 16
    needs: tuple[str, ...] = ()
