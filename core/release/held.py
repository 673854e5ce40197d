"""Held Layers: the public sees a copy, and edits are seen when they are released into it.

The copy is a table in the schema `graticule_held`. It covers the zooms of the Layer's own
relation; overviews are tables of their own, and whoever refreshes them decides when.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import Error, connection, transaction
from django.db.models.signals import post_delete
from django.utils import timezone
from psycopg2 import sql

from core.changelog import freshness, tracking
from core.changelog.rights import CannotTrack
from core.feed import log
from core.models import Layer
from core.published import HELD_SCHEMA, held_relation
from core.publishing import grant_select
from core.release.plan import Job
from core.release.refusal import CannotRelease
from core.release.table import Table, read
from core.release.waiting import written

# Processes believe a snapshot of what is published for less than a second.
SETTLED_SECONDS = 2.0


def relation_of(layer: Layer) -> tuple[str, str]:
    """Schema and name of what the public's tiles of a Layer are made from, overviews aside."""
    if layer.held:
        return held_relation(layer.pk)
    return layer.relation_schema, layer.relation_name


def hold(layers: Sequence[Layer]) -> dict[str, int]:
    """From now on the public sees what is there now, until it is released; rows by Layer.

    All of them or none; every cached tile of each is dropped, once. Raises CannotRelease.
    """
    for layer in layers:
        if layer.held:
            raise CannotRelease(f"{layer.name} is held already. `release` shows what was edited.")
    try:
        with transaction.atomic():
            rows = {layer.name: _copy(layer, held_relation(layer.pk)) for layer in layers}
            # Last, because others who publish wait for it.
            _switch(layers, held=True)
    except (CannotTrack, Error) as error:
        raise CannotRelease(_said(error)) from error
    return rows


def unhold(layers: Sequence[Layer]) -> None:
    """Show the public every edit, at once and from now on. Raises CannotRelease."""
    for layer in layers:
        if not layer.held:
            raise CannotRelease(f"{layer.name} is not held.")
    try:
        with transaction.atomic():
            _switch(layers, held=False)
        # Until every process knows it, some make tiles from the copy.
        time.sleep(SETTLED_SECONDS)
        for layer in layers:
            drop(layer)
    except (CannotTrack, Error) as error:
        raise CannotRelease(_said(error)) from error


def _switch(layers: Iterable[Layer], *, held: bool) -> None:
    """Saving raises the generation: what was cached of the other relation is not used.

    The change log is to tell of that relation from now on.
    """
    with connection.cursor() as cursor:
        tracking.lock(cursor)
    for layer in layers:
        layer.held = held
        layer.released = timezone.now() if held else None
        layer.released_writes = written(layer) if held else None
        layer.save()
        freshness.settle(layer)
        log.note_raised([layer.pk], "it was held" if held else "its hold was ended")


def _said(error: CannotTrack | Error) -> str:
    if isinstance(error, CannotTrack):
        return f"{error} Nothing was changed."
    return f"PostgreSQL says: {str(error).strip().partition(chr(10))[0]}. Nothing was changed."


def _copy(layer: Layer, name: tuple[str, str]) -> int:
    """Make the copy, with the key of the original and an index on the geometry."""
    with connection.cursor() as cursor:
        original = read(cursor, layer.relation_schema, layer.relation_name)
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {HELD_SCHEMA}")
        there = sql.Identifier(*name)
        # What is left of a Layer that was deleted with plain SQL: ids are never used again.
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(there))
        cursor.execute(
            sql.SQL("CREATE TABLE {} AS SELECT * FROM {}").format(there, original.identifier)
        )
        rows = int(cursor.rowcount)
        for statement in _indexes(layer, original, there):
            cursor.execute(statement)
        note = sql.Literal(f"What the public sees of {original.title} until it is released.")
        cursor.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(there, note))
    grant_select(*name)
    return rows


