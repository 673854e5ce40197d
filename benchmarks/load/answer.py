"""An answer as it came, and the content that was expected."""

import zlib
from dataclasses import dataclass

NEARLY = 0.02


@dataclass(frozen=True)
class Answer:
    """Status, headers (lower-case names), body as sent, and the seconds until its last byte."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def content(self) -> bytes:
        """The body without its coding."""
        coding = self.headers.get("content-encoding", "identity")
        if coding == "identity":
            return self.body
        if coding != "gzip":
            raise ValueError(f"the coding {coding!r} was not asked for")
        return zlib.decompress(self.body, wbits=31)


@dataclass(frozen=True)
class Content:
    """What names a content: CRC-32 and length of the uncompressed tile.

    gzip carries both at its end, so that a load generator can tell without decompressing.
    """

    crc: int
    size: int

    @classmethod
    def of(cls, content: bytes) -> "Content":
        """Of an uncompressed tile."""
        return cls(zlib.crc32(content), len(content))


EMPTY = Content(0, 0)


def content_of(answer: Answer) -> Content | None:
    """What an answer holds; None if it is no tile."""
    if answer.status == 204:
        return EMPTY
    return Content.of(answer.content) if answer.status == 200 else None


def alike(found: Content | None, wanted: Content, *, exact: bool) -> bool:
    """Whether a content is the wanted one; if not `exact`, whether it is as long, to 2 %."""
    if found is None or exact:
        return found == wanted
    return abs(found.size - wanted.size) <= NEARLY * wanted.size
