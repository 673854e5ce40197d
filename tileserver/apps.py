"""The tile road: from a tile address to bytes, and the documents that describe it."""

from django.apps import AppConfig


class TileserverConfig(AppConfig):
    name = "tileserver"
