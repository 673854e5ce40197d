"""Admin screens of Layers and Tilesets, the change feed, and the home page."""

from core.admin import changes, home
from core.admin.layer import LayerAdmin
from core.admin.tileset import TilesetAdmin

__all__ = ["LayerAdmin", "TilesetAdmin", "changes", "home"]
