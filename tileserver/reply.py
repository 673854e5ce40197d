"""Answers for tiles, as the front gives and remembers them: field lines and a body."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from tileserver import metrics, wire
from tileserver.asked import Asked
from tileserver.encode import GZIP, IDENTITY, TileBytes
from tileserver.memory import Answer, Keep
from tileserver.recall import Spot
from tileserver.render import Rendered
from tileserver.responses import FOR_GOOD, MVT, cache_status, revalidated, server_timing
from tileserver.wire import Reply

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
GIVEN_ID = "HTTP_X_REQUEST_ID"
AGE, HOW = "Cache-Control", "Cache-Status"
REVALIDATED = wire.lines([(AGE, revalidated())])
KEPT_FOR_GOOD = wire.lines([(AGE, FOR_GOOD)])
_PLAIN = f"Content-Type: {MVT}\r\nContent-Length: %d\r\n".encode("ascii")
CONTENT = {IDENTITY: _PLAIN, GZIP: _PLAIN + b"Content-Encoding: gzip\r\n"}
HIT = wire.lines([(HOW, "graticule; hit; detail=memory")])


def reply(asked: Asked, answer: Answer, outcome: str, how: bytes) -> Reply:
    """The answer as it is told to who asked, and counted. `how` it was had, in field lines."""
    found = composed(asked, answer, outcome, how)
    metrics.count(found.outcome, answer.zooms)
    return found


def composed(asked: Asked, answer: Answer, outcome: str, how: bytes) -> Reply:
    """The same, not counted."""
    for_good = asked.version and asked.version == answer.version
    lines = answer.common + (KEPT_FOR_GOOD if for_good else REVALIDATED) + how
    if asked.has(answer):
        return Reply("304 Not Modified", lines, b"", "not_modified")
    return Reply(answer.status, lines + answer.content, answer.body, outcome)


class Said(NamedTuple):
    """What was said of a tile: the answer to be remembered, and that which is sent."""

    tile: TileBytes
    answer: Answer
    reply: Reply


class Telling:
    """A tile of a known tileset for one who asked; nobody is told twice.

    What is made goes to `send` at once, before it is kept, so that nobody waits for that. But not
    what changed meanwhile, by what `stands` says of its key: that will be made again. Nor what the
    client may keep for good: that must be settled.
    """

    def __init__(
        self,
        asked: Asked,
        spot: Spot,
        notes: Environ,
        stands: Callable[[str], bool],
        send: Callable[[Reply], None] | None,
    ) -> None:
        self._asked, self._spot, self._notes = asked, spot, notes
        self._stands, self._send = stands, send
        self._said: Said | None = None

    def early(self, rendered: Rendered) -> None:
        """Hear of a tile that was just made."""
        send = self._send
        if send is None or self._said is not None or self._asked.version:
            return
        if self._stands(rendered.key):
            send(self.said(rendered).reply)

    def said(self, rendered: Rendered) -> Said:
        """What is said of this tile, or was said already of one that was made before it."""
        if self._said is None:
            tile = rendered.tile
            sent = tile if self._asked.coding == "g" else tile.as_identity()
            answer = answer_of(self._spot.keep(rendered, sent), self._spot.known.lines)
            how = _how(rendered, self._notes)
            self._said = Said(tile, answer, reply(self._asked, answer, rendered.outcome, how))
        return self._said


def answer_of(keep: Keep, lines: bytes) -> Answer:
    """What will be sent the next time; `lines` are the same for all tiles of the tileset."""
    tile, etag, empty = keep.tile, keep.tile.etag, keep.tile.empty
    return Answer(
        key=keep.key,
        revision=keep.common.revision,
        until=time.monotonic() + keep.life,
        digest=tile.digest,
        zooms=keep.zooms,
        status="204 No Content" if empty else "200 OK",
        common=b"%bETag: %b\r\n" % (lines, etag.encode("ascii")),
        content=b"" if empty else CONTENT[tile.coding] % len(tile.body),
        body=tile.body,
        coding=tile.coding,
        etag=etag,
        version=keep.common.version,
    )


def _how(rendered: Rendered, notes: Environ) -> bytes:
    """The field lines that tell how a tile was had."""
    own = f"{HOW}: {cache_status(rendered)}\r\n"
    if rendered.outcome == "render":
        own += f"Server-Timing: {server_timing(rendered)}\r\nX-Request-ID: {notes[GIVEN_ID]}\r\n"
    return own.encode("ascii")
