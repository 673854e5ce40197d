"""What a Layer needs to be told of: the tables whose changes are felt in its tiles."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from core.changelog.analysis import Analysis, Base, Found, analyse, find
from core.changelog.schema import Cursor
from core.env import postgres_dict
from core.models import Layer
from core.models.layer import MAX_ZOOM
from core.published import held_relation
from core.relations import split

TABLES = "rp"


@dataclass(frozen=True)
class Band:
    """A relation that the tiles of some zooms are made from."""

    schema: str
    name: str
    min_zoom: int
    max_zoom: int
    is_overview: bool = False


@dataclass(frozen=True)
class Want:
    """A table that a Layer wants to hear of; see `Base` and `Source` for the words.

    `shape` is empty where only whether it changed counts, not where.
    """

    layer_id: int
    base: Base
    min_zoom: int
    max_zoom: int
    srid: int
    geography: bool

    @property
    def shape(self) -> str:
        """The geometry column that says where."""
        return self.base.shape if self.base.reach is not None else ""


@dataclass(frozen=True)
class Needs:
    """What a Layer stands on.

    `kind` is the relkind of its relation, "" when there is none. `session` says why nothing of it
    may be cached, `doubt` why its changes cannot be known; both empty when all is well.
    """

    kind: str
    wants: tuple[Want, ...] = ()
    seen: tuple[Found, ...] = ()
    functions: tuple[int, ...] = ()
    session: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def best(self) -> str:
        """The best freshness that can be had, if the triggers can be installed."""
        if self.session or self.doubt:
            return "ttl"
        return "tracked" if self.kind in TABLES else "derived"


def bands(layer: Layer) -> list[Band]:
    """The relations under a Layer, each with its zooms: overviews, and what is left for its own."""
    overviews = sorted(layer.overviews.all(), key=lambda one: one.min_zoom)
    found = [
        Band(one.relation_schema, one.relation_name, one.min_zoom, one.max_zoom, is_overview=True)
        for one in overviews
    ]
    own = (layer.relation_schema, layer.relation_name)
    schema, name = held_relation(layer.pk) if layer.held else own
    zoom = 0
    for one in overviews:
        if zoom < one.min_zoom:
            found.append(Band(schema, name, zoom, one.min_zoom - 1))
        zoom = one.max_zoom + 1
    if zoom <= MAX_ZOOM:
        found.append(Band(schema, name, zoom, MAX_ZOOM))
    return found


def render_role() -> str:
    """The role that tiles are read with; what it may see is what a tile shows."""
    for url in (settings.RENDER_DATABASE_URL, settings.DATABASE_URL):
        role = str(postgres_dict(url).get("user", ""))
        if role:
            return role
    return ""


def needs_of_all(cursor: Cursor, layers: Iterable[Layer]) -> dict[int, Needs]:
    """By Layer id, what each stands on. Raises django.db.Error."""
    rows = list(layers)
    under = {layer.pk: bands(layer) for layer in rows}
    names = {(band.schema, band.name) for found in under.values() for band in found}
    names |= {split(one["relation"]) for layer in rows for one in layer.derived_from}
    there = find(cursor, sorted(names), render_role())
    return {layer.pk: _needs(cursor, layer, under[layer.pk], there) for layer in rows}


def _needs(
    cursor: Cursor, layer: Layer, under: list[Band], there: dict[tuple[str, str], Found]
) -> Needs:
    missing = [band for band in under if (band.schema, band.name) not in there]
    if missing:
        names = ", ".join(dict.fromkeys(f"{band.schema}.{band.name}" for band in missing))
        return Needs(kind="", doubt=f"{names} is not in the database.")
    reader, wants, analyses = render_role(), [], []
    for band in under:
        relation = there[band.schema, band.name]
        analysis = analyse(cursor, relation, layer.geometry_column, reader)
        if not band.is_overview:
            _declare(cursor, analysis, layer, there)
        analyses.append(analysis)
        wants += list(_wants(layer, band, analysis))
    return Needs(
        kind=_kind(layer, there, under),
        wants=tuple(dict.fromkeys(wants)),
        seen=_once(found for one in analyses for found in one.seen),
        functions=_once(oid for one in analyses for oid in one.functions),
        session=_once(word for one in analyses for word in one.session),
        doubt=next((doubt for one in analyses if (doubt := doubt_of(one, layer))), ""),
    )


def _once(things: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(things))


def _kind(layer: Layer, there: dict[tuple[str, str], Found], under: list[Band]) -> str:
    own = there.get((layer.relation_schema, layer.relation_name))
    return own.kind if own else there[under[0].schema, under[0].name].kind


def doubt_of(analysis: Analysis, layer: Layer) -> str:
    """Why the changes of a relation cannot be known; "" when they can."""
    if analysis.doubt:
        return analysis.doubt
    if analysis.opaque and not layer.derived_from:
        names = ", ".join(dict.fromkeys(analysis.opaque))
        return (
            f"What {names} reads cannot be seen. Name its tables in 'derived from', or mark it "
            "IMMUTABLE if it reads none."
        )
    return ""


def _wants(layer: Layer, band: Band, analysis: Analysis) -> Iterator[Want]:
    for base in analysis.bases:
        mine = base
        if base.table == analysis.relation:
            mine = Base(base.table, base.reach, base.shape, visible(layer))
        srid, geography = layer.srid, layer.geography
        if base.srid:
            srid, geography = base.srid, base.geography
        yield Want(layer.pk, mine, band.min_zoom, band.max_zoom, srid, geography)


def visible(layer: Layer) -> tuple[str, ...] | None:
    """The columns that tiles show or are ordered by; None: all, where rows have no unique id.

    (Without one, rows of equal geometry are ordered by their whole text.)
    """
    if not layer.id_is_unique:
        return None
    ordering = (layer.id_column, layer.rank_column, layer.min_zoom_column, layer.max_zoom_column)
    names = [*(one["name"] for one in layer.fields), *ordering]
    return tuple(sorted({name for name in names if name}))


def _declare(
    cursor: Cursor, analysis: Analysis, layer: Layer, there: dict[tuple[str, str], Found]
) -> None:
    """Put what is declared in `derived_from` over what was found."""
    for one in layer.derived_from:
        table = there.get(split(one["relation"]))
        if table is None or table.kind not in TABLES + "m":
            analysis.doubt = f"{one['relation']}, in 'derived from', is no table of the database."
            continue
        if table not in analysis.seen:
            analysis.seen.append(table)
        found = [base for base in analysis.bases if base.table == table]
        analysis.bases = [base for base in analysis.bases if base.table != table]
        if table.kind in TABLES:
            columns = found[0].columns if found else None
            analysis.bases.append(_declared(cursor, table, one.get("reach"), columns))


def _declared(
    cursor: Cursor, table: Found, reach: float | None, columns: tuple[str, ...] | None
) -> Base:
    """A base with a reach needs a geometry column whose SRID is declared; else: anywhere."""
    cursor.execute(_GEOMETRY, [table.oid])
    row = cursor.fetchone()
    if reach is None or row is None:
        return Base(table, None, "", columns)
    name, srid, geography = row
    return Base(table, reach, name, columns, srid, geography)


_GEOMETRY = """
SELECT a.attname::text, postgis_typmod_srid(a.atttypmod), t.typname = 'geography'
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = %s AND NOT a.attisdropped AND t.typname IN ('geometry', 'geography')
  AND postgis_typmod_srid(a.atttypmod) > 0
ORDER BY a.attnum LIMIT 1
"""
