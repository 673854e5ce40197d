"""Doubt: a Layer whose cached tile was found to be wrong promises nothing until it is repaired."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models, transaction
from django.utils import timezone

from core.feed import log
from core.models import Freshness, Layer, Mismatch, Resource


@dataclass(frozen=True)
class Wrong:
    """A cached tile that is not what the database says; `kept` and `fresh` are digests."""

    tier: str
    tile: str
    tileset: str
    variant: str
    kept: str
    fresh: str

    def __str__(self) -> str:
        return (
            f"Tile {self.tile} of {self.tileset} ({self.variant}) was wrong in {self.tier}: kept "
            f"{self.kept}, rendered again {self.fresh}"
        )


@transaction.atomic
def doubt(layer_ids: Sequence[int], wrong: Wrong) -> None:
    """Put these Layers on `ttl`, use nothing cached of them any more, and note why.

    Raises django.db.Error.
    """
    said = f"{wrong}. Found by the auditor on {timezone.now():%Y-%m-%d at %H:%M:%S} UTC."
    layers = Layer.objects.filter(pk__in=layer_ids)
    Mismatch.objects.bulk_create(Mismatch(layer=layer, **wrong.__dict__) for layer in layers)
    layers.update(freshness=Freshness.TTL, trouble=said)
    rows = Resource.objects.filter(pk__in=layer_ids)
    rows.update(generation=models.F("generation") + 1)
    log.note_raised(layer_ids, f"the auditor found tile {wrong.tile} of {wrong.tileset} wrong")


def doubted() -> set[int]:
    """The ids of the Layers with a mismatch that nobody has settled; raises django.db.Error."""
    return set(Mismatch.objects.filter(settled=None).values_list("layer_id", flat=True))


def settle(layer_id: int) -> int:
    """Believe the Layer again, as an operator says; how many mismatches that settles."""
    open_ones = Mismatch.objects.filter(layer_id=layer_id, settled=None)
    return open_ones.update(settled=timezone.now())
