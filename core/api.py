"""REST of Layers, Tilesets and search; read what `access` allows, write for staff."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from core.access import caller_of
from core.layer_spec import LayerSpec
from core.models import Access, Freshness, Layer, State, Tileset
from core.models.resource import validate_name
from core.publishing import (
    CannotPublish,
    NameTaken,
    alone,
    change,
    change_tileset,
    publish,
    publish_tileset,
)
from core.search import Place, find

R = TypeVar("R")


class ResourceSerializer(serializers.Serializer[Any]):
    """What Layers and Tilesets share."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=63, validators=[validate_name])
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)
    attribution = serializers.CharField(max_length=500, required=False, allow_blank=True)
    access = serializers.ChoiceField(Access.choices, required=False)
    state = serializers.ChoiceField(State.choices, required=False)
    frozen = serializers.BooleanField(
        required=False, help_text="Clients keep its tiles for good, under a versioned URL."
    )
    generation = serializers.IntegerField(read_only=True)
    modified = serializers.DateTimeField(read_only=True)


class LayerSerializer(ResourceSerializer):
    """A Layer; `relation` is `schema.name`, `fields` the names of the visible columns."""

    relation = serializers.CharField(max_length=127)
    layer_name = serializers.CharField(max_length=63, required=False, validators=[validate_name])
    geometry_column = serializers.CharField(max_length=63, required=False)
    geometry_type = serializers.CharField(read_only=True)
    srid = serializers.IntegerField(required=False, min_value=0, max_value=999_999)
    id_column = serializers.CharField(max_length=63, required=False, allow_blank=True)
    columns = serializers.ListField(
        child=serializers.CharField(max_length=63), required=False, max_length=1600
    )
    min_zoom = serializers.IntegerField(required=False, min_value=0, max_value=24)
    max_zoom = serializers.IntegerField(required=False, min_value=0, max_value=24)
    rank_column = serializers.CharField(max_length=63, required=False, allow_blank=True)
    min_zoom_column = serializers.CharField(max_length=63, required=False, allow_blank=True)
    max_zoom_column = serializers.CharField(max_length=63, required=False, allow_blank=True)
    extent = serializers.IntegerField(required=False, min_value=256, max_value=8192)
    buffer = serializers.IntegerField(required=False, min_value=0, max_value=2048)
    feature_limit = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    byte_budget = serializers.IntegerField(required=False, min_value=1000, max_value=50_000_000)
    ttl_seconds = serializers.IntegerField(required=False, min_value=1, max_value=30 * 86400)
    freshness = serializers.CharField(read_only=True, help_text="What it promises now.")
    asked_freshness = serializers.ChoiceField(
        Freshness.choices,
        required=False,
        allow_blank=True,
        help_text="Empty: the best that can be had. Refused where it cannot be had.",
    )
    poll_seconds = serializers.IntegerField(required=False, min_value=1, max_value=30 * 86400)
    derived_from = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        max_length=200,
        help_text='Of a view: [{"relation": "schema.name", "reach": metres or null}].',
    )
    cacheable = serializers.BooleanField(read_only=True)
    trouble = serializers.CharField(read_only=True, help_text="Why it promises no more.")
    held = serializers.BooleanField(read_only=True)
    released = serializers.DateTimeField(read_only=True)
    bounds = serializers.ListField(
        child=serializers.FloatField(), read_only=True, help_text="West, south, east, north."
    )

    def to_representation(self, instance: Layer) -> dict[str, Any]:
        """The Layer with its column names instead of the rows of `fields`."""
        instance.columns = [one["name"] for one in instance.fields]  # type: ignore[attr-defined]
        return super().to_representation(instance)

    def create(self, validated: dict[str, Any]) -> Layer:
        """Publish the relation, whole or not at all."""
        return _or_invalid(lambda: publish(LayerSpec(**_renamed(validated)), new=True))

    def update(self, instance: Layer, validated: dict[str, Any]) -> Layer:
        """Publish it again with what has changed; what is not named stays."""
        if validated.get("name", instance.name) != instance.name:
            raise serializers.ValidationError({"name": "A name stays: URLs and styles use it."})
        return _or_invalid(lambda: change(instance.pk, _renamed(validated)))


# What a LayerSpec calls otherwise.
SPEC_NAMES = {"columns": "fields", "asked_freshness": "freshness"}


def _renamed(validated: dict[str, Any]) -> dict[str, Any]:
    return {SPEC_NAMES.get(name, name): value for name, value in validated.items()}


