"""Where on Earth a coordinate reference system can be computed with."""

WORLD = (-180.0, -90.0, 180.0, 90.0)


def area_of_use(srid: int) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees (EPSG:4326) in which `srid` is used, with a margin.

    The area is EPSG's, widened by half its size on each side and by at least 2 degrees, because
    data strays over the edge. Far outside it a projection folds over or fails, and a tile's box
    transformed into it means nothing: EPSG:2263 and EPSG:27700 collapse at zoom 0.
    """
    # Publication only: a web process that serves tiles never loads PROJ.
    from pyproj import CRS  # noqa: PLC0415 - see above
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    try:
        area = CRS.from_epsg(srid).area_of_use
    except CRSError:
        return WORLD
    return WORLD if area is None else _widened(area.west, area.south, area.east, area.north)


def _widened(
    west: float, south: float, east: float, north: float
) -> tuple[float, float, float, float]:
    if east < west:  # It crosses the antimeridian: no one box in degrees holds it.
        west, east = -180.0, 180.0
    across, up = max(2.0, (east - west) / 2), max(2.0, (north - south) / 2)
    return (
        max(-180, west - across),
        max(-90, south - up),
        min(180, east + across),
        min(90, north + up),
    )
