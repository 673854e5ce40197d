"""The pages for people."""

from django.urls import path

from viewer import views

urlpatterns = [
    path("", views.home, name="home"),
    path("embed/<str:name>", views.embed, name="embed"),
    path("favicon.ico", views.favicon, name="favicon"),
]
