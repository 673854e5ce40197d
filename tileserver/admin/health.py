"""Layer health: all Layers at a glance, and one of them in full, with repair."""

from typing import Any

from django.contrib import admin, messages
from django.db import Error
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from core import uses
from core.admin import live
from core.admin.pages import Page, add
from core.changelog import freshness, tracking
from core.changelog.rights import CannotTrack
from core.feed import entries, log
from core.models import Layer, Mismatch
from tileserver import health

CHANGE = "core.change_layer"


def overview(request: HttpRequest) -> HttpResponse:
    """`/admin/health/`: every Layer in a line."""
    wrong = Count("mismatches", filter=Q(mismatches__settled=None))
    layers = list(Layer.objects.annotate(wrong=wrong).order_by("name"))
    newest = _newest() if log.is_there() else {}
    faults = health.faults_of_all()
    context = {
        "there": log.is_there(),
        "lines": [
            {
                "layer": one,
                "changed": newest.get(one.name),
                "faults": faults.get(one.name, []),
            }
            for one in layers
        ],
    }
    return live.page(request, "health", "Layer health", context)


_NEWEST = "SELECT relation::bigint, max(at) FROM graticule.change GROUP BY relation"


def _newest() -> dict[str, Any]:
    """When each Layer last changed, as far as the log goes back."""
    known = entries.known()
    found: dict[str, Any] = {}
    for oid, at in log.ask(_NEWEST):
        for name in known.layers(oid):
            found[name] = max(at, found.get(name, at))
    return found


def one(request: HttpRequest, name: str) -> HttpResponse:
    """`/admin/health/{layer}/`: one Layer in full."""
    layer = get_object_or_404(Layer, name=name)
    context = {
        "layer": layer,
        "findings": list(health.findings(layer)),
        "uses": uses.uses(layer),
        "wrong": Mismatch.objects.filter(layer=layer)[:10],
        "may_repair": request.user.has_perm(CHANGE),
    }
    return live.page(request, "layer_health", f"Health of {layer.name}", context)


def repair(request: HttpRequest, name: str) -> HttpResponse:
    """`/admin/health/{layer}/repair/`: renew its triggers and believe it again."""
    layer = get_object_or_404(Layer, name=name)
    try:
        promise = freshness.repair(layer)
    except (CannotTrack, Error) as fault:
        messages.error(request, f"Not repaired, and nothing changed: {fault}")
    else:
        admin.site._registry[Layer].log_change(request, layer, "Repaired.")
        tell = messages.warning if promise.trouble else messages.success
        why = f" {promise.trouble}" if promise.trouble else ""
        tell(request, f"From now on {name} is {promise.freshness}.{why}")
    return HttpResponseRedirect(reverse("admin:layer_health", args=[name]))


def script(request: HttpRequest, name: str) -> HttpResponse:
    """`/admin/health/{layer}/tracking.sql`: what a DBA would run to have it tracked."""
    layer = get_object_or_404(Layer, name=name)
    return HttpResponse(tracking.script([layer.pk]), content_type="text/plain; charset=utf-8")


def geometries(request: HttpRequest, name: str) -> JsonResponse:
    """`/admin/health/{layer}/geometries/`: how many of its geometries are not valid."""
    found = health.invalid(get_object_or_404(Layer, name=name))
    document = {"value": found.value, "grade": found.grade, "remedy": found.remedy}
    return JsonResponse(document, headers={"Cache-Control": "no-store"})


add(
    Page("health/", overview, "health", "Layer health"),
    Page("health/<str:name>/", one, "layer_health"),
    Page("health/<str:name>/repair/", require_POST(repair), "layer_repair", permission=CHANGE),
    Page("health/<str:name>/tracking.sql", script, "layer_script"),
    Page("health/<str:name>/geometries/", geometries, "layer_geometries"),
)
