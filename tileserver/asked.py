"""What a request for a tile asks for, as far as answers are remembered by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from tileserver.encode import GZIP, IDENTITY, accepts, names
from tileserver.memory import Answer

Fields = Mapping[str, Any]
PREFIX, CHANGES = "/tiles/", "/changes"
ODD = "?"
# What is longer is nothing that a client says twice, and would only fill the memory.
LONGEST = 300


@lru_cache(1024)
def coding_class(host: str, accepted: str | None) -> str:
    """How clients are served that send this Host and Accept-Encoding: `g`, `i`, or ODD.

    ODD is for Django to say: a host that is not ours, or a client that takes no plain answer.
    """
    domain, _ = split_domain_port(host)
    ours = bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
    if not ours or not accepts(accepted, IDENTITY):
        return ODD
    return "g" if accepted is not None and accepts(accepted, GZIP) else "i"


def coding_of(fields: Fields) -> str:
    """The `coding_class` of a request, ODD for what is too long to be remembered by."""
    host, accepted = fields.get("HTTP_HOST", ""), fields.get("HTTP_ACCEPT_ENCODING")
    if len(host) > LONGEST or (accepted is not None and len(accepted) > LONGEST):
        return ODD
    return coding_class(host, accepted)


def version_asked(query: str) -> str | None:
    """The `v` of a query string with nothing else in it; None for one that Django must read.

    It is no part of the address that an answer is remembered under: whatever a caller makes up
    for it, there is one answer, and only its age is told in another way.
    """
    if not query:
        return ""
    value = query[2:]
    plain = query.startswith("v=") and len(value) <= LONGEST and value.isascii()
    return value if plain and value.isalnum() else None


@dataclass(frozen=True, slots=True)
class Asked:
    """A tile that is asked for, and perhaps remembered.

    `coding` is a coding class, `version` that of a frozen tileset or "", `known` what the client
    says in If-None-Match, `address` what the answer is remembered under.
    """

    path: str
    coding: str
    version: str
    known: str | None
    address: str

    @classmethod
    def read(cls, path: str, query: str, fields: Fields) -> Self | None:
        """What a GET or HEAD asks for, by the fields of its environ; None if Django must see it."""
        if len(path) > LONGEST or not path.startswith(PREFIX) or path.endswith(CHANGES):
            return None
        coding, version = coding_of(fields), version_asked(query)
        if coding == ODD or version is None:
            return None
        return cls(path, coding, version, fields.get("HTTP_IF_NONE_MATCH"), f"{path} {coding}")

    def has(self, answer: Answer) -> bool:
        """Whether the client says that it has this content, in whatever coding."""
        known = self.known
        return known is not None and (known == answer.etag or names(known, answer.digest))
