"""The admin of styles: edit with a live check and map, publish, go back, remove, restore."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, get_script_prefix, path, re_path, reverse
from django.utils.html import format_html

from core.access import Grant
from styles import publishing, sprites
from styles.document import Document, NotADocumentError, parse
from styles.findings import errors
from styles.forms import PUBLISH, StyleForm
from styles.known import gather
from styles.models import Style, StyleVersion
from styles.serving import placed, style_url
from styles.validation import check
from tileserver import responses

if TYPE_CHECKING:  # Django's own class takes no parameter
    StyleModelAdmin = admin.ModelAdmin[Style]
else:
    StyleModelAdmin = admin.ModelAdmin

FOR_STAFF = Grant(allowed=True, permission_class="staff")
SPRITE = r"^sprite(?P<ratio>@2x|)\.(?P<kind>json|png)$"
EMPTY: Document = {"version": 8, "sources": {}, "layers": []}


@admin.register(Style)
class StyleAdmin(StyleModelAdmin):
    """Styles; nothing here destroys one."""

    form = StyleForm
    list_display = ("name", "title", "state", "access", "versions_shown", "url_shown", "modified")
    list_filter = ("state", "access", ("removed", admin.EmptyFieldListFilter))
    search_fields = ("name", "title", "description")
    actions = ("publish_newest", "withdraw", "remove", "restore")
    fields = ("name", "title", "description", "access", "text", "note")
    change_form_template = "admin/styles/style/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Style]:
        """With the number of the newest version, without documents, of up to 2 MB each."""
        rows = super().get_queryset(request).select_related("published").defer("published__text")
        return rows.annotate(newest_number=Max("versions__number"))

    def get_readonly_fields(
        self, request: HttpRequest, obj: Style | None = None
    ) -> tuple[str, ...]:
        """A name stays: maps elsewhere use its URL."""
        return ("name",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Style | None = None) -> bool:
        """Never: a style is removed, which can be undone."""
        return False

    @admin.display(description="published / newest")
    def versions_shown(self, style: Any) -> str:
        """Numbers of the version that everyone gets and of the newest."""
        published = style.published.number if style.published else "–"
        return f"{published} / {style.newest_number or '–'}"

    @admin.display(description="style URL")
    def url_shown(self, style: Style) -> str:
        """The address for maps."""
        if style.removed:
            return "removed"
        return format_html('<a href="{0}">{0}</a>', style_url(style.name))

    def save_model(self, request: HttpRequest, obj: Style, form: Any, change: bool) -> None:
        """Save the words, and the text as a new version if it differs."""
        if change:
            publishing.reword(obj, **form.changed_words())
        else:
            super().save_model(request, obj, form, change)
        note = form.cleaned_data["note"]
        text = form.cleaned_data["text"]
        version = publishing.add_version(obj, text, note=note, author=request.user)
        for finding in version.findings[:10]:
            place = f"line {finding['line']}: " if finding["line"] else ""
            messages.warning(request, f"{place}{finding['path']} {finding['message']}")
        if PUBLISH in request.POST:
            self._publish(request, version)

    def _publish(self, request: HttpRequest, version: StyleVersion) -> None:
        try:
            publishing.publish(version)
        except publishing.CannotPublishError as fault:
            messages.error(request, str(fault))
            return
        text = f"{version.style.name}: everyone gets version {version.number} now."
        self.log_change(request, version.style, f"Published version {version.number}.")
        messages.success(request, text)

    # Whoever may only look must not act; removing is a change too, since nothing is deleted here.
    @admin.action(permissions=["change"], description="Publish the newest version")
    def publish_newest(self, request: HttpRequest, styles: QuerySet[Style]) -> None:
        """For each selected style that has one."""
        for style in styles:
            newest = style.versions.defer("text").order_by("-number").first()
            if newest is not None:
                self._publish(request, newest)

    @admin.action(
        permissions=["change"], description="Withdraw (staff only, until it is published again)"
    )
    def withdraw(self, request: HttpRequest, styles: QuerySet[Style]) -> None:
        """Make drafts of them."""
        self._each(request, styles, publishing.withdraw, "Withdrawn.")

    @admin.action(permissions=["change"], description="Remove (can be restored)")
    def remove(self, request: HttpRequest, styles: QuerySet[Style]) -> None:
        """Take them out of sight."""
        self._each(request, styles, publishing.remove, "Removed; the action Restore undoes it.")

    @admin.action(permissions=["change"], description="Restore")
    def restore(self, request: HttpRequest, styles: QuerySet[Style]) -> None:
        """Undo Remove."""
        self._each(request, styles, publishing.restore, "Restored.")

    def _each(
        self,
        request: HttpRequest,
        styles: QuerySet[Style],
        act: Callable[[Style], None],
        said: str,
    ) -> None:
        for style in styles:
            act(style)
            self.log_change(request, style, said)
            messages.success(request, f"{style.name}: {said}")

    def get_urls(self) -> list[URLPattern]:
        """The pages of the form's live check, of one version, and of going back to it."""
        guard = self.admin_site.admin_view
        own = [
            re_path(SPRITE, guard(self.sprite_view), name="styles_style_sprite"),
            path("check/", guard(self.check_view), name="styles_style_check"),
            path("<int:pk>/<int:number>.json", guard(self.version_view), name="styles_version"),
            path(
                "<int:pk>/publish/<int:number>/",
                guard(self.publish_view),
                name="styles_style_publish",
            ),
        ]
        return [*own, *super().get_urls()]

    def check_view(self, request: HttpRequest) -> HttpResponse:
        """What the checks say of a text, and the document for the preview if it can be drawn."""
        if not self.has_view_permission(request) or request.method != "POST":
            return JsonResponse({"detail": "POST a text, as staff."}, status=403)
        text = request.POST.get("text", "")
        findings = check(text, gather())
        drawable = not errors(findings)
        return JsonResponse(
            {
                "findings": [one.document() for one in findings],
                "style": placed(parse(text), _sprite_path()) if drawable else None,
            }
        )

    def version_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """One version as maps would get it; number 0 is an empty map."""
        if not self.has_view_permission(request):
            return JsonResponse({"detail": "For staff who may see styles."}, status=403)
        if number == 0:
            return JsonResponse(EMPTY)
        version = get_object_or_404(StyleVersion, style=pk, number=number)
        try:
            return JsonResponse(placed(version.document, _sprite_path()))
        except NotADocumentError as fault:
            return JsonResponse({"detail": fault.message}, status=404)

    def sprite_view(self, request: HttpRequest, ratio: str, kind: str) -> HttpResponse:
        """The sprite of the preview: a style that is not published yet has none of its own."""
        packed = sprites.sheet("sprite", ratio, kind)
        return responses.packed_document(request, packed, sprites.CONTENT_TYPES[kind], FOR_STAFF)

    def publish_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Give everyone this version: one click, forwards or back."""
        version = get_object_or_404(StyleVersion, style=pk, number=number)
        if request.method == "POST" and self.has_change_permission(request, version.style):
            self._publish(request, version)
        return HttpResponseRedirect(reverse("admin:styles_style_change", args=[pk]))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form with the history beside it."""
        style = self.get_object(request, object_id) if object_id else None
        context = {**(extra_context or {}), **_history(style), "publish_button": PUBLISH}
        return super().changeform_view(request, object_id, form_url, context)


def _sprite_path() -> str:
    """Where the preview's sprite is below PUBLIC_URL, whose own path `reverse` puts in front."""
    address = reverse("admin:styles_style_sprite", args=["", "json"]).removesuffix(".json")
    return "/" + address.removeprefix(get_script_prefix())


def _history(style: Style | None) -> dict[str, Any]:
    if style is None:
        return {"preview": reverse("admin:styles_version", args=[0, 0])}
    versions = list(style.versions.select_related("style", "author").defer("text"))
    newest = versions[0].number if versions else 0
    return {
        "history": versions,
        "style_url": style_url(style.name),
        "preview": reverse("admin:styles_version", args=[style.pk, newest]),
    }
