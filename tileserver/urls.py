"""The addresses of the tile road. Every one is a `road`: GET, HEAD, OPTIONS, and no ORM."""

from django.urls import path, re_path

from tileserver import preview, views
from tileserver.responses import road

# Anything between the slashes is taken, so that the view can say what is wrong with it.
TILE = r"^tiles/(?P<name>[^/]+)/(?P<z>[^/]+)/(?P<x>[^/]+)/(?P<y>[^/]+)\.(?:mvt|pbf)$"
PREVIEW = TILE.replace("^", "^preview/", 1)
CHANGES = r"^tiles/(?P<name>[^/]+)/changes$"

urlpatterns = [
    re_path(TILE, road(views.tile), name="tile"),
    path("tiles/<str:name>.json", road(views.tilejson), name="tilejson"),
    path("tiles/<str:name>/metadata.json", road(views.metadata), name="metadata"),
    re_path(CHANGES, road(views.changes), name="changes"),
    path("metrics", road(views.measures), name="metrics"),
    path("catalog.json", road(views.catalog), name="catalog"),
    re_path(PREVIEW, road(preview.tile), name="preview-tile"),
    path("preview/tiles/<str:name>.json", road(preview.tilejson), name="preview-tilejson"),
    re_path(CHANGES.replace("^", "^preview/", 1), road(preview.changes), name="preview-changes"),
    path("preview/catalog.json", road(preview.catalog), name="preview-catalog"),
]
