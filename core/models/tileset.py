"""A Tileset: an ordered set of Layers under one tile URL."""

from django.core.exceptions import ValidationError
from django.db import models

from core.models.layer import Layer
from core.models.resource import Resource

MAX_MEMBERS = 16


class Tileset(Resource):
    """An ordered set of Layers. Each Layer is also an implicit Tileset of one, without a row."""

    layers = models.ManyToManyField(Layer, through="Member", related_name="tilesets")
    byte_budget = models.PositiveIntegerField(
        default=500_000, help_text="Bytes of one tile, uncompressed, over all its Layers."
    )

    class Meta:
        verbose_name = "tileset"


class Member(models.Model):
    """A Layer's place in a Tileset."""

    tileset = models.ForeignKey(Tileset, on_delete=models.CASCADE, related_name="members")
    layer = models.ForeignKey(Layer, on_delete=models.PROTECT, related_name="memberships")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["tileset", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tileset", "layer"], name="member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.tileset.name}/{self.layer.name}"

    def clean(self) -> None:
        """Refuse two members that would write the same MVT layer into one tile."""
        if self.layer_id is None or self.tileset_id is None:
            return
        others = Member.objects.filter(tileset=self.tileset).exclude(pk=self.pk)
        if others.filter(layer__layer_name=self.layer.layer_name).exists():
            raise ValidationError(
                {"layer": f"The tileset already has a layer named {self.layer.layer_name!r}."}
            )
