"""The addresses of styles, sprites and glyphs: GET, HEAD, OPTIONS, and no ORM."""

from django.urls import path, re_path

from styles import views
from tileserver.responses import road

SPRITE = (
    r"^styles/(?P<name>[^/]+)/(?P<sheet>sprite|sprite-plain)(?P<ratio>@2x|)\.(?P<kind>json|png)$"
)
# A range may be anything, so that the view can say what is wrong with it.
GLYPHS = r"^fonts/(?P<stack>[^/]+)/(?P<span>[^/]+)\.pbf$"

urlpatterns = [
    path("styles/<str:name>/style.json", road(views.style), name="style"),
    path("preview/styles/<str:name>/style.json", road(views.previewed), name="preview-style"),
    re_path(SPRITE, road(views.sprite), name="sprite"),
    re_path(GLYPHS, road(views.glyphs), name="glyphs"),
]
