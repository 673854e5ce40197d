"""The only gate: may this caller see this object?"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from core import seats


class Guarded(Protocol):
    """Anything with an access rule and a state: Layer, Tileset, Style, or their snapshots."""

    @property
    def access(self) -> str: ...
    @property
    def state(self) -> str: ...


@dataclass(frozen=True)
class Caller:
    """Who asks, as far as access cares."""

    is_staff: bool = False


@dataclass(frozen=True)
class Grant:
    """The answer of `decide`.

    `permission_class` names the group of callers who get the same bytes: it is part of cache
    keys, and `public` alone may be kept by shared caches.
    """

    allowed: bool
    permission_class: str = "public"

    @property
    def public(self) -> bool:
        """True when everyone may see the answer."""
        return self.allowed and self.permission_class == "public"


ANYONE = Caller()
REFUSED = Grant(allowed=False)


def is_public(obj: Guarded) -> bool:
    """True when everyone may see `obj`: it is published, and its access is public."""
    return obj.access == "public" and obj.state == "published"


def decide(caller: Caller, obj: Guarded) -> Grant:
    """What `caller` may do with `obj`: public things for all, the rest for staff."""
    if is_public(obj):
        return Grant(allowed=True)
    return Grant(allowed=True, permission_class="staff") if caller.is_staff else REFUSED


def decide_all(caller: Caller, objects: Iterable[Guarded]) -> Grant:
    """The grant for a composite: the AND of all members."""
    grants = [decide(caller, obj) for obj in objects]
    if not all(grant.allowed for grant in grants):
        return REFUSED
    return next((grant for grant in grants if not grant.public), Grant(allowed=True))


def caller_of(request: HttpRequest) -> Caller:
    """The caller behind a request; asks the session (and so the ORM) only if there is a cookie."""
    known = getattr(request, "graticule_caller", None)
    if isinstance(known, Caller):
        return known
    caller = _from_session(request)
    request.graticule_caller = caller  # type: ignore[attr-defined]
    return caller


def known_staff(request: HttpRequest) -> bool:
    """True when the caller was looked up for this request, and is staff."""
    known = getattr(request, "graticule_caller", None)
    return isinstance(known, Caller) and known.is_staff


def _from_session(request: HttpRequest) -> Caller:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ANYONE
    with seats.orm_seat(request):
        user = request.user
        staff = bool(user.is_active and user.is_staff)
        if not connection.in_atomic_block:
            connection.close()
    return Caller(is_staff=staff)


def decide_request(request: HttpRequest, *objects: Guarded) -> Grant:
    """`decide_all` for the caller of `request`, who is looked up only when it matters."""
    if all(is_public(obj) for obj in objects):
        return Grant(allowed=True)
    return decide_all(caller_of(request), objects)
