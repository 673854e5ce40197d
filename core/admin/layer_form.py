"""The form that publishes a relation as a Layer."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction

from core import relations
from core.layer_spec import LayerSpec
from core.models import Layer
from core.publishing import CannotPublish, publish
from core.relations import split

if TYPE_CHECKING:  # Django's own class takes no parameter
    LayerModelForm = forms.ModelForm[Layer]
else:
    LayerModelForm = forms.ModelForm

SAME = (
    "name", "title", "description", "attribution", "access", "state", "layer_name",
    "geometry_column", "id_column", "min_zoom", "max_zoom", "rank_column", "min_zoom_column",
    "max_zoom_column", "extent", "buffer", "feature_limit", "byte_budget", "ttl_seconds",
    "poll_seconds", "frozen",
)  # fmt: skip
FOUND_IF_EMPTY = ("layer_name", "geometry_column", "id_column")


def relation_choices() -> list[tuple[str, str]]:
    """What could be published, and after it what is published already, under which name."""
    served: dict[str, list[str]] = {}
    for layer in Layer.objects.order_by("name"):
        served.setdefault(layer.relation, []).append(layer.name)
    names = [f"{one.schema}.{one.name}" for one in relations.proposals()]
    fresh = [(name, name) for name in names if name not in served]
    known = [(n, f"{n} (published as {', '.join(served[n])})") for n in names if n in served]
    return [("", "Choose a table or view"), *fresh, *known]


class LayerForm(LayerModelForm):
    """A relation of the database, and how it is served; the rest is found in the database."""

    relation = forms.ChoiceField(
        help_text="Tables, views and materialised views with a geometry column."
    )
    columns = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What of each row leaves the database. None ticked: only the geometry.",
    )

    class Meta:
        model = Layer
        fields = [*SAME, "asked_freshness", "derived_from"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FOUND_IF_EMPTY:
            if name in self.fields:
                self.fields[name].required = False
        if self.instance.pk:
            self._for_a_layer()
        else:
            self._for_a_new_one()

    def _for_a_new_one(self) -> None:
        self.fields["relation"].choices = relation_choices()  # type: ignore[attr-defined]
        del self.fields["columns"]

    def _for_a_layer(self) -> None:
        here = self.instance.relation
        self.fields["relation"].choices = [(here, here)]  # type: ignore[attr-defined]
        self.initial["relation"] = here
        shown = [one["name"] for one in self.instance.fields]
        names = self._column_names() or shown
        self.fields["columns"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        self.initial["columns"] = shown

    def _column_names(self) -> list[str]:
        try:
            found = relations.describe(*split(self.instance.relation))
        except relations.NoSuchRelation:
            return []
        return [column.name for column in found.columns if not column.is_geometry]

    def clean(self) -> dict[str, Any]:
        """Try the publication and take it back, so that a fault is shown in the form."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            with transaction.atomic():
                publish(self.spec(), new=not self.instance.pk)
                transaction.set_rollback(True)
        except CannotPublish as fault:
            raise ValidationError(str(fault)) from fault
        return cleaned

    def _post_clean(self) -> None:
        """Nothing: `publish` validates the whole Layer, with what it finds in the database."""

    def spec(self) -> LayerSpec:
        """What the form asks for."""
        given = {name: self.cleaned_data[name] for name in SAME if name in self.cleaned_data}
        given["relation"] = self.cleaned_data["relation"]
        given["freshness"] = self.cleaned_data["asked_freshness"]
        given["derived_from"] = self.cleaned_data["derived_from"] or ()
        if "columns" in self.fields:
            given["fields"] = self.cleaned_data["columns"]
        if self.instance.pk:
            return replace(LayerSpec.of(self.instance), **given)
        return LayerSpec(**given)
