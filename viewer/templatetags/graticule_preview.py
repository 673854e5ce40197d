"""`{% graticule_preview tilejson=… %}`: the map preview, for any page of ours."""

from collections.abc import Sequence

from django import template
from django.conf import settings
from django.urls import get_script_prefix

register = template.Library()


@register.inclusion_tag("viewer/preview.html")
def graticule_preview(
    tilejson: str = "", style_url: str = "", bounds: Sequence[float] | None = None
) -> dict[str, str]:
    """A map of the TileJSON (all its layers, in colours of their own) or of the style.

    `bounds` is west, south, east, north in degrees (EPSG:4326): where the map opens.
    """
    return {
        "tilejson": tilejson,
        "style_url": style_url,
        "bounds": ",".join(f"{side:.6f}" for side in bounds) if bounds else "",
        "public_url": settings.PUBLIC_URL,
        "root": get_script_prefix(),
    }
