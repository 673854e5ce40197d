"""Health: is the process alive, and can it answer?"""

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django_redis import get_redis_connection
from redis.exceptions import RedisError


def live(request: HttpRequest) -> JsonResponse:
    """`/health/live`: the process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


live.without_orm = True  # type: ignore[attr-defined]


def ready(request: HttpRequest) -> JsonResponse:
    """`/health/ready`: 200 when the database answers. Without Redis tiles are slower, not gone."""
    parts = {"database": _database(), "redis": _redis()}
    status = 200 if parts["database"] == "ok" else 503
    return JsonResponse(
        {"status": "ok" if status == 200 else "unavailable", **parts},
        status=status,
        headers={"Cache-Control": "no-store"},
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "unavailable"
    finally:
        if not connection.in_atomic_block:
            connection.close()
    return "ok"


# It has no seat of its own to wait for: a full house is no reason to take the process away.
ready.without_orm = True  # type: ignore[attr-defined]


def _redis() -> str:
    try:
        get_redis_connection("default").ping()
    except RedisError:
        return "unavailable"
    return "ok"
