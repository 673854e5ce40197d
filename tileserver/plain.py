"""Plain requests: a GET for a tile, with nothing in it that wants an HTTP library.

Most requests of map clients are: no body, no cookie games, nothing said twice. They are read here,
strictly; whatever else comes is no Plain, and is left to the HTTP server as it came.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

# Of the head of a request, in bytes: what is longer than the second is refused by the HTTP server.
LONGEST_PLAIN, LONGEST = 4096, 65536
END = b"\r\n\r\n"
# No percent-encoding, so the path is what it says (RFC 9112, section 3).
_LINE = re.compile(rb"GET (/tiles/[\w./,:@~-]*)(?:\?([\w.=&~-]*))? HTTP/1\.1")
# Field lines (RFC 9112, section 5): a token without `_`, which is read as `-` by some, a value
# without control characters, no line folded.
_FIELDS = re.compile(rb"(?:[A-Za-z0-9!#$%&'*+.^`|~-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*")
# Those that tell of a body, or of the connection.
_OTHER = frozenset({"content-length", "transfer-encoding", "expect", "upgrade", "te", "trailer"})


@dataclass(frozen=True, slots=True)
class Plain:
    """Path and query as they came, and the fields under their names in a WSGI environ."""

    path: str
    query: str
    fields: Mapping[str, str]


def read(head: bytes) -> Plain | None:
    """The plain request that these bytes are, all of them; None where they are anything else."""
    if len(head) > LONGEST_PLAIN:
        return None
    line, _, rest = head.partition(b"\r\n")
    found = _LINE.fullmatch(line)
    fields = _fields(rest)
    if found is None or fields is None:
        return None
    return Plain(found[1].decode("ascii"), (found[2] or b"").decode("ascii"), fields)


@lru_cache(1024)
def _fields(lines: bytes) -> Mapping[str, str] | None:
    """The fields, which one client sends alike with every request; None for what is not plain."""
    if not lines.endswith(b"\r\n") or not _FIELDS.fullmatch(lines[:-2]):
        return None
    found: dict[str, str] = {}
    for line in lines[:-4].decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        key, value = f"HTTP_{name.upper().replace('-', '_')}", value.strip(" \t")
        if key in found or name.lower() in _OTHER:
            return None
        found[key] = value
    stays = found.get("HTTP_CONNECTION", "keep-alive").lower() == "keep-alive"
    return found if stays and "HTTP_HOST" in found else None
