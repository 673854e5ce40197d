"""REST of dropped tiles, tiles over budget and Layer health; for staff."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from core.changelog import freshness
from core.changelog.rights import CannotTrack
from core.feed import log
from core.feed.api import EntrySerializer
from core.models import Layer
from core.permissions import StaffOnly
from core.selection import chosen
from tileserver import dropped, health
from tileserver.budget import worst
from tileserver.tile import BadAddress


class DroppedViewSet(viewsets.GenericViewSet[Any]):
    """Why a cached tile was dropped."""

    serializer_class = EntrySerializer
    permission_classes = [StaffOnly]
    pagination_class = None

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "tile", str, required=True, description="A tile's URL, or TILESET Z/X/Y."
            )
        ],
        responses=EntrySerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        """The changes that may have altered the tile, newest first."""
        try:
            name, tile = dropped.read(request.query_params.get("tile", ""))
        except BadAddress as fault:
            raise serializers.ValidationError({"tile": [str(fault)]}) from fault
        selection = chosen(name)
        found = dropped.reasons(selection, tile) if log.is_there() else []
        return Response(EntrySerializer(found, many=True).data)


class FindingSerializer(serializers.Serializer[Any]):
    """One line of a Layer's health; `grade` is good, bad or open."""

    what = serializers.CharField()
    value = serializers.CharField()
    grade = serializers.CharField()
    remedy = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class HealthViewSet(viewsets.GenericViewSet[Layer]):
    """What a Layer promises, and whether the database lets it keep that."""

    serializer_class = FindingSerializer
    permission_classes = [StaffOnly]
    pagination_class = None
    queryset = Layer.objects.order_by("name")
    lookup_field = "name"
    lookup_value_regex = "[a-z][a-z0-9_-]{0,62}"

    @extend_schema(responses=FindingSerializer(many=True))
    def retrieve(self, request: Request, name: str) -> Response:
        """Every finding of one Layer."""
        found = health.findings(self.get_object())
        return Response(FindingSerializer(list(found), many=True).data)

    @extend_schema(request=None, responses=FindingSerializer(many=True))
    @action(detail=True, methods=["post"])
    def repair(self, request: Request, name: str) -> Response:
        """Renew its triggers, settle its wrong tiles, and believe it again."""
        layer = self.get_object()
        try:
            freshness.repair(layer)
        except CannotTrack as fault:
            raise serializers.ValidationError({"detail": [str(fault)]}) from fault
        return self.retrieve(request, name)


class OverBudgetSerializer(serializers.Serializer[Any]):
    """A Layer that was cut in a tile; bytes are uncompressed, `budget` is the whole tile's."""

    tile = serializers.CharField(help_text="z/x/y")
    layer = serializers.CharField()
    budget = serializers.IntegerField()
    bytes_before = serializers.IntegerField()
    bytes_after = serializers.IntegerField()
    features_before = serializers.IntegerField()
    features_after = serializers.IntegerField()
    at = serializers.FloatField(help_text="Seconds since 1970.")


class OverBudgetViewSet(viewsets.GenericViewSet[Any]):
    """The tiles that are furthest over their byte budget."""

    serializer_class = OverBudgetSerializer
    permission_classes = [StaffOnly]
    pagination_class = None

    @extend_schema(responses=OverBudgetSerializer(many=True))
    def list(self, request: Request) -> Response:
        """The worst hundred, worst first."""
        return Response(OverBudgetSerializer(worst(), many=True).data)


def register(router: BaseRouter) -> None:
    """Put this package's resources on the router."""
    router.register("dropped", DroppedViewSet, basename="dropped")
    router.register("over-budget", OverBudgetViewSet, basename="over-budget")
    router.register("health", HealthViewSet, basename="health")
