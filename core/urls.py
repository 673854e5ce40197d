"""Every address of Graticule (contract C2), each package's own below it."""

from django.contrib import admin
from django.urls import include, path

handler400 = "core.errors.bad_request"
handler403 = "core.errors.forbidden"
handler404 = "core.errors.not_found"
handler500 = "core.errors.server_error"

admin.site.site_header = "Graticule"
admin.site.site_title = "Graticule"
admin.site.index_title = "Publish, style, warm"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("core.api_urls")),
    path("", include("tileserver.urls")),
    path("", include("styles.urls")),
    path("", include("viewer.urls")),
]