def _indexes(layer: Layer, original: Table, there: sql.Identifier) -> Iterable[sql.Composed]:
    for index in original.indexes:
        if index.is_key and index.columns:
            columns = sql.SQL(", ").join(sql.Identifier(name) for name in index.columns)
            yield sql.SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(there, columns)
            break
    geometry = sql.Identifier(layer.geometry_column)
    yield sql.SQL("CREATE INDEX ON {} USING gist ({})").format(there, geometry)
    yield sql.SQL("ANALYZE {}").format(there)


def drop(layer: Layer) -> None:
    """Drop the copy of a Layer, if there is one; what the log has of it is the original's now."""
    there = held_relation(layer.pk)
    with transaction.atomic(), connection.cursor() as cursor:
        _inherit(cursor, there, (layer.relation_schema, layer.relation_name))
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(*there)))


_OID = """
(SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = %s AND c.relname = %s)
"""
_INHERIT = f"UPDATE graticule.change SET relation = {_OID} WHERE relation = {_OID}"  # noqa: S608


def _inherit(cursor: Any, going: tuple[str, str], heir: tuple[str, str]) -> None:
    """Say in the log that what was done to a relation that goes was done to another.

    It knows relations by oid: that of a dropped one says nothing to anybody.
    """
    cursor.execute(f"SELECT {_OID}", heir)
    if cursor.fetchone()[0] is not None and log.is_there():
        cursor.execute(_INHERIT, (*heir, *going))


def follow_deletions() -> None:
    """Drop the copy of each Layer that is deleted, in the same transaction."""
    post_delete.connect(_forget, sender=Layer, dispatch_uid="held copy")


def _forget(instance: Layer, **_: Any) -> None:
    if instance.held:
        drop(instance)


def job(layer: Layer) -> Job:
    """The copy is to have the content of the original; raises CannotRelease if it is not held."""
    if not layer.held:
        raise CannotRelease(
            f"{layer.name} is not held: its edits are seen at once. To load a table into it, say "
            "--from TABLE; to hold it, `manage.py hold`."
        )
    return Job(
        label=layer.name,
        layers=(layer.pk,),
        target=held_relation(layer.pk),
        source=(layer.relation_schema, layer.relation_name),
        geometry=layer.geometry_column,
        srid=layer.srid,
        feature_id=layer.id_column if layer.id_is_feature_id else "",
    )


def altered(layers: Sequence[Layer]) -> list[Layer]:
    """Those whose original has other columns than the copy, which must then be made anew."""
    return [layer for layer in layers if _shape(layer, copy=True) != _shape(layer, copy=False)]


def _shape(layer: Layer, *, copy: bool) -> Any:
    name = held_relation(layer.pk) if copy else (layer.relation_schema, layer.relation_name)
    with connection.cursor() as cursor:
        found = read(cursor, *name)
    return {column.name: column.type for column in found.columns}


def make_anew(layer: Layer) -> int:
    """Another copy in place of this one: for when columns were altered. Returns its rows.

    Every cached tile of the Layer is dropped. Raises CannotRelease.
    """
    schema, name = held_relation(layer.pk)
    fresh = (schema, f"{name}_fresh")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            rows = _copy(layer, fresh)
            tracking.lock(cursor)
            _inherit(cursor, (schema, name), fresh)
            # Only now, and shortly: tiles are made from the old one while the new one grows.
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(schema, name)))
            cursor.execute(
                sql.SQL("ALTER TABLE {} RENAME TO {}").format(
                    sql.Identifier(*fresh), sql.Identifier(name)
                )
            )
            note_release([layer])
            freshness.settle(layer)
            layer.raise_generation()
            log.note_raised([layer.pk], f"columns of {layer.relation} were altered")
    except (CannotTrack, Error) as error:
        raise CannotRelease(_said(error)) from error
    return rows


def note_release(layers: Iterable[Layer]) -> None:
    """Remember when the public last saw everything."""
    for layer in layers:
        rows = Layer.objects.filter(pk=layer.pk)
        rows.update(released=timezone.now(), released_writes=written(layer))
