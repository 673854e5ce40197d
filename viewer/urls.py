"""The pages for people."""

from django.urls import path

from tileserver.responses import road
from viewer import views

urlpatterns = [
    path("", views.home, name="home"),
    path("preview/", views.preview, name="preview"),
    path("embed/<str:name>", views.embed, name="embed"),
    path("live.js", road(views.live), name="live-js"),
    path("favicon.ico", views.favicon, name="favicon"),
]
