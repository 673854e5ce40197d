"""The home page of the admin: a few numbers, and what needs somebody, each with what to do.

core knows the other packages by name only: they add to `facts` and `needs` at start-up.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from core.admin import live
from core.admin.live import Middle
from core.admin.pages import Page, add


@dataclass(frozen=True)
class Fact:
    """A number for people: what it is, its value in words, more in small print.

    `bad` marks one that somebody should look at, and `url` is where.
    """

    what: str
    value: str
    more: str = ""
    bad: bool = False
    url: str = ""


@dataclass(frozen=True)
class Need:
    """What needs somebody: where, what is wrong, and the one thing to do about it.

    `post` makes of the link a button that does it; `grave` comes first.
    """

    where: str
    what: str
    do: str
    url: str
    post: bool = False
    grave: bool = False


facts: list[Callable[[], list[Fact]]] = []
needs: list[Callable[[], list[Need]]] = []


def middle(request: HttpRequest) -> Middle:
    """The numbers and the needs as they are now."""
    found = [need for ask in needs for need in ask()]
    context = {
        "facts": [fact for ask in facts for fact in ask()],
        "needs": sorted(found, key=lambda need: not need.grave),
    }
    return live.middle(request, "admin/pages/home_part.html", context)


def view(request: HttpRequest) -> HttpResponse:
    """`/admin/news/`: the middle of the home page."""
    return live.news(request, middle(request))


PAGE = Page("news/", view, "home")
add(PAGE)
