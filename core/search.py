"""Search for places by name, over what the demo map brought."""

from dataclasses import dataclass

from django.db import connection

from core.demo import search as demo


@dataclass(frozen=True)
class Place:
    """Something that was found, and the view of the map that shows it (degrees, EPSG:4326)."""

    name: str
    kind: str
    context: str
    longitude: float
    latitude: float
    zoom: float


def find(text: str, limit: int) -> list[Place]:
    """At most `limit` places of which `text` begins a name in any language, best first."""
    with connection.cursor() as cursor:
        entries = demo.find(cursor, text, limit)
    return [Place(e.name, e.kind, e.context, e.lon, e.lat, e.zoom) for e in entries]
