"""REST of runs: what was warmed, how far it is; staff start and cancel them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from core.models import Resource
from core.permissions import StaffOnly
from tasks import release_api, runs
from tasks.models import Run


class RunSerializer(serializers.ModelSerializer[Run]):
    """A run: `tileset` is the name of a Tileset or Layer, the area is in degrees.

    Without an area (four times null) it is where there is data when the run starts.
    """

    tileset = serializers.SlugRelatedField(
        source="resource", slug_field="name", queryset=Resource.objects.all()
    )
    percent = serializers.FloatField(read_only=True)
    seconds = serializers.FloatField(read_only=True)
    tiles_a_second = serializers.FloatField(read_only=True)
    seconds_left = serializers.FloatField(read_only=True, allow_null=True)

    class Meta:
        model = Run
        fields = [
            "id", "tileset", "west", "south", "east", "north", "min_zoom", "max_zoom", "replace",
            "state", "total", "rendered", "cached", "empty", "failed", "bytes", "zoom", "error",
            "percent", "seconds", "tiles_a_second", "seconds_left", "created", "started",
            "finished",
        ]  # fmt: skip
        read_only_fields = [
            "state", "total", "rendered", "cached", "empty", "failed", "bytes", "zoom", "error",
            "created", "started", "finished",
        ]  # fmt: skip

    def create(self, validated: dict[str, Any]) -> Run:
        """Start the run; refused when it is too large."""
        request: Request = self.context["request"]
        run = Run(requested_by_id=request.user.pk, **validated)
        try:
            return runs.enqueue(run)
        except ValidationError as error:
            raise serializers.ValidationError({"detail": error.messages}) from error


class RunViewSet(
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[Run],
):
    """Warming runs, newest first."""

    serializer_class = RunSerializer
    permission_classes = [StaffOnly]
    queryset = Run.objects.select_related("resource")
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Run]:
        """Every run, for staff."""
        return super().get_queryset().order_by("-id")

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop a run; what is warm stays."""
        run = self.get_object()
        runs.cancel(run.pk)
        run.refresh_from_db()
        return Response(self.get_serializer(run).data)


def register(router: BaseRouter) -> None:
    """Put this package's resources on the router."""
    router.register("runs", RunViewSet, basename="run")
    release_api.register(router)
