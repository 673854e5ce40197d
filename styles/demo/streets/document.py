"""The street style as one document, put together from its parts and a palette."""

from typing import Any

from styles.demo.streets import ground, labels, rails, roads
from styles.demo.streets.palette import Palette

VERSION = "1.0.0"
METADATA = {
    "graticule:version": VERSION,
    "graticule:licence": "BSD-3-Clause; data © OpenStreetMap contributors, ODbL 1.0",
    "graticule:anchors": ["Protomaps light and dark", "OpenFreeMap Liberty"],
}


def document(c: Palette) -> dict[str, Any]:
    """The style document in the colours of `c`, with root-relative addresses."""
    name = f"streets-{c.name}"
    return {
        "version": 8,
        "name": f"Streets of Astana, {c.name}",
        "center": [71.43, 51.135],
        "zoom": 12,
        "metadata": METADATA,
        "sources": {
            "world": {"type": "vector", "url": "/tiles/world.json"},
            "astana": {"type": "vector", "url": "/tiles/astana.json"},
        },
        "glyphs": "/fonts/{fontstack}/{range}.pbf",
        "sprite": f"/styles/{name}/sprite",
        "layers": layers(c),
    }


def layers(c: Palette) -> list[dict[str, Any]]:
    """All layers, the lowest first."""
    return [
        *ground.ground(c),
        *roads.tunnels(c),
        *roads.surface(c),
        *rails.rails(c, on_bridges=False),
        *roads.bridges(c),
        *rails.rails(c, on_bridges=True),
        *ground.extrusions(c),
        *ground.borders(c),
        *labels.labels(c),
    ]
