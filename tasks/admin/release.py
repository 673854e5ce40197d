"""The admin screens of releases: load a table, hold, release, and watch it."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.models import Layer
from tasks import releases
from tasks.admin.hold import hold_view
from tasks.models import Act, Release

if TYPE_CHECKING:  # Django's own classes take no parameter
    ReleaseModelAdmin = admin.ModelAdmin[Release]
    ReleaseModelForm = forms.ModelForm[Release]
else:
    ReleaseModelAdmin = admin.ModelAdmin
    ReleaseModelForm = forms.ModelForm

AGAIN = (
    "resource", "act", "source", "key", "ignored", "max_removed", "force", "allow_empty", "drop",
)  # fmt: skip


def live(release: Release) -> dict[str, Any]:
    """What the page of a release shows, asked for every second while it goes."""
    lines = [line for report in release.reports for line in report["lines"]]
    done = 100.0 if release.over else 100 * release.done / max(1, release.total)
    return {
        "state_label": release.get_state_display(),
        "phase": release.phase,
        "done": release.done,
        "total": release.total,
        "percent": round(done, 1),
        "lines": "\n".join(lines),
        "error": release.error,
        "over": release.over,
    }


def command(release: Release) -> str:
    """The same as a command, to copy."""
    if release.act in (Act.HOLD, Act.UNHOLD):
        off = " --off" if release.act == Act.UNHOLD else ""
        return f"./manage.py hold {release.resource.name}{off}"
    words = [f"./manage.py release {release.resource.name}"]
    given = {"--from": release.source, "--key": release.key, "--ignore": release.ignored}
    words += [f"{name} '{value}'" for name, value in given.items() if value]
    flags = {"--force": release.force, "--allow-empty": release.allow_empty, "--drop": release.drop}
    words += [name for name, value in flags.items() if value]
    return " ".join([*words, *(["--dry-run"] if release.dry_run else [])])


class LoadForm(ReleaseModelForm):
    """A load of a table into a Layer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "resource" in self.fields:
            layers = Layer.objects.values("pk")
            choices: Any = self.fields["resource"]
            choices.queryset = choices.queryset.filter(pk__in=layers)
            choices.label = "Layer"
            self.fields["source"].required = True
            self.fields["source"].label = "Table"
        self.instance.act = self.instance.act or Act.LOAD


@admin.register(Release)
class ReleaseAdmin(ReleaseModelAdmin):
    """Releases: start a load, watch it, cancel it, do for real what was tried."""

    form = LoadForm
    list_display = ("id", "resource", "act", "source", "state", "outcome", "took", "created")
    list_filter = ("act", "state", "resource")
    list_select_related = ("resource",)
    fields = (
        "resource", "source", "key", "ignored", "max_removed", "force", "allow_empty", "drop",
        "dry_run",
    )  # fmt: skip
    actions = ("cancel_releases",)
    change_form_template = "admin/tasks/release/change_form.html"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """To look before one leaps is the default."""
        return {"dry_run": True, **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        """What was asked for stays as it was; a release is watched, not edited."""
        return obj is None and super().has_change_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        """With the page that holds and releases, and the buttons of a release."""
        site = self.admin_site.admin_view
        return [
            path("hold/", site(hold_view), name="tasks_release_hold"),
            path("<int:pk>/live/", site(self.live_view), name="tasks_release_live"),
            path(
                "<int:pk>/cancel/",
                site(require_POST(self.cancel_view)),
                name="tasks_release_cancel",
            ),
            path(
                "<int:pk>/for-real/",
                site(require_POST(self.for_real_view)),
                name="tasks_release_for_real",
            ),
            *super().get_urls(),
        ]

    def live_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """The numbers of a release."""
        found = get_object_or_404(Release, pk=pk)
        return JsonResponse(live(found), headers={"Cache-Control": "no-store"})

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop a release; nothing of it is done."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if releases.cancel(pk):
            messages.success(request, "Cancelled. Nothing is changed.")
        return HttpResponseRedirect(reverse("admin:tasks_release_change", args=[pk]))

    def for_real_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what a dry run tried."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        tried = get_object_or_404(Release, pk=pk)
        words = {name: getattr(tried, name) for name in AGAIN}
        made = releases.start(**words, requested_by=request.user)
        return HttpResponseRedirect(reverse("admin:tasks_release_change", args=[made.pk]))

    def save_model(self, request: HttpRequest, obj: Release, form: Any, change: bool) -> None:
        """Hand a new load to a worker."""
        obj.requested_by = request.user  # type: ignore[assignment]
        releases.enqueue(obj)

    def response_add(
        self, request: HttpRequest, obj: Release, post_url_continue: str | None = None
    ) -> HttpResponse:
        """To its page, to watch it."""
        return HttpResponseRedirect(reverse("admin:tasks_release_change", args=[obj.pk]))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The release as it goes."""
        found = self.get_object(request, object_id)
        shown = {**(extra_context or {}), "release": found}
        if found is not None:
            shown |= {"numbers": live(found), "command": command(found)}
        return super().change_view(request, object_id, form_url, shown)

    @admin.display(description="rows")
    def outcome(self, release: Release) -> str:
        """Counts, and whether it was a dry run."""
        names = ("changed", "added", "removed")
        counts = [sum(one.get(name, 0) for one in release.reports) for name in names]
        text = ", ".join(f"{count:,} {name}" for count, name in zip(counts, names, strict=True))
        dry = " (dry run)" if release.dry_run else ""
        return f"{text if any(counts) else release.error or '–'}{dry}"

    @admin.display(description="took")
    def took(self, release: Release) -> str:
        """Time at work."""
        if release.started is None:
            return "–"
        return f"{((release.finished or timezone.now()) - release.started).total_seconds():,.1f} s"

    @admin.action(description="Cancel: nothing of it is done", permissions=["add"])
    def cancel_releases(self, request: HttpRequest, rows: QuerySet[Release]) -> None:
        """Stop these."""
        count = sum(releases.cancel(one.pk) for one in rows)
        self.message_user(request, f"{count} cancelled.", messages.SUCCESS)
