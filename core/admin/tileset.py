"""Tilesets: which Layers stand under one tile URL."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from core.access import is_public
from core.admin.resource import ResourceAdmin
from core.models import Layer, Member, Tileset

if TYPE_CHECKING:  # Django's own classes take no parameter
    MemberInlineFormSet = forms.BaseInlineFormSet[Member, Tileset, forms.ModelForm[Member]]
    MemberTabularInline = admin.TabularInline[Member, Tileset]
else:
    MemberInlineFormSet = forms.BaseInlineFormSet
    MemberTabularInline = admin.TabularInline


def keeping_out(tileset: Tileset) -> list[Layer]:
    """The Layers that not everyone may see of a Tileset that is for everyone.

    One is enough: who may not see all of it gets a 404, as if there were no such Tileset.
    """
    if not is_public(tileset):
        return []
    layers = (member.layer for member in tileset.members.all())
    return [layer for layer in layers if not is_public(layer)]


class MemberFormSet(MemberInlineFormSet):
    """The members of one Tileset, looked at together."""

    def clean(self) -> None:
        """Refuse none at all, and two that would write the same MVT layer into a tile."""
        super().clean()
        forms_kept = [f for f in self.forms if f not in self.deleted_forms]
        layers = [f.cleaned_data["layer"] for f in forms_kept if f.cleaned_data.get("layer")]
        if not layers and not any(self.errors):
            raise ValidationError("Choose at least one layer.")
        names = [layer.layer_name for layer in layers]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValidationError(f"More than one of them makes the MVT layer {twice[0]!r}.")


class MemberInline(MemberTabularInline):
    """The Layers of a Tileset, in order."""

    model = Member
    formset = MemberFormSet
    extra = 1
    autocomplete_fields = ("layer",)


@admin.register(Tileset)
class TilesetAdmin(ResourceAdmin):
    """Tilesets with their members."""

    list_display = (
        "name", "title", "member_names", "who", "state", "shown", "modified", "tilejson",
    )  # fmt: skip
    inlines = (MemberInline,)
    fieldsets = (
        (None, {"fields": ("name", "title", "description", "attribution")}),
        ("Who may see it", {"fields": ("access", "state", "byte_budget", "frozen", "generation")}),
    )
    readonly_fields = ("generation",)

    def get_queryset(self, request: Any) -> Any:
        """With the members, for the list."""
        return super().get_queryset(request).prefetch_related("members__layer")

    def get_changeform_initial_data(self, request: Any) -> dict[str, Any]:
        """Published, as a new Layer is."""
        return {"state": "published", **super().get_changeform_initial_data(request)}

    def get_readonly_fields(self, request: Any, obj: Tileset | None = None) -> tuple[str, ...]:
        """A name stays once published: URLs and styles use it."""
        return (*self.readonly_fields, "name") if obj else self.readonly_fields

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """With a warning where a member makes it a 404 for the public."""
        tileset = self.get_object(request, object_id)
        shown = {"keeping_out": keeping_out(tileset) if tileset else [], **(extra_context or {})}
        return super().change_view(request, object_id, form_url, shown)

    @admin.display(description="access", ordering="access")
    def who(self, tileset: Tileset) -> str:
        """Who may see it, and which of its Layers let the public see nothing of it."""
        names = ", ".join(layer.name for layer in keeping_out(tileset))
        words = tileset.get_access_display()
        return f"{words}, but kept from the public by {names}" if names else words

    @admin.display(description="edits")
    def shown(self, tileset: Tileset) -> str:
        """Live, or which of its Layers are held."""
        held = [member.layer.name for member in tileset.members.all() if member.layer.held]
        return f"held: {', '.join(held)}" if held else "live"

    @admin.display(description="layers")
    def member_names(self, tileset: Tileset) -> str:
        """The members in order."""
        return ", ".join(member.layer.name for member in tileset.members.all())
