"""The data: real, fetched by package, the same tables for every server.

All tables have an integer key `id`, a GiST index, rows in Hilbert order (neighbours on the ground
are neighbours on disk) and fresh statistics.
"""

from collections.abc import Iterable

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


def to_load(names: Iterable[str]) -> list[Dataset]:
    """These datasets, each after what it needs."""
    wanted: dict[str, Dataset] = {}
    for name in names:
        wanted.update({one.name: one for one in to_load(ALL[name].needs)})
        wanted[name] = ALL[name]
    return list(wanted.values())
