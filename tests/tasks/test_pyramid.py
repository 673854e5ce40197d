"""The tiles of an area."""

import pytest

from tasks import pyramid
from tileserver.tile import Tile

WORLD = (-180.0, -90.0, 180.0, 90.0)


@pytest.mark.parametrize("zoom", [0, 1, 5, 24])
def test_the_world_is_every_tile(zoom: int) -> None:
    assert pyramid.count(WORLD, zoom) == 4**zoom


def test_a_tile_that_only_touches_the_area_is_left_out() -> None:
    assert list(pyramid.tiles((0, 0, 90, 66.5), 2, 2)) == [Tile(2, 2, 1)]


def test_tiles_that_see_the_area_in_their_buffer_are_in_its_reach() -> None:
    at_the_corner_of_four = (0.0, 0.0, 0.0, 0.0)
    assert pyramid.count(at_the_corner_of_four, 3, 0.016) == 4
    in_the_middle_of_one = (22.5, 20.0, 22.5, 20.0)
    assert pyramid.count(in_the_middle_of_one, 3, 0.016) == 1
    in_the_buffer_of_the_next = (44.6, 20.0, 44.6, 20.0)
    assert list(pyramid.tiles(in_the_buffer_of_the_next, 3, 3, 0.016)) == [
        Tile(3, 4, 3),
        Tile(3, 5, 3),
    ]


@pytest.mark.parametrize("zoom", [0, 1, 5, 24])
def test_nothing_is_reached_beyond_the_world(zoom: int) -> None:
    assert pyramid.count(WORLD, zoom, 0.5) == 4**zoom


def test_low_zooms_come_first() -> None:
    zooms = [tile.z for tile in pyramid.tiles(WORLD, 0, 3)]
    assert zooms == sorted(zooms)
    assert len(zooms) == pyramid.count_all(WORLD, 0, 3) == 1 + 4 + 16 + 64


def test_no_tile_is_named_twice() -> None:
    named = list(pyramid.tiles((71.3, 51.0, 71.6, 51.3), 8, 13))
    assert len(set(named)) == len(named) == pyramid.count_all((71.3, 51.0, 71.6, 51.3), 8, 13)


def test_a_point_is_one_tile_a_zoom() -> None:
    assert pyramid.count_all((71.43, 51.12, 71.43000001, 51.12000001), 0, 14) == 15


def test_an_area_beyond_the_square_of_the_map_is_cut_to_it() -> None:
    assert {tile.y for tile in pyramid.tiles((-180, 86, 180, 90), 3, 3)} == {0}
