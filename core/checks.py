"""Misconfiguration as system checks, each with an id and a hint; docs/settings.md lists them."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg2
from django.conf import settings
from django.core import checks
from django.db import Error, connection
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from core import pooler, standby
from core.changelog.checks import check_changelog
from core.env import patient, postgres_dict

MINIMUM_POSTGIS = (3, 1)


def register() -> None:
    """Make Django run these checks; the live ones with `check --database default`."""
    checks.register(check_render_role, checks.Tags.security)
    own = (check_postgis, check_owner, check_render, check_layers, check_redis)
    for live in (*own, check_changelog):
        checks.register(live, checks.Tags.database)


def check_render_role(**_: Any) -> list[checks.CheckMessage]:
    """graticule.W001: tiles are read with the owner's rights."""
    owner, render = (
        postgres_dict(settings.DATABASE_URL),
        postgres_dict(settings.RENDER_DATABASE_URL),
    )
    if owner.get("user") != render.get("user"):
        return []
    return [
        checks.Warning(
            "Tiles are rendered with the owner's database role.",
            hint="Set RENDER_DATABASE_URL to a role that may only read published relations. "
            "Without it a fault in a tile query could write, and no CONNECTION LIMIT caps them.",
            id="graticule.W001",
        )
    ]


def check_postgis(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """graticule.E001, E002: PostGIS is missing, or too old for `ST_TileEnvelope(margin)`."""
    if not databases:
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'postgis'")
            row = cursor.fetchone()
    except Error as error:
        return [checks.Error(f"The database does not answer: {error}", id="graticule.E003")]
    if row is None:
        hint = "As a superuser: CREATE EXTENSION postgis;"
        return [checks.Error("PostGIS is not in the database.", hint=hint, id="graticule.E001")]
    if tuple(int(part) for part in row[0].split(".")[:2]) < MINIMUM_POSTGIS:
        return [checks.Error(f"PostGIS {row[0]} is older than 3.1.", id="graticule.E002")]
    return []


def check_owner(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """graticule.E004: the owner's connections have no session of their own."""
    if not databases:
        return []
    try:
        if not pooler.divides(patient(postgres_dict(settings.DATABASE_URL))):
            return []
    except psycopg2.Error:  # E003 says it.
        return []
    return [
        checks.Error(
            "DATABASE_URL leads through a pooler in transaction or statement mode.",
            hint="Let it name PostgreSQL itself, or a pool in session mode: the listener, "
            "migrations and publishing need a session (LISTEN, locks, settings). "
            "RENDER_DATABASE_URL may lead through any pooler.",
            id="graticule.E004",
        )
    ]


def check_render(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """graticule.W007, E009, I008: the render role has no connection, or an odd one."""
    if not databases:
        return []
    try:
        with closing(
            psycopg2.connect(**patient(postgres_dict(settings.RENDER_DATABASE_URL)))
        ) as made:
            made.autocommit = True
            pooled, lags = pooler.is_between(made), standby.is_standby(made)
    except psycopg2.Error as error:
        text = f"No tile can be rendered: {str(error).strip()}"
        hint = "Correct RENDER_DATABASE_URL, or let its role log in."
        return [checks.Warning(text, hint=hint, id="graticule.W007")]
    if lags:
        return [checks.Error(standby.REFUSAL, hint=standby.REMEDY, id="graticule.E009")]
    if not pooled:
        return []
    hint = (
        "This works. Its pool should be of TILE_QUERIES or more: who waits there has no deadline."
    )
    text = "Tiles are rendered through a pooler: their statements are not prepared."
    return [checks.Info(text, hint=hint, id="graticule.I008")]


_LAYER_STATE = """
SELECT r.name, c.oid IS NOT NULL, l.srid, (
         SELECT g.srid FROM geometry_columns g
         WHERE g.f_table_schema = l.relation_schema AND g.f_table_name = l.relation_name
           AND g.f_geometry_column = l.geometry_column),
       c.relkind NOT IN ('r', 'm') OR EXISTS (
         SELECT 1 FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
         JOIN pg_am am ON am.oid = ic.relam
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
         WHERE i.indrelid = c.oid AND am.amname IN ('gist', 'spgist', 'brin')
           AND a.attname = l.geometry_column)
FROM core_layer l JOIN core_resource r ON r.id = l.resource_ptr_id
LEFT JOIN pg_namespace n ON n.nspname = l.relation_schema
LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = l.relation_name
ORDER BY r.name
"""


def check_layers(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """graticule.W002, W003, W006: a relation is gone, not indexed, or in another SRID.

    `obj` of a message is the name of its Layer.
    """
    if not databases:
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute(_LAYER_STATE)
            rows = cursor.fetchall()
    except Error:  # Before the first migration there are no Layers to look at.
        return []
    return [message for row in rows for message in _layer_messages(*row)]


def _layer_messages(
    name: str, there: bool, srid: int, srid_now: int | None, indexed: bool
) -> list[checks.CheckMessage]:
    if not there:
        hint = "Publish the Layer again, or delete it in the admin."
        text = f"The relation of the layer {name} is not in the database."
        return [checks.Warning(text, hint=hint, obj=name, id="graticule.W002")]
    if srid_now and srid_now != srid:
        text = f"The layer {name} was published in EPSG:{srid}; its geometry is in {srid_now} now."
        hint = "Publish the Layer again: until then its tiles look for rows in the wrong place."
        return [checks.Warning(text, hint=hint, obj=name, id="graticule.W006")]
    if not indexed:
        hint = "CREATE INDEX ON the relation USING gist (its geometry column), then ANALYZE it."
        text = f"The layer {name} has no spatial index: every tile reads the whole relation."
        return [checks.Warning(text, hint=hint, obj=name, id="graticule.W003")]
    return []


def check_redis(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """graticule.W004, W005: Redis is away, or may evict what has no TTL (queues and schedules)."""
    if not databases:
        return []
    try:
        policy = get_redis_connection("default").config_get("maxmemory-policy")["maxmemory-policy"]
    except RedisError as error:
        return [checks.Warning(f"Redis does not answer: {error}", id="graticule.W004")]
    if policy in ("volatile-lru", "volatile-lfu", "noeviction"):
        return []
    hint = "Set maxmemory-policy volatile-lru: tiles have a TTL, queues have none."
    return [checks.Warning(f"Redis evicts by {policy}.", hint=hint, id="graticule.W005")]
