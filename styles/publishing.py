"""What may be done with a Style: reword, add a version, publish, withdraw, remove, restore."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.models import State
from styles import addresses
from styles.document import digest, parse
from styles.findings import Finding, Severity
from styles.known import gather
from styles.models import Origin, Style, StyleVersion
from styles.validation import check


class CannotPublishError(ValueError):
    """The version has errors; `findings` are those."""

    def __init__(self, findings: list[Finding]) -> None:
        first = findings[0] if findings else "it could not be checked"
        super().__init__(f"The style has {len(findings)} errors. The first: {first}")
        self.findings = findings


def add_version(
    style: Style, text: str, *, note: str = "", author: Any = None, origin: str = Origin.EDIT
) -> StyleVersion:
    """A new version of the (saved) Style, checked but not published; the newest if it is the same.

    Addresses below PUBLIC_URL become root-relative, so that the version outlives a move. Raises
    `styles.document.NotADocumentError` for text that is not a JSON object.
    """
    text = addresses.relocatable(text, settings.PUBLIC_URL)
    version = StyleVersion(
        style=style, text=text, digest=digest(parse(text)), note=note, author=author, origin=origin
    )
    newest = style.newest
    if newest is not None and newest.text == text and newest.origin == origin:
        return newest
    # Checked before the row is locked: the validator may take seconds.
    version.set_findings(check(text, gather()))
    with transaction.atomic():
        Style.objects.select_for_update().get(pk=style.pk)
        newest = style.newest
        version.number = newest.number + 1 if newest else 1
        version.save()
    return version


def publish(version: StyleVersion) -> None:
    """Give everyone this version, an earlier one as well. Raises CannotPublishError."""
    if version.error_count:
        found = [Finding(**one) for one in version.findings]
        raise CannotPublishError([one for one in found if one.severity == Severity.ERROR])
    _change(version.style, published=version, state=State.PUBLISHED)


def reword(style: Style, **words: Any) -> None:
    """Change these fields and no other: what was done to the rest meanwhile stays done."""
    _change(style, **words)


def withdraw(style: Style) -> None:
    """Make it a draft again: staff only. Its versions stay."""
    _change(style, state=State.DRAFT)


def remove(style: Style) -> None:
    """Take it out of sight, for staff too. `restore` undoes it."""
    _change(style, removed=timezone.now())


def restore(style: Style) -> None:
    """Undo `remove`: the Style is again what it was."""
    _change(style, removed=None)


def _change(style: Style, **values: Any) -> None:
    """One statement: readers see the Style before it or after it."""
    Style.objects.filter(pk=style.pk).update(**values, modified=timezone.now())
    style.refresh_from_db()
