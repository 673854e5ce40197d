"""REST of styles and their versions; read what `access` allows, write for staff."""

from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from core.access import caller_of
from core.api import visible
from core.models import Access
from core.models.resource import NAME_PATTERN
from styles import publishing
from styles.document import NotADocumentError, pretty
from styles.findings import Severity
from styles.models import Style, StyleVersion
from styles.serving import style_url


class FindingSerializer(serializers.Serializer[Any]):
    """One sentence of a check about one place of a document."""

    severity = serializers.ChoiceField([one.value for one in Severity])
    path = serializers.CharField()
    message = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)


KEPT_FROM_OTHERS: dict[str, Any] = {"note": "", "author": None, "findings": []}


class StyleVersionSerializer(serializers.ModelSerializer[StyleVersion]):
    """A version without its document: what a history lists.

    Note, author and findings, which may name Layers that are not for everyone, are for staff; for
    others they are empty.
    """

    author = serializers.CharField(
        source="author.username", default=None, allow_null=True, read_only=True,
        help_text="For staff; null for others.",
    )  # fmt: skip
    published = serializers.BooleanField(source="is_published", read_only=True)
    findings = FindingSerializer(many=True, read_only=True, help_text="For staff; others get none.")

    class Meta:
        model = StyleVersion
        fields = ["number", "published", "note", "origin", "author", "created", "findings"]
        read_only_fields = ["number", "origin", "created"]
        extra_kwargs: ClassVar = {"note": {"help_text": "What changed. For staff; else empty."}}

    def to_representation(self, instance: StyleVersion) -> dict[str, Any]:
        """The version; whole only where the view has put `staff` into the context."""
        shown = super().to_representation(instance)
        return shown if self.context.get("staff") else {**shown, **KEPT_FROM_OTHERS}


@extend_schema_field({"type": "object", "description": "A MapLibre style document."})
class DocumentField(serializers.JSONField):
    """A style document: an object, kept as text for people."""

    def to_internal_value(self, data: Any) -> Any:
        """The document's text."""
        if not isinstance(data, dict):
            raise serializers.ValidationError("A style is a JSON object.")
        try:
            return pretty(data)
        except NotADocumentError as fault:
            raise serializers.ValidationError(fault.message) from fault

    def to_representation(self, value: Any) -> Any:
        """The document's object."""
        return value


class WholeVersionSerializer(StyleVersionSerializer):
    """A version with its document."""

    document = DocumentField()

    class Meta(StyleVersionSerializer.Meta):
        fields = [*StyleVersionSerializer.Meta.fields, "document"]

    def create(self, validated_data: dict[str, Any]) -> StyleVersion:
        """Add the version to `style`; refused only if it is no document at all."""
        text, note = validated_data.pop("document"), validated_data.pop("note", "")
        try:
            return publishing.add_version(text=text, note=note, **validated_data)
        except NotADocumentError as fault:
            raise serializers.ValidationError({"document": [fault.message]}) from fault


class StyleSerializer(serializers.ModelSerializer[Style]):
    """A Style; its document is at `url`, as maps get it, and under its versions, as it was kept."""

    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(source="published.number", default=None, read_only=True)
    document = DocumentField(write_only=True, required=False)
    access = serializers.ChoiceField(Access.choices, required=False)

    class Meta:
        model = Style
        fields = [
            "id", "name", "title", "description", "access", "state", "version", "url", "created",
            "modified", "document",
        ]  # fmt: skip
        read_only_fields = ["id", "state", "created", "modified"]

    def get_url(self, style: Style) -> str:
        """The style URL for maps."""
        return style_url(style.name)

    def create(self, validated_data: dict[str, Any]) -> Style:
        """A draft, with the document as its first version; whole or not at all."""
        text = validated_data.pop("document", None)
        with transaction.atomic():
            style = Style.objects.create(**validated_data)
            if text is not None:
                _add_version(style, self.context["request"], text)
        return style

    def update(self, instance: Style, validated_data: dict[str, Any]) -> Style:
        """Change the words and the access; a document becomes a new version, unpublished.

        All or nothing: 404 when it is removed while the document is checked.
        """
        if validated_data.pop("name", instance.name) != instance.name:
            raise serializers.ValidationError({"name": "A name stays: maps use its URL."})
        text = validated_data.pop("document", None)
        with transaction.atomic():
            if text is not None:
                _add_version(instance, self.context["request"], text)
            publishing.reword(instance, **validated_data)
            if instance.removed:
                raise NotFound
        return instance


