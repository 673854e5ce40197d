"""REST of the change feed; for staff."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from core.feed import entries, log
from core.feed.entries import Feed
from core.feed.log import Wanted
from core.permissions import StaffOnly


class EffectSerializer(serializers.Serializer[Any]):
    """What was done to one Layer; `zooms` is dirty and cached tiles by zoom."""

    layer = serializers.CharField()
    at = serializers.DateTimeField(source="applied.at")
    seconds = serializers.FloatField(source="applied.seconds")
    whole = serializers.BooleanField(source="applied.whole")
    zooms = serializers.DictField(
        source="applied.zooms", child=serializers.ListField(child=serializers.IntegerField())
    )
    cached = serializers.IntegerField(source="applied.cached")
    note = serializers.CharField(source="applied.note")
    with_later = serializers.BooleanField()


class EntrySerializer(serializers.Serializer[Any]):
    """What one transaction changed in one relation; `boxes` are west, south, east, north."""

    key = serializers.CharField()
    at = serializers.DateTimeField()
    relation = serializers.CharField()
    layers = serializers.ListField(child=serializers.CharField())
    what = serializers.CharField()
    rows = serializers.IntegerField()
    who = serializers.CharField()
    application = serializers.CharField()
    state = serializers.CharField()
    boxes = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))
    anywhere = serializers.BooleanField()
    dirty = serializers.IntegerField()
    cached = serializers.IntegerField()
    seconds = serializers.FloatField(allow_null=True)
    effects = EffectSerializer(many=True)


LIMIT = "At most so many changes, 1 to 1000; with them comes what was dropped as a whole meanwhile."


class FeedSerializer(serializers.Serializer[Feed]):
    """Entries, newest first; give `more` as `before` to go on."""

    entries = EntrySerializer(many=True)
    more = serializers.IntegerField(allow_null=True)


class WantedSerializer(serializers.Serializer[Any]):
    """The parameters of the feed."""

    layer = serializers.CharField(default="", max_length=63)
    who = serializers.CharField(default="", max_length=63)
    what = serializers.ChoiceField((*entries.WORDS, entries.TRUNCATE, ""), default="")
    before = serializers.IntegerField(default=None, min_value=1, max_value=2**63 - 1)
    limit = serializers.IntegerField(default=100, min_value=1, max_value=1000)


class ChangeViewSet(viewsets.GenericViewSet[Any]):
    """What changed, by whom, where, and what was done about it."""

    serializer_class = FeedSerializer
    permission_classes = [StaffOnly]
    pagination_class = None

    @extend_schema(
        parameters=[
            OpenApiParameter("layer", str, description="Only what this Layer is made from."),
            OpenApiParameter("who", str, description="A database user, or an application."),
            OpenApiParameter("what", str, description="insert, update, delete, truncate, …"),
            OpenApiParameter("before", int, description="Only changes older than this one."),
            OpenApiParameter("limit", int, description=LIMIT),
        ],
        responses=FeedSerializer,
    )
    def list(self, request: Request) -> Response:
        """The change feed, newest first; empty where the database has no change log."""
        query = WantedSerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = dict(query.validated_data)
        layer = asked.pop("layer")
        found = entries.feed(Wanted(**asked), layer) if log.is_there() else Feed()
        return Response(FeedSerializer(found).data)


def register(router: BaseRouter) -> None:
    """Put the feed on the router."""
    router.register("changes", ChangeViewSet, basename="change")
