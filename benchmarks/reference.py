"""Raw SQL through psycopg2: what a tile costs without a server, and what it must hold."""

import time
from typing import Any

from mapbox_vector_tile.Mapbox import vector_tile_pb2
from psycopg2 import sql

from benchmarks.addresses import Address
from benchmarks.load.answer import Content
from benchmarks.place import Place
from core import snapshot
from core.env import postgres_dict
from core.published import LayerInfo
from tileserver import db, pooled, statements
from tileserver.encode import TileBytes, encode
from tileserver.sql import tile_query

TEXTBOOK = """
WITH mvtgeom AS (
  SELECT {columns}, ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s),
                                 4096, 64, true) AS geom
  FROM {table}
  WHERE geom && ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096), {srid})
)
SELECT ST_AsMVT(mvtgeom.*, {name}, 4096, 'geom', 'id') FROM mvtgeom WHERE geom IS NOT NULL
"""


class Reference:
    """`best` is our own statement on a connection set up as ours are, `textbook` what PostGIS's
    manual shows, on a connection as it comes."""

    def __init__(self, place: Place) -> None:
        self._layers = snapshot.load().layers
        # The owner's: those of the render role are for the servers.
        self._render = pooled.connect(postgres_dict(place.database_url), db.session())
        self._plain = place.connect()
        self._prepared: set[str] = set()
        self._contents: dict[Address, tuple[Content, int]] = {}

    def reload(self) -> None:
        """Read again what is published."""
        self._layers = snapshot.load().layers

    def close(self) -> None:
        """Close the connections."""
        self._render.close()
        self._plain.close()

    def best(self, address: Address) -> tuple[bytes, float]:
        """The tile, and the seconds that it took."""
        with self._render.cursor() as cursor:
            asked = self._ready(cursor, address)
            began = time.perf_counter()
            cursor.execute(asked)
            row: Any = cursor.fetchone()
            return bytes(row[0]), time.perf_counter() - began

    def _ready(self, cursor: Any, address: Address) -> str:
        """The SQL that runs the tile's statement, which is prepared."""
        query = tile_query((self._layers[address.dataset],), address.z)
        text = statements.of(query, cursor)
        if text.name not in self._prepared:
            cursor.execute(text.prepare)
            self._prepared.add(text.name)
        return text.execute((address.z, address.x, address.y))

    def textbook(self, address: Address) -> tuple[bytes, float]:
        """The same, asked as the manual shows it. Features may stand in another order."""
        with self._plain.cursor() as cursor:
            text = textbook(self._layers[address.dataset]).as_string(cursor)
            began = time.perf_counter()
            cursor.execute(text, {"z": address.z, "x": address.x, "y": address.y})
            row: Any = cursor.fetchone()
            return bytes(row[0]), time.perf_counter() - began

    def content(self, address: Address) -> Content:
        """What the tile must hold."""
        return self._known(address)[0]

    def features(self, address: Address) -> int:
        """How many features it must have."""
        return self._known(address)[1]

    def _known(self, address: Address) -> tuple[Content, int]:
        if address not in self._contents:
            made = self.best(address)[0]
            self._contents[address] = Content.of(made), features(made)
        return self._contents[address]

    def tile(self, address: Address) -> TileBytes:
        """The tile as it is sent."""
        return encode(self.best(address)[0])


def features(mvt: bytes) -> int:
    """The features of a tile (uncompressed), over all its layers."""
    message = vector_tile_pb2.tile()
    message.ParseFromString(mvt)
    return sum(len(layer.features) for layer in message.layers)


def textbook(layer: LayerInfo) -> sql.Composed:
    """The statement of the manual for a Layer with an integer key."""
    names = [layer.id_column, *(field.name for field in layer.fields)]
    return sql.SQL(TEXTBOOK).format(
        columns=sql.SQL(", ").join(sql.Identifier(name) for name in names),
        table=sql.Identifier(layer.relation_schema, layer.relation_name),
        srid=sql.Literal(layer.srid),
        name=sql.Literal(layer.layer_name),
    )
