"""The real world, loaded once: in a transaction that is rolled back, so nobody else sees it."""

import gzip
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import shapely
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from pytest_django import DjangoDbBlocker

from core.demo import search, world
from core.demo.world import bands
from core.demo.world.layers import specs
from core.demo.world.mercator import HALF

pytestmark = [pytest.mark.data, pytest.mark.timeout(300)]

BUSY = {0: [(0, 0)], 1: [(1, 0), (0, 0)], 2: [(2, 1), (3, 1), (1, 1)], 3: [(4, 2), (5, 2)]}
BUSY |= {4: [(8, 5), (9, 5)], 5: [(17, 11), (16, 10)], 6: [(33, 21), (35, 23)]}
LAND = ("countries", "boundaries", "coastline")


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[CursorWrapper]:
    with django_db_blocker.unblock(), transaction.atomic():
        world.load(connection, lambda _: None)
        with connection.cursor() as cursor:
            yield cursor
        transaction.set_rollback(True)


def rows(cursor: CursorWrapper, query: str) -> list[tuple[Any, ...]]:
    cursor.execute(query)
    return list(cursor.fetchall())


def tables_of(table: str) -> list[str]:
    low = bands.PROVINCES_FROM if table == "province_lines" else 0
    return [f"demo.{table}", *(relation for relation, _, _ in bands.overviews(table, low))]


def shapes(cursor: CursorWrapper, relation: str) -> np.ndarray[Any, np.dtype[np.object_]]:
    found = rows(cursor, f"SELECT ST_AsBinary(geom) FROM {relation}")
    return shapely.from_wkb([bytes(row[0]) for row in found])


def segments(lines: Any) -> set[tuple[float, ...]]:
    """Every piece between two neighbouring points, whichever way it runs."""
    parts = shapely.get_parts(lines)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    pairs = np.hstack([xy[:-1], xy[1:]])[part[1:] == part[:-1]]
    return {min((a, b, c, d), (c, d, a, b)) for a, b, c, d in pairs.tolist()}


def test_no_sliver_between_neighbours_in_any_band(loaded: CursorWrapper) -> None:
    for relation in tables_of("countries"):
        countries = shapes(loaded, relation)
        assert shapely.is_valid(countries).all(), relation
        assert shapely.coverage_is_valid(countries), relation


def test_borders_and_coasts_lie_on_the_edges_of_the_countries(loaded: CursorWrapper) -> None:
    edges = segments(shapely.boundary(shapes(loaded, "demo.countries_z4")))
    lines = [
        *shapes(loaded, "demo.coastline_z4"),
        *shapes(loaded, "demo.boundaries_z4 WHERE kind = 'country'"),
    ]
    assert segments(np.array(lines)) <= edges


@pytest.mark.parametrize("table", ["boundaries", "coastline", "province_lines"])
def test_no_line_at_180_degrees_nor_at_the_antarctic_cut(loaded: CursorWrapper, table: str) -> None:
    for relation in tables_of(table):
        lines = shapes(loaded, relation)
        for meridian in (-HALF, HALF):
            strip = shapely.box(meridian - 1, -2 * HALF, meridian + 1, 2 * HALF)
            assert shapely.length(shapely.intersection(lines, strip)).max() < 10, relation
        assert shapely.bounds(lines)[:, 1].min() > -HALF, relation


def test_no_land_is_missing_on_either_side_of_180_degrees(loaded: CursorWrapper) -> None:
    for relation in tables_of("countries"):
        russia = f"SELECT geom FROM {relation} WHERE iso_a2 = 'RU'"
        at = "ST_Transform(ST_SetSRID(ST_Point({}, {}), 4326), 3857)"
        points = [at.format(*point) for point in ((179.95, 68), (-179.95, 68), (-173, 66.5))]
        query = f"SELECT {', '.join(f'ST_Covers(geom, {p})' for p in points)} FROM ({russia}) r"
        assert rows(loaded, query) == [(True, True, True)], relation


def test_the_point_of_view_is_the_one_that_the_docs_state(loaded: CursorWrapper) -> None:
    point = "ST_Transform(ST_SetSRID(ST_Point(34.1, 45.2), 4326), 3857)"
    query = f"SELECT iso_a2 FROM demo.countries WHERE ST_Covers(geom, {point})"
    assert rows(loaded, query) == [("UA",)]
    kinds = dict(rows(loaded, "SELECT kind, count(*) FROM demo.boundaries GROUP BY kind"))
    assert set(kinds) == {"country", "disputed", "claim"}


