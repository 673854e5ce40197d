"""What the auditor found: a cached tile that was not what the database says."""

from django.db import models

from core.models.layer import Layer


class Mismatch(models.Model):
    """One Layer's part of one cached tile that was wrong, and that the Layer is doubted for.

    While one is not `settled`, the Layer stays on freshness `ttl`: *Repair* settles it.
    """

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="mismatches")
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    tier = models.CharField(max_length=16, help_text="redis or memory: where it was found.")
    tile = models.CharField(max_length=40, help_text="z/x/y")
    tileset = models.TextField(help_text="The name under which the tile is asked for.")
    variant = models.TextField(help_text="Permission class and parameters.")
    kept = models.CharField(max_length=64, help_text="The digest of what was kept.")
    fresh = models.CharField(max_length=64, help_text="The digest of what was rendered.")
    settled = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "mismatches"

    def __str__(self) -> str:
        return f"{self.layer.name} {self.tile} in {self.tier}"
