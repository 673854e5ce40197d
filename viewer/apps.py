"""The viewer: the map page, the page that others may frame, and the preview for the admin."""

from django.apps import AppConfig


class ViewerConfig(AppConfig):
    """Django application `viewer`; it has no models."""

    name = "viewer"
