"""Countries: which province belongs to which, their attributes, and where their names stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from core.demo.search import Entry
from core.demo.tables import Table
from core.demo.world import mercator
from core.demo.world.coverage import Coverage, Indexes
from core.demo.world.sources import Row

LANGUAGES = (
    *("ar", "bn", "de", "el", "en", "es", "fa", "fr", "he", "hi", "hu", "id", "it", "ja", "ko"),
    *("nl", "pl", "pt", "ru", "sv", "tr", "uk", "ur", "vi", "zh", "zht"),
)
# Small states have a name from here on, however late the source would show it.
STATES_FROM = 4.0
# So large, and nothing else to read there.
ANTARCTICA_FROM = 1.0
# No name leaves before this, however early the source would take it away.
STAYS_UNTIL = 6.0
# A country smaller than this (square metres) gives way to the capitals around it.
MICRO = 4e9
# Well known under a shorter name than the source's.
SHORTER = {"COD": "DR Congo", "COG": "Congo", "KOR": "South Korea", "USG": "Guantanamo Bay"}

POLYGONS = (
    ("name", "text NOT NULL"),
    ("name_en", "text NOT NULL"),
    ("iso_a2", "text"),
    ("iso_a3", "text"),
    ("continent", "text"),
    ("mapcolor7", "smallint NOT NULL"),
    ("population", "bigint NOT NULL"),
)
LABELS = Table(
    "country_labels",
    (
        ("name", "text NOT NULL"),
        *((f"name_{language}", "text") for language in LANGUAGES),
        ("iso_a2", "text"),
        ("iso_a3", "text"),
        ("min_zoom", "real NOT NULL"),
        ("max_zoom", "real NOT NULL"),
        ("size", "smallint NOT NULL"),
        ("rank", "smallint NOT NULL"),
    ),
    "Point",
)


@dataclass(frozen=True)
class Countries:
    """Natural Earth's table of countries, in the order of their codes, which makes ids stable."""

    rows: list[Row]

    @property
    def codes(self) -> list[str]:
        """The ADM0_A3 codes; a country's index here, plus one, is its id."""
        return [row["adm0_a3"] for row in self.rows]

    @property
    def sovereign(self) -> set[str]:
        """The ISO codes (two letters) of the states that are their own sovereigns."""
        return {row["iso_a2_eh"] for row in self.rows if is_state(row)}

    @property
    def names(self) -> dict[str, str]:
        """The names by ISO code (two letters)."""
        return {iso: short_name(row) for iso, row in self.by_iso.items()}

    @property
    def by_iso(self) -> dict[str, Row]:
        """The rows by ISO code (two letters); islands that have their state's code give way."""
        return {row["iso_a2_eh"]: row for row in sorted(self.rows, key=is_state)}

    def polygon(self, index: int, geometry: shapely.Geometry) -> tuple[Any, ...]:
        """The row of table countries."""
        row = self.rows[index]
        return (
            index + 1,
            *(short_name(row), short_name(row), code(row["iso_a2_eh"]), code(row["iso_a3_eh"])),
            *(row["continent"], row["mapcolor7"], int(row["pop_est"])),
            mercator.ewkb_hex(geometry),
        )

    def labels(self, namesakes: dict[str, int]) -> list[tuple[Any, ...]]:
        """The rows of table country_labels; `namesakes` as `places.namesakes` finds them."""
        by_importance = sorted(range(len(self.rows)), key=self._importance)
        rank = {index: position for position, index in enumerate(by_importance, start=1)}
        return [self._label(index, rank[index], namesakes) for index in range(len(self.rows))]

    def entries(self) -> Iterator[Entry]:
        """The countries as search shows them."""
        for row in self.rows:
            names = {
                str(row[f"name_{language}"]) for language in LANGUAGES if row[f"name_{language}"]
            }
            yield Entry(
                *(short_name(row), tuple(sorted(names | {row["admin"]})), "country"),
                *(row["continent"], int(row["labelrank"]) / 100, int(row["pop_est"])),
                *(float(row["label_x"]), float(row["label_y"])),
                zoom=min(7.0, min_zoom(row) + 2),
            )

    def _importance(self, index: int) -> tuple[float, int, float]:
        row = self.rows[index]
        return (min_zoom(row), int(row["labelrank"]), -float(row["pop_est"]))

    def _label(self, index: int, rank: int, namesakes: dict[str, int]) -> tuple[Any, ...]:
        row = self.rows[index]
        names = [row[f"name_{language}"] or None for language in LANGUAGES]
        names[LANGUAGES.index("en")] = short_name(row)
        leaving = max(float(row["max_label"]), STAYS_UNTIL)
        if row["iso_a2_eh"] in namesakes:
            leaving = namesakes[row["iso_a2_eh"]]
        return (
            index + 1,
            *(short_name(row), *names, code(row["iso_a2_eh"]), code(row["iso_a3_eh"])),
            *(min_zoom(row), leaving, size(row), rank),
            mercator.point_hex(float(row["label_x"]), float(row["label_y"])),
        )