def test_districts_wait_and_capitals_are_early(loaded: CursorWrapper) -> None:
    found = dict(rows(loaded, "SELECT name, min_zoom FROM demo.places ORDER BY population"))
    assert min(found[name] for name in ("Puxi", "Pudong", "Bao'an", "Brooklyn", "Queens")) >= 8
    assert found["Yokohama"] >= 6
    assert [found[name] for name in ("Shanghai", "Astana", "Berlin", "London")] == [2, 2, 2, 2]
    late = "SELECT max(min_zoom), count(*) FROM demo.places WHERE capital = 2"
    ((latest, count),) = rows(loaded, late)
    assert latest <= 8
    assert 180 <= count <= 205


def test_every_state_has_its_name_from_z4(loaded: CursorWrapper) -> None:
    small = ("TV", "NR", "MC", "SM", "LI", "AD", "MT", "KI", "PW", "VA")
    query = f"SELECT count(*) FROM demo.country_labels WHERE min_zoom <= 4 AND iso_a2 IN {small}"
    assert rows(loaded, query) == [(len(small),)]


def test_a_name_that_town_and_country_share_never_leaves_a_gap(loaded: CursorWrapper) -> None:
    shared = """SELECT c.name, c.max_zoom, min(p.min_zoom) FROM demo.country_labels c
        JOIN demo.places p ON p.country = c.iso_a2 AND lower(p.name) = lower(c.name)
        GROUP BY c.name, c.max_zoom"""
    found = rows(loaded, shared)
    assert {"Singapore", "Monaco", "San Marino", "Luxembourg"} <= {name for name, _, _ in found}
    assert [name for name, leaves, comes in found if leaves != comes] == []


def test_no_town_has_the_name_of_its_province_beside_it(loaded: CursorWrapper) -> None:
    twice = """SELECT count(*) FROM demo.province_labels l JOIN demo.places p
        ON lower(p.name) = lower(l.name) AND ST_DWithin(p.geom, l.geom, 50000)
        JOIN demo.country_labels c ON c.iso_a2 = p.country AND c.iso_a3 = l.country"""
    assert rows(loaded, twice) == [(0,)]


def test_tiles_stay_small(loaded: CursorWrapper) -> None:
    for zoom, addresses in BUSY.items():
        budget = 80_000 if zoom == 0 else 100_000
        for x, y in addresses:
            assert len(gzip.compress(tile(loaded, zoom, x, y), 6)) <= budget, (zoom, x, y)
    assert len(gzip.compress(tile(loaded, 2, 2, 1, "places"), 6)) <= 20_000


def tile(cursor: CursorWrapper, zoom: int, x: int, y: int, only: str = "") -> bytes:
    """The tile's Layers as the tile road would write them, nearly: the same rows and columns."""
    found = b""
    for spec in specs():
        if not spec.min_zoom <= zoom <= spec.max_zoom or (only and spec.layer_name != only):
            continue
        bands_here = (r for r, low, high in spec.overviews if low <= zoom <= high)
        relation = next(bands_here, spec.relation)
        first = f"t.{spec.min_zoom_column} < {zoom + 1}" if spec.min_zoom_column else "true"
        last = f"t.{spec.max_zoom_column} > {zoom}" if spec.max_zoom_column else "true"
        envelope = f"ST_TileEnvelope({zoom}, {x}, {y})"
        query = f"""SELECT ST_AsMVT(r, '{spec.layer_name}', 4096, 'mvt', 'id') FROM (
            SELECT t.*, ST_AsMVTGeom(t.geom, {envelope}) AS mvt FROM {relation} t
            WHERE t.geom && {envelope} AND {first} AND {last}) r"""
        found += bytes(rows(cursor, query.replace("t.*", columns(cursor, relation)))[0][0])
    return found


def columns(cursor: CursorWrapper, relation: str) -> str:
    """All but the geometry."""
    names = f"""SELECT attname FROM pg_attribute WHERE attrelid = '{relation}'::regclass
        AND attnum > 0 AND NOT attisdropped AND attname <> 'geom'"""
    return ", ".join(f't."{row[0]}"' for row in rows(cursor, names))


def test_places_and_countries_can_be_found(loaded: CursorWrapper) -> None:
    assert search.find(loaded, "sao paul", 3)[0].context == "Brazil"
    assert search.find(loaded, "Астана", 3)[0].name == "Astana"
    assert search.find(loaded, "ast", 3)[0].name == "Astana"
    assert search.find(loaded, "kazakh", 3)[0].kind == "country"


def test_every_layer_has_its_tables(loaded: CursorWrapper) -> None:
    for spec in specs():
        for relation in (spec.relation, *(one for one, _, _ in spec.overviews)):
            ((count,),) = rows(loaded, f"SELECT count(*) FROM {relation}")
            assert count > 0, relation
