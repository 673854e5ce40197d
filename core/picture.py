"""Small pictures of where something changed: boxes over a Layer's bounds, as an inline SVG."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# West, south, east, north in degrees (EPSG:4326).
Degrees = tuple[float, float, float, float]
WIDTH, HEIGHT = 96.0, 60.0
LEAST = 2.0
MARGIN = 0.08
HALF_WORLD = 20037508.342789244


@dataclass(frozen=True)
class Frame:
    """Where degrees are on the picture: a plate as wide as it is at its middle."""

    west: float
    north: float
    scale_x: float
    scale_y: float

    def box(self, box: Degrees) -> tuple[float, float, float, float]:
        """x, y, width, height on the picture; at least so large that it is seen."""
        west, south, east, north = box
        x, y = (west - self.west) * self.scale_x, (self.north - north) * self.scale_y
        width, height = (east - west) * self.scale_x, (north - south) * self.scale_y
        more_x, more_y = max(0.0, LEAST - width), max(0.0, LEAST - height)
        return x - more_x / 2, y - more_y / 2, width + more_x, height + more_y


def frame(around: Iterable[Degrees]) -> Frame:
    """A frame that holds these boxes, in the middle, with a margin."""
    west, south, east, north = union(around) or (-180.0, -85.0, 180.0, 85.0)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    shrink = max(0.05, math.cos(math.radians(middle_y)))
    wide, high = max(1e-6, (east - west) * shrink), max(1e-6, north - south)
    scale = (1 - 2 * MARGIN) * min(WIDTH / wide, HEIGHT / high)
    return Frame(
        west=middle_x - WIDTH / 2 / (scale * shrink),
        north=middle_y + HEIGHT / 2 / scale,
        scale_x=scale * shrink,
        scale_y=scale,
    )


def union(boxes: Iterable[Degrees]) -> Degrees | None:
    """The box around boxes; None for none."""
    found = list(boxes)
    if not found:
        return None
    west, south, east, north = zip(*found, strict=True)
    return min(west), min(south), max(east), max(north)


def picture(bounds: Sequence[Degrees], changed: Sequence[Degrees], label: str) -> SafeString:
    """The boxes that changed over the bounds of what they are in; `label` says it in words."""
    within = frame([*bounds, *changed])
    return format_html(
        '<svg class="graticule-picture" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>',
        f"{WIDTH:g}",
        f"{HEIGHT:g}",
        label,
        _rectangles("bounds", (within.box(box) for box in bounds)),
        _rectangles("changed", (within.box(box) for box in changed)),
    )


def _rectangles(kind: str, boxes: Iterable[tuple[float, float, float, float]]) -> SafeString:
    return format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
        ((kind, *(f"{number:.1f}" for number in box)) for box in boxes),
    )


def from_metres(box: Sequence[float]) -> Degrees:
    """A box in EPSG:3857 in degrees."""
    west, south, east, north = box
    turn = 180 / HALF_WORLD
    return west * turn, _latitude(south), east * turn, _latitude(north)


def _latitude(metres: float) -> float:
    inside = max(-HALF_WORLD, min(HALF_WORLD, metres))
    return math.degrees(math.atan(math.sinh(inside * math.pi / HALF_WORLD)))


def of_tile(z: int, x: int, y: int) -> Degrees:
    """The box of a tile of WebMercatorQuad."""
    side = 2 * HALF_WORLD / 2**z
    west, north = x * side - HALF_WORLD, HALF_WORLD - y * side
    return from_metres((west, north - side, west + side, north))