class TilesetSerializer(ResourceSerializer):
    """A Tileset; `layers` are the names of its Layers, in order."""

    layers = serializers.ListField(
        child=serializers.CharField(max_length=63), min_length=1, max_length=200
    )
    byte_budget = serializers.IntegerField(required=False, min_value=1000, max_value=50_000_000)

    def to_representation(self, instance: Tileset) -> dict[str, Any]:
        """The Tileset with the names of its Layers."""
        names = [member.layer.name for member in instance.members.all()]
        shown = {**instance.__dict__, "layers": names}
        return super().to_representation(shown)

    def create(self, validated: dict[str, Any]) -> Tileset:
        """Publish the Tileset, whole or not at all."""
        name, layers = validated.pop("name"), validated.pop("layers")
        return _or_invalid(lambda: publish_tileset(name, layers, new=True, **validated))

    def update(self, instance: Tileset, validated: dict[str, Any]) -> Tileset:
        """Change what is named; what is not named stays."""
        if validated.pop("name", instance.name) != instance.name:
            raise serializers.ValidationError({"name": "A name stays: URLs and styles use it."})
        layers = validated.pop("layers", None)
        return _or_invalid(lambda: change_tileset(instance.pk, validated, layers))


def _or_invalid(act: Callable[[], R]) -> R:
    try:
        return act()
    except ObjectDoesNotExist as error:  # It was deleted while we waited for the lock.
        raise Http404 from error
    except NameTaken as error:
        raise serializers.ValidationError({"name": [str(error)]}) from error
    except CannotPublish as error:
        raise serializers.ValidationError({"detail": [str(error)]}) from error


def visible(request: Request, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows that `core.access.decide` lets this caller see, decided in the database."""
    if caller_of(request._request).is_staff:
        return rows
    return rows.filter(Q(access="public") & Q(state="published"))


class ResourceViewSet(viewsets.ModelViewSet[Any]):
    """List, read, create, change and delete, by name."""

    lookup_field = "name"
    lookup_value_regex = "[a-z][a-z0-9_-]{0,62}"
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Any]:
        """Only what the caller may see."""
        return visible(self.request, super().get_queryset())

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Publish; a name that is taken is refused, since PATCH is what changes one."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=status.HTTP_201_CREATED)


class LayerViewSet(ResourceViewSet):
    """Published relations."""

    queryset = Layer.objects.prefetch_related("overviews").order_by("name")
    serializer_class = LayerSerializer

    def perform_destroy(self, instance: Layer) -> None:
        """Delete it, unless a Tileset still has it."""
        with alone():
            users = list(instance.tilesets.values_list("name", flat=True))
            if users:
                raise serializers.ValidationError(
                    {"detail": [f"It is a member of {', '.join(users)}. Take it out there first."]}
                )
            instance.delete()


class TilesetViewSet(ResourceViewSet):
    """Ordered sets of Layers."""

    queryset = Tileset.objects.prefetch_related("members__layer").order_by("name")
    serializer_class = TilesetSerializer

    def get_queryset(self) -> QuerySet[Any]:
        """A composite is seen by who may see all its members."""
        rows = super().get_queryset()
        if caller_of(self.request._request).is_staff:
            return rows
        hidden = Layer.objects.exclude(access=Access.PUBLIC, state=State.PUBLISHED)
        return rows.exclude(members__layer__in=hidden)


class PlaceSerializer(serializers.Serializer[Place]):
    """A place that was found; where to fly to, in degrees (EPSG:4326)."""

    name = serializers.CharField()
    kind = serializers.CharField()
    context = serializers.CharField()  # type: ignore[assignment]
    longitude = serializers.FloatField()
    latitude = serializers.FloatField()
    zoom = serializers.FloatField()


class SearchQuerySerializer(serializers.Serializer[Any]):
    """The parameters of a search."""

    q = serializers.CharField(max_length=100, trim_whitespace=True)
    limit = serializers.IntegerField(default=10, min_value=1, max_value=50)


class ResultsSerializer(serializers.Serializer[Any]):
    """What was found, best first."""

    results = PlaceSerializer(many=True)


class SearchViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """Places by name."""

    serializer_class = ResultsSerializer
    pagination_class = None

    @extend_schema(
        parameters=[
            OpenApiParameter("q", str, required=True, description="The start of a name."),
            OpenApiParameter("limit", int, description="At most this many, 1 to 50."),
        ],
        responses=ResultsSerializer,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Places whose name, in any language, starts with `q`, on maps that the caller may see."""
        query = SearchQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        places = find(wanted["q"], wanted["limit"], caller_of(request._request))
        return Response(ResultsSerializer({"results": places}).data)


def register(router: BaseRouter) -> None:
    """Put this package's resources on the router."""
    router.register("layers", LayerViewSet, basename="layer")
    router.register("tilesets", TilesetViewSet, basename="tileset")
    router.register("search", SearchViewSet, basename="search")
