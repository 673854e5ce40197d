"""System checks of the change log; docs/settings.md lists them."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core import checks
from django.db import Error, connection

from core.changelog import schema
from core.changelog.needs import render_role
from core.changelog.schema import Cursor, NoPostGIS
from core.changelog.survey import Survey, plans, survey
from core.models import Freshness

TRACK = "manage.py track default"


def check_changelog(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """graticule.W010 to W013, E005: the change log and its triggers are not as they should be."""
    if not databases:
        return []
    try:
        with connection.cursor() as cursor:
            return list(_messages(cursor))
    except (Error, NoPostGIS):  # Before the first migration there are no Layers to look at.
        return []


def _messages(cursor: Cursor) -> Iterator[checks.CheckMessage]:
    found = survey(cursor)
    installed = schema.version(cursor)
    if not installed:
        yield from _missing(found)
        return
    if installed != schema.VERSION:
        text = f"The change log is of version {installed}; this program writes {schema.VERSION}."
        hint = f"Run {TRACK}." if installed < schema.VERSION else "Run the newer program."
        yield checks.Warning(text, hint=hint, id="graticule.W011")
    yield from _faults(cursor, found)
    yield from _troubles(found)
    yield from _open_to_the_render_role(cursor)


def _missing(found: Survey) -> Iterator[checks.CheckMessage]:
    asked = (Freshness.TTL, Freshness.POLLED)
    if any(layer.asked_freshness not in asked for layer in found.layers.values()):
        text = "There is no change log: an edit is seen when a cached tile lapses."
        yield checks.Warning(text, hint=f"Run {TRACK}.", id="graticule.W010")


def _faults(cursor: Cursor, found: Survey) -> Iterator[checks.CheckMessage]:
    promising = found.promising()
    for plan in plans(cursor, found, promising, found.families_of(promising)):
        if faults := plan.faults():
            text = f"Edits of {plan.family.root.label} are not heard of: {'; '.join(faults)}."
            hint = f"Run {TRACK}, or let the listener run: it repairs this."
            yield checks.Warning(text, hint=hint, id="graticule.W012")


def _troubles(found: Survey) -> Iterator[checks.CheckMessage]:
    for layer in sorted(found.layers.values(), key=lambda one: one.name):
        if layer.trouble:
            text = f"The layer {layer.name} is {layer.freshness} only. {layer.trouble}"
            hint = f"Remove the cause, then {TRACK}; or ask for less: publish --freshness ttl."
            yield checks.Warning(text, hint=hint, id="graticule.W013")


_WRITERS = """
SELECT r.rolname::text FROM pg_roles r
WHERE r.rolname = %s AND r.rolname <> current_user AND NOT pg_has_role(current_user, r.oid, 'USAGE')
  AND (has_table_privilege(r.oid, 'graticule.change', 'INSERT, UPDATE, DELETE')
    OR has_schema_privilege(r.oid, 'graticule', 'CREATE'))
"""


def _open_to_the_render_role(cursor: Cursor) -> Iterator[checks.CheckMessage]:
    cursor.execute(_WRITERS, [render_role()])
    for (role,) in cursor.fetchall():
        text = f"The role {role}, which renders tiles, may write to the change log."
        hint = f"REVOKE ALL ON ALL TABLES IN SCHEMA graticule FROM {role}, PUBLIC; the same for"
        yield checks.Error(text, hint=f"{hint} the schema.", id="graticule.E005")
