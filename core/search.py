"""Search for places by name, over what the demo map brought, for who may see it on the map."""

from dataclasses import dataclass

from django.db import connection

from core import snapshot
from core.access import Caller, decide_all
from core.demo import search as demo
from core.problems import NotFound
from core.selection import select
from core.snapshot import Snapshot

# By source: the Tileset that the names belong to, and the Layers that show them, which may have
# left it since. Who may not see all of these finds none of the names.
SOURCES = {
    "world": "world,world_country_labels,world_places",
    "astana": "astana,astana_places,astana_pois,astana_road_names",
}


@dataclass(frozen=True)
class Place:
    """Something that was found, and the view of the map that shows it (degrees, EPSG:4326)."""

    name: str
    kind: str
    context: str
    longitude: float
    latitude: float
    zoom: float


def find(text: str, limit: int, caller: Caller) -> list[Place]:
    """At most `limit` places of which `text` begins a name in any language, best first.

    Only of sources that `caller` may see; raises Unavailable when what is published is not known.
    """
    published = snapshot.current()
    sources = [one for one, names in SOURCES.items() if _may_see(caller, published, names)]
    with connection.cursor() as cursor:
        entries = demo.find(cursor, text, limit, sources)
    return [Place(e.name, e.kind, e.context, e.lon, e.lat, e.zoom) for e in entries]


def _may_see(caller: Caller, published: Snapshot, names: str) -> bool:
    try:
        return decide_all(caller, select(published, names).guarded).allowed
    except NotFound:
        return False
