"""tegola where it is on the PATH, with its own defaults but for the number of connections."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.addresses import Address
from benchmarks.servers import process
from benchmarks.servers.server import CONNECTIONS_TO_POSTGRES, Server
from core.models import Layer

HEAD = """\
[webserver]
port = "127.0.0.1:{port}"

[[providers]]
name = "bench"
type = "mvt_postgis"
uri = "${{DATABASE_URL}}"
max_connections = {connections}
srid = 3857
"""
LAYER = '''
[[providers.layers]]
name = "{name}"
sql = """SELECT ST_AsMVTGeom(ST_Transform(geom, 3857), !BBOX!) AS geom, id, {fields}
FROM {schema}.{name} WHERE geom && ST_Transform(!BBOX!, {srid})"""
geometry_fieldname = "geom"
id_fieldname = "id"
geometry_type = "{kind}"
'''
MAP = """
[[maps]]
name = "{name}"
  [[maps.layers]]
  provider_layer = "bench.{name}"
  min_zoom = 0
  max_zoom = 22
"""
KINDS = {"POINT": "Point", "LINESTRING": "LineString", "POLYGON": "Polygon"}


@dataclass
class Tegola(Server):
    """Its fast provider (`mvt_postgis`) without its cache, which keeps tiles for ever."""

    name: str = "tegola"

    def missing(self) -> str:
        """Whether there is a program to run."""
        return "" if shutil.which("tegola") else "not on the PATH"

    def version(self) -> str:
        """As it says."""
        return f"tegola {process.said('tegola', 'version')}"

    def path(self, address: Address) -> str:
        """The path of a tile."""
        return f"/maps/{address.dataset}/{address.z}/{address.x}/{address.y}.pbf"

    def command(self) -> Sequence[str]:
        """With a configuration of its own."""
        return ["tegola", "serve", "--config", str(self.log.with_suffix(".toml"))]

    def environment(self) -> Mapping[str, str]:
        """The database."""
        return {"DATABASE_URL": self.place.database_url}

    def prepare(self) -> None:
        """Write the configuration: a map of one layer for each dataset."""
        head = HEAD.format(port=self.port, connections=CONNECTIONS_TO_POSTGRES)
        layers = list(Layer.objects.filter(relation_schema=self.place.schema).order_by("name"))
        parts = [self._layer(layer) for layer in layers]
        maps = [MAP.format(name=layer.name) for layer in layers]
        self.log.with_suffix(".toml").write_text(head + "".join(parts) + "".join(maps))

    def _layer(self, layer: Layer) -> str:
        return LAYER.format(
            name=layer.name,
            schema=self.place.schema,
            srid=layer.srid,
            fields=", ".join(field["name"] for field in layer.fields),
            kind=KINDS[layer.geometry_type.upper().removeprefix("MULTI")],
        )
