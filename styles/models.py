"""Style and StyleVersion: a MapLibre document with its history."""

from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models

from core.models import Access, State, validate_name
from styles.document import Document, parse
from styles.findings import Finding, Severity


class Origin(models.TextChoices):
    """Where a version came from: `load_styles` replaces its own versions, never an edit."""

    DEMO = "demo", "Shipped with Graticule"
    EDIT = "edit", "Edited here"


class Style(models.Model):
    """A map: its name, who may see it, and which of its versions everyone gets.

    Styles have a namespace of their own. A removed Style is kept, name and history, until somebody
    restores it; nothing in the admin or the API destroys one.
    """

    name = models.CharField(
        max_length=63,
        unique=True,
        validators=[validate_name],
        help_text="Stands in URLs. Letters a-z, digits, '_' and '-'.",
    )
    title = models.CharField(max_length=200, blank=True, help_text="For people, in any language.")
    description = models.TextField(blank=True)
    access = models.CharField(max_length=16, choices=Access, default=Access.PUBLIC)
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT, editable=False)
    published = models.ForeignKey(
        "StyleVersion",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.RESTRICT,
        related_name="+",
        help_text="The version that everyone gets: one pointer, so that a change is atomic.",
    )
    removed = models.DateTimeField(null=True, blank=True, editable=False)
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="published") | models.Q(published__isnull=False),
                name="style_published_has_version",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new Style; raises TypeError for a stored one, unless `update_fields` is given.

        It would write what it read, and so publish or restore what was withdrawn or removed since.
        """
        if not self._state.adding and kwargs.get("update_fields") is None:
            raise TypeError("A stored Style is changed by styles.publishing, a field at a time.")
        super().save(*args, **kwargs)

    @property
    def newest(self) -> "StyleVersion | None":
        """The latest version, published or not; None before the first."""
        return self.versions.order_by("-number").first()


class StyleVersion(models.Model):
    """One text of a Style's document, with what the checks said of it. It never changes.

    The text is kept as it was written, since PostgreSQL's `jsonb` would reorder it, and the lines
    of findings with it.
    """

    style = models.ForeignKey(Style, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    text = models.TextField(verbose_name="document")
    digest = models.CharField(max_length=64, help_text="Names the content, whatever its layout.")
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.EDIT)
    note = models.CharField(max_length=300, blank=True, help_text="What changed, for people.")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)
    findings = models.JSONField(default=list, blank=True)
    error_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "version"
        ordering = ["style", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["style", "number"], name="style_version_number"),
        ]

    def __str__(self) -> str:
        return f"{self.style.name} {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new version; raises TypeError for one that is stored already."""
        if not self._state.adding:
            raise TypeError("A version never changes: add another one.")
        super().save(*args, **kwargs)

    @property
    def document(self) -> Document:
        """The document as JSON; NotADocumentError if it was stored when more was taken."""
        return parse(self.text)

    @property
    def is_published(self) -> bool:
        """True when this is the version that everyone gets."""
        return self.style.state == State.PUBLISHED and self.style.published_id == self.pk

    def set_findings(self, findings: list[Finding]) -> None:
        """Keep what the checks said."""
        self.findings = [one.document() for one in findings]
        self.error_count = sum(one.severity is Severity.ERROR for one in findings)
