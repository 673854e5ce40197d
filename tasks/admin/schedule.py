"""The admin screens of schedules."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timesince import timesince

from tasks import runs, schedules
from tasks.admin.request import AREA, ScheduleForm
from tasks.models import Schedule

if TYPE_CHECKING:  # Django's own class takes no parameter
    ScheduleModelAdmin = admin.ModelAdmin[Schedule]
else:
    ScheduleModelAdmin = admin.ModelAdmin


@admin.register(Schedule)
class ScheduleAdmin(ScheduleModelAdmin):
    """Schedules: Beat starts their runs."""

    form = ScheduleForm  # type: ignore[assignment]
    list_display = ("name", "enabled", "resource", "zooms", "when", "last_result", "last_run")
    list_filter = ("enabled", "resource")
    list_select_related = ("resource",)
    search_fields = ("name",)
    actions = ("run_now", "pause", "resume")
    change_form_template = "admin/tasks/schedule/change_form.html"
    fieldsets = (
        (None, {"fields": ("name", "enabled")}),
        ("What", {"fields": ("resource", AREA, ("min_zoom", "max_zoom"), "replace")}),
        ("When", {"fields": ("cron", "timezone")}),
    )

    def save_model(self, request: HttpRequest, obj: Schedule, form: Any, change: bool) -> None:
        """Tell Beat."""
        super().save_model(request, obj, form, change)
        schedules.synchronise(obj)

    def delete_model(self, request: HttpRequest, obj: Schedule) -> None:
        """Beat forgets it too."""
        schedules.forget(obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Schedule]) -> None:
        """Beat forgets them too."""
        for schedule in queryset:
            schedules.forget(schedule)
        super().delete_queryset(request, queryset)

    @admin.display(description="zooms")
    def zooms(self, schedule: Schedule) -> str:
        """Lowest and highest zoom."""
        return f"{schedule.min_zoom}-{schedule.max_zoom}"

    @admin.display(description="when")
    def when(self, schedule: Schedule) -> str:
        """The time in words."""
        task = schedule.periodic_task
        words = task.crontab.human_readable if task and task.crontab else schedule.cron
        return str(words)

    @admin.display(description="last run")
    def last_run(self, schedule: Schedule) -> str:
        """How long ago, linked to the run."""
        run = schedule.runs.first()
        if run is None:
            return "never"
        url = reverse("admin:tasks_run_change", args=[run.pk])
        return format_html(
            '<a href="{}" title="{}">{} ago</a>', url, run.created, timesince(run.created)
        )

    @admin.display(description="last result")
    def last_result(self, schedule: Schedule) -> str:
        """State and counts of the last run."""
        run = schedule.runs.first()
        if run is None:
            return "–"
        return f"{run.get_state_display()}: {run.done:,} of {run.total:,} in {run.seconds:,.0f} s"

    @admin.action(description="Run now", permissions=["change"])
    def run_now(self, request: HttpRequest, rows: QuerySet[Schedule]) -> None:
        """Start a run of each."""
        for schedule in rows:
            runs.start(schedule, requested_by=request.user)
        self.message_user(request, f"{len(rows)} started; see Runs.", messages.SUCCESS)

    @admin.action(description="Pause", permissions=["change"])
    def pause(self, request: HttpRequest, rows: QuerySet[Schedule]) -> None:
        """Beat leaves them out until they are resumed."""
        self._set_enabled(request, rows, enabled=False)

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: HttpRequest, rows: QuerySet[Schedule]) -> None:
        """Beat starts them again."""
        self._set_enabled(request, rows, enabled=True)

    def _set_enabled(
        self, request: HttpRequest, rows: QuerySet[Schedule], *, enabled: bool
    ) -> None:
        for schedule in rows:
            schedule.enabled = enabled
            schedule.save()
            schedules.synchronise(schedule)
        self.message_user(
            request, f"{len(rows)} {'resumed' if enabled else 'paused'}.", messages.SUCCESS
        )
