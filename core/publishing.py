"""Publishing: from a relation of the database to a Layer, whole or not at all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import (
    DataError,
    IntegrityError,
    InternalError,
    ProgrammingError,
    connection,
    transaction,
)
from psycopg2 import sql

from core import relations
from core.changelog import freshness, tracking
from core.changelog.rights import CannotTrack
from core.env import postgres_dict
from core.layer_columns import CannotPublish, columns, described
from core.layer_spec import LayerSpec
from core.models import Layer, Member, Overview, Resource, Tileset
from core.published import held_relation
from core.relations import Relation, split

__all__ = ["CannotPublish", "NameTaken", "alone", "change", "change_tileset", "grant_select",
           "publish", "publish_tileset"]  # fmt: skip


R = TypeVar("R", Layer, Tileset)
# What of a Layer says nothing of its tiles. One that must not be seen any more is withdrawn or kept
# for staff whatever has become of its table: tiles that are cached are served without it.
FOR_PEOPLE = frozenset({"title", "description", "attribution", "access", "state"})


class NameTaken(CannotPublish):
    """What was to be new has the name of a Layer or Tileset that is there."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The name {name!r} is taken. Choose another, or change what has it.")


@contextmanager
def alone() -> Iterator[None]:
    """A transaction in which nobody else publishes: what is read in it is what is changed."""
    with transaction.atomic(), connection.cursor() as cursor:
        tracking.lock(cursor)
        yield


def publish(spec: LayerSpec, *, new: bool = False) -> Layer:
    """Create the Layer, or bring the one of that name up to date; the tile road may then read it.

    Raises CannotPublish, and changes nothing, when the relation or the words do not fit; NameTaken
    when it must be `new` and the name is not.
    """
    try:
        with alone():
            if new:
                _refuse_taken(spec.name)
            return _publish(spec)
    except (DataError, InternalError, ProgrammingError) as error:
        # An SRID that PostGIS does not know, a view that fails, a right that we lack.
        said = str(error).strip().partition("\n")[0]
        raise CannotPublish(f"PostgreSQL cannot read {spec.relation}: {said}") from error


def change(layer_id: int, words: Mapping[str, Any]) -> Layer:
    """Publish a Layer again with these words of a LayerSpec; the others are read under the lock.

    Where all of them are FOR_PEOPLE, its relation is not looked at: it may be gone. Raises
    CannotPublish, and Layer.DoesNotExist when it has been deleted.
    """
    with alone():
        layer = Layer.objects.select_for_update().get(pk=layer_id)
        if words and words.keys() <= FOR_PEOPLE:
            return _store(layer, words)
        return publish(replace(LayerSpec.of(layer), **words))


def _refuse_taken(name: str) -> None:
    if Resource.objects.filter(name=name).exists():
        raise NameTaken(name)


def _store(resource: R, words: Mapping[str, Any]) -> R:
    """Store these columns, and nothing else; the revision rises, and the generation if it must."""
    for key, value in words.items():
        setattr(resource, key, value)
    _validate(resource)
    _save(resource)
    return resource


def _save(resource: Layer | Tileset) -> None:
    """Store it. Who makes one without the lock, as the admin does, may have its name by now."""
    is_new = resource.pk is None
    try:
        resource.save()
    except IntegrityError as error:
        if is_new:
            raise NameTaken(resource.name) from error
        raise


def _publish(spec: LayerSpec) -> Layer:
    found = described(spec.relation)
    layer = _existing(spec.name) or Layer(name=spec.name)
    is_new = layer.pk is None
    for key, value in columns(found, spec).items():
        setattr(layer, key, value)
    _validate(layer)
    if layer.held:
        _check_copy(layer)
    _save(layer)
    _replace_overviews(layer, found, spec)
    for schema, name in {split(spec.relation), *(split(one[0]) for one in spec.overviews)}:
        grant_select(schema, name)
    _follow_changes(layer, is_new=is_new)
    return layer


def _follow_changes(layer: Layer, *, is_new: bool) -> None:
    """Install what it takes to hear of edits, and store what that lets the Layer promise."""
    try:
        freshness.settle_as_asked(layer, new=is_new)
    except CannotTrack as fault:
        raise CannotPublish(str(fault)) from fault


def _existing(name: str) -> Layer | None:
    """The Layer of that name, for nobody else to write to meanwhile."""
    resource = Resource.objects.filter(name=name).first()
    if resource is None:
        return None
    layer = Layer.objects.select_for_update().filter(pk=resource.pk).first()
    if layer is None:
        raise CannotPublish(f"The name {name!r} is a Tileset's. Choose another.")
    return layer


def _validate(layer: Layer | Tileset) -> None:
    _clean(layer.full_clean)


