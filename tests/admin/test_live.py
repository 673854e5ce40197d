"""The pages in a real browser: they renew themselves, and fit a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from pytest_django import DjangoDbBlocker

from tests.admin.conftest import Log
from tests.chromium import Heard
from tests.odd import OddTable, forget_tiles
from tests.sessions import log_in, superuser_session

pytestmark = pytest.mark.browser
HERE = [1.0, 1.0, 1.5, 1.5]
DRAWN = "() => document.querySelector('graticule-preview')?.map?.areTilesLoaded()"
PAGES = ("/admin/", "/admin/changes/", "/admin/dropped/", "/admin/health/")


@pytest.fixture(scope="module")
def session_key(world: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The session of an operator. Made before the browser, which keeps the ORM out."""
    with superuser_session("watcher", django_db_blocker) as key:
        yield key


@pytest.fixture
def admin(session_key: str, site: str, page: Page) -> Page:
    """A page of somebody who is logged in."""
    log_in(page, session_key, site)
    return page


def test_a_change_appears_by_itself_and_what_is_open_stays_open(
    admin: Page, site: str, heard: Heard, changelog: Log, odd: OddTable
) -> None:
    odd("text_ids")
    changelog.applied(changelog.write("text_ids", boxes=HERE, who="ada"))
    admin.goto(f"{site}/admin/changes/")
    rows = admin.locator(".graticule-changes > tbody > tr")
    assert rows.count() == 1
    assert "UTC" in rows.first.locator("time").inner_text()
    rows.first.locator("summary").click()
    changelog.write("text_ids", "delete", boxes=HERE, who="bob")
    admin.locator("text=1 delete").wait_for()
    admin.wait_for_function(
        "() => [...document.querySelectorAll('.graticule-changes tr.applied')].length === 2"
    )
    assert rows.nth(0).locator("td").nth(3).inner_text().startswith("bob")
    assert rows.nth(1).locator("details").get_attribute("open") == ""
    assert (heard.errors, heard.failed) == ([], [])


def test_a_silent_server_is_told_of(admin: Page, site: str, changelog: Log) -> None:
    admin.goto(f"{site}/admin/changes/")
    admin.route("**/admin/changes/?live=*", lambda route: route.fulfill(status=503))
    admin.locator("text=No news: the server answered 503").wait_for()
    admin.unroute("**/admin/changes/?live=*")
    admin.locator(".graticule-silence").wait_for(state="hidden")


def test_invalid_geometries_are_counted_on_demand(
    admin: Page, site: str, heard: Heard, changelog: Log, odd: OddTable
) -> None:
    odd("text_ids")
    admin.goto(f"{site}/admin/health/text_ids/")
    admin.click("text=Count them")
    admin.locator("text=none in 2 rows").wait_for()
    assert (heard.errors, heard.failed) == ([], [])


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_fit_a_phone(
    admin: Page, site: str, heard: Heard, changelog: Log, odd: OddTable, path: str
) -> None:
    odd("text_ids")
    changelog.applied(changelog.write("text_ids", boxes=HERE, application="a" * 63))
    admin.set_viewport_size({"width": 375, "height": 700})
    admin.goto(f"{site}{path}")
    assert admin.evaluate("document.documentElement.scrollWidth") == 375
    assert (heard.errors, heard.failed) == ([], [])


def test_what_a_tile_over_budget_spends_and_where_it_is(
    admin: Page, site: str, heard: Heard, odd: OddTable
) -> None:
    forget_tiles()
    odd("heavy", rank_column="rank", byte_budget=10_000).answer((3, 4, 3))
    admin.goto(f"{site}/admin/budget/")
    admin.get_by_role("link", name="3/4/3").click()
    admin.get_by_role("cell", name="geometry").wait_for()
    admin.wait_for_function(DRAWN)
    assert heard.errors == []
