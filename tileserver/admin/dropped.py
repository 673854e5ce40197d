"""Why was this tile dropped? A search by tile."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from core.admin import live
from core.admin.changes import drawn
from core.admin.pages import Page, add
from core.feed import log
from core.models import Layer
from core.problems import Problem
from core.selection import Selection, chosen
from tileserver import cache
from tileserver.dropped import read, reasons
from tileserver.render import place
from tileserver.tile import BadAddress, Tile


@dataclass(frozen=True)
class Asked:
    """A tile that was asked about, or what is wrong with the question."""

    selection: Selection | None = None
    tile: Tile | None = None
    fault: str = ""


def asked(text: str) -> Asked:
    """What the text asks about."""
    if not text:
        return Asked()
    try:
        name, tile = read(text)
        return Asked(chosen(name), tile)
    except (BadAddress, Problem) as fault:
        return Asked(fault=str(fault))


def view(request: HttpRequest) -> HttpResponse:
    """`/admin/dropped/?tile=…`: what may have dropped it, newest first."""
    text = request.GET.get("tile", "")
    question = asked(text)
    context: dict[str, Any] = {"text": text, "asked": question, "there": log.is_there()}
    if question.selection is not None and question.tile is not None:
        context |= _found(question.selection, question.tile) if context["there"] else {}
        context |= _kept(question.selection, question.tile)
    return live.page(request, "dropped", "Why was this tile dropped?", context)


def _found(selection: Selection, tile: Tile) -> dict[str, Any]:
    bounds = {layer.name: layer.bounds for layer in Layer.objects.all()}
    found = reasons(selection, tile)
    return {"lines": [{"entry": one, "picture": drawn(one, bounds)} for one in found]}


def _kept(selection: Selection, tile: Tile) -> dict[str, Any]:
    """The plain, public variant as Redis has it now, and since when."""
    kept = cache.get(place(selection, tile))
    if kept is None:
        return {}
    return {"kept": kept.tile, "since": datetime.fromtimestamp(round(time.time() - kept.age), UTC)}


add(Page("dropped/", view, "dropped", "Why was this tile dropped?"))
