"""Spherical Mercator (EPSG:3857) arithmetic for whole arrays of coordinates. Pure."""

import math
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

RADIUS = 6378137.0
# Half the side of the world square, and the latitude that makes the world a square.
HALF = math.pi * RADIUS
MAX_LATITUDE = 85.05112877980659
# The tiles of MapLibre GL are 512 CSS pixels wide.
PIXEL_AT_Z0 = 2 * HALF / 512

Coordinates = NDArray[np.float64]
Mask = NDArray[np.bool_]


def pixel(zoom: float) -> float:
    """Metres of EPSG:3857 in one CSS pixel at `zoom`."""
    return float(PIXEL_AT_Z0 / 2**zoom)


def forward(lonlat: Coordinates) -> Coordinates:
    """Degrees (longitude, latitude) to metres (x, y), to the millimetre; poles to the edge."""
    lon = np.radians(lonlat[:, 0])
    lat = np.radians(np.clip(lonlat[:, 1], -MAX_LATITUDE, MAX_LATITUDE))
    y = RADIUS * np.log(np.tan(math.pi / 4 + lat / 2))
    # Equal degrees give equal metres, so that shared edges stay shared.
    metres: Coordinates = np.column_stack([RADIUS * lon, y])
    return metres.round(3)


def project(geometries: Any) -> Any:
    """Geometries in degrees (EPSG:4326) as geometries in metres (EPSG:3857)."""
    return shapely.transform(geometries, forward)


def point_hex(lon: float, lat: float) -> str:
    """A point in degrees as EWKB hex in EPSG:3857."""
    (x, y) = forward(np.array([[lon, lat]]))[0]
    return ewkb_hex(shapely.Point(x, y))


def ewkb_hex(geometry: shapely.Geometry) -> str:
    """A geometry in metres as EWKB hex that says EPSG:3857."""
    marked = shapely.set_srid(geometry, 3857)
    return str(shapely.to_wkb(marked, hex=True, include_srid=True))
