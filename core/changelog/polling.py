"""Polled Layers: their content is summed up every so often, and compared."""

from django.db import Error, connection, transaction
from psycopg2 import sql

from core.changelog import schema
from core.changelog.schema import Cursor
from core.feed import log
from core.models import Freshness, Layer
from core.published import held_relation

LONGEST_SECONDS = 300

_DUE = """
SELECT p.layer, p.content, p.at > clock_timestamp() - make_interval(secs => %s)
FROM graticule.polled p WHERE p.layer = %s
"""
_STORE = """
INSERT INTO graticule.polled (layer, content) VALUES (%s, %s)
ON CONFLICT (layer) DO UPDATE SET content = excluded.content, at = clock_timestamp()
"""


def poll() -> list[str]:
    """Compare each polled Layer that is due; one that changed is dropped from every cache.

    Returns a sentence for each that changed or cannot be read. Raises django.db.Error.
    """
    layers = Layer.objects.filter(freshness=Freshness.POLLED).prefetch_related("overviews")
    return [text for layer in layers if (text := _poll(layer))]


def _poll(layer: Layer) -> str:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            schema.install(cursor)
            cursor.execute(_DUE, [layer.poll_seconds, layer.pk])
            row = cursor.fetchone()
            if row is not None and row[2]:
                return ""
            now = content(cursor, layer)
            cursor.execute(_STORE, [layer.pk, now])
            if row is not None and row[1] == now:
                return _well(layer)
            return _changed(layer, known=row is not None)
    except Error as error:
        said = str(error).strip().partition("\n")[0]
        return _ill(layer, f"It cannot be compared: {said}.")


def _changed(layer: Layer, *, known: bool) -> str:
    """What was cached before the first look may be as old as it likes: it goes too."""
    layer.raise_generation()
    _well(layer)
    if not known:
        return ""
    text = "Its content has changed: everything cached was dropped."
    log.note_raised([layer.pk], text)
    return f"{layer.name}: {text}"


def _well(layer: Layer) -> str:
    if layer.trouble:
        Layer.objects.filter(pk=layer.pk).update(trouble="")
    return ""


def _ill(layer: Layer, trouble: str) -> str:
    if layer.trouble == trouble:
        return ""
    Layer.objects.filter(pk=layer.pk).update(trouble=trouble)
    return f"{layer.name}: {trouble}"


def content(cursor: Cursor, layer: Layer) -> str:
    """Rows and a sum of the hashes of what tiles show of them, over all relations of the Layer."""
    cursor.execute(f"SET LOCAL statement_timeout = '{LONGEST_SECONDS}s'")
    own = (layer.relation_schema, layer.relation_name)
    relations = [held_relation(layer.pk) if layer.held else own]
    relations += [(one.relation_schema, one.relation_name) for one in layer.overviews.all()]
    return " ".join(_content_of(cursor, layer, relation) for relation in relations)


def _content_of(cursor: Cursor, layer: Layer, relation: tuple[str, str]) -> str:
    ordering = (layer.id_column, layer.rank_column, layer.min_zoom_column, layer.max_zoom_column)
    shown = [layer.geometry_column, *(one["name"] for one in layer.fields), *ordering]
    names = [sql.Identifier("s", name) for name in dict.fromkeys(shown) if name]
    row = sql.SQL("s.*") if not layer.id_is_unique else sql.SQL(", ").join(names)
    query = (
        "SELECT count(*) || ':' || coalesce(sum(hashtextextended(ROW({})::text, 0)), 0) FROM {} s"
    )
    cursor.execute(sql.SQL(query).format(row, sql.Identifier(*relation)))
    return str(cursor.fetchone()[0])
