"""Our admin site: Django's, with pages that belong to no model and a home page that tells news.

Not in `core.admin`, which registers with the site while it is being imported: there would be two.
"""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse

from core.problems import BadRequest

if TYPE_CHECKING:
    from core.admin.pages import Page

V = TypeVar("V", bound=Callable[..., HttpResponseBase])


class GraticuleAdminConfig(AdminConfig):
    """Django's admin application with our site in it."""

    default_site = "core.admin_site.Site"


class Site(admin.AdminSite):
    """Django's admin site and `core.admin.pages`."""

    site_header = site_title = "Graticule"
    index_title = "Publish, style, warm"
    index_template = "admin/home.html"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Our pages, then Django's."""
        own = [path(one.route, self.admin_view(guarded(one)), name=one.name) for one in _pages()]
        return [*own, *super().get_urls()]

    def admin_view(self, view: V, cacheable: bool = False) -> V:
        """Django's guard around every page; before it, refuse what no database can compare with."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def guard(request: HttpRequest, *args: Any, **words: Any) -> HttpResponseBase:
            _refuse_nul(request)
            return inner(request, *args, **words)

        return cast("V", guard)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Django's list of models, below the pages that this user may see."""
        found = super().get_app_list(request, app_label)
        shown = [one for one in _pages() if one.title and one.allowed(request)]
        if app_label is not None or not shown:
            return found
        return [self._section(shown), *found]

    def _section(self, shown: "list[Page]") -> dict[str, Any]:
        """The pages as Django's templates want an application and its models."""
        models = [
            {
                "name": one.title,
                "object_name": one.name,
                "admin_url": reverse(f"{self.name}:{one.name}"),
                "add_url": None,
                "view_only": True,
                "perms": {"view": True},
            }
            for one in shown
        ]
        return {
            "name": "Watch",
            "app_label": "watch",
            "app_url": models[0]["admin_url"],
            "has_module_perms": True,
            "models": models,
        }

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """What is new and needs somebody, above Django's list."""
        from core.admin import home  # noqa: PLC0415 - see above

        shown = home.middle(request) if home.PAGE.allowed(request) else None
        return super().index(request, {**(extra_context or {}), "news": shown})


def _refuse_nul(request: HttpRequest) -> None:
    """Here and not in each page: lists filter by any column, and objects are named in paths."""
    values = (value for _, found in request.GET.lists() for value in found)
    if "\0" in request.path_info or any("\0" in value for value in values):
        raise BadRequest("The address has a NUL character in it, which no text here has.")


def _pages() -> "list[Page]":
    from core.admin.pages import pages  # noqa: PLC0415 - see above

    return pages


def guarded(page: "Page") -> Callable[..., HttpResponseBase]:
    """The view of a page, for who may see it."""

    @wraps(page.view)
    def view(request: HttpRequest, *args: Any, **words: Any) -> HttpResponseBase:
        if not page.allowed(request):
            raise PermissionDenied
        return page.view(request, *args, **words)

    return view
