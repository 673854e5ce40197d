"""The styles that are served, in memory; renewed when what is published has changed.

Every change of a Style raises the revision that `core.snapshot` watches, so that all processes see
it within a second.
"""

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import Error, connection

from core import snapshot
from core.models import State
from core.problems import Unavailable
from core.snapshot import Snapshot
from styles.document import Document, NotADocumentError
from styles.models import Style, StyleVersion

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class StyleInfo:
    """A Style with the version that is served of it."""

    id: int
    name: str
    title: str
    description: str
    access: str
    state: str
    number: int
    document: Document


@dataclass(frozen=True)
class Shelf:
    """All Styles at one revision, and the documents by the ids of their versions."""

    revision: int = -1
    styles: dict[str, StyleInfo] = field(default_factory=dict)
    documents: dict[int, Document] = field(default_factory=dict)


class _Keeper:
    """Holds the current shelf of this process."""

    def __init__(self) -> None:
        self._shelf = Shelf()
        self._lock = threading.Lock()

    def current(self) -> dict[str, StyleInfo]:
        """The styles that are published, by name."""
        return self.of(snapshot.current())

    def of(self, published: Snapshot) -> dict[str, StyleInfo]:
        """The styles at the revision of a snapshot, by name."""
        revision = published.revision
        if self._shelf.revision != revision:
            with self._lock:
                if self._shelf.revision != revision:
                    self._renew(revision)
        return self._shelf.styles

    def _renew(self, revision: int) -> None:
        try:
            self._shelf = load(revision, self._shelf.documents)
        except Error as error:
            if self._shelf.revision < 0:
                raise Unavailable("The database does not answer. Try again soon.") from error
            logger.warning("the database does not answer: the last styles are kept")

    def forget(self) -> None:
        self._shelf = Shelf(documents=self._shelf.documents)


_keeper = _Keeper()
current = _keeper.current
of = _keeper.of
forget = _keeper.forget


def load(revision: int, known: dict[int, Document]) -> Shelf:
    """All Styles; a version never changes, so only documents that are not `known` are read."""
    borrowed = connection.in_atomic_block
    try:
        served = {
            style: version
            for style in Style.objects.filter(removed=None)
            if (version := style.published_id or _newest_sound(style)) is not None
        }
        numbers = dict(_numbers(served.values()))
        read = {pk: known.get(pk) or _document(pk) for pk in numbers}
        documents = {pk: document for pk, document in read.items() if document is not None}
        styles = {
            style.name: _info(style, numbers[pk], documents[pk])
            for style, pk in served.items()
            if pk in documents
        }
        return Shelf(revision, styles, documents)
    finally:
        if not borrowed:
            connection.close()


def _newest_sound(style: Style) -> int | None:
    """Staff see a Style before it is published: its newest version without errors."""
    versions = style.versions.filter(error_count=0).order_by("-number")
    return versions.values_list("pk", flat=True).first()


def _numbers(versions: Iterable[int]) -> Iterable[tuple[int, int]]:
    return StyleVersion.objects.filter(pk__in=versions).values_list("pk", "number")


def _document(version: int) -> Document | None:
    """None for one that was stored when more was taken: the others are served all the same."""
    found = StyleVersion.objects.select_related("style").get(pk=version)
    try:
        return found.document
    except NotADocumentError as fault:
        logger.warning("version %s cannot be served: %s", found, fault)
        return None


def _info(style: Style, number: int, document: Document) -> StyleInfo:
    return StyleInfo(
        id=style.pk,
        name=style.name,
        title=style.title or str(document.get("name") or style.name),
        description=style.description,
        access=style.access,
        state=State(style.state).value,
        number=number,
        document=document,
    )
