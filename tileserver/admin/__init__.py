"""Pages of the admin that need to know how tiles are made and kept."""

from tileserver.admin import budget, dropped, health, home

__all__ = ["budget", "dropped", "health", "home"]
