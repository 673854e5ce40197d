"""Every address of Graticule (contract C2), each package's own below it."""

from django.contrib import admin
from django.urls import include, path

from core import health

handler400 = "core.errors.bad_request"
handler403 = "core.errors.forbidden"
handler404 = "core.errors.not_found"
handler500 = "core.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("core.api_urls")),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("", include("tileserver.urls")),
    path("", include("styles.urls")),
    path("", include("viewer.urls")),
]
