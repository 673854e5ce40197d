"""`{% moment at %}`: a moment, absolute, that `core/live.js` also says as how long ago."""

from datetime import UTC, datetime

from django import template
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def moment(at: datetime | None) -> str:
    """The moment in UTC, with its zone; a dash where there is none."""
    if at is None:
        return "–"
    there = at.astimezone(UTC)
    return format_html(
        '<time datetime="{}">{} UTC</time>',
        there.isoformat(timespec="milliseconds"),
        f"{there:%Y-%m-%d %H:%M:%S}",
    )
