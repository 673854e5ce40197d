"""Forms of what is to be warmed, and the forecast of how many tiles that is."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest, JsonResponse

from core.models import Resource
from core.problems import Problem
from core.selection import chosen
from tasks import pyramid, schedules
from tasks.models import WarmRequest, whole_area
from tasks.warming import MAX_TILES

if TYPE_CHECKING:  # Django's own class takes no parameter
    RequestForm = forms.ModelForm[WarmRequest]
else:
    RequestForm = forms.ModelForm

AREA = ("west", "south", "east", "north")


def tile_counts(name: str, bbox: pyramid.BBox | None, low: int, high: int) -> list[tuple[int, int]]:
    """(zoom, tiles) for what would be warmed; raises NotFound."""
    selection = chosen(name)
    first, last = max(low, selection.min_zoom), min(high, selection.max_zoom)
    area, reach = pyramid.area_of(selection, bbox)
    return [(zoom, pyramid.count(area, zoom, reach)) for zoom in range(first, last + 1)]


class WarmForm(RequestForm):
    """A request to warm, refused with a sentence when it cannot be carried out."""

    def clean(self) -> dict[str, Any]:
        """Refuse what is empty or too large."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors or not {"resource", *AREA, "min_zoom", "max_zoom"} <= cleaned.keys():
            return cleaned
        try:
            bbox = whole_area(*(cleaned[side] for side in AREA))
        except ValueError:  # the model says it
            return cleaned
        low, high = cleaned["min_zoom"], cleaned["max_zoom"]
        counts = tile_counts(cleaned["resource"].name, bbox, low, high)
        self._refuse_too_many(counts)
        if self.errors:
            return cleaned
        # Without the zooms that it has no tiles for.
        return {**cleaned, "min_zoom": counts[0][0], "max_zoom": counts[-1][0]}

    def _refuse_too_many(self, counts: list[tuple[int, int]]) -> None:
        total = sum(count for _, count in counts)
        if total > MAX_TILES:
            self.add_error(
                "max_zoom",
                f"That is {total:,} tiles; one run holds {MAX_TILES:,}. Lower the zoom or the "
                "area.",
            )
        if not counts:
            self.add_error("min_zoom", "It has no tiles at these zooms.")


class ScheduleForm(WarmForm):
    """A request with a time."""

    def clean_cron(self) -> str:
        """Refuse what is not a cron expression."""
        text: str = self.cleaned_data["cron"]
        try:
            schedules.parse_cron(text)
        except forms.ValidationError as error:
            raise forms.ValidationError(error.messages) from error
        return text

    def clean_timezone(self) -> str:
        """Refuse what is not a time zone."""
        name: str = self.cleaned_data["timezone"]
        try:
            schedules.check_timezone(name)
        except forms.ValidationError as error:
            raise forms.ValidationError(error.messages) from error
        return name


class ForecastForm(forms.Form):
    """The part of a request that decides how many tiles it has."""

    resource = forms.ModelChoiceField(queryset=Resource.objects.all())
    west = forms.FloatField(min_value=-180, max_value=180, required=False)
    south = forms.FloatField(min_value=-90, max_value=90, required=False)
    east = forms.FloatField(min_value=-180, max_value=180, required=False)
    north = forms.FloatField(min_value=-90, max_value=90, required=False)
    min_zoom = forms.IntegerField(min_value=0, max_value=24)
    max_zoom = forms.IntegerField(min_value=0, max_value=24)


def forecast(request: HttpRequest) -> JsonResponse:
    """Tiles per zoom for what the form says now."""
    form = ForecastForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"error": "Fill in tileset and zooms."}, status=400)
    asked = form.cleaned_data
    try:
        bbox = whole_area(*(asked[side] for side in AREA))
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)
    try:
        counts = tile_counts(asked["resource"].name, bbox, asked["min_zoom"], asked["max_zoom"])
    except Problem as problem:
        return JsonResponse({"error": problem.detail}, status=problem.status)
    total = sum(count for _, count in counts)
    wanted = asked["max_zoom"] - asked["min_zoom"] + 1
    return JsonResponse(
        {
            "zooms": counts,
            "total": total,
            "fits": total <= MAX_TILES,
            "left_out": max(0, wanted - len(counts)),
        }
    )
