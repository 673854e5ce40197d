"""Publishing: from a relation of the database to a Layer, whole or not at all."""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DataError, InternalError, ProgrammingError, connection, transaction
from psycopg2 import sql

from core import relations
from core.area_of_use import WORLD, area_of_use
from core.env import postgres_dict
from core.layer_spec import COPIED, LayerSpec
from core.models import Layer, Member, Overview, Resource, Tileset
from core.published import held_relation
from core.relations import INTEGER_TYPES, NoSuchRelation, Relation

NUMBER_TYPES = (*INTEGER_TYPES, "real", "double precision", "numeric")
UNORDERED_TYPES = ("json", "xml", "point", "polygon", "box", "path", "lseg", "circle")
UNSEEN_TYPES = ("bytea", "raster", "tsvector")


class CannotPublish(ValueError):
    """The relation cannot become a Layer; the message names the fault and the remedy."""


def split(relation: str) -> tuple[str, str]:
    """`schema.name` as a pair; a name without a schema is in `public`."""
    schema, dot, name = relation.partition(".")
    return (schema, name) if dot else ("public", schema)


def publish(spec: LayerSpec) -> Layer:
    """Create the Layer, or bring the one of that name up to date; the tile road may then read it.

    Raises CannotPublish, and changes nothing, when the relation or the words do not fit.
    """
    try:
        with transaction.atomic():
            return _publish(spec)
    except (DataError, InternalError, ProgrammingError) as error:
        # An SRID that PostGIS does not know, a view that fails, a right that we lack.
        said = str(error).strip().partition("\n")[0]
        raise CannotPublish(f"PostgreSQL cannot read {spec.relation}: {said}") from error


def _publish(spec: LayerSpec) -> Layer:
    found = _described(spec.relation)
    layer = _existing(spec.name) or Layer(name=spec.name)
    for key, value in _columns(found, spec).items():
        setattr(layer, key, value)
    _validate(layer)
    if layer.held:
        _check_copy(layer)
    layer.save()
    _replace_overviews(layer, found, spec)
    for schema, name in {split(spec.relation), *(split(one[0]) for one in spec.overviews)}:
        grant_select(schema, name)
    return layer


def _existing(name: str) -> Layer | None:
    resource = Resource.objects.filter(name=name).first()
    if resource is None:
        return None
    layer = Layer.objects.filter(pk=resource.pk).first()
    if layer is None:
        raise CannotPublish(f"The name {name!r} is a Tileset's. Choose another.")
    return layer


def _described(relation: str) -> Relation:
    try:
        return relations.describe(*split(relation))
    except NoSuchRelation as error:
        raise CannotPublish(
            f"{error} `manage.py proposals` lists what can be published."
        ) from error


def _validate(layer: Layer | Tileset) -> None:
    _clean(layer.full_clean)


def _clean(check: Callable[[], None]) -> None:
    try:
        check()
    except ValidationError as error:
        raise CannotPublish("; ".join(error.messages)) from error


def _columns(found: Relation, spec: LayerSpec) -> dict[str, Any]:
    geometry = _geometry_column(found, spec)
    shape = _geometry(found, geometry, spec)
    key = _key_columns(found, spec)
    return {
        **_copied(spec),
        "layer_name": spec.layer_name or spec.name,
        "relation_schema": found.schema,
        "relation_name": found.name,
        "geometry_column": geometry,
        "geometry_type": shape.type,
        "geography": shape.geography,
        "srid": shape.srid,
        **key,
        "fields": _fields(found, spec, key),
        **_bounds(found, geometry, shape.srid),
        "large_shapes": _is_large(found, geometry, shape),
        **dict(
            zip(("use_west", "use_south", "use_east", "use_north"), _use(shape.srid), strict=True)
        ),
    }


def _copied(spec: LayerSpec) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in COPIED}


