"""The WSGI application of the plain Django view: gzip tiles out of Redis by their path."""

import os

from django.conf import settings
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": os.environ["PLAIN_REDIS_URL"],
        }
    },
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
)


def tile(request: HttpRequest, dataset: str, z: int, x: int, y: int) -> HttpResponse:
    """A tile that is in Redis; 204 for what is not."""
    body = cache.get(request.path)
    if body is None:
        return HttpResponse(status=204)
    return HttpResponse(
        body,
        content_type="application/vnd.mapbox-vector-tile",
        headers={"Content-Encoding": "gzip", "Vary": "Accept-Encoding"},
    )


urlpatterns = [path("<str:dataset>/<int:z>/<int:x>/<int:y>.mvt", tile)]
application = get_wsgi_application()
