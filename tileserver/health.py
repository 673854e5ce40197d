"""Layer health: what a Layer promises, and whether the database lets it keep that."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import Error, connection, transaction
from psycopg2 import sql

from core import checks, snapshot
from core.changelog import freshness as promises
from core.changelog.survey import faults, survey
from core.feed import log
from core.feed.entries import Known, known
from core.feed.log import Wanted
from core.models import Layer
from core.published import PROMISES, LayerInfo
from tileserver import pooled
from tileserver.sql import tile_query
from tileserver.tile import Tile

GOOD, BAD, OPEN = "good", "bad", "open"
PATIENCE_MS = 10_000
MOST_CHECKED = 200_000
SMALL = 10_000
TRACKED = ("tracked", "derived")
REPAIR = "Repair puts it right."


@dataclass(frozen=True)
class Finding:
    """One line of a Layer's health: good, bad, or open (nobody has looked, or it does not matter).

    `remedy` is a sentence; `at` a moment that belongs to the value.
    """

    what: str
    value: str
    grade: str = GOOD
    remedy: str = ""
    at: datetime | None = None


_RELATION = """
SELECT c.relkind, greatest(c.reltuples, 0)::bigint, g.srid, EXISTS (
  SELECT FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
  JOIN pg_am am ON am.oid = ic.relam
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
  WHERE i.indrelid = c.oid AND am.amname IN ('gist', 'spgist', 'brin') AND a.attname = %(column)s)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN geometry_columns g ON g.f_table_schema = n.nspname AND g.f_table_name = c.relname
  AND g.f_geometry_column = %(column)s
WHERE n.nspname = %(schema)s AND c.relname = %(name)s
"""
INDEXED = ("r", "m", "p")


def freshness(layer: Layer) -> Iterator[Finding]:
    """What it promises, and why it is no more."""
    kept = layer.freshness in PROMISES and not layer.trouble
    words = f"{layer.freshness}: {layer.get_freshness_display()}"
    if layer.freshness == "ttl":
        words += f" ({layer.ttl_seconds} s)"
    yield Finding("Freshness", words, GOOD if kept else OPEN, layer.trouble)


def tracking(layer: Layer) -> Iterator[Finding]:
    """The triggers that say what changed in the tables under it."""
    found = promises.health(layer)
    tables = ", ".join(found.tables)
    if found.faults:
        yield Finding("Tracking", "; ".join(found.faults), BAD, REPAIR)
    elif layer.freshness in TRACKED:
        yield Finding("Tracking", f"triggers on {tables}")
    elif found.best in TRACKED:
        yield Finding("Tracking", f"could be {found.best}, by triggers on {tables}", OPEN, REPAIR)
    else:
        yield Finding("Tracking", found.trouble or "none: it cannot be tracked", OPEN)


def relation(layer: Layer) -> Iterator[Finding]:
    """The relation under it: rows, SRID, index."""
    names = {"schema": layer.relation_schema, "name": layer.relation_name}
    found = log.ask(_RELATION, {**names, "column": layer.geometry_column})
    if not found:
        remedy = "Publish the Layer again, or delete it."
        yield Finding("Relation", f"{layer.relation} is not in the database", BAD, remedy)
        return
    [(kind, rows, srid, indexed)] = found
    yield Finding("Rows", f"about {rows:,}" if rows else "not counted yet: ANALYZE it", OPEN)
    moved = bool(srid) and srid != layer.srid
    value = f"EPSG:{layer.srid}" + (f", but its geometry is in {srid} now" if moved else "")
    yield Finding("SRID", value, BAD if moved else GOOD, "Publish it again." if moved else "")
    if kind in INDEXED:
        remedy = "" if indexed else _create_index(layer)
        value = "there" if indexed else "missing: every tile reads the whole relation"
        yield Finding("Spatial index", value, GOOD if indexed else BAD, remedy)
        yield from _plan(layer, rows)


def _create_index(layer: Layer) -> str:
    names = (sql.Identifier(layer.relation_schema, layer.relation_name), layer.geometry_column)
    text = sql.SQL("CREATE INDEX ON {} USING gist ({});").format(names[0], sql.Identifier(names[1]))
    connection.ensure_connection()
    return text.as_string(connection.connection)


def _plan(layer: Layer, rows: int) -> Iterator[Finding]:
    """How PostgreSQL reads the relation for a tile in the middle of it."""
    info = snapshot.current().layers.get(layer.name)
    if info is None or layer.bounds is None:
        return
    tile = middle(info)
    try:
        nodes = list(_nodes(_explained(info, tile)))
    except Error as fault:
        said = str(fault).partition("\n")[0]
        yield Finding("Plan", f"tile {tile} cannot be planned: {said}", BAD)
        return
    scans = [node for node in nodes if "Index Name" in node]
    if scans:
        yield Finding("Plan", f"tile {tile} uses {scans[0]['Index Name']}")
    elif rows <= SMALL:
        yield Finding("Plan", f"tile {tile} reads the whole relation, which is right for so few")
    else:
        yield Finding("Plan", f"tile {tile} reads the whole relation", BAD, "ANALYZE it.")


def middle(layer: LayerInfo) -> Tile:
    """The tile of the highest zoom in the middle of a Layer's bounds."""
    west, south, east, north = layer.bounds or (0.0, 0.0, 0.0, 0.0)
    count = 2**layer.max_zoom
    latitude = math.radians(max(-85.0, min(85.0, (south + north) / 2)))
    column = ((west + east) / 2 + 180) / 360
    row = (1 - math.asinh(math.tan(latitude)) / math.pi) / 2
    place = (min(count - 1, max(0, int(share * count))) for share in (column, row))
    return Tile(layer.max_zoom, *place)


