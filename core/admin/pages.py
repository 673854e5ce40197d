"""Pages of the admin that belong to no model: who offers one adds it here at start-up."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.http.response import HttpResponseBase


@dataclass(frozen=True)
class Page:
    """A view below `/admin/` for staff with a permission; with a `title` it is in the menu.

    `name` is the route's in the namespace `admin`, `route` a path as `django.urls.path` takes it.
    """

    route: str
    view: Callable[..., HttpResponseBase]
    name: str
    title: str = ""
    permission: str = "core.view_layer"

    def allowed(self, request: HttpRequest) -> bool:
        """Whether this user may see it."""
        return bool(request.user.has_perm(self.permission))


pages: list[Page] = []


def add(*more: Page) -> None:
    """Offer these pages; those with a title are in the menu, in this order."""
    pages.extend(more)
