"""The admin screens of runs: start one, watch it, cancel it."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from tasks import runs
from tasks.admin.request import AREA, WarmForm, forecast
from tasks.models import Run

if TYPE_CHECKING:  # Django's own class takes no parameter
    RunModelAdmin = admin.ModelAdmin[Run]
else:
    RunModelAdmin = admin.ModelAdmin

LIVE = ("state", "total", "rendered", "cached", "empty", "failed", "bytes", "zoom", "error")


def live(run: Run) -> dict[str, Any]:
    """What the page of a run shows, asked for every second while it goes."""
    left = run.seconds_left
    return {
        **{name: getattr(run, name) for name in LIVE},
        "state_label": run.get_state_display(),
        "percent": round(run.percent, 1),
        "done": run.done,
        "tiles_a_second": round(run.tiles_a_second, 1),
        "seconds": round(run.seconds, 1),
        "seconds_left": None if left is None else round(left),
        "over": run.over,
    }


@admin.register(Run)
class RunAdmin(RunModelAdmin):
    """Runs: start one, watch it, cancel it, start it again."""

    form = WarmForm  # type: ignore[assignment]
    list_display = ("id", "resource", "zooms", "progress", "state", "outcome", "took", "created")
    list_filter = ("state", "resource")
    list_select_related = ("resource",)
    actions = ("cancel_runs", "start_again")
    fields = ("resource", AREA, ("min_zoom", "max_zoom"), "replace")
    change_form_template = "admin/tasks/run/change_form.html"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Links to this form bring a tileset and an area."""
        return {"max_zoom": 6, **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: Run | None = None) -> bool:
        """What was asked for stays as it was; a run is watched, not edited."""
        return obj is None and super().has_change_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        """With the numbers of a run, its cancel button, and a forecast."""
        site = self.admin_site.admin_view
        return [
            path("<int:pk>/live/", site(self.live_view), name="tasks_run_live"),
            path("<int:pk>/cancel/", site(require_POST(self.cancel_view)), name="tasks_run_cancel"),
            path("forecast/", site(forecast), name="tasks_run_forecast"),
            *super().get_urls(),
        ]

    def live_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """The numbers of a run."""
        return JsonResponse(
            live(get_object_or_404(Run, pk=pk)), headers={"Cache-Control": "no-store"}
        )

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop a run; what is warm stays."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if runs.cancel(pk):
            messages.success(request, "Cancelled. What is warm stays.")
        return HttpResponseRedirect(reverse("admin:tasks_run_change", args=[pk]))

    def save_model(self, request: HttpRequest, obj: Run, form: Any, change: bool) -> None:
        """Hand a new run to a worker."""
        obj.requested_by = request.user  # type: ignore[assignment]
        runs.enqueue(obj)

    def response_add(
        self, request: HttpRequest, obj: Run, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go and watch it."""
        return HttpResponseRedirect(reverse("admin:tasks_run_change", args=[obj.pk]))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The run as it goes."""
        run = self.get_object(request, object_id)
        shown = {**(extra_context or {}), "run": run}
        if run is not None:
            shown["numbers"] = live(run)
        return super().change_view(request, object_id, form_url, shown)

    @admin.display(description="zooms")
    def zooms(self, run: Run) -> str:
        """Lowest and highest zoom."""
        return f"{run.min_zoom}-{run.max_zoom}"

    @admin.display(description="progress")
    def progress(self, run: Run) -> str:
        """A bar."""
        return format_html(
            '<progress max="100" value="{}" aria-label="{} of {} tiles"></progress>',
            round(run.percent), run.done, run.total,
        )  # fmt: skip

    @admin.display(description="tiles")
    def outcome(self, run: Run) -> str:
        """Counts."""
        return f"{run.rendered:,} rendered, {run.cached:,} cached, {run.failed:,} failed"

    @admin.display(description="took")
    def took(self, run: Run) -> str:
        """Time at work."""
        return f"{run.seconds:,.1f} s"

    @admin.action(description="Cancel: what is warm stays", permissions=["add"])
    def cancel_runs(self, request: HttpRequest, rows: QuerySet[Run]) -> None:
        """Stop these runs."""
        count = sum(runs.cancel(run.pk) for run in rows)
        self.message_user(request, f"{count} cancelled.", messages.SUCCESS)

    @admin.action(description="Start again", permissions=["add"])
    def start_again(self, request: HttpRequest, rows: QuerySet[Run]) -> None:
        """The same requests as new runs."""
        for run in rows:
            runs.start(run, requested_by=request.user)
        self.message_user(request, f"{len(rows)} started.", messages.SUCCESS)