def _explained(info: LayerInfo, tile: Tile) -> Any:
    with transaction.atomic(), connection.cursor() as cursor:
        text = tile_query((info,), tile.z).statement.as_string(connection.connection)
        cursor.execute("EXPLAIN (FORMAT JSON) " + pooled.inlined(text, (tile.z, tile.x, tile.y)))
        [(plan,)] = cursor.fetchall()
    return json.loads(plan) if isinstance(plan, str) else plan


def _nodes(plan: Any) -> Iterator[dict[str, Any]]:
    """Every node of a plan in JSON."""
    if isinstance(plan, list):
        for one in plan:
            yield from _nodes(one)
    elif isinstance(plan, dict):
        yield plan
        yield from _nodes([value for value in plan.values() if isinstance(value, (list, dict))])


def changes(layer: Layer, here: Known) -> Iterator[Finding]:
    """When it last changed, as the log has it."""
    if not log.is_there():
        yield Finding("Last change", "there is no change log in this database", OPEN)
        return
    oids = here.oids(layer.name)
    newest = log.changes(Wanted(oids=oids, limit=1))
    if newest:
        yield Finding("Last change", newest[0].what, at=newest[0].at)
    else:
        yield Finding("Last change", "none in the log", OPEN)


def mismatches(layer: Layer) -> Iterator[Finding]:
    """Cached tiles of it that were wrong."""
    found = list(layer.mismatches.all()[:100])
    if not found:
        yield Finding("Wrong tiles", "none found")
        return
    left = [one for one in found if one.settled is None]
    value = f"{len(found)} found, {len(left)} not settled; the last was {found[0].tile}"
    remedy = "Find out how it came, then repair." if left else ""
    yield Finding("Wrong tiles", value, BAD if left else GOOD, remedy, found[0].at)


def findings(layer: Layer) -> Iterator[Finding]:
    """All that is known of its health without reading the relation."""
    yield from freshness(layer)
    yield from tracking(layer)
    yield from changes(layer, known())
    yield from relation(layer)
    yield from mismatches(layer)


def faults_of_all() -> dict[str, list[str]]:
    """What is wrong with Layers, in sentences by name, without a query for each of them.

    It is what `findings` has of triggers, relation, SRID and index. How a tile is read is left
    out: that is a query for each.
    """
    found: dict[str, list[str]] = {}
    for message in checks.check_layers(["default"]):
        found.setdefault(str(message.obj), []).append(message.msg)
    for name, words in _untracked().items():
        found.setdefault(name, []).append(f"Tracking: {'; '.join(words)}.")
    return found


def _untracked() -> dict[str, list[str]]:
    """What is wrong with the triggers under Layers that promise to hear of each change."""
    with connection.cursor() as cursor:
        found = survey(cursor)
        wrong = faults(cursor, found)
    return {found.layers[key].name: words for key, words in wrong.items()}


_INVALID = """
SELECT count(*), count(*) FILTER (WHERE NOT ST_IsValid({column}::geometry)),
       min(ST_IsValidReason({column}::geometry)) FILTER (WHERE NOT ST_IsValid({column}::geometry))
FROM (SELECT {column} FROM {relation} LIMIT {most}) AS rows
"""


def invalid(layer: Layer) -> Finding:
    """How many of its geometries are not valid; reads up to MOST_CHECKED rows, for ten seconds."""
    query = sql.SQL(_INVALID).format(
        column=sql.Identifier(layer.geometry_column),
        relation=sql.Identifier(layer.relation_schema, layer.relation_name),
        most=sql.Literal(MOST_CHECKED),
    )
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE_MS}")
            cursor.execute(query)
            [(rows, bad, reason)] = cursor.fetchall()
    except Error as fault:
        said = str(fault).partition("\n")[0]
        return Finding("Invalid geometries", f"not counted: {said}", OPEN)
    if bad:
        remedy = "UPDATE … SET geometry = ST_MakeValid(geometry) WHERE NOT ST_IsValid(geometry)"
        value = f"{bad:,} of {rows:,} rows; such as: {reason}"
        return Finding("Invalid geometries", value, BAD, remedy)
    return Finding("Invalid geometries", f"none in {rows:,} rows")
