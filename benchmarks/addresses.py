"""Lists of tile addresses: the same for every server, and the same in every run of a seed."""

import random
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass

from psycopg2 import sql

from benchmarks.place import Place

HALF_WORLD = 20037508.342789244


@dataclass(frozen=True, order=True)
class Address:
    """A tile of a dataset."""

    dataset: str
    z: int
    x: int
    y: int


@dataclass(frozen=True)
class Band:
    """Zooms of a dataset that are measured together, and how many of their tiles are asked for.

    `alone` one after the other, `together` over several connections.
    """

    dataset: str
    low: int
    high: int
    alone: int
    together: int

    @property
    def name(self) -> str:
        """For tables."""
        zooms = f"z{self.low}" if self.low == self.high else f"z{self.low}-{self.high}"
        return f"{self.dataset} {zooms}"


# As many as take two or three seconds together, and not more than there are.
BANDS = (
    Band("footprints", 10, 11, 6, 12),
    Band("footprints", 12, 13, 40, 120),
    Band("footprints", 14, 16, 150, 1000),
    Band("countries", 3, 5, 60, 150),
    Band("places", 4, 8, 60, 300),
    Band("gshhg", 6, 9, 40, 120),
    Band("streets", 12, 14, 80, 300),
    Band("squares", 13, 15, 8, 30),
)


class Atlas:
    """Where people would look: the spots of every dataset, in an order that the seed decides."""

    def __init__(self, place: Place, seed: int) -> None:
        self._place = place
        self._seed = seed
        self._spots: dict[str, list[tuple[float, float]]] = {}

    def band(self, band: Band, count: int, but_not: Collection[Address] = ()) -> list[Address]:
        """Up to `count` different tiles of a band, in a random order that is always the same."""
        return self.tiles(band.dataset, band.low, band.high, count, but_not)

    def tiles(
        self, dataset: str, low: int, high: int, count: int, but_not: Collection[Address] = ()
    ) -> list[Address]:
        """Up to `count` different tiles of zooms `low` to `high`; spots go to zooms in turn."""
        found: dict[Address, None] = {}
        for number, (x, y) in enumerate(self._shuffled(dataset)):
            if len(found) == count:
                break
            address = at(dataset, low + number % (high - low + 1), x, y)
            if address not in but_not:
                found[address] = None
        return list(found)

    def _shuffled(self, dataset: str) -> Sequence[tuple[float, float]]:
        if dataset not in self._spots:
            spots = self._read(dataset)
            random.Random(f"{self._seed}/{dataset}").shuffle(spots)
            self._spots[dataset] = spots
        return self._spots[dataset]

    def _read(self, dataset: str) -> list[tuple[float, float]]:
        query = sql.SQL("SELECT x, y FROM {} WHERE dataset = %s ORDER BY number")
        with closing(self._place.connect()) as made, made.cursor() as cursor:
            cursor.execute(query.format(sql.Identifier(self._place.schema, "spots")), [dataset])
            return list(cursor.fetchall())


def at(dataset: str, zoom: int, x: float, y: float) -> Address:
    """The tile of `zoom` that a point (metres of EPSG:3857) lies in."""
    side = 2 * HALF_WORLD / 2**zoom
    return Address(dataset, zoom, int((x + HALF_WORLD) // side), int((HALF_WORLD - y) // side))
