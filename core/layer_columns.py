"""The columns of a Layer: what is found in the database, and what the spec says of it."""

from collections.abc import Mapping
from typing import Any

from core import relations
from core.area_of_use import WORLD, area_of_use
from core.layer_spec import COPIED, LayerSpec
from core.relations import INTEGER_TYPES, NoSuchRelation, Relation, split

NUMBER_TYPES = (*INTEGER_TYPES, "real", "double precision", "numeric")
UNORDERED_TYPES = ("json", "xml", "point", "polygon", "box", "path", "lseg", "circle")
UNSEEN_TYPES = ("bytea", "raster", "tsvector")


class CannotPublish(ValueError):
    """The relation cannot become a Layer; the message names the fault and the remedy."""


def described(relation: str) -> Relation:
    """The relation `schema.name` as the database has it. Raises CannotPublish."""
    try:
        return relations.describe(*split(relation))
    except NoSuchRelation as error:
        raise CannotPublish(
            f"{error} `manage.py proposals` lists what can be published."
        ) from error


def columns(found: Relation, spec: LayerSpec) -> dict[str, Any]:
    """The Layer's fields by name, but for its name. Raises CannotPublish."""
    geometry = _geometry_column(found, spec)
    shape = _geometry(found, geometry, spec)
    key = _key_columns(found, spec)
    return {
        **_copied(spec),
        "asked_freshness": spec.freshness,
        "derived_from": _derived_from(found, spec),
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


def _derived_from(found: Relation, spec: LayerSpec) -> list[dict[str, Any]]:
    """What is declared, in one form: `relation` as `schema.name`, `reach` in metres or None."""
    if spec.derived_from and found.kind not in ("view", "materialised view"):
        raise CannotPublish(f"{spec.relation} is a {found.kind}: 'derived from' is for views.")
    if not isinstance(spec.derived_from, (list, tuple)):
        raise CannotPublish(f"'derived from' is a list, not {type(spec.derived_from).__name__}.")
    return [_declared(one) for one in spec.derived_from]


def _declared(one: object) -> dict[str, Any]:
    words = one if isinstance(one, Mapping) else {}
    relation, reach = words.get("relation"), words.get("reach")
    if not isinstance(relation, str) or set(words) - {"relation", "reach"}:
        raise CannotPublish(
            'Write \'derived from\' as [{"relation": "schema.name", "reach": null}].'
        )
    if reach is not None and not _is_reach(reach):
        raise CannotPublish(f"The reach {reach!r} is no number of metres from 0 to 20,000,000.")
    base = described(relation)
    if base.kind not in ("table", "materialised view"):
        raise CannotPublish(f"{relation} is a {base.kind}: name the tables that it reads.")
    if reach is not None and not base.geometry_columns:
        raise CannotPublish(f"{relation} has no geometry: it can have no reach, only null.")
    return {"relation": f"{base.schema}.{base.name}", "reach": reach}


def _is_reach(value: object) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and 0 <= value <= 20_000_000  # type: ignore[operator]


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
        _refuse_srid(found, column, spec.srid)
        shape = relations.Geometry("GEOMETRY", spec.srid, geography=False)
    return shape


def _refuse_srid(found: Relation, column: str, srid: int) -> None:
    """Refuse an SRID that the rows do not have: a tile that must be transformed would fail."""
    others = {one for one in relations.srids_of_rows(found, column) if one != srid}
    if others - ({0} if srid == 3857 else set()):
        raise CannotPublish(
            f"Rows of {found.schema}.{found.name} have {', '.join(map(str, sorted(others)))} for"
            f" their SRID, not {srid}. Write it into them: ALTER TABLE … ALTER COLUMN {column}"
            f" TYPE geometry USING ST_SetSRID({column}, {srid}), or SELECT ST_SetSRID(…) in a view."
        )


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
