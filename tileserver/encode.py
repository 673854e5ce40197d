"""Codings: compressed once, when a tile is rendered, and never per request."""

import hashlib
from dataclasses import dataclass

from isal import igzip, isal_zlib

GZIP = "gzip"
IDENTITY = "identity"
WORTH_KEEPING = 0.95
# A window of 2**15 bytes, and a header of gzip.
LEVEL, GZIP_WINDOW = 3, 16 + 15


@dataclass(frozen=True)
class TileBytes:
    """A tile as it is kept and sent: `body` in `coding`; an empty body is an empty tile."""

    body: bytes
    coding: str
    digest: str
    raw_size: int

    @property
    def empty(self) -> bool:
        """True when there is nothing in the tile: it is answered with 204."""
        return self.raw_size == 0

    @property
    def etag(self) -> str:
        """The strong validator, with its quotes: the digest of the MVT and the coding sent."""
        return f'"{self.digest}"' if self.coding == IDENTITY else f'"{self.digest}-{self.coding}"'

    def as_identity(self) -> "TileBytes":
        """The same tile uncompressed, for a client that takes no coding."""
        if self.coding == IDENTITY:
            return self
        body: bytes = igzip.decompress(self.body)  # type: ignore[no-untyped-call]
        return TileBytes(body, IDENTITY, self.digest, self.raw_size)

    def content(self) -> bytes | None:
        """The MVT; None where the bytes do not unpack, which is for an auditor to find."""
        try:
            return self.as_identity().body
        except Exception:  # Whatever a decoder makes of bytes that are not its own.
            return None

    def as_gzip(self) -> "TileBytes":
        """The same tile in gzip, for a client that takes it in no other way."""
        if self.coding == GZIP:
            return self
        return TileBytes(_gzip(self.body), GZIP, self.digest, self.raw_size)


def _gzip(content: bytes) -> bytes:
    """Level 3, and no time in the header: the same content gives the same bytes."""
    return isal_zlib.compress(content, LEVEL, GZIP_WINDOW)


def encode(mvt: bytes) -> TileBytes:
    """The tile in the form that is kept: gzip when it saves at least 5 %, else as it is."""
    digest = digest_of(mvt)
    packed = _gzip(mvt)
    if len(packed) <= len(mvt) * WORTH_KEEPING:
        return TileBytes(packed, GZIP, digest, len(mvt))
    return TileBytes(mvt, IDENTITY, digest, len(mvt))


def digest_of(content: bytes) -> str:
    """32 hexadecimal digits that name `content`.

    Of SHA-256, which most processors have instructions for; docs/performance.md says what it takes.
    """
    return hashlib.sha256(content, usedforsecurity=False).hexdigest()[:32]


def accepts(header: str | None, coding: str) -> bool:
    """True when an Accept-Encoding header allows `coding` (RFC 9110, section 12.5.3)."""
    if header is None:
        return True
    weights = dict(_weighted(part) for part in header.lower().split(",") if part.strip())
    if coding in weights:
        return weights[coding] > 0
    if "*" in weights:
        return weights["*"] > 0
    return coding == IDENTITY


def names(header: str, digest: str) -> bool:
    """True when an If-None-Match header names this content, in whatever coding it was sent."""
    return f'"{digest}"' in header or f'"{digest}-' in header or header.strip() == "*"


def _weighted(part: str) -> tuple[str, float]:
    coding, _, parameters = part.partition(";")
    name, _, value = parameters.strip().partition("=")
    try:
        weight = float(value) if name.strip() == "q" else 1.0
    except ValueError:
        weight = 0.0
    return coding.strip(), weight
