"""What the admin screens of Layers and Tilesets share."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from core.admin.addresses import addresses
from core.feed import log
from core.models import Layer, Resource, State
from core.public_url import absolute

if TYPE_CHECKING:  # Django's own class takes no parameter
    ResourceModelAdmin = admin.ModelAdmin[Any]
else:
    ResourceModelAdmin = admin.ModelAdmin


def hold_page(*keys: int) -> str:
    """Where these Layers or Tilesets are held and released."""
    return f"{reverse('admin:tasks_release_hold')}?ids={','.join(map(str, keys))}"


def _layers(*keys: int) -> QuerySet[Layer]:
    """The Layers that the tiles of these Layers and Tilesets are made of."""
    mine = Q(pk__in=keys) | Q(memberships__tileset_id__in=keys)
    return Layer.objects.filter(mine).distinct()


def _held(resource: Resource) -> list[Layer]:
    """The held Layers among a Tileset's, or the Layer itself if it is held."""
    return list(_layers(resource.pk).filter(held=True))


class ResourceAdmin(ResourceModelAdmin):
    """List, preview, copyable addresses; publish, withdraw, and drop what is cached."""

    change_form_template = "admin/core/resource/change_form.html"
    list_filter: ClassVar[tuple[str, ...]] = ("state", "access")
    search_fields: ClassVar[tuple[str, ...]] = ("name", "title", "description")
    actions = ("publish", "withdraw", "purge", "hold")

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
            shown["hold_page"] = hold_page(obj.pk)
            shown["held"] = _held(obj)
            shown["preview_url"] = absolute(f"/preview/tiles/{obj.name}.json")
        return super().change_view(request, object_id, form_url, shown)

    def has_hold_permission(self, request: HttpRequest) -> bool:
        """Who may open the page that holds and releases."""
        return request.user.has_perm("tasks.add_release")

    @admin.action(
        description="Hold and release: edits wait until they are shown", permissions=["hold"]
    )
    def hold(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
        """To the page that says what waits, and what a release would drop."""
        return HttpResponseRedirect(hold_page(*rows.values_list("pk", flat=True)))

    @admin.display(description="TileJSON")
    def tilejson(self, obj: Resource) -> str:
        """A link to the document that clients start from."""
        return format_html('<a href="{}">TileJSON</a>', absolute(f"/tiles/{obj.name}.json"))

    @admin.action(
        description="Publish: let those see it whom its access names", permissions=["change"]
    )
    def publish(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Set the state to published."""
        self._set_state(request, rows, State.PUBLISHED)

    @admin.action(description="Withdraw: back to draft, seen by staff only", permissions=["change"])
    def withdraw(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Set the state to draft; its URLs answer 404 to everyone else."""
        self._set_state(request, rows, State.DRAFT)

    def _set_state(self, request: HttpRequest, rows: QuerySet[Any], state: State) -> None:
        count = Resource.objects.filter(pk__in=rows.values("pk")).update(state=state)
        self.message_user(request, f"{count} set to {state.label.lower()}.", messages.SUCCESS)

    @admin.action(
        description="Purge: render every tile again when it is next asked for",
        permissions=["change"],
    )
    def purge(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Raise the generation: nothing that is cached is used any more.

        A Tileset's tiles are named by its Layers' generations: theirs rise.
        """
        layers = list(_layers(*rows.values_list("pk", flat=True)))
        for layer in layers:
            layer.raise_generation()
        log.note_raised([layer.pk for layer in layers], f"purged by {request.user}")
        text = "Purged; the cache fills again as tiles are asked for. Warm to do it ahead."
        self.message_user(request, text, messages.SUCCESS)
