"""Borders between countries, lines between provinces, coasts, and claims.

A border is an edge that two countries share: never the coast. `disputed` is a line that is
there on the ground and not agreed; which ones, says DISPUTED below and docs/demo-data.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from core.demo.tables import Table
from core.demo.world import mercator
from core.demo.world.countries import Countries
from core.demo.world.coverage import Indexes
from core.demo.world.edges import NOBODY, Edges
from core.demo.world.mercator import Mask
from core.demo.world.sources import Row

BOUNDARIES = (("kind", "text NOT NULL"), ("min_zoom", "real NOT NULL"))
PROVINCE_LINES = (("country", "text"), ("min_zoom", "real NOT NULL"))
COASTLINE: tuple[tuple[str, str], ...] = ()
CLAIMS_FROM = 4.0

# Pairs of countries whose common border is not agreed, with the box (west, south, east, north;
# degrees) in which that holds, or None for all of it.
DISPUTED: tuple[tuple[str, str, tuple[float, float, float, float] | None], ...] = (
    ("IND", "PAK", (73.0, 32.4, 78.5, 37.5)),
    ("CHN", "IND", (76.0, 32.0, 80.5, 36.5)),
    ("CHN", "IND", (91.5, 26.5, 98.0, 30.0)),
    ("CHN", "PAK", (74.0, 35.0, 78.5, 37.5)),
    ("ISR", "PSX", None),
    ("ISR", "SYR", None),
    ("KOS", "SRB", None),
    ("MAR", "SAH", None),
    ("SDN", "SDS", (26.5, 9.0, 29.5, 10.8)),
)
# A lease, not a quarrel: no line at all.
UNDISPUTED_ENCLAVES = {"KAB"}

# The big federations show their provinces first.
EARLY = {"USA", "CAN", "BRA", "AUS", "RUS", "CHN", "IND"}
EARLY_FROM, OTHERS_FROM = 3.5, 5.5
# Elsewhere, lines wait until a typical province is this wide on the screen, in CSS pixels.
PROVINCE_PIXELS = 36

HISTORICAL = ("Former USSR", "Ceasefire Line")


@dataclass(frozen=True)
class Sides:
    """Who owns the provinces on the two sides of each edge."""

    edges: Edges
    left: Indexes
    right: Indexes
    code_differs: Mask

    @property
    def borders(self) -> Mask:
        """Edges between two countries."""
        return np.asarray((self.edges.right != NOBODY) & (self.left != self.right))

    @property
    def within(self) -> Mask:
        """Edges between two provinces of one country."""
        return np.asarray((self.edges.right != NOBODY) & (self.left == self.right))


def sides(edges: Edges, belongs: Indexes, provinces: list[Row]) -> Sides:
    """Look both sides of `edges` up."""
    codes = np.array([row["adm0_a3"] for row in provinces])
    calm = np.isin(codes, list(UNDISPUTED_ENCLAVES))
    differs = (codes[edges.left] != codes[edges.right]) & ~calm[edges.left] & ~calm[edges.right]
    return Sides(edges, belongs[edges.left], belongs[edges.right], differs)


def lines(found: Sides, countries: Countries, claims: list[Row]) -> list[tuple[Any, ...]]:
    """The rows of table boundaries, or of an overview of it."""
    disputed = _disputed(found, countries)
    merged = [
        *(("country", 0.0, line) for line in found.edges.lines(found.borders & ~disputed)),
        *(("disputed", 0.0, line) for line in found.edges.lines(disputed)),
        *(("claim", CLAIMS_FROM, line) for line in _claims(claims)),
    ]
    return [
        (number, kind, zoom, mercator.ewkb_hex(line))
        for number, (kind, zoom, line) in enumerate(merged, start=1)
    ]


def _disputed(found: Sides, countries: Countries) -> Mask:
    """Lines that are not agreed: by the table above, or inside what the file gives one country."""
    mask = found.within & found.code_differs
    middle = found.edges.segments.mean(axis=1)
    for one, other, box in DISPUTED:
        pair = {countries.codes.index(one), countries.codes.index(other)}
        between = np.isin(found.left, list(pair)) & np.isin(found.right, list(pair))
        mask |= found.borders & between & _inside(middle, box)
    return mask


def _inside(points: NDArray[np.float64], box: tuple[float, float, float, float] | None) -> Mask:
    if box is None:
        return np.ones(len(points), dtype=bool)
    (west, south), (east, north) = mercator.forward(np.array(box).reshape(2, 2))
    x, y = points.T
    inside: Mask = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return inside


def _claims(rows: list[Row]) -> Iterator[shapely.Geometry]:
    """Lines that somebody claims today, inside what another holds."""
    for row in rows:
        if not row["name"].startswith(HISTORICAL):
            yield from shapely.get_parts(mercator.project(row["geom"]))


def province_lines(
    found: Sides, countries: Countries, first_zoom: NDArray[np.float64]
) -> list[tuple[Any, ...]]:
    """The rows of table province_lines; `first_zoom[country]` is when its lines come."""
    rows: list[tuple[Any, ...]] = []
    agreed = found.within & ~found.code_differs
    for country in np.unique(found.left[agreed]):
        name, zoom = countries.codes[country], float(first_zoom[country])
        for line in found.edges.lines(agreed & (found.left == country)):
            rows.append((len(rows) + 1, name, zoom, mercator.ewkb_hex(line)))
    return rows


def province_zooms(area: NDArray[np.float64], belongs: Indexes, codes: list[str]) -> NDArray[Any]:
    """For each country the zoom at which its province lines come; `area` in square metres."""
    zooms = np.full(len(codes), OTHERS_FROM)
    for country in np.unique(belongs):
        width = float(np.median(area[belongs == country])) ** 0.5
        fits = np.log2(PROVINCE_PIXELS * mercator.PIXEL_AT_Z0 / width)
        zooms[country] = min(9.0, max(OTHERS_FROM, round(float(fits), 1)))
        if codes[country] in EARLY:
            zooms[country] = EARLY_FROM
    return zooms


def coast(edges: Edges) -> list[tuple[Any, ...]]:
    """The rows of table coastline."""
    found = edges.lines(edges.coast)
    return [(number, mercator.ewkb_hex(line)) for number, line in enumerate(found, start=1)]


def table(name: str, columns: tuple[tuple[str, str], ...]) -> Table:
    """A table of lines."""
    return Table(name, columns, "LineString")
