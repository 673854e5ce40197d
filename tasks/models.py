"""Long work: what was asked, how far it is, how it ended."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from core.models import Resource
from core.models.layer import ZOOM_VALIDATORS

WHERE_DATA_IS = (
    "Degrees (EPSG:4326). Leave all four empty to warm where there is data: that is looked up when "
    "the run starts."
)


class RunState(models.TextChoices):
    """Where a run stands."""

    WAITING = "waiting", "Waiting for a worker"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


def whole_area(
    west: float | None, south: float | None, east: float | None, north: float | None
) -> tuple[float, float, float, float] | None:
    """The four sides of an area, None where none is given; ValueError says what is wrong."""
    if {west, south, east, north} == {None}:
        return None
    if west is None or south is None or east is None or north is None:
        raise ValueError("Give all four sides of the area, or none: then it is where data is.")
    if west >= east or south >= north:
        raise ValueError("The area is empty: west must be below east, south below north.")
    return west, south, east, north


class WarmRequest(models.Model):
    """What to warm: a Tileset (or Layer), an area, zooms, and whether to replace.

    The area is in degrees, or four times None: where there is data.
    """

    resource = models.ForeignKey(
        Resource, on_delete=models.CASCADE, related_name="+", verbose_name="tileset or layer"
    )
    west = models.FloatField(null=True, blank=True, help_text=WHERE_DATA_IS)
    south = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)
    min_zoom = models.PositiveSmallIntegerField(default=0, validators=ZOOM_VALIDATORS)
    max_zoom = models.PositiveSmallIntegerField(default=6, validators=ZOOM_VALIDATORS)
    replace = models.BooleanField(
        default=False, help_text="Render again what is cached already. Otherwise only what lacks."
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Refuse zooms and areas that are the wrong way round, and half an area."""
        if self.min_zoom > self.max_zoom:
            raise ValidationError({"min_zoom": "The minimum zoom is above the maximum zoom."})
        try:
            whole_area(self.west, self.south, self.east, self.north)
        except ValueError as error:
            raise ValidationError(str(error)) from error

    @property
    def bbox(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees; None: where there is data."""
        return whole_area(self.west, self.south, self.east, self.north)


class Job(models.Model):
    """What all long work has: where it stands, who asked for it, and when what happened."""

    state = models.CharField(max_length=16, choices=RunState, default=RunState.WAITING)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    @property
    def over(self) -> bool:
        """True when nothing more will happen."""
        return self.state in (RunState.DONE, RunState.FAILED, RunState.CANCELLED)


class Run(Job, WarmRequest):
    """One warming, with its progress; a worker writes it at most once a second."""

    total = models.PositiveBigIntegerField(default=0, help_text="Tiles to look at.")
    rendered = models.PositiveBigIntegerField(default=0)
    cached = models.PositiveBigIntegerField(default=0, help_text="Fresh already; left alone.")
    empty = models.PositiveBigIntegerField(default=0, help_text="Rendered, with nothing in them.")
    failed = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0, help_text="Bytes rendered, as kept.")
    zoom = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The zoom at work.")
    schedule = models.ForeignKey(
        "Schedule", null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "-id"], name="run_state")]

    def __str__(self) -> str:
        return f"{self.resource.name} z{self.min_zoom}-{self.max_zoom} #{self.pk}"

    @property
    def done(self) -> int:
        """Tiles that have been dealt with."""
        return self.rendered + self.cached + self.failed

    @property
    def percent(self) -> float:
        """How much of the work is done, 0 to 100."""
        return 100.0 if not self.total and self.over else 100 * self.done / max(1, self.total)

    @property
    def seconds(self) -> float:
        """Seconds at work so far."""
        if self.started is None:
            return 0.0
        return ((self.finished or timezone.now()) - self.started).total_seconds()

    @property
    def tiles_a_second(self) -> float:
        """The mean pace so far."""
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds to go at this pace; None when that cannot be said."""
        if self.over or not self.tiles_a_second:
            return None
        return (self.total - self.done) / self.tiles_a_second


class Schedule(WarmRequest):
    """A warming that Beat starts again and again; an admin owns it."""

    name = models.CharField(max_length=100, unique=True)
    enabled = models.BooleanField(default=True)
    cron = models.CharField(
        max_length=100,
        default="30 1 * * *",
        help_text="Minute, hour, day of month, month, day of week: '30 1 * * *' is 01:30 daily.",
    )
    timezone = models.CharField(max_length=64, default="UTC", help_text="Such as Europe/Berlin.")
    periodic_task = models.OneToOneField(
        "django_celery_beat.PeriodicTask",
        # A reverse name would be `schedule`, and hide the property that Beat reads.
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Act(models.TextChoices):
    """What a release does."""

    LOAD = "load", "Bring a table's content into the Layer"
    RELEASE = "release", "Show the public what was edited since the last release"
    HOLD = "hold", "Hold: from now on edits wait for a release"
    UNHOLD = "unhold", "End the hold: edits are seen at once"


class Release(Job):
    """One load, release, hold or end of a hold, and what came of it."""

    resource = models.ForeignKey(
        Resource, on_delete=models.CASCADE, related_name="+", verbose_name="tileset or layer"
    )
    act = models.CharField(max_length=16, choices=Act)
    source = models.CharField(
        max_length=127, blank=True, help_text="For a load: schema.name of a table or view."
    )
    key = models.CharField(
        max_length=500,
        blank=True,
        help_text="Columns that name a row, divided by commas. Empty: the table's own key.",
    )
    ignored = models.CharField(
        max_length=1000,
        blank=True,
        help_text="Columns that are neither compared nor written, divided by commas.",
    )
    max_removed = models.FloatField(
        default=20.0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="Per cent of the rows that may be removed; more is taken for a mishap.",
    )
    force = models.BooleanField(default=False, help_text="However many rows would be removed.")
    allow_empty = models.BooleanField(default=False, help_text="Even if the table is empty.")
    drop = models.BooleanField(default=False, help_text="Drop the table that was loaded.")
    dry_run = models.BooleanField(default=False, help_text="Only say what would be.")
    phase = models.CharField(max_length=32, blank=True)
    done = models.PositiveBigIntegerField(default=0, help_text="Rows written.")
    total = models.PositiveBigIntegerField(default=0, help_text="Rows to write.")
    reports = models.JSONField(default=list, help_text="What came of it, for each Layer.")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "-id"], name="release_state")]

    def __str__(self) -> str:
        return f"{self.act} {self.resource.name} #{self.pk}"

    def clean(self) -> None:
        """Refuse a load without a table, and a table without a load."""
        if (self.act == Act.LOAD) != bool(self.source):
            raise ValidationError({"source": "A load needs a table, and nothing else takes one."})
