"""The form of a style in a real browser: checked and drawn while it is written."""

import json
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.cached_db import SessionStore
from django.db import connection
from playwright.sync_api import Page
from pytest_django import DjangoDbBlocker

from tests.chromium import Heard

pytestmark = pytest.mark.browser
DRAWN = """([layer, colour]) => document.querySelector("graticule-preview").map
  ?.getPaintProperty(layer, "background-color") === colour"""


@pytest.fixture(scope="module")
def session_key(world: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The session of a member of staff. Made before the browser, which keeps the ORM out."""
    with django_db_blocker.unblock():
        user = User.objects.create_superuser("draughtsman", password="correct horse battery")
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        connection.close()
    yield str(session.session_key)
    with django_db_blocker.unblock():
        user.delete()
        connection.close()


@pytest.fixture
def form(session_key: str, site: str, page: Page) -> Page:
    """The form of the light world."""
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_key, "url": site}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(f"{site}/admin/styles/style/?q=world-light")
    page.click("text=world-light")
    return page


def test_the_document_is_checked_and_drawn_while_it_is_written(form: Page, heard: Heard) -> None:
    findings = form.locator(".style-findings")
    form.wait_for_function("() => !document.querySelector('.style-findings .error')")
    text = form.input_value("textarea[name=text]")
    ground = json.loads(text)["layers"][0]
    colour = ground["paint"]["background-color"]

    form.fill("textarea[name=text]", text.replace(colour, "no-colour", 1))
    findings.locator(".error").wait_for()
    assert "layers[0].paint.background-color: color expected" in findings.inner_text()

    form.fill("textarea[name=text]", text.replace(colour, "#ff0000", 1))
    form.wait_for_function(DRAWN, arg=[ground["id"], "#ff0000"])
    assert findings.locator(".error").count() == 0
    assert (heard.errors, heard.failed) == ([], [])


def test_the_address_can_be_copied(form: Page, site: str) -> None:
    form.context.grant_permissions(["clipboard-read", "clipboard-write"])
    form.click("text=Copy")
    form.locator("text=Copied").wait_for()
    address = form.evaluate("() => navigator.clipboard.readText()")
    assert address == f"{site}/styles/world-light/style.json"
