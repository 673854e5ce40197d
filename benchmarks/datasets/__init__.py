"""The data: real, fetched by package, the same tables for every server.

All tables have an integer key `id`, a GiST index, rows in Hilbert order (neighbours on the ground
are neighbours on disk) and fresh statistics.
"""

from benchmarks.datasets import countries, footprints, gshhg, places, squares, streets
from benchmarks.datasets.dataset import Dataset

ALL: dict[str, Dataset] = {
    one.name: one
    for one in (
        footprints.DATASET,
        streets.DATASET,
        places.DATASET,
        countries.DATASET,
        gshhg.DATASET,
        squares.DATASET,
    )
}
