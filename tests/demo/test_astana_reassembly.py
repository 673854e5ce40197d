"""Ways that tile edges cut are whole again: lines in their direction, areas without a seam."""

from collections.abc import Callable
from pathlib import Path

import mapbox_vector_tile
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from core.demo.astana.elements import HALF_WORLD, Element, placer, read, reassemble

HALF_GRID = 0.005


def way(*geometries: BaseGeometry, osm_id: int = 7) -> list[Element]:
    return [Element("way", osm_id, {"highway": "primary"}, one) for one in geometries]


def whole(*geometries: BaseGeometry) -> BaseGeometry:
    (element,) = reassemble(way(*geometries))
    return element.geometry


def test_a_line_over_an_edge_is_one_line_though_the_tiles_round_differently() -> None:
    west = shapely.LineString([(0, 0), (100, 50)])
    east = shapely.LineString([(100, 50 + 2 * HALF_GRID), (200, 80)])
    line = whole(east, west)
    assert line.geom_type == "LineString"
    assert [line.coords[0], line.coords[-1]] == [(0, 0), (200, 80)]


def test_a_line_that_leaves_and_comes_back_keeps_its_direction() -> None:
    pieces = [
        shapely.LineString([(0, 0), (100, 0)]),
        shapely.MultiLineString([[(100, 0), (120, 10), (100, 20)]]),
        shapely.LineString([(100, 20), (0, 20)]),
    ]
    assert list(whole(*reversed(pieces)).coords) == [
        (0, 0), (100, 0), (120, 10), (100, 20), (0, 20),
    ]  # fmt: skip


def test_a_line_with_a_gap_stays_two_lines() -> None:
    pieces = [shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(500, 0), (600, 0)])]
    assert len(shapely.get_parts(whole(*pieces))) == 2


def test_an_area_over_four_tiles_is_one_polygon_without_holes() -> None:
    quarters = [shapely.box(x, y, x + 100, y + 100 + HALF_GRID) for x in (0, 100) for y in (0, 100)]
    area = whole(*quarters)
    assert isinstance(area, shapely.Polygon)
    assert not area.interiors
    assert area.area == pytest.approx(40_000, rel=1e-4)


def test_what_no_edge_cuts_is_left_alone() -> None:
    line = shapely.LineString([(0, 0), (1, 1)])
    assert whole(line) is line


def test_elements_come_in_the_order_of_their_ids() -> None:
    line = shapely.LineString([(0, 0), (1, 1)])
    pieces = [*way(line, osm_id=9), *way(line, osm_id=3)]
    assert [element.osm_id for element in reassemble(pieces)] == [3, 9]


@pytest.fixture
def at_origin() -> Callable[[BaseGeometry], BaseGeometry]:
    return placer(1, 1, 0, 4096)


def test_tile_units_become_metres_north_up(
    at_origin: Callable[[BaseGeometry], BaseGeometry],
) -> None:
    corner, middle = shapely.Point(0, 4096), shapely.Point(2048, 2048)
    assert at_origin(corner).coords[0] == pytest.approx((0, 0))
    assert at_origin(middle).coords[0] == pytest.approx((HALF_WORLD / 2, HALF_WORLD / 2))


def test_tiles_are_read_without_the_names_of_mappers(tmp_path: Path) -> None:
    properties = {"@type": "way", "@id": 5, "@user": "somebody", "@uid": 1, "highway": "path"}
    feature = {"geometry": "LINESTRING (0 0, 10 10)", "properties": properties}
    tile = mapbox_vector_tile.encode([{"name": "osm", "features": [feature]}])
    (tmp_path / "1-1-0.mvt").write_bytes(tile)
    (element,) = read(tmp_path)
    assert (element.osm_type, element.osm_id, element.tags) == ("way", 5, {"highway": "path"})


def test_keys_of_nodes_and_ways_never_meet() -> None:
    point = shapely.Point(0, 0)
    node, one_way = Element("node", 5, {}, point), Element("way", 5, {}, point)
    assert {node.key, one_way.key} == {10, 11}
