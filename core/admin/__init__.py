"""Admin screens of Layers and Tilesets."""

from core.admin.layer import LayerAdmin
from core.admin.tileset import TilesetAdmin

__all__ = ["LayerAdmin", "TilesetAdmin"]
