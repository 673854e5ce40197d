"""Loads the world: reads the sources, builds each table and its overviews, fills the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from core.demo import search, tables
from core.demo.fetch import Report
from core.demo.tables import Table
from core.demo.world import (
    boundaries,
    countries,
    coverage,
    edges,
    mercator,
    places,
    provinces,
    seas,
    sources,
    water,
)
from core.demo.world.bands import BANDS, BASE_FROM, PROVINCES_FROM

Rows = list[tuple[Any, ...]]
# Shared edges lose what is smaller than this many CSS pixels at a band's lowest zoom.
TOLERANCE_PIXELS = 0.6
# Islands smaller than this many square pixels are left out of a band.
ISLET_PIXELS = 1.0


@dataclass(frozen=True)
class World:
    """The sources, read."""

    provinces: list[sources.Row]
    countries: countries.Countries
    claims: list[sources.Row]
    belongs: coverage.Indexes
    land: coverage.Coverage
    topology: water.Topology
    places: list[places.Place]


def load(connection: BaseDatabaseWrapper, report: Report) -> None:
    """Put the world's tables into schema `demo`; to be called in a transaction.

    Raises fetch.Unfetchable when a source cannot be had.
    """
    world = read(sources.fetch_all(report))
    report("World: sources read")
    with connection.cursor() as cursor:
        tables.prepare(cursor)
        names = [_fill(cursor, table, rows, report) for table, rows in build(world)]
        tables.swap_in(cursor, names)
        found = search.replace(cursor, "world", entries(world))
    report(f"World: {found:,} names to search for")


def read(files: sources.Files) -> World:
    """Read and relate the sources."""
    rows = sources.geopackage(files.world_map, "states_provinces")
    states = countries.read(sources.shapefile(files.countries))
    facts = sources.document(files.country_facts)
    return World(
        provinces=rows,
        countries=states,
        claims=sources.geopackage(files.world_map, "disputed_borders"),
        belongs=countries.belonging(rows, states),
        land=coverage.build(rows),
        topology=water.Topology(sources.document(files.lakes_rivers)),
        places=places.build(sources.document(files.cities), facts, states.names, states.sovereign),
    )


def build(world: World) -> Iterator[tuple[Table, Rows]]:
    """Every table with its rows."""
    for zoom in (*BANDS, BASE_FROM):
        yield from _land(world, zoom)
    yield from _water(world)
    namesakes = places.namesakes(world.places, world.countries.names)
    yield countries.LABELS, world.countries.labels(namesakes)
    yield (
        provinces.LABELS,
        provinces.labels(world.land, world.provinces, world.belongs, world.countries, towns(world)),
    )
    yield seas.LABELS, seas.labels()
    yield places.TABLE, [place.row() for place in world.places]


def towns(world: World) -> set[tuple[str, str]]:
    """The folded names of the towns with the codes of their countries."""
    codes = {iso: row["adm0_a3"] for iso, row in world.countries.by_iso.items()}
    return {(search.fold(place.name), codes.get(place.country, "")) for place in world.places}


def _land(world: World, zoom: int) -> Iterator[tuple[Table, Rows]]:
    """Countries and lines of one band, all out of one generalised coverage."""
    cut = generalised(world, zoom)
    suffix = "" if zoom == BASE_FROM else f"_z{zoom}"
    yield (
        Table(f"countries{suffix}", countries.POLYGONS, "MultiPolygon"),
        countries.polygons(cut, world.belongs, world.countries),
    )
    found = boundaries.sides(edges.extract(cut), world.belongs, world.provinces)
    yield (
        boundaries.table(f"boundaries{suffix}", boundaries.BOUNDARIES),
        boundaries.lines(found, world.countries, world.claims),
    )
    yield (
        boundaries.table(f"coastline{suffix}", boundaries.COASTLINE),
        boundaries.coast(found.edges),
    )
    if zoom >= PROVINCES_FROM:
        area = np.zeros(len(world.provinces))
        area[world.land.tag] = shapely.area(world.land.geometries)
        zooms = boundaries.province_zooms(area, world.belongs, world.countries.codes)
        yield (
            boundaries.table(f"province_lines{suffix}", boundaries.PROVINCE_LINES),
            boundaries.province_lines(found, world.countries, zooms),
        )


def generalised(world: World, zoom: int) -> coverage.Coverage:
    """The land as it is drawn from `zoom` on, up to the next band."""
    if zoom >= BASE_FROM:
        return world.land
    pixel = mercator.pixel(zoom)
    land = world.land if zoom >= PROVINCES_FROM else world.land.dissolved(_first_of_kind(world))
    return land.without_islets(ISLET_PIXELS * pixel**2).simplified(TOLERANCE_PIXELS * pixel)


def _first_of_kind(world: World) -> coverage.Indexes:
    """For each province the first one of its country and code: what a dissolved piece is tagged."""
    kinds: dict[tuple[int, str], int] = {}
    pairs = enumerate(zip(world.belongs, world.provinces, strict=True))
    return np.array([kinds.setdefault((int(c), row["adm0_a3"]), i) for i, (c, row) in pairs])


def _water(world: World) -> Iterator[tuple[Table, Rows]]:
    for table, rows in ((water.LAKES, water.lakes), (water.RIVERS, water.rivers)):
        yield table, rows(world.topology, smooth=True)
        coarse = Table(f"{table.name}_z0", table.columns, table.geometry)
        yield coarse, rows(world.topology, smooth=False)


def _fill(cursor: CursorWrapper, table: Table, rows: Rows, report: Report) -> str:
    count = tables.fill(cursor, table, rows)
    report(f"World: demo.{table.name} ({count:,} rows)")
    return table.name


def entries(world: World) -> Iterator[search.Entry]:
    """What search finds of the world: countries, then places."""
    names = world.countries.names
    yield from world.countries.entries()
    yield from (place.entry(names.get(place.country, "")) for place in world.places)
