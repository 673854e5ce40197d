"""Geometries of EPSG:3857: the size of a pixel, merged lines, clean polygons, what COPY reads."""

from collections.abc import Iterable
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

Row = tuple[Any, ...]


def unit(zoom: int) -> float:
    """A quarter of a CSS pixel at `zoom`, in metres of EPSG:3857."""
    return 78271.517 / float(2**zoom) / 4


def merged(lines: Iterable[BaseGeometry]) -> BaseGeometry:
    """The lines as one geometry, joined where two ends meet and no third."""
    parts = [part for line in lines for part in shapely.get_parts(line)]
    return shapely.line_merge(shapely.MultiLineString(parts))


def polygons(geometry: BaseGeometry) -> BaseGeometry:
    """The valid polygons of a geometry as one MultiPolygon; lines and points are dropped."""
    parts = shapely.get_parts(shapely.make_valid(geometry))
    flat = [inner for part in parts for inner in shapely.get_parts(part)]
    return shapely.MultiPolygon([part for part in flat if part.geom_type == "Polygon"])


def lines_hex(geometry: BaseGeometry) -> str:
    """A line as a MultiLineString for COPY."""
    return to_hex(shapely.MultiLineString(list(shapely.get_parts(geometry))))


def to_hex(geometry: BaseGeometry) -> str:
    """WKB in hex with the SRID, as PostGIS reads it from COPY."""
    return str(shapely.to_wkb(shapely.set_srid(geometry, 3857), hex=True, include_srid=True))
