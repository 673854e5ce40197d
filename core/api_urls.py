"""`/api/`: the REST API, its OpenAPI description, and pages that read it."""

from importlib import import_module

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

# core knows the other packages by name only: each has a `register(router)`.
PACKAGES = ("core.api", "styles.api", "tasks.api")

router = SimpleRouter(trailing_slash=False)
for package in PACKAGES:
    import_module(package).register(router)

urlpatterns = [
    path("v1/", include(router.urls)),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
]
