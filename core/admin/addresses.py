"""Addresses of a Layer or Tileset, to copy out of the admin."""

from dataclasses import dataclass

from django.db.models import Min, Q

from core.models import Layer, Resource
from core.public_url import absolute


@dataclass(frozen=True)
class Address:
    """A URL and what it is for."""

    use: str
    url: str


def addresses(resource: Resource) -> list[Address]:
    """Where clients find it: web maps, QGIS and GDAL."""
    base = f"/tiles/{resource.name}"
    # A whole zoom, for a tile at hand may be empty, which GDAL cannot open.
    lowest = _lowest_zoom(resource)
    return [
        Address("TileJSON, for MapLibre and others", absolute(f"{base}.json")),
        Address("XYZ, for QGIS and ArcGIS", absolute(base + "/{z}/{x}/{y}.mvt")),
        Address(f"GDAL, all of zoom {lowest}", "MVT:" + absolute(f"{base}/{lowest}")),
    ]


def _lowest_zoom(resource: Resource) -> int:
    """The lowest zoom that has tiles."""
    mine = Q(pk=resource.pk) | Q(memberships__tileset_id=resource.pk)
    return Layer.objects.filter(mine).aggregate(low=Min("min_zoom"))["low"] or 0
