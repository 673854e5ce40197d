"""Query strings of the tile road: allow-listed and normalised, before key or SQL see them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

MAX_QUERY_BYTES = 2048
MAX_PARAMETERS = 64
IGNORED_PREFIXES = ("_", "utm_")
IGNORED = frozenset({"v"})
RESERVED = frozenset({"key", "sig", "exp", "filter", "datetime"})


class BadParameter(ValueError):
    """A query string that cannot be used; the message names the parameter and the remedy."""


class Params(NamedTuple):
    """What a caller asked of a tile beyond its address."""

    properties: tuple[str, ...] | None = None

    @property
    def key(self) -> str:
        """The parameters in canonical form: part of the cache key."""
        return "" if self.properties is None else "properties=" + ",".join(self.properties)


NONE = Params()


def from_key(key: str) -> Params:
    """The parameters whose `key` it is; raises ValueError when it is none."""
    if not key:
        return NONE
    name, equals, value = key.partition("=")
    if (name, equals) != ("properties", "="):
        raise ValueError(f"{key[:60]!r} is no key of parameters")
    return Params(properties=tuple(value.split(",")) if value else ())


def pairs(query: str, known: Iterable[str]) -> dict[str, str]:
    """The parameters of `query` that count; raises BadParameter on others, repeats and length."""
    if len(query) > MAX_QUERY_BYTES:
        raise BadParameter(f"The query string is longer than {MAX_QUERY_BYTES} bytes.")
    found: dict[str, str] = {}
    for name, value in _split(query):
        if name in IGNORED or name.startswith(IGNORED_PREFIXES):
            continue
        _check(name, known, found)
        found[name] = value
    return found


def version(query: str) -> str:
    """The `v` of a query string that `pairs` has taken; "" without one, and where it stands twice.

    It decides nothing about the bytes of a tile, only how long a client may keep them.
    """
    given = [value for name, value in _split(query) if name == "v"]
    return given[0] if len(given) == 1 else ""


def _split(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError as error:
        raise BadParameter(f"There are more than {MAX_PARAMETERS} parameters.") from error


def _check(name: str, known: Iterable[str], found: Mapping[str, str]) -> None:
    if name in RESERVED and name not in known:
        raise BadParameter(f"The parameter {name} is reserved and not offered here. Leave it out.")
    if name not in known:
        takes = ", ".join(known) or "none"
        raise BadParameter(f"Unknown parameter {name[:40]!r}. This address takes: {takes}.")
    if name in found:
        raise BadParameter(f"The parameter {name} stands twice. Give it once.")


def parse(query: str, fields: Iterable[str]) -> Params:
    """The parameters of a tile whose Layers have `fields`; raises BadParameter."""
    if not query:
        return NONE
    found = pairs(query, ("properties",))
    if "properties" not in found:
        return NONE
    return Params(properties=_properties(found["properties"], set(fields)))


def _properties(value: str, fields: set[str]) -> tuple[str, ...] | None:
    wanted = {name for name in value.split(",") if name}
    unknown = sorted(wanted - fields)
    if unknown:
        raise BadParameter(
            f"There is no property {unknown[0][:60]!r}. There are: {', '.join(sorted(fields))}."
        )
    return None if wanted == fields else tuple(sorted(wanted))
