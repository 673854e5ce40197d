"""Towns and cities of GeoNames with the zoom from which each deserves its name."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.demo.search import Entry, fold
from core.demo.tables import Table
from core.demo.world import mercator, prominence
from core.demo.world.sources import Row

TABLE = Table(
    "places",
    (
        ("name", "text NOT NULL"),
        ("name_en", "text NOT NULL"),
        ("country", "text NOT NULL"),
        ("population", "integer NOT NULL"),
        ("capital", "smallint NOT NULL"),
        ("rank", "integer NOT NULL"),
        ("min_zoom", "real NOT NULL"),
    ),
    "Point",
)
NATIONAL, DEPENDENT = 2, 1
# A town of its country's name (Singapore, Monaco) takes over when the country's name leaves.
FROM_NAMESAKE = 6
# Of these the source is wrong: a quarter of Memphis with more people than Memphis.
MISTAKEN = {4645421}


@dataclass(frozen=True)
class Place:
    """A town: degrees, GeoNames' id, ISO 3166 country, and what the map makes of it."""

    id: int
    name: str
    names: tuple[str, ...]
    country: str
    population: int
    lon: float
    lat: float
    capital: int
    min_zoom: int
    rank: int

    def row(self) -> tuple[Any, ...]:
        """The row of table places."""
        return (
            *(self.id, self.name, self.name, self.country, self.population),
            *(self.capital, self.rank, self.min_zoom, mercator.point_hex(self.lon, self.lat)),
        )

    def entry(self, country: str) -> Entry:
        """The place as search shows it."""
        kind = "capital" if self.capital else "city" if self.population >= 100_000 else "town"
        rank = 1.0 - 0.1 * np.log10(max(self.population, 1)) - 0.1 * self.capital
        zoom = float(max(7, min(11, self.min_zoom + 3)))
        return Entry(
            *(self.name, self.names, kind, country, round(float(rank), 4)),
            *(self.population, self.lon, self.lat, zoom),
        )


def build(
    cities: dict[str, Row], facts: dict[str, Row], names: dict[str, str], states: set[str]
) -> list[Place]:
    """The places, most important first.

    By ISO code, `facts` are GeoNames' countries and `names` their names on the map; `states` are
    the codes of sovereign states.
    """
    known = (row for row in cities.values() if row["geonameid"] not in MISTAKEN)
    rows = sorted(known, key=lambda row: (-row["population"], row["geonameid"]))
    seats = capitals(rows, facts)
    national = [row["geonameid"] in seats and row["countrycode"] in states for row in rows]
    degrees = np.array([[row["longitude"], row["latitude"]] for row in rows], dtype=float)
    xy = mercator.forward(degrees)
    population = [row["population"] for row in rows]
    home = [row["countrycode"] for row in rows]
    weight = prominence.weights(xy, population, national, home)
    reach = np.array([prominence.reach(count) for count in population])
    distance = prominence.nearest_larger(xy, weight, reach)
    zooms = [
        max(
            prominence.min_zoom(row["population"], state, float(far)),
            FROM_NAMESAKE if fold(row["name"]) == fold(names.get(row["countrycode"], "")) else 0,
        )
        for row, state, far in zip(rows, national, distance, strict=True)
    ]
    # Among those of one zoom, capitals first, then the larger.
    order = sorted(range(len(rows)), key=lambda i: (zooms[i], not national[i], -weight[i], i))
    return [
        _place(rows[i], _capital(rows[i], seats, states), zooms[i], rank)
        for rank, i in enumerate(order, start=1)
    ]


def namesakes(found: list[Place], names: dict[str, str]) -> dict[str, int]:
    """By ISO code, the first zoom of the town that has its country's name."""
    same = (place for place in found if fold(place.name) == fold(names.get(place.country, "")))
    return {place.country: place.min_zoom for place in reversed(list(same))}


def capitals(rows: list[Row], facts: dict[str, Row]) -> set[int]:
    """The ids of the seats of government: found by name, or by another name, in the country.

    `rows` come largest first; the largest of several of one name is meant.
    """
    wanted = {iso: fold(fact["capital"]) for iso, fact in facts.items() if fact["capital"]}
    found: dict[str, tuple[bool, int]] = {}
    for row in rows:
        iso = row["countrycode"]
        exact = fold(row["name"]) == wanted.get(iso)
        other = wanted.get(iso, "?") in [fold(name) for name in row["alternatenames"]]
        if (exact and not found.get(iso, (False, 0))[0]) or (other and iso not in found):
            found[iso] = (exact, row["geonameid"])
    return {number for _, number in found.values()}


def _capital(row: Row, seats: set[int], states: set[str]) -> int:
    if row["geonameid"] not in seats:
        return 0
    return NATIONAL if row["countrycode"] in states else DEPENDENT


def _place(row: Row, capital: int, zoom: int, rank: int) -> Place:
    return Place(
        id=row["geonameid"],
        name=row["name"],
        names=tuple(name for name in row["alternatenames"] if name),
        country=row["countrycode"],
        population=row["population"],
        lon=row["longitude"],
        lat=row["latitude"],
        capital=capital,
        min_zoom=zoom,
        rank=rank,
    )
