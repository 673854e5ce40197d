"""The change feed in the admin, and as CSV."""

import csv
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from core.admin import live
from core.admin.pages import Page, add
from core.feed import entries, log
from core.feed.entries import Entry, Feed
from core.feed.log import Wanted
from core.models import Layer
from core.picture import Degrees, picture, union

SHOWN = 60
IN_CSV = 10_000
LONGEST_ID = 18
COLUMNS = (
    "time", "relation", "layers", "what", "rows", "user", "application", "state", "dirty tiles",
    "cached among them", "seconds to fresh", "notes",
)  # fmt: skip
# The freshness of Layers whose changes are in the log.
HEARD_OF = ("tracked", "derived")
FILTERS = ("layer", "who", "what")
# What a spreadsheet would take for a formula.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def view(request: HttpRequest) -> HttpResponse:
    """`/admin/changes/`: newest first, renewed by itself."""
    chosen = {name: request.GET.get(name, "") for name in FILTERS}
    there = log.is_there()
    found = entries.feed(wanted(request, SHOWN), chosen["layer"]) if there else Feed()
    bounds = {layer.name: layer.bounds for layer in Layer.objects.all()}
    context = {
        "there": there,
        "since": log.began() if there else None,
        "unheard": Layer.objects.exclude(freshness__in=HEARD_OF).order_by("name"),
        "lines": [{"entry": one, "picture": drawn(one, bounds)} for one in found.entries],
        "older": urlencode({**_filled(chosen), "before": found.more}) if found.more else "",
        "newest": "before" not in request.GET,
        "chosen": chosen,
        "asked": urlencode(_filled(chosen)),
        "layers": sorted(bounds),
        "people": log.people() if there else [],
        "whats": (*entries.WORDS, entries.TRUNCATE),
    }
    return live.page(request, "changes", "Changes", context)


def _filled(chosen: dict[str, str]) -> dict[str, Any]:
    return {name: value for name, value in chosen.items() if value}


def wanted(request: HttpRequest, limit: int) -> Wanted:
    """What the query string asks for."""
    before = request.GET.get("before", "")
    return Wanted(
        who=request.GET.get("who", ""),
        what=request.GET.get("what", ""),
        before=int(before) if before.isdecimal() and len(before) <= LONGEST_ID else None,
        limit=limit,
    )


def drawn(entry: Entry, bounds: dict[str, Degrees | None]) -> SafeString:
    """Where it was, over the bounds of the Layers that felt it."""
    around = [box for name in entry.layers if (box := bounds.get(name)) is not None]
    if entry.anywhere:
        return picture(around, around, "anywhere")
    whole = union(entry.boxes)
    if whole is None:
        return SafeString("")
    west, south, east, north = (f"{side:.4f}" for side in whole)
    return picture(around, entry.boxes, f"{west}, {south} to {east}, {north}")


def as_csv(request: HttpRequest) -> HttpResponse:
    """`/admin/changes.csv`: the same, one line each, at most ten thousand."""
    layer = request.GET.get("layer", "")
    found = entries.feed(wanted(request, IN_CSV), layer) if log.is_there() else Feed()
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="changes.csv"'
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    writer.writerows([harmless(cell) for cell in cells(one)] for one in found.entries)
    return response


def cells(entry: Entry) -> Iterator[Any]:
    """The cells of an entry, in the order of COLUMNS."""
    yield entry.at.isoformat()
    yield entry.relation
    yield " ".join(entry.layers)
    yield entry.what
    yield entry.rows
    yield entry.who
    yield entry.application
    yield entry.state
    yield entry.dirty
    yield entry.cached
    yield "" if entry.seconds is None else round(entry.seconds, 3)
    yield "; ".join(one.applied.note for one in entry.effects if one.applied.note)


def harmless(cell: Any) -> Any:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell


add(
    Page("changes/", view, "changes", "Changes"),
    Page("changes.csv", as_csv, "changes_csv"),
)
