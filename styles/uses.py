"""Which served styles draw from a tile URL."""

from collections.abc import Sequence

from django.urls import reverse

from core.uses import Use
from styles.addresses import tileset_names
from styles.document import Document
from styles.models import Style
from styles.shelf import current


def of(names: Sequence[str]) -> list[Use]:
    """The styles with a source that is one of these Layers and Tilesets."""
    drawn = [name for name, style in current().items() if drawn_from(style.document) & set(names)]
    pks = Style.objects.filter(name__in=drawn).order_by("name").values_list("name", "pk")
    return [Use("style", name, reverse("admin:styles_style_change", args=[pk])) for name, pk in pks]


def drawn_from(document: Document) -> set[str]:
    """The names of our tile URLs in a document."""
    sources = document.get("sources", {})
    return {name for source in sources.values() for name in tileset_names(source)}
