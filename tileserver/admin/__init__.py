"""Pages of the admin that need to know how tiles are made and kept."""

from tileserver.admin import dropped, health, home

__all__ = ["dropped", "health", "home"]
