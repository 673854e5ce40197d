"""The world style as one document, put together from its parts and a palette."""

from typing import Any

from styles.demo.world import ground, labels
from styles.demo.world.palette import Palette

METADATA = {
    "graticule:version": "1.0.0",
    "graticule:licence": "BSD-3-Clause; data Natural Earth (public domain), GeoNames (CC BY 4.0)",
    "graticule:anchors": ["swisstopo light base map", "Protomaps light and dark"],
}


def document(c: Palette) -> dict[str, Any]:
    """The style document in the colours of `c`, with root-relative addresses."""
    return {
        "version": 8,
        "name": f"World, {c.name}",
        "center": [15, 25],
        "zoom": 1.6,
        "metadata": METADATA,
        "sources": {"world": {"type": "vector", "url": "/tiles/world.json"}},
        "glyphs": "/fonts/{fontstack}/{range}.pbf",
        "sprite": f"/styles/world-{c.name}/sprite",
        "layers": [*ground.ground(c), *labels.labels(c)],
    }
