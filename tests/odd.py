"""Odd tables: loaded from `fixtures/tables/`, published, and read back as features in degrees."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django_redis import get_redis_connection
from mapbox_vector_tile.Mapbox import vector_tile_pb2
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from core import snapshot
from core.layer_spec import LayerSpec
from core.models import Layer
from core.published import LayerInfo
from core.publishing import publish
from core.selection import select
from tests.database import execute
from tileserver import db as tile_db
from tileserver import process
from tileserver.cache import Entry
from tileserver.params import NONE, Params
from tileserver.pooled import inlined
from tileserver.render import place
from tileserver.sql import tile_query
from tileserver.tile import Tile

TABLES = Path(__file__).parent / "fixtures" / "tables"
Address = tuple[int, int, int]


@dataclass(frozen=True)
class Feature:
    """A feature of a tile: `geometry` in EPSG:4326 degrees, `grid` in tile units, y down."""

    id: int | None
    properties: dict[str, Any]
    geometry: BaseGeometry
    grid: BaseGeometry


def decode(mvt: bytes, address: Address) -> dict[str, list[Feature]]:
    """The features of each layer of an uncompressed tile."""
    options = {"y_coord_down": True, "geojson": True}
    layers = mapbox_vector_tile.decode(mvt, default_options=options)
    for raw in raw_layers(mvt):
        # The decoder says 0 where there is no id at all.
        for one, found in zip(raw.features, layers[raw.name]["features"], strict=True):
            found["id"] = one.id if one.HasField("id") else None
    return {
        name: [_feature(one, layer["extent"], address) for one in layer["features"]]
        for name, layer in layers.items()
    }


def raw_layers(mvt: bytes) -> Any:
    """The layers as the tile's protobuf messages."""
    message = vector_tile_pb2.tile()
    message.ParseFromString(mvt)
    return message.layers


def _feature(found: dict[str, Any], extent: int, address: Address) -> Feature:
    grid = shape(found["geometry"])
    return Feature(found["id"], found["properties"], degrees(grid, extent, address), grid)


def degrees(grid: BaseGeometry, extent: int, address: Address) -> BaseGeometry:
    """A geometry in tile units (y down) as longitudes and latitudes."""
    z, x, y = address

    def turn(points: Any) -> Any:
        across = (points[:, 0] / extent + x) / 2**z
        down = (points[:, 1] / extent + y) / 2**z
        latitudes = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * down))))
        return np.column_stack([across * 360 - 180, latitudes])

    return shapely.transform(grid, turn)


@dataclass(frozen=True)
class Published:
    """A published odd table, read through its URL as a stranger would."""

    layer: Layer

    def answer(self, address: Address, query: str = "", **headers: str) -> HttpResponse:
        """The HTTP answer for a tile."""
        z, x, y = address
        path = f"/tiles/{self.layer.name}/{z}/{x}/{y}.mvt{query}"
        return Client().get(path, headers=headers)  # type: ignore[return-value]

    def features(self, *address: int, query: str = "") -> list[Feature]:
        """The features of a tile (z, x, y), in their order; asserts the tile is well answered."""
        z, x, y = address
        answer = self.answer((z, x, y), query)
        assert answer.status_code in (200, 204), answer.content
        if answer.status_code == 204:
            return []
        return decode(unpacked(answer), (z, x, y))[self.layer.layer_name]

    def ids(self, *address: int) -> set[int | None]:
        """The feature ids of a tile."""
        return {feature.id for feature in self.features(*address)}

    def tilejson(self) -> dict[str, Any]:
        """The entry of its TileJSON's `vector_layers`."""
        document = Client().get(f"/tiles/{self.layer.name}.json").json()
        [entry] = document["vector_layers"]
        assert isinstance(entry, dict)
        return entry

    def info(self) -> LayerInfo:
        """The Layer as the tile road has it."""
        return select(snapshot.current(), self.layer.name).layers[0]

    def entry(self, tile: Tile, wanted: Params = NONE) -> Entry:
        """Where a tile of it is kept for the public."""
        return place(select(snapshot.current(), self.layer.name), tile, wanted)

    def plan(self, z: int, x: int, y: int) -> str:
        """PostgreSQL's plan of a tile, made by the render role without sequential scans."""
        tile = Tile(z, x, y)
        connection = tile_db.connect()
        try:
            with connection.cursor() as cursor:
                text = tile_query((self.info(),), tile.z).statement.as_string(cursor)
                cursor.execute("SET enable_seqscan = off")
                cursor.execute(f"PREPARE shown (integer, integer, integer) AS {text}")
                cursor.execute("EXPLAIN (VERBOSE) EXECUTE shown (%s, %s, %s)", (z, x, y))
                return "\n".join(row[0] for row in cursor.fetchall())
        finally:
            connection.close()


def shapes(info: LayerInfo, tile: Tile) -> dict[int, BaseGeometry]:
    """The features of a tile by id, in tile units."""
    with connection.cursor() as cursor:
        text = tile_query((info,), tile.z).statement.as_string(cursor.cursor)
        cursor.execute(inlined(text, (tile.z, tile.x, tile.y)))
        mvt = bytes(cursor.fetchone()[0])
    features = decode(mvt, (tile.z, tile.x, tile.y)).get(info.layer_name, [])
    return {int(one.id or 0): one.grid for one in features}


def unpacked(answer: Any) -> bytes:
    """The body of an answer without its coding."""
    if answer.headers.get("Content-Encoding") == "gzip":
        return gzip.decompress(answer.content)
    return bytes(answer.content)


def forget_tiles() -> None:
    """Drop the cached tiles: the next request for one renders it. The truth lease stays."""
    redis = get_redis_connection("tiles")
    tiles = [key for key in redis.keys("g:*") if not key.endswith(b":truth")]
    if tiles:
        redis.delete(*tiles)
    process.current().memory.clear()


def load(oddity: str) -> None:
    """Run `fixtures/tables/<oddity>.sql`."""
    execute((TABLES / f"{oddity}.sql").read_text("utf-8"))


OddTable = Callable[..., Published]


@pytest.fixture
def odd(committed: None) -> OddTable:
    """`odd("no_primary_key", max_zoom=3)`: load that table, publish it with these words."""

    def published(oddity: str, *, file: str = "", **words: Any) -> Published:
        load(file or oddity)
        return publish_odd(oddity, **words)

    return published


def publish_odd(oddity: str, **words: Any) -> Published:
    """Publish a table that is loaded."""
    spec = {"name": oddity, "relation": f"odd.{oddity}", "max_zoom": 20, **words}
    layer = publish(LayerSpec(**spec))
    snapshot.forget()
    return Published(layer)
