"""Draws docs/world.svg, the README's picture, from one tile of a running server.

    .venv/bin/python -m script.world_svg http://127.0.0.1:8000

The tile is what the server made out of PostGIS; the colours are those of the style world-light.
A unit of the picture is two units of the tile, and what is too small to be seen is left out.
"""

import math
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import mapbox_vector_tile
import shapely
from shapely.geometry import shape

from script.local.place import CHECKOUT
from styles.demo.world.palette import LIGHT

OUT = CHECKOUT / "docs" / "world.svg"
EXTENT = 4096
WIDTH = 2048
SCALE = WIDTH / EXTENT
# Rows of the tile between 80 degrees north and 58 degrees south.
TOP, BOTTOM = 350, 2860
TOLERANCE, SMALLEST = 3.5, 48.0  # tile units, square tile units

Features = list[dict[str, Any]]


def main() -> None:
    """Fetch the tile, draw it, write the picture."""
    base = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    with urllib.request.urlopen(f"{base}/tiles/world/0/0/0.mvt", timeout=60) as answer:  # noqa: S310
        tile = mapbox_vector_tile.decode(answer.read(), default_options={"y_coord_down": True})
    OUT.write_text(drawn({name: layer["features"] for name, layer in tile.items()}), "utf-8")
    print(f"{OUT.relative_to(CHECKOUT)}: {OUT.stat().st_size / 1000:.0f} kB")


def drawn(layers: dict[str, Features]) -> str:
    """The picture of a tile's layers."""
    height = round((BOTTOM - TOP) * SCALE)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>The world, drawn from one vector tile</title>",
        "<desc>Made with Natural Earth</desc>",
        f'<rect width="{WIDTH}" height="{height}" fill="{LIGHT.water}"/>',
        stroked(Stroke("#fff", 1.2, 'opacity=".55"'), graticule()),
        *countries(layers.get("countries", [])),
        filled(LIGHT.water, layers.get("lakes", [])),
        stroked(Stroke(LIGHT.river, 1.5), lines(layers.get("rivers", []))),
        stroked(Stroke(LIGHT.border, 1.2), lines(borders(layers.get("boundaries", [])))),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def countries(features: Features) -> Iterator[str]:
    """One path for each tint, so that the colour is said once."""
    for number, tint in enumerate(LIGHT.tints, start=1):
        of_tint = [one for one in features if one["properties"].get("mapcolor7") == number]
        yield filled(tint, of_tint, f' stroke="{LIGHT.coast}" stroke-width="1"')


def borders(features: Features) -> Features:
    """Borders that are not in dispute."""
    return [one for one in features if one["properties"].get("kind") == "country"]


def filled(colour: str, features: Features, more: str = "") -> str:
    """A path of polygons, or nothing."""
    shapes = (shape(one["geometry"]).buffer(0) for one in features)
    rings = [ring for one in shapes for ring in ring_points(one)]
    data = "".join(f"{path(ring)}z" for ring in rings)
    return f'<path fill="{colour}"{more} d="{data}"/>' if data else ""


def ring_points(geometry: shapely.Geometry) -> Iterator[list[tuple[float, float]]]:
    """The rings that are large enough to be seen, with the points that matter."""
    for polygon in shapely.get_parts(shapely.simplify(geometry, TOLERANCE)):
        if polygon.geom_type == "Polygon" and polygon.area >= SMALLEST:
            for ring in (polygon.exterior, *polygon.interiors):
                if shapely.Polygon(ring).area >= SMALLEST:
                    yield list(ring.coords)[:-1]


@dataclass(frozen=True)
class Stroke:
    """How a line is drawn: colour, width in pixels, other attributes."""

    colour: str
    width: float
    more: str = ""


def stroked(stroke: Stroke, rows: Iterator[list[tuple[float, float]]]) -> str:
    """A path of lines, or nothing."""
    data = "".join(path(points) for points in rows)
    look = f'fill="none" stroke="{stroke.colour}" stroke-width="{stroke.width:g}" {stroke.more}'
    return f'<path {look.strip()} d="{data}"/>' if data else ""


def lines(features: Features) -> Iterator[list[tuple[float, float]]]:
    """The lines with the points that matter, joined where two meet."""
    found = [shape(one["geometry"]) for one in features]
    if not found:
        return
    merged = shapely.line_merge(shapely.union_all(found))
    for line in shapely.get_parts(shapely.simplify(merged, TOLERANCE)):
        if line.length > 2 * TOLERANCE:
            yield list(line.coords)


def graticule() -> Iterator[list[tuple[float, float]]]:
    """Meridians and parallels, every thirty degrees, in tile units."""
    for degrees in range(-150, 180, 30):
        x = EXTENT * (degrees + 180) / 360
        yield [(x, TOP), (x, BOTTOM)]
    for degrees in range(-30, 90, 30):
        northing = math.asinh(math.tan(math.radians(degrees))) / math.tau
        yield [(0, EXTENT * (0.5 - northing)), (EXTENT, EXTENT * (0.5 - northing))]


def path(points: list[tuple[float, float]]) -> str:
    """SVG path data: where it starts, then steps."""
    whole = [(round(x * SCALE), round((y - TOP) * SCALE)) for x, y in points]
    moves = " ".join(f"{bx - ax} {by - ay}" for (ax, ay), (bx, by) in pairwise(whole))
    return f"M{whole[0][0]} {whole[0][1]}l{moves}".replace(" -", "-")


if __name__ == "__main__":
    main()