def _geometry_column(found: Relation, spec: LayerSpec) -> str:
    names = [column.name for column in found.geometry_columns]
    if not names:
        raise CannotPublish(f"{spec.relation} has no geometry column.")
    if spec.geometry_column and spec.geometry_column not in names:
        raise CannotPublish(f"{spec.geometry_column!r} is not one of {', '.join(names)}.")
    return spec.geometry_column or names[0]


def _geometry(found: Relation, column: str, spec: LayerSpec) -> relations.Geometry:
    try:
        shape = relations.geometry_of(found, column)
    except ValueError as error:
        if not spec.srid:
            raise CannotPublish(str(error)) from error
        shape = relations.Geometry("GEOMETRY", spec.srid, geography=False)
    return shape


def _key_columns(found: Relation, spec: LayerSpec) -> dict[str, Any]:
    for name in (spec.id_column, spec.rank_column, spec.min_zoom_column, spec.max_zoom_column):
        if name and found.column(name) is None:
            raise CannotPublish(f"{spec.relation} has no column {name!r}.")
    _refuse_types(found, spec)
    name = spec.id_column or found.primary
    column = found.column(name)
    whole = column is not None and column.type in INTEGER_TYPES
    return {
        "id_column": name,
        "id_is_unique": name in found.unique,
        "id_is_feature_id": whole and not relations.has_negative(found, name),
    }


def _refuse_types(found: Relation, spec: LayerSpec) -> None:
    """Refuse columns that cannot do what they are named for: a tile would fail each time."""
    for name in (spec.min_zoom_column, spec.max_zoom_column):
        column = found.column(name)
        if column is not None and column.type.split("(")[0] not in NUMBER_TYPES:
            raise CannotPublish(f"{name!r} is {column.type}: a zoom column must hold numbers.")
    rank = found.column(spec.rank_column)
    if rank is not None and (rank.is_geometry or rank.type in UNORDERED_TYPES):
        raise CannotPublish(f"{rank.name!r} is {rank.type}, which has no order to rank by.")


def _fields(found: Relation, spec: LayerSpec, key: dict[str, Any]) -> list[dict[str, str]]:
    if spec.fields is None:
        feature_id = key["id_column"] if key["id_is_feature_id"] else ""
        names = [c.name for c in found.columns if _shown(c) and c.name != feature_id]
    else:
        names = list(dict.fromkeys(spec.fields))
    return [_field(found, spec, name) for name in names]


def _shown(column: relations.Column) -> bool:
    return not column.is_geometry and column.type not in UNSEEN_TYPES


def _field(found: Relation, spec: LayerSpec, name: str) -> dict[str, str]:
    column = found.column(name)
    if column is None or column.is_geometry:
        raise CannotPublish(f"{spec.relation} has no column {name!r} that could be a property.")
    return {"name": name, "type": column.type, "description": column.comment}


def _bounds(found: Relation, geometry: str, srid: int) -> dict[str, float | None]:
    box = relations.bounds_of(found, geometry, srid) or (None, None, None, None)
    return dict(zip(("west", "south", "east", "north"), box, strict=True))


def _is_large(found: Relation, column: str, shape: relations.Geometry) -> bool:
    """Whether it pays to cut shapes before they are transformed."""
    transformed = shape.srid != 3857 and not shape.geography
    return transformed and relations.has_large(found, column)


def _use(srid: int) -> tuple[float, float, float, float]:
    return WORLD if srid in (4326, 3857) else area_of_use(srid)


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
    other = _described(relation)
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


@transaction.atomic
def publish_tileset(name: str, layers: Sequence[str], **words: Any) -> Tileset:
    """Create the Tileset of these Layers (by name, in order), or bring it up to date.

    `words` are its other fields (title, attribution, access, state …). Raises CannotPublish.
    """
    resource = Resource.objects.filter(name=name).first()
    tileset = Tileset.objects.filter(name=name).first() or Tileset(name=name)
    if resource is not None and tileset.pk is None:
        raise CannotPublish(f"The name {name!r} is a Layer's. Choose another.")
    for key, value in {"state": "published", **words}.items():
        setattr(tileset, key, value)
    _validate(tileset)
    tileset.save()
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
