"""Tilesets: which Layers stand under one tile URL."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from core.admin.resource import ResourceAdmin
from core.models import Member, Tileset

if TYPE_CHECKING:  # Django's own classes take no parameter
    MemberInlineFormSet = forms.BaseInlineFormSet[Member, Tileset, forms.ModelForm[Member]]
    MemberTabularInline = admin.TabularInline[Member, Tileset]
else:
    MemberInlineFormSet = forms.BaseInlineFormSet
    MemberTabularInline = admin.TabularInline


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
        "name", "title", "member_names", "access", "state", "shown", "modified", "tilejson",
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

    @admin.display(description="edits")
    def shown(self, tileset: Tileset) -> str:
        """Live, or which of its Layers are held."""
        held = [member.layer.name for member in tileset.members.all() if member.layer.held]
        return f"held: {', '.join(held)}" if held else "live"

    @admin.display(description="layers")
    def member_names(self, tileset: Tileset) -> str:
        """The members in order."""
        return ", ".join(member.layer.name for member in tileset.members.all())
