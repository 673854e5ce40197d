"""The styles that come with Graticule, in `styles/demo/*.json`."""

from dataclasses import dataclass
from pathlib import Path

from core.models import State
from styles.document import Document, digest, parse
from styles.models import Origin, Style, StyleVersion
from styles.publishing import add_version, publish

FOLDER = Path(__file__).parent / "demo"


@dataclass(frozen=True)
class Shipped:
    """One file: its name without `.json` is the style's name."""

    name: str
    text: str

    @property
    def document(self) -> Document:
        """The document as JSON."""
        return parse(self.text)


def shipped() -> list[Shipped]:
    """All of them, by name."""
    return [Shipped(file.stem, file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.json"))]


def load(one: Shipped) -> str:
    """Publish a shipped style and say in a sentence what happened.

    An admin's decision stands: an edited, withdrawn or removed style is left as it is. Raises
    `styles.publishing.CannotPublishError`.
    """
    style = _style(one)
    if style.removed:
        return f"{one.name}: was removed here; it stays removed."
    newest = style.newest
    if newest is None:
        publish(add_version(style, one.text, note="Shipped", origin=Origin.DEMO))
        return f"{one.name}: published."
    if _is_edited(style):
        return f"{one.name}: was edited here; your version {_served(style)} stays."
    if newest.digest == digest(one.document):
        return f"{one.name}: up to date."
    version = add_version(style, one.text, note="Shipped, newer", origin=Origin.DEMO)
    if style.state != State.PUBLISHED:
        return f"{one.name}: is a draft here; version {version.number} is there to publish."
    publish(version)
    return f"{one.name}: version {version.number} published."


def _style(one: Shipped) -> Style:
    document = one.document
    metadata = document.get("metadata")
    described = metadata.get("description") if isinstance(metadata, dict) else None
    words = {"title": str(document.get("name", "")), "description": str(described or "")}
    return Style.objects.get_or_create(name=one.name, defaults=words)[0]


def _is_edited(style: Style) -> bool:
    """True when an edit of this server's own is newest or is what everyone gets."""
    kept = [style.newest, style.published]
    return any(version is not None and version.origin == Origin.EDIT for version in kept)


def _served(style: Style) -> int:
    version: StyleVersion | None = style.published or style.newest
    return version.number if version else 0