def _clean(check: Callable[[], None]) -> None:
    try:
        check()
    except ValidationError as error:
        # A Layer's name and that of its MVT layer are mostly the same, and so is the fault.
        raise CannotPublish("; ".join(dict.fromkeys(error.messages))) from error


def _needed(layer: Layer) -> set[str]:
    """The columns that its tiles are made of."""
    named = (layer.id_column, layer.rank_column, layer.min_zoom_column, layer.max_zoom_column)
    shown = (one["name"] for one in layer.fields)
    return {layer.geometry_column, *shown, *(name for name in named if name)}


def _check_copy(layer: Layer) -> None:
    """Refuse to make a held Layer of what its copy does not have."""
    old = Layer.objects.get(pk=layer.pk)
    if layer.relation != old.relation:
        raise CannotPublish(f"{layer.name} is held: end the hold before it gets another table.")
    copy = relations.describe(*held_relation(layer.pk))
    missing = sorted(_needed(layer) - {column.name for column in copy.columns})
    if missing:
        raise CannotPublish(
            f"{layer.name} is held, and its copy has no {', '.join(missing)} yet. Release it first."
        )


def _replace_overviews(layer: Layer, found: Relation, spec: LayerSpec) -> None:
    needed = _needed(layer)
    wanted = [_overview(layer, needed, *one) for one in spec.overviews]
    if _bands(layer.overviews.all()) == _bands(wanted):
        return
    layer.overviews.all().delete()
    Overview.objects.bulk_create(wanted)
    layer.raise_generation()


def _bands(overviews: Any) -> list[tuple[str, int, int]]:
    return [(one.relation, one.min_zoom, one.max_zoom) for one in overviews]


def _overview(layer: Layer, needed: set[str], relation: str, low: int, high: int) -> Overview:
    other = described(relation)
    missing = sorted(needed - {column.name for column in other.columns})
    if missing:
        raise CannotPublish(f"The overview {relation} lacks the columns {', '.join(missing)}.")
    return Overview(
        layer=layer,
        relation_schema=other.schema,
        relation_name=other.name,
        min_zoom=low,
        max_zoom=high,
    )


def grant_select(schema: str, name: str) -> None:
    """Let the render role read one relation, and nothing else."""
    role = str(postgres_dict(settings.RENDER_DATABASE_URL).get("user", ""))
    owner = str(postgres_dict(settings.DATABASE_URL).get("user", ""))
    if not role or role == owner:
        return
    names = {"schema": sql.Identifier(schema), "role": sql.Identifier(role)}
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {schema} TO {role}").format(**names))
        grant = sql.SQL("GRANT SELECT ON {} TO {}")
        cursor.execute(grant.format(sql.Identifier(schema, name), sql.Identifier(role)))


def publish_tileset(
    name: str, layers: Sequence[str], *, new: bool = False, **words: Any
) -> Tileset:
    """Create the Tileset of these Layers (by name, in order), or bring it up to date.

    `words` are its other fields (title, attribution, access, state …). Raises CannotPublish, and
    NameTaken when it must be `new` and the name is not.
    """
    with alone():
        if new:
            _refuse_taken(name)
        tileset = _existing_tileset(name) or Tileset(name=name)
        return _store_tileset(tileset, layers, {"state": "published", **words})


def change_tileset(
    tileset_id: int, words: Mapping[str, Any], layers: Sequence[str] | None = None
) -> Tileset:
    """Change these fields of a Tileset, and its Layers if they are named.

    Raises CannotPublish, and Tileset.DoesNotExist when it has been deleted.
    """
    with alone():
        tileset = Tileset.objects.select_for_update().get(pk=tileset_id)
        return _store_tileset(tileset, layers, words)


def _existing_tileset(name: str) -> Tileset | None:
    tileset = Tileset.objects.select_for_update().filter(name=name).first()
    if tileset is None and Resource.objects.filter(name=name).exists():
        raise CannotPublish(f"The name {name!r} is a Layer's. Choose another.")
    return tileset


def _store_tileset(
    tileset: Tileset, layers: Sequence[str] | None, words: Mapping[str, Any]
) -> Tileset:
    _store(tileset, words)
    if layers is not None:
        _replace_members(tileset, layers)
    return tileset


def _replace_members(tileset: Tileset, names: Sequence[str]) -> None:
    rows = {layer.name: layer for layer in Layer.objects.filter(name__in=names)}
    missing = [name for name in names if name not in rows]
    if missing:
        raise CannotPublish(f"There is no Layer {', '.join(missing)}.")
    tileset.members.all().delete()
    for position, name in enumerate(dict.fromkeys(names)):
        member = Member(tileset=tileset, layer=rows[name], position=position)
        _clean(member.clean)
        member.save()
