"""Boxes and clipping where projections bend, wrap and end."""

from collections.abc import Iterator

import mercantile
import pytest
from django.db import connection
from shapely.geometry import Point

from tests.odd import OddTable, Published
from tileserver.tile import Tile

SRIDS = ("srid_4326", "srid_3857", "srid_2263", "srid_27700")


def test_both_halves_of_a_country_at_the_date_line_are_drawn(odd: OddTable) -> None:
    table = odd("antimeridian")
    assert table.ids(0, 0, 0) == {1, 2, 3, 4, 5, 6, 7}
    [west] = table.features(3, 0, 4)
    [east] = table.features(3, 7, 4)
    assert (west.id, east.id) == (1, 1)
    assert west.geometry.bounds == pytest.approx((-180, -20, -177, -15), abs=0.02)
    assert east.geometry.bounds == pytest.approx((177, -20, 180, -15), abs=0.02)


@pytest.mark.parametrize("zoom", [3, 8, 12])
def test_a_feature_stays_on_its_side_of_the_date_line(odd: OddTable, zoom: int) -> None:
    table = odd("antimeridian")
    last, row, _ = mercantile.tile(179.999, 10, zoom)
    assert table.ids(zoom, last, row) - {6} == {2, 4}
    assert table.ids(zoom, 0, row) == {3, 5}


@pytest.mark.parametrize("address", [(0, 0, 0), (3, 0, 2), (3, 3, 2), (3, 7, 2)])
def test_a_belt_around_the_world_reaches_over_every_tile(
    odd: OddTable, address: tuple[int, int, int]
) -> None:
    [belt] = [one for one in odd("antimeridian").features(*address) if one.id == 7]
    left, top, right, bottom = belt.grid.bounds
    # To the buffer inside of the world, to the edge where the world ends.
    assert left == (0 if address[1] == 0 else -64)
    assert right == (4096 if address[1] == 2 ** address[0] - 1 else 4096 + 64)
    assert top >= -64
    assert bottom <= 4096 + 64


def test_what_mercator_has_no_room_for_is_left_out_and_the_rest_is_drawn(odd: OddTable) -> None:
    table = odd("beyond_mercator")
    assert table.ids(0, 0, 0) == {4, 5, 6}
    [antarctica] = [one for one in table.features(0, 0, 0) if one.id == 5]
    left, _, right, bottom = antarctica.grid.bounds
    assert (left, right) == (0, 4096)
    assert bottom > 4096, "its southern edge would be stroked if it lay on the tile's"


@pytest.mark.parametrize("zoom", [1, 3, 6])
def test_antarctica_fills_the_lowest_row(odd: OddTable, zoom: int) -> None:
    table = odd("beyond_mercator")
    last = 2**zoom - 1
    for column in {0, last // 2, last}:
        shapes = {one.id: one for one in table.features(zoom, column, last)}
        assert shapes[5].grid.is_valid
        west, south, east, _ = Tile(zoom, column, last).bounds
        assert shapes[5].geometry.covers(Point((west + east) / 2, south + 0.001))
    assert table.ids(zoom, 0, 0) <= {4, 6}


def truth(name: str) -> dict[int, tuple[float, float]]:
    """Longitude and latitude of each grid point, as PostGIS has them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, ST_X(p), ST_Y(p) FROM (SELECT id, ST_Transform(geom, 4326) AS p"
            f" FROM odd.{name} WHERE kind <> 'land') t"
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def inside(address: tuple[int, int, int], lonlat: tuple[float, float], margin: float) -> bool:
    """True when the point lies in the tile, widened by `margin` of its size."""
    west, south, east, north = Tile(*address).bounds
    across, up = (east - west) * margin, (north - south) * margin
    return west - across < lonlat[0] < east + across and south - up < lonlat[1] < north + up


def edge_tiles() -> Iterator[tuple[int, int, int]]:
    """Every tile of the first and the last column, zooms 0 to 3."""
    for zoom in range(4):
        last = 2**zoom - 1
        yield from ((zoom, x, y) for x in sorted({0, last}) for y in range(last + 1))


@pytest.mark.parametrize("name", SRIDS)
def test_no_feature_is_lost_in_any_reference_system(odd: OddTable, name: str) -> None:
    table = odd(name)
    where = truth(name)
    for address in edge_tiles():
        check(table, where, address)


def check(
    table: Published, where: dict[int, tuple[float, float]], address: tuple[int, int, int]
) -> None:
    """The tile holds the points that lie in it, where they lie, and none from elsewhere."""
    found = {one.id: one for one in table.features(*address) if one.id != 9001}
    needed = {key for key, lonlat in where.items() if inside(address, lonlat, -0.001)}
    allowed = {key for key, lonlat in where.items() if inside(address, lonlat, 0.02)}
    assert needed <= set(found), address
    assert set(found) <= allowed, address
    unit = 360 / 2 ** address[0] / 4096
    for key, one in found.items():
        assert key is not None
        assert one.geometry.coords[0] == pytest.approx(where[key], abs=unit)


@pytest.mark.parametrize("name", SRIDS)
def test_land_lies_where_it_should_in_any_reference_system(odd: OddTable, name: str) -> None:
    table = odd(name)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_XMin(p), ST_YMin(p), ST_XMax(p), ST_YMax(p) FROM"
            f" (SELECT ST_Transform(geom, 4326) AS p FROM odd.{name} WHERE id = 9001) t"
        )
        bounds = cursor.fetchone()
    [land] = [one for one in table.features(0, 0, 0) if one.id == 9001]
    assert land.geometry.bounds == pytest.approx(bounds, abs=0.1)


@pytest.mark.parametrize(
    ("name", "address"),
    [("srid_2263", (10, 301, 384)), ("srid_2263", (14, 4823, 6160)), ("srid_27700", (8, 127, 85))],
)
def test_high_zooms_of_a_national_grid(
    odd: OddTable, name: str, address: tuple[int, int, int]
) -> None:
    table = odd(name)
    check(table, truth(name), address)
    assert 9001 in table.ids(*address)


def test_a_point_outside_of_the_area_of_use_is_still_found(odd: OddTable) -> None:
    table = odd("srid_2263")
    assert 9002 in table.ids(8, 75, 94)


@pytest.mark.parametrize("address", [(0, 0, 0), (1, 0, 0), (5, 22, 10), (9, 357, 170)])
def test_geography_is_drawn_at_every_zoom(odd: OddTable, address: tuple[int, int, int]) -> None:
    table = odd("geography", geometry_column="geog")
    places = {1: (71.43, 51.13), 2: (-78.5, -0.2), 3: (178.44, -18.14), 5: (20.0, 80.0)}
    needed = {key for key, lonlat in places.items() if inside(address, lonlat, 0)}
    assert needed <= table.ids(*address)
    assert table.layer.geography


def test_a_geography_polygon_is_found_by_a_tile_in_its_middle(odd: OddTable) -> None:
    table = odd("geography", geometry_column="geog")
    assert table.ids(10, 711, 341) == {4}
