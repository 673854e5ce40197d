"""What Layers and Tilesets share: a name in one namespace, words for people, access, state."""

from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any, Self

from django.core.validators import RegexValidator
from django.db import models, transaction

NAME_PATTERN = r"^[a-z][a-z0-9_-]{0,62}\Z"
validate_name = RegexValidator(
    NAME_PATTERN,
    "Use 1 to 63 lower-case letters, digits, '_' or '-', and start with a letter.",
)


class Access(models.TextChoices):
    """Who may see it. Decided only by `core.access.decide`."""

    PUBLIC = "public", "Everyone"
    STAFF = "staff", "Staff only"


class State(models.TextChoices):
    """A draft is seen by staff only, whatever its access says."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"


class Resource(models.Model):
    """A name in the one namespace of Layers and Tilesets.

    The parent table of both (multi-table inheritance), so that the database itself keeps names
    unique across them, and so that ids are never shared. Ids come from a sequence and are never
    reused: caches key on them, never on names.
    """

    name = models.CharField(
        max_length=63,
        unique=True,
        validators=[validate_name],
        help_text="Stands in URLs. Letters a-z, digits, '_' and '-'.",
    )
    title = models.CharField(max_length=200, blank=True, help_text="For people, in any language.")
    description = models.TextField(blank=True)
    attribution = models.CharField(
        max_length=500, blank=True, help_text="Shown on every map that uses it."
    )
    access = models.CharField(max_length=16, choices=Access, default=Access.PUBLIC)
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    frozen = models.BooleanField(
        default=False,
        help_text="Never changes again: clients keep its tiles for good, under a versioned URL.",
    )
    generation = models.PositiveBigIntegerField(
        default=1,
        editable=False,
        help_text="Raised when everything in it changed; part of every cache key.",
    )
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    # The fields that decide a tile's bytes: a change of one raises the generation.
    tile_fields: tuple[str, ...] = ()
    # The columns as they were when it was read or saved last.
    _read: Mapping[str, Any] = MappingProxyType({})

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store what was changed since it was read, and nothing else.

        The listener and a release write to the same row meanwhile: what they say must not be
        unsaid, least of all a generation, or tiles that were dropped would be believed again. That
        one is raised in the database when a field that decides tile bytes has changed.
        """
        now = self._columns()
        if self._state.adding:
            super().save(*args, **kwargs)
        else:
            changed = {name for name in now if (name, now[name]) not in self._read.items()}
            raises = self._decide_bytes(changed)
            with transaction.atomic():
                super().save(*args, **{**kwargs, "update_fields": {*changed, "modified"}})
                if raises:
                    self.raise_generation()
        self._read = now

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        """As read, with a note of what was read."""
        made = super().from_db(*args, **kwargs)
        made._read = made._columns()
        return made

    def _columns(self) -> dict[str, Any]:
        """Its columns, as far as they are loaded; the generation is the database's to count."""
        fields = (one for one in self._meta.concrete_fields if not one.primary_key)
        names = {one.attname for one in fields} - {"generation"}
        return {name: deepcopy(self.__dict__[name]) for name in names & self.__dict__.keys()}

    def write(self, **values: Any) -> None:
        """Store these columns and nothing else; the generation is the caller's to raise."""
        type(self)._default_manager.filter(pk=self.pk).update(**values)
        for name, value in values.items():
            setattr(self, name, value)
        self._read = {**self._read, **values}

    def _decide_bytes(self, changed: set[str]) -> bool:
        fields = changed & set(self.tile_fields)
        if not fields:
            return False
        old = type(self)._default_manager.filter(pk=self.pk).values(*fields).first()
        return old is not None and any(getattr(self, key) != value for key, value in old.items())

    def raise_generation(self) -> None:
        """Say that everything in it changed: nothing cached of it is used any more."""
        Resource.objects.filter(pk=self.pk).update(generation=models.F("generation") + 1)
        self.refresh_from_db(fields=["generation"])
