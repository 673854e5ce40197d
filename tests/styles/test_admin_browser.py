"""The form of a style in a real browser: checked and drawn while it is written."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from pytest_django import DjangoDbBlocker

from tests.chromium import Heard
from tests.sessions import log_in, superuser_session

pytestmark = pytest.mark.browser
DRAWN = """([layer, colour]) => document.querySelector("graticule-preview")?.map
  ?.getPaintProperty(layer, "background-color") === colour"""


@pytest.fixture(scope="module")
def session_key(world: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The session of a member of staff. Made before the browser, which keeps the ORM out."""
    with superuser_session("draughtsman", django_db_blocker) as key:
        yield key


@pytest.fixture
def form(session_key: str, site: str, page: Page) -> Page:
    """The form of the light world."""
    log_in(page, session_key, site)
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