def read(rows: list[Row]) -> Countries:
    """The countries of Natural Earth's admin 0 table (EPSG:4326)."""
    return Countries(sorted(rows, key=lambda row: str(row["adm0_a3"])))


def code(text: str) -> str | None:
    """An ISO code, or None for Natural Earth's -99."""
    return None if text.startswith("-") else text


def short_name(row: Row) -> str:
    """The everyday English name, without the abbreviations Natural Earth has for tight maps."""
    if row["adm0_a3"] in SHORTER:
        return SHORTER[row["adm0_a3"]]
    shortened = "." in row["name"] or row["name"].startswith("St-")
    return str(row["admin"] if shortened else row["name"])


def is_state(row: Row) -> bool:
    """True for what is its own sovereign."""
    return bool(row["sovereignt"] == row["admin"] and row["type"] != "Indeterminate")


def min_zoom(row: Row) -> float:
    """The first zoom of the name; states and peopled territories are not kept waiting."""
    if row["adm0_a3"] == "ATA":
        return ANTARCTICA_FROM
    wanted = float(row["min_label"])
    peopled = row["type"] == "Indeterminate" and row["pop_est"] > 100_000
    return min(wanted, STATES_FROM) if is_state(row) or peopled else wanted


def size(row: Row) -> int:
    """1 for the names set largest, 2, 3, or 4 for micro-states, which come after capitals."""
    if _ground_area(row) < MICRO:
        return 4
    rank = int(row["labelrank"])
    return 1 if rank <= 2 else 2 if rank <= 4 else 3


def _ground_area(row: Row) -> float:
    """Square metres, nearly: a degree is as long as in the middle of the country."""
    degree = np.pi * mercator.RADIUS / 180
    return float(row["geom"].area * degree**2 * np.cos(np.radians(row["geom"].centroid.y)))


def belonging(provinces: list[Row], countries: Countries) -> Indexes:
    """For each province the index of its country: the one it lies in, else its own code's.

    The place decides, so that the whole map has the one point of view of the country file.
    """
    shapes = shapely.make_valid(np.array([row["geom"] for row in countries.rows], dtype=object))
    points = shapely.point_on_surface(np.array([row["geom"] for row in provinces], dtype=object))
    codes = countries.codes
    found = np.array(
        [codes.index(c) if (c := row["adm0_a3"]) in codes else -1 for row in provinces]
    )
    province, country = shapely.STRtree(shapes).query(points, predicate="within")
    found[province] = country
    return found


def polygons(coverage: Coverage, belongs: Indexes, countries: Countries) -> list[tuple[Any, ...]]:
    """The rows of table countries (or an overview of it) out of a coverage."""
    whole = coverage.dissolved(belongs)
    pairs = zip(whole.tag, whole.geometries, strict=True)
    return [countries.polygon(int(index), geometry) for index, geometry in pairs]
