"""What the admin screens of Layers and Tilesets share."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from core.admin.addresses import addresses
from core.models import Resource, State
from core.public_url import absolute

if TYPE_CHECKING:  # Django's own class takes no parameter
    ResourceModelAdmin = admin.ModelAdmin[Any]
else:
    ResourceModelAdmin = admin.ModelAdmin


class ResourceAdmin(ResourceModelAdmin):
    """List, preview, copyable addresses; publish, withdraw, and drop what is cached."""

    change_form_template = "admin/core/resource/change_form.html"
    list_filter: ClassVar[tuple[str, ...]] = ("state", "access")
    search_fields: ClassVar[tuple[str, ...]] = ("name", "title", "description")
    actions = ("publish", "withdraw", "purge")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form with a map of it and its addresses."""
        obj = self.get_object(request, object_id)
        shown: dict[str, Any] = dict(extra_context or {})
        if obj is not None:
            shown["addresses"] = addresses(obj)
            shown["tilejson_url"] = absolute(f"/tiles/{obj.name}.json")
            shown["bounds"] = getattr(obj, "bounds", None)
        return super().change_view(request, object_id, form_url, shown)

    @admin.display(description="TileJSON")
    def tilejson(self, obj: Resource) -> str:
        """A link to the document that clients start from."""
        return format_html('<a href="{}">TileJSON</a>', absolute(f"/tiles/{obj.name}.json"))

    @admin.action(description="Publish: let those see it whom its access names")
    def publish(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Set the state to published."""
        self._set_state(request, rows, State.PUBLISHED)

    @admin.action(description="Withdraw: back to draft, seen by staff only")
    def withdraw(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Set the state to draft; its URLs answer 404 to everyone else."""
        self._set_state(request, rows, State.DRAFT)

    def _set_state(self, request: HttpRequest, rows: QuerySet[Any], state: State) -> None:
        count = Resource.objects.filter(pk__in=rows.values("pk")).update(state=state)
        self.message_user(request, f"{count} set to {state.label.lower()}.", messages.SUCCESS)

    @admin.action(description="Purge: render every tile again when it is next asked for")
    def purge(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Raise the generation: nothing that is cached is used any more."""
        for row in rows:
            row.raise_generation()
        text = "Purged; the cache fills again as tiles are asked for. Warm to do it ahead."
        self.message_user(request, text, messages.SUCCESS)
