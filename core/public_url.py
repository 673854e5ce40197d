"""Absolute URLs, always from PUBLIC_URL and never from the Host header."""

from django.conf import settings


def absolute(path: str) -> str:
    """The public address of `path`, which starts with a slash and has no PUBLIC_URL path in it.

    >>> absolute("/tiles/world.json")
    'https://town.example/maps/tiles/world.json'
    """
    return f"{settings.PUBLIC_URL}{path}"