def _add_version(style: Style, request: Request, text: str, note: str = "") -> StyleVersion:
    serializer = WholeVersionSerializer()
    return serializer.create(
        {"style": style, "author": request.user, "document": text, "note": note}
    )


class PublicationSerializer(serializers.Serializer[Any]):
    """Which version to give everyone; the newest if none is named."""

    version = serializers.IntegerField(required=False, min_value=1, max_value=2_147_483_647)


class StyleViewSet(
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet[Style],
):
    """Styles by name. A change of a document is a new version; `publish` makes it everyone's."""

    # Without the document, of up to 2 MB: none of these answers shows it.
    queryset = Style.objects.select_related("published").defer("published__text").order_by("name")
    serializer_class = StyleSerializer
    lookup_field = "name"
    lookup_value_regex = NAME_PATTERN.removeprefix("^").removesuffix(r"\Z")
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Style]:
        """What the caller may see; a removed style only for the one who restores it."""
        rows = visible(self.request, super().get_queryset())
        return rows if self.action == "restore" else rows.filter(removed=None)

    def perform_destroy(self, instance: Style) -> None:
        """Remove it; `restore` undoes that."""
        publishing.remove(instance)

    @extend_schema(responses=StyleVersionSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def versions(self, request: Request, name: str) -> Response:
        """The history, newest first; for others than staff, what is published."""
        rows = self._versions().select_related("style", "author").defer("text")
        return Response(StyleVersionSerializer(rows, many=True, context=self._context()).data)

    @extend_schema(request=WholeVersionSerializer, responses={201: WholeVersionSerializer})
    @versions.mapping.post
    def add_version(self, request: Request, name: str) -> Response:
        """Add a version, checked and not yet published."""
        serializer = WholeVersionSerializer(data=request.data, context=self._context())
        serializer.is_valid(raise_exception=True)
        serializer.save(style=self.get_object(), author=request.user)
        return Response(serializer.data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=WholeVersionSerializer)
    @action(detail=True, methods=["get"], url_path=r"versions/(?P<number>[1-9][0-9]{0,8})")
    def one_version(self, request: Request, name: str, number: str) -> Response:
        """One version with its document as it was kept."""
        version = get_object_or_404(self._versions(), number=int(number))
        serializer = WholeVersionSerializer(version, context=self._context())
        try:
            return Response(serializer.data)
        except NotADocumentError as fault:
            raise NotFound(fault.message) from fault

    @extend_schema(request=PublicationSerializer, responses=StyleSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, name: str) -> Response:
        """Give everyone a version, an earlier one as well."""
        wanted = PublicationSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        style = self.get_object()
        versions = style.versions.defer("text").order_by("-number")
        if "version" in wanted.validated_data:
            versions = versions.filter(number=wanted.validated_data["version"])
        version = versions.first()
        if version is None:
            raise serializers.ValidationError({"version": ["There is no such version."]})
        try:
            publishing.publish(version)
        except publishing.CannotPublishError as fault:
            raise serializers.ValidationError({"version": [str(fault)]}) from fault
        return self._answer(style)

    @extend_schema(request=None, responses=StyleSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, name: str) -> Response:
        """Make it a draft, which only staff see."""
        style = self.get_object()
        publishing.withdraw(style)
        return self._answer(style)

    @extend_schema(request=None, responses=StyleSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, name: str) -> Response:
        """Undo a removal."""
        style = self.get_object()
        publishing.restore(style)
        return self._answer(style)

    def _versions(self) -> QuerySet[StyleVersion]:
        style = self.get_object()
        rows = style.versions.order_by("-number")
        return rows if self._for_staff() else rows.filter(pk=style.published_id or 0)

    def _for_staff(self) -> bool:
        return caller_of(self.request._request).is_staff

    def _context(self) -> dict[str, Any]:
        return {"staff": self._for_staff()}

    def _answer(self, style: Style) -> Response:
        style.refresh_from_db()
        return Response(self.get_serializer(style).data)


def register(router: BaseRouter) -> None:
    """Put this package's resources on the router."""
    router.register("styles", StyleViewSet, basename="style")
