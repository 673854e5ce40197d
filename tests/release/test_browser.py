"""In a browser: an editor looks at the preview, and at what waits in the admin."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from playwright.sync_api import Page
from pytest_django import DjangoDbBlocker

from core.models import Layer
from tests.browser.viewer import Viewer
from tests.chromium import Heard

pytestmark = pytest.mark.browser


@pytest.fixture
def editor(page: Page, site: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Page]:
    """A page whose reader is logged in as staff."""
    with django_db_blocker.unblock():
        user = User.objects.create_superuser("editor", password="a long one indeed")
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": site}]
        )
        yield page
        user.delete()
        connection.close()


def test_the_preview_draws_tiles_that_are_kept_nowhere(
    editor: Page, site: str, heard: Heard
) -> None:
    viewer = Viewer(editor, site)
    viewer.open("/preview/")
    tiles = heard.requests("/preview/tiles/")
    assert tiles
    assert {status for status, _ in tiles} <= {200, 204}
    assert not [url for _, url in heard.answers if f"{site}/tiles/" in url]
    assert editor.get_by_text("preview, not released").is_visible()
    assert heard.errors == []
    assert heard.failed == []


def test_the_pages_of_a_hold_are_drawn_without_complaint(
    editor: Page, site: str, heard: Heard
) -> None:
    key = Layer.objects.order_by("pk")[0].pk
    editor.goto(f"{site}/admin/tasks/release/hold/?ids={key}")
    assert editor.get_by_role("button", name="Hold").is_visible()
    editor.goto(f"{site}/admin/tasks/release/add/")
    assert editor.get_by_label("Dry run").is_checked()
    editor.goto(f"{site}/admin/core/layer/{key}/change/")
    editor.get_by_role("link", name="Hold, release, or see what waits").click()
    assert editor.get_by_role("heading", name="Hold and release").is_visible()
    assert heard.errors == []
