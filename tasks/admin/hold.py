"""The page that holds and releases Layers and Tilesets, with a preview of the effect."""

from dataclasses import dataclass

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from redis.exceptions import RedisError

from core.models import Layer, Resource
from core.release.waiting import edits
from tasks import releases
from tasks.models import Act
from tileserver import cache, db, index
from tileserver.index import Shelf
from tileserver.tile import DEFAULT_MATRIX_SET

MOST = 50
ACTS = (Act.HOLD, Act.RELEASE, Act.UNHOLD)


@dataclass(frozen=True)
class Line:
    """A Layer on the page: about how many edits wait, how many tiles are cached; None: unknown."""

    layer: Layer
    edits: int | None
    cached: int | None


def hold_view(request: HttpRequest) -> HttpResponse:
    """`/admin/tasks/release/hold/?ids=1,2`: what is held of these, and what can be done."""
    if not request.user.has_perm("tasks.add_release"):
        raise PermissionDenied
    resources = _chosen(request)
    if request.method == "POST":
        return _started(request, resources)
    layers = {one.pk: one for found in resources for one in releases.layers_of(found)}
    lines = [Line(one, edits(one), _cached(one)) for one in layers.values()]
    context = {
        **admin.site.each_context(request),
        "title": "Hold and release",
        "resources": resources,
        "lines": lines,
        "some_held": any(line.layer.held for line in lines),
        "some_live": any(not line.layer.held for line in lines),
    }
    return render(request, "admin/tasks/release/hold.html", context)


def _chosen(request: HttpRequest) -> list[Resource]:
    ids = [int(one) for one in request.GET.get("ids", "").split(",") if one.isdecimal()]
    return list(Resource.objects.filter(pk__in=ids[:MOST]).order_by("name"))


def _started(request: HttpRequest, resources: list[Resource]) -> HttpResponse:
    act, dry_run = request.POST.get("act", ""), "dry_run" in request.POST
    if act not in ACTS or not resources:
        messages.error(request, "Choose what to do, and with what.")
        return HttpResponseRedirect(request.get_full_path())
    try:
        made = [
            releases.start(one, Act(act), dry_run=dry_run, requested_by=request.user)
            for one in resources
        ]
    except ValidationError as error:
        messages.error(request, "; ".join(error.messages))
        return HttpResponseRedirect(request.get_full_path())
    if len(made) > 1:
        return HttpResponseRedirect(reverse("admin:tasks_release_changelist"))
    return HttpResponseRedirect(reverse("admin:tasks_release_change", args=[made[0].pk]))


def _cached(layer: Layer) -> int | None:
    """Tiles of the Layer in Redis; some of them may have lapsed."""
    try:
        start = cache.prefix(db.epoch())
        shelves = (
            Shelf(start, layer.pk, DEFAULT_MATRIX_SET, zoom)
            for zoom in range(layer.min_zoom, layer.max_zoom + 1)
        )
        return sum(index.count(one, index.everything(one.zoom)) for one in shelves)
    except RedisError:
        return None
