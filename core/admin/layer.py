"""Layers: publish a relation, see it, change how it is served."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from core.admin.layer_form import LayerForm
from core.admin.resource import ResourceAdmin
from core.models import Layer
from core.publishing import publish
from core.release import waiting


@admin.register(Layer)
class LayerAdmin(ResourceAdmin):
    """Layers; a new one starts from a relation of the database."""

    form = LayerForm
    # Names of relations are long: what is behind them may be out of the window.
    list_display = (
        "name", "title", "access", "state", "keeps", "shown", "zooms", "geometry_type", "tilejson",
        "relation",
    )  # fmt: skip
    list_filter = ("state", "access", "freshness", "held", "frozen", "relation_schema")
    search_fields = (*ResourceAdmin.search_fields, "relation_name")
    fieldsets = (
        (None, {"fields": ("relation", "name", "title", "description", "attribution")}),
        ("Who may see it", {"fields": ("access", "state")}),
        ("What is in the tiles", {"fields": ("columns", "min_zoom", "max_zoom")}),
        (
            "Details that are found in the database unless given",
            {
                "classes": ("collapse",),
                "fields": (
                    "layer_name", "geometry_column", "id_column", "rank_column",
                    "min_zoom_column", "max_zoom_column", "extent", "buffer", "feature_limit",
                    "byte_budget", "frozen",
                ),
            },
        ),
        (
            "How soon an edit is seen",
            {
                "classes": ("collapse",),
                "fields": (
                    "promise", "asked_freshness", "ttl_seconds", "poll_seconds", "derived_from",
                ),
            },
        ),
        ("As found", {"fields": ("srid", "geometry_type", "overview_bands", "generation")}),
    )  # fmt: skip
    readonly_fields = ("srid", "geometry_type", "overview_bands", "generation", "promise")

    def get_fieldsets(self, request: HttpRequest, obj: Layer | None = None) -> Any:
        """For a new Layer: without what is only known afterwards."""
        if obj is not None:
            return self.fieldsets
        shown = [*self.fieldsets[:2], *self.fieldsets[3:5]]
        return [*shown, ("Zooms", {"fields": ("min_zoom", "max_zoom")})]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Layer | None = None
    ) -> tuple[str, ...]:
        """Names stay once published: URLs and styles use them."""
        return (*self.readonly_fields, "name", "layer_name") if obj else self.readonly_fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A link to this form may bring a relation."""
        return {"state": "published", **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Layer, form: Any, change: bool) -> None:
        """Publish what the form asks for, and let the page go on with the Layer as it now is."""
        layer = publish(form.spec(), new=not change)
        obj.pk = obj.resource_ptr_id = layer.pk
        obj.refresh_from_db()

    @admin.display(description="zooms")
    def zooms(self, layer: Layer) -> str:
        """Lowest and highest zoom."""
        return f"{layer.min_zoom}-{layer.max_zoom}"

    @admin.display(description="freshness", ordering="freshness")
    def keeps(self, layer: Layer) -> str:
        """The word for what it promises, for the list; its meaning where the mouse rests."""
        return format_html(
            '<span title="{}">{}</span>', layer.get_freshness_display(), layer.freshness
        )

    @admin.display(description="promised")
    def promise(self, layer: Layer) -> str:
        """What it promises now, and why no more."""
        words = f"{layer.freshness}: {layer.get_freshness_display()}"
        return f"{words}. {layer.trouble}" if layer.trouble else words

    @admin.display(description="edits")
    def shown(self, layer: Layer) -> str:
        """Live, or held and about how much waits for a release."""
        return waiting.state(layer)

    @admin.display(description="overviews")
    def overview_bands(self, layer: Layer) -> str:
        """The generalised copies and their zooms."""
        bands = [f"z{o.min_zoom}-{o.max_zoom}: {o.relation}" for o in layer.overviews.all()]
        return ", ".join(bands) or "none"
