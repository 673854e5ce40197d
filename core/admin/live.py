"""Pages whose middle is asked for again every two seconds by `core/live.js`.

The same view answers both: the page, and with `?live=<stamp>` the middle alone, or 204 if it is
still the one with that stamp. So what is in it must not change while nothing has: moments are
written as they are, and the browser says how long ago they were.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

PARAMETER = "live"


@dataclass(frozen=True)
class Middle:
    """The HTML of the part that is asked for again, and what names it."""

    html: SafeString
    stamp: str


def middle(request: HttpRequest, template: str, context: dict[str, Any]) -> Middle:
    """The middle of a page as it is now."""
    html = render_to_string(template, context, request)
    return Middle(html, hashlib.blake2b(html.encode(), digest_size=8).hexdigest())


def page(request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> HttpResponse:
    """The page of `admin/pages/<name>.html`, or as JSON its middle, `<name>_part.html`, or 204."""
    now = middle(request, f"admin/pages/{name}_part.html", context)
    if PARAMETER in request.GET:
        return news(request, now)
    shown = {**admin.site.each_context(request), **context, "title": title, "now": now}
    return TemplateResponse(request, f"admin/pages/{name}.html", shown)


def news(request: HttpRequest, now: Middle) -> HttpResponse:
    """The middle as JSON, unless the browser has it."""
    if request.GET.get(PARAMETER) == now.stamp:
        return HttpResponse(status=204, headers={"Cache-Control": "no-store"})
    document = {"stamp": now.stamp, "html": now.html}
    return JsonResponse(document, headers={"Cache-Control": "no-store"})
