"""What each tracked relation feeds: the tables under Layers, and their overviews."""

from django.db import connection

from core.changelog.values import Source
from core.models import Layer
from core.models.layer import MAX_ZOOM
from core.published import held_relation

Sources = dict[int, tuple[Source, ...]]
_OIDS = """
SELECT n.nspname, c.relname, c.oid::bigint FROM pg_class c JOIN pg_namespace n
  ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'f', 'm', 'v')
"""


def sources() -> Sources:
    """By oid of a tracked relation, what a change in it is felt in; raises django.db.Error."""
    with connection.cursor() as cursor:
        cursor.execute(_OIDS)
        oids = {(schema, name): oid for schema, name, oid in cursor.fetchall()}
    found: dict[int, list[Source]] = {}
    for layer in Layer.objects.prefetch_related("overviews"):
        for name, source in _fed_by(layer):
            if name in oids:
                found.setdefault(oids[name], []).append(source)
    return {oid: tuple(fed) for oid, fed in found.items()}


def _fed_by(layer: Layer) -> list[tuple[tuple[str, str], Source]]:
    """The relation under a Layer and its overviews, each with its zooms."""
    bands = sorted(layer.overviews.all(), key=lambda one: one.min_zoom)
    fed = [
        ((one.relation_schema, one.relation_name), Source(layer.pk, one.min_zoom, one.max_zoom, 0))
        for one in bands
    ]
    base, zoom = (layer.relation_schema, layer.relation_name), 0
    if layer.held:
        base = held_relation(layer.pk)
    for one in bands:
        if zoom < one.min_zoom:
            fed.append((base, Source(layer.pk, zoom, one.min_zoom - 1, 0)))
        zoom = one.max_zoom + 1
    if zoom <= MAX_ZOOM:
        fed.append((base, Source(layer.pk, zoom, MAX_ZOOM, 0)))
    return fed
