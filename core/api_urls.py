"""`/api/`: the REST API, its OpenAPI description, and pages that read it."""

from collections.abc import Callable
from functools import wraps
from importlib import import_module

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

# Swagger UI writes style elements of its own; everything it needs is served from here.
DOCS_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
)


def docs_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view with the Content-Security-Policy that Swagger UI needs."""

    @wraps(view)
    def page(request: HttpRequest) -> HttpResponseBase:
        response = view(request)
        response.headers["Content-Security-Policy"] = DOCS_POLICY
        return response

    return page


# core knows the other packages by name only: each has a `register(router)`.
PACKAGES = ("core.api", "core.feed.api", "tileserver.api", "styles.api", "tasks.api")

router = SimpleRouter(trailing_slash=False)
for package in PACKAGES:
    import_module(package).register(router)

urlpatterns = [
    path("v1/", include(router.urls)),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs_page(SpectacularSwaggerSplitView.as_view(url_name="schema")), name="docs"),
]
