"""The domain: Layers and Tilesets in one namespace, and the revision of all of it."""

from core.models.layer import Freshness, Layer, Overview
from core.models.mismatch import Mismatch
from core.models.resource import Access, Resource, State, validate_name
from core.models.revision import Revision
from core.models.tileset import MAX_MEMBERS, Member, Tileset

__all__ = [
    "MAX_MEMBERS",
    "Access",
    "Freshness",
    "Layer",
    "Member",
    "Mismatch",
    "Overview",
    "Resource",
    "Revision",
    "State",
    "Tileset",
    "validate_name",
]
