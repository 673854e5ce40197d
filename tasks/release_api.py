"""REST of releases, holds and tile lists; for staff."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from core.changelog.values import Address
from core.models import Layer, Resource, Tileset
from core.permissions import StaffOnly
from core.release import tile_list
from tasks import releases
from tasks.models import Act, Release

NAME = "[a-z][a-z0-9_-]{0,62}"
MOST_TILES = 200_000


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    """A release, with what came of it: `reports` has the counts for each Layer."""

    name: serializers.Field[Any, Any, Any, Any] = serializers.SlugRelatedField(
        source="resource", slug_field="name", read_only=True
    )

    class Meta:
        model = Release
        fields = [
            "id", "name", "act", "source", "key", "ignored", "max_removed", "force", "allow_empty",
            "drop", "dry_run", "state", "phase", "done", "total", "reports", "error", "created",
            "started", "finished",
        ]  # fmt: skip
        read_only_fields = fields


class HoldRequestSerializer(serializers.Serializer[Any]):
    """What a hold, or its end, takes."""

    dry_run = serializers.BooleanField(default=False)


class ShowRequestSerializer(HoldRequestSerializer):
    """What a release of held Layers takes."""

    max_removed = serializers.FloatField(default=20.0, min_value=0, max_value=100)
    force = serializers.BooleanField(default=False)
    allow_empty = serializers.BooleanField(default=False)


class LoadRequestSerializer(ShowRequestSerializer):
    """What a release of a Layer takes; with `table` it loads that table."""

    table = serializers.CharField(
        required=False, max_length=127, help_text="schema.name of what to load."
    )
    key = serializers.ListField(child=serializers.CharField(max_length=63), default=list)
    ignored = serializers.ListField(child=serializers.CharField(max_length=63), default=list)
    drop = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what would be ignored; lists become the words of a Release."""
        load = "table" in attrs
        if not load and (attrs["key"] or attrs["ignored"] or attrs["drop"]):
            raise serializers.ValidationError("key, ignored and drop go with table.")
        words: dict[str, Any] = {name: ",".join(attrs.pop(name)) for name in ("key", "ignored")}
        words["source"] = attrs.pop("table", "")
        return {**attrs, **words, "act": Act.LOAD if load else Act.RELEASE}


class TileListSerializer(serializers.Serializer[Any]):
    """A list of tiles, or the table that has it in its columns z, x and y."""

    tiles = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        max_length=MOST_TILES,
        help_text="z/x/y, as osm2pgsql and imposm write them.",
    )
    table = serializers.CharField(required=False, max_length=127)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Want one of the two."""
        if ("tiles" in attrs) == ("table" in attrs):
            raise serializers.ValidationError("Give tiles or table.")
        return attrs


class ExpiredSerializer(serializers.Serializer[Any]):
    """How many tiles were listed."""

    tiles = serializers.IntegerField()


class ReleaseViewSet(
    mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Release]
):
    """Releases, newest first."""

    serializer_class = ReleaseSerializer
    permission_classes = [StaffOnly]
    queryset = Release.objects.select_related("resource").order_by("-id")
    lookup_value_regex = "[0-9]{1,18}"

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop a release; nothing of it is done."""
        found = self.get_object()
        releases.cancel(found.pk)
        found.refresh_from_db()
        return Response(self.get_serializer(found).data)


class HeldViewSet(viewsets.GenericViewSet[Any]):
    """What a Tileset or a Layer is told. A worker does it; the answer is the Release to watch."""

    permission_classes = [StaffOnly]
    serializer_class = ReleaseSerializer

    @extend_schema(request=HoldRequestSerializer, responses={202: ReleaseSerializer})
    @action(detail=False, methods=["post"])
    def hold(self, request: Request, name: str) -> Response:
        """From now on edits wait for a release."""
        asked = _checked(HoldRequestSerializer, request)
        return self._started(request, name, act=Act.HOLD, **asked)

    @extend_schema(request=HoldRequestSerializer, responses={202: ReleaseSerializer})
    @action(detail=False, methods=["post"])
    def unhold(self, request: Request, name: str) -> Response:
        """End the hold: show every edit."""
        asked = _checked(HoldRequestSerializer, request)
        return self._started(request, name, act=Act.UNHOLD, **asked)

    def _started(self, request: Request, name: str, **words: Any) -> Response:
        found = get_object_or_404(self.get_queryset(), name=name)
        resource = Resource.objects.get(pk=found.pk)
        try:
            made = releases.start(resource, requested_by_id=request.user.pk, **words)
        except ValidationError as error:
            raise serializers.ValidationError({"detail": error.messages}) from error
        return Response(self.get_serializer(made).data, status=status.HTTP_202_ACCEPTED)


class HeldTilesetViewSet(HeldViewSet):
    """What a Tileset is told: all its Layers."""

    queryset = Tileset.objects.all()

    @extend_schema(request=ShowRequestSerializer, responses={202: ReleaseSerializer})
    @action(detail=False, methods=["post"])
    def release(self, request: Request, name: str) -> Response:
        """Show the public what was edited in its held Layers."""
        asked = _checked(ShowRequestSerializer, request)
        return self._started(request, name, act=Act.RELEASE, **asked)


class HeldLayerViewSet(HeldViewSet):
    """What a Layer is told: loads and tile lists too."""

    queryset = Layer.objects.all()

    @extend_schema(request=LoadRequestSerializer, responses={202: ReleaseSerializer})
    @action(detail=False, methods=["post"])
    def release(self, request: Request, name: str) -> Response:
        """Load a table (`table`) by writing what differs, or show what was edited."""
        return self._started(request, name, **_checked(LoadRequestSerializer, request))

    @extend_schema(request=TileListSerializer, responses=ExpiredSerializer)
    @action(detail=False, methods=["post"])
    def expire(self, request: Request, name: str) -> Response:
        """Expire listed tiles, what is above and what is below them, at once."""
        layer = get_object_or_404(self.get_queryset(), name=name)
        asked = _checked(TileListSerializer, request)
        try:
            count = tile_list.expire(layer, _tiles(asked))
        except tile_list.BadTileList as error:
            raise serializers.ValidationError({"detail": [str(error)]}) from error
        return Response({"tiles": count})


def _tiles(asked: dict[str, Any]) -> Any:
    if "table" in asked:
        return tile_list.from_table(asked["table"])
    found: list[Address] = list(tile_list.from_lines(asked["tiles"], "tiles"))
    return found


def _checked(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    serializer = kind(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def register(router: BaseRouter) -> None:
    """Put these resources on the router."""
    router.register("releases", ReleaseViewSet, basename="release")
    router.register(f"layers/(?P<name>{NAME})", HeldLayerViewSet, basename="held-layer")
    router.register(f"tilesets/(?P<name>{NAME})", HeldTilesetViewSet, basename="held-tileset")
