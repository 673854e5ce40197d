"""Addresses of a Layer or Tileset, to copy out of the admin."""

from dataclasses import dataclass

from core.models import Resource
from core.public_url import absolute


@dataclass(frozen=True)
class Address:
    """A URL and what it is for."""

    use: str
    url: str


def addresses(resource: Resource) -> list[Address]:
    """Where clients find it: web maps, QGIS and GDAL."""
    base = f"/tiles/{resource.name}"
    return [
        Address("TileJSON, for MapLibre and others", absolute(f"{base}.json")),
        Address("XYZ, for QGIS and ArcGIS", absolute(base + "/{z}/{x}/{y}.mvt")),
        Address("GDAL", "MVT:" + absolute(f"{base}/0/0/0.mvt")),
    ]
