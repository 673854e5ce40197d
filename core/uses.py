"""Who uses a Layer: Tilesets, and what other packages say of theirs at start-up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from core.models import Layer


@dataclass(frozen=True)
class Use:
    """Something that uses a Layer: what kind it is, its name, its page in the admin."""

    kind: str
    name: str
    url: str


# Given the names under which a Layer's tiles are asked for: its own and its Tilesets'.
others: list[Callable[[Sequence[str]], list[Use]]] = []


def uses(layer: Layer) -> list[Use]:
    """The Tilesets that a Layer is in, then what draws it."""
    tilesets = list(layer.tilesets.order_by("name"))
    own = [
        Use("tileset", one.name, reverse("admin:core_tileset_change", args=[one.pk]))
        for one in tilesets
    ]
    names = [layer.name, *(one.name for one in tilesets)]
    return own + [use for ask in others for use in ask(names)]
