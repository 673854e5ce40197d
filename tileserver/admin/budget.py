"""Tiles over their byte budget, worst first, and what the bytes of one are spent on."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from core.admin import live
from core.admin.pages import Page, add
from core.models import Layer
from core.problems import Problem
from core.public_url import absolute
from core.selection import Selection, chosen
from tileserver.budget import OverBudget, worst
from tileserver.render import recipe_for
from tileserver.tile import BadAddress, Tile
from tileserver.weights import LayerWeight, weights


@dataclass(frozen=True)
class Line:
    """A tile that is over, as the report shows it."""

    over: OverBudget

    @property
    def at(self) -> datetime:
        """When it was rendered."""
        return datetime.fromtimestamp(round(self.over.at), UTC)

    @property
    def kept(self) -> int:
        """How many of a hundred features are left in it."""
        return round(100 * self.over.features_after / (self.over.features_before or 1))


@dataclass(frozen=True)
class Saving:
    """What it saves to leave an attribute out of the Layer.

    `share` is of its bytes, in percent; `left` are bytes of the uncut Layer without it, 0 when it
    is not cut; `fits` if that is within its budget.
    """

    name: str
    bytes: int
    share: float
    left: int
    fits: bool


def report(request: HttpRequest) -> HttpResponse:
    """`/admin/budget/`: the worst hundred."""
    return live.page(request, "budget", "Tiles over budget", {"lines": list(map(Line, worst()))})


def one(request: HttpRequest, name: str, z: int, x: int, y: int) -> HttpResponse:
    """`/admin/budget/{layer}/{z}/{x}/{y}/`: what one Layer's bytes are spent on in one tile.

    The tile is rendered for it, once; so this page does not ask again by itself.
    """
    layer, tile = get_object_or_404(Layer, name=name), _tile(z, x, y)
    context = {
        **admin.site.each_context(request),
        "title": f"What {name} spends in {tile}",
        "layer": layer,
        "tile": tile,
        "bounds": tile.bounds,
        "tilejson_url": absolute(f"/tiles/{name}.json"),
        **_spent(chosen(name), tile),
    }
    return TemplateResponse(request, "admin/pages/budget_tile.html", context)


def _tile(z: int, x: int, y: int) -> Tile:
    try:
        return Tile(z, x, y)
    except BadAddress as fault:
        raise Http404(str(fault)) from fault


def _spent(selection: Selection, tile: Tile) -> dict[str, Any]:
    over = next((o for o in worst(1000) if (o.tile, o.layer) == (tile, selection.name)), None)
    try:
        found = weights(recipe_for(selection, tile).fit().mvt)
    except Problem as problem:
        return {"over": over, "fault": str(problem)}
    weight = found[0] if found else None
    return {"over": over, "weight": weight, "savings": savings(weight, over)}


def savings(weight: LayerWeight | None, over: OverBudget | None) -> list[Saving]:
    """What leaving out each attribute saves, most first.

    Weighed in the tile as it is sent; what was cut is taken to be of the same kind.
    """
    return [_saving(weight, over, name) for name in weight.attributes] if weight else []


def _saving(weight: LayerWeight, over: OverBudget | None, name: str) -> Saving:
    left = round(over.bytes_before * (1 - weight.share(name))) if over else 0
    share = round(100 * weight.share(name), 1)
    return Saving(
        name, weight.attributes[name], share, left, over is not None and left <= over.budget
    )


add(
    Page("budget/", report, "budget", "Tiles over budget"),
    Page("budget/<str:name>/<int:z>/<int:x>/<int:y>/", one, "budget_tile"),
)
