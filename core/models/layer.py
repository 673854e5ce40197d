"""A Layer: one published relation of the database, and its overviews."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from core.models.resource import Resource, validate_name

MAX_ZOOM = 24
ZOOM_VALIDATORS = [MinValueValidator(0), MaxValueValidator(MAX_ZOOM)]


class Freshness(models.TextChoices):
    """What a Layer can promise about how soon an edit is seen."""

    TRACKED = "tracked", "Triggers say what changed: right within a second"
    DERIVED = "derived", "Its base tables say what changed: right within a second"
    POLLED = "polled", "Its content is compared every so often"
    TTL = "ttl", "A cached tile lives for a set time"


class Relation(models.Model):
    """A table, view or materialised view, by schema and name as PostgreSQL spells them."""

    relation_schema = models.CharField(max_length=63, default="public")
    relation_name = models.CharField(max_length=63)

    class Meta:
        abstract = True

    @property
    def relation(self) -> str:
        """The relation for people, `schema.name`, unquoted."""
        return f"{self.relation_schema}.{self.relation_name}"


class Layer(Resource, Relation):  # noqa: DJ008 - Resource has __str__
    """One published relation with what of it may be seen, at which zooms and by whom."""

    layer_name = models.CharField(
        max_length=63,
        validators=[validate_name],
        help_text="The MVT layer name, which a style calls source-layer. Fixed at publication.",
    )
    geometry_column = models.CharField(max_length=63)
    geometry_type = models.CharField(max_length=32, blank=True, help_text="As PostGIS names it.")
    geography = models.BooleanField(default=False, editable=False)
    srid = models.PositiveIntegerField()
    id_column = models.CharField(
        max_length=63,
        blank=True,
        help_text="A column that names a row. An integer one that is never negative becomes "
        "the feature id; any other stays a property, for promoteId.",
    )
    id_is_feature_id = models.BooleanField(default=False, editable=False)
    id_is_unique = models.BooleanField(default=False, editable=False)
    fields = models.JSONField(
        default=list,
        blank=True,
        help_text='The visible columns: [{"name": "…", "type": "text"}]. Nothing else leaves.',
    )
    min_zoom = models.PositiveSmallIntegerField(default=0, validators=ZOOM_VALIDATORS)
    max_zoom = models.PositiveSmallIntegerField(default=14, validators=ZOOM_VALIDATORS)
    rank_column = models.CharField(
        max_length=63,
        blank=True,
        help_text="Small is important: decides the order in a tile and what a limit cuts last.",
    )
    min_zoom_column = models.CharField(
        max_length=63, blank=True, help_text="The zoom from which a feature is in the tiles."
    )
    max_zoom_column = models.CharField(
        max_length=63, blank=True, help_text="The zoom from which a feature has left the tiles."
    )
    west = models.FloatField(null=True, blank=True, help_text="Degrees, EPSG:4326.")
    south = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)
    # The part of the world, in degrees, in which the relation's CRS can be computed with.
    use_west = models.FloatField(default=-180, editable=False)
    use_south = models.FloatField(default=-90, editable=False)
    use_east = models.FloatField(default=180, editable=False)
    use_north = models.FloatField(default=90, editable=False)
    large_shapes = models.BooleanField(
        default=False,
        editable=False,
        help_text="Some shape had a thousand points or more at publication, in another SRID than "
        "3857: shapes are cut to the tile before they are transformed.",
    )
    extent = models.PositiveIntegerField(
        default=4096, validators=[MinValueValidator(256), MaxValueValidator(8192)]
    )
    buffer = models.PositiveIntegerField(
        default=64,
        validators=[MaxValueValidator(2048)],
        help_text="Tile units. At least the widest stroke or icon that a style draws.",
    )
    feature_limit = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="At most this many features a tile, cut by rank, never at random.",
    )
    byte_budget = models.PositiveIntegerField(
        default=500_000, help_text="Bytes of this Layer in one tile, uncompressed."
    )
    freshness = models.CharField(max_length=16, choices=Freshness, default=Freshness.TTL)
    asked_freshness = models.CharField(
        "wanted freshness",
        max_length=16,
        choices=Freshness,
        blank=True,
        help_text="Empty: the best that can be had.",
    )
    ttl_seconds = models.PositiveIntegerField(
        default=3600, validators=[MinValueValidator(1), MaxValueValidator(30 * 86400)]
    )

    poll_seconds = models.PositiveIntegerField(
        default=60,
        validators=[MinValueValidator(1)],
        help_text="How often the content is compared, for freshness 'polled'.",
    )
    derived_from = models.JSONField(
        default=list,
        blank=True,
        help_text='Base tables of a view: [{"relation": "schema.name", "reach": metres or null}]. '
        "An edit changes tiles within its reach; null: it may change any tile.",
    )
    cacheable = models.BooleanField(
        default=True,
        editable=False,
        help_text="False where the rows depend on the clock or the session: nothing is kept.",
    )
    held = models.BooleanField(
        default=False,
        editable=False,
        help_text="The public sees a held copy; edits are shown when they are released.",
    )
    released = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When the public last saw all edits of a held Layer.",
    )
    released_writes = models.BigIntegerField(
        null=True,
        blank=True,
        editable=False,
        help_text="Rows that had ever been written to its table by then, to tell what waits.",
    )
    trouble = models.TextField(
        blank=True, editable=False, help_text="Why it promises less than it could."
    )

    tile_fields = (
        "layer_name", "relation_schema", "relation_name", "geometry_column", "geography", "srid",
        "id_column", "id_is_feature_id", "id_is_unique", "fields", "min_zoom", "max_zoom",
        "rank_column", "min_zoom_column", "max_zoom_column", "use_west", "use_south", "use_east",
        "use_north", "large_shapes", "extent", "buffer", "feature_limit", "byte_budget",
        "cacheable", "held",
        "freshness",  # A tile that was kept under another promise must not be taken for this one.
    )  # fmt: skip

    class Meta:
        verbose_name = "layer"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(min_zoom__lte=models.F("max_zoom")), name="layer_zoom_order"
            ),
        ]

    def clean(self) -> None:
        """Refuse what the database cannot tell: zooms in order, layer_name kept once published."""
        if self.min_zoom > self.max_zoom:
            raise ValidationError({"min_zoom": "The minimum zoom is above the maximum zoom."})
        old = Layer.objects.filter(pk=self.pk).values_list("layer_name", flat=True).first()
        if old is not None and old != self.layer_name:
            raise ValidationError(
                {"layer_name": f"Styles refer to it: it stays {old!r}. Publish another Layer."}
            )

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees (EPSG:4326), or None where not known."""
        box = (self.west, self.south, self.east, self.north)
        if any(side is None for side in box):
            return None
        return tuple(float(side) for side in box if side is not None)  # type: ignore[return-value]


class Overview(Relation):
    """A generalised copy of a Layer for a band of low zooms, with the same columns."""

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="overviews")
    min_zoom = models.PositiveSmallIntegerField(default=0, validators=ZOOM_VALIDATORS)
    max_zoom = models.PositiveSmallIntegerField(validators=ZOOM_VALIDATORS)

    class Meta:
        ordering = ["layer", "min_zoom"]
        constraints = [
            models.UniqueConstraint(fields=["layer", "min_zoom"], name="overview_one_a_zoom"),
            models.CheckConstraint(
                condition=models.Q(min_zoom__lte=models.F("max_zoom")), name="overview_zoom_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.layer.name} z{self.min_zoom}-{self.max_zoom}"
