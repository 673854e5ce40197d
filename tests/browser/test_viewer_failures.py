"""The start page when things go wrong: it says so, and offers a way on."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.viewer import Viewer

pytestmark = pytest.mark.browser


@pytest.fixture
def viewer(page: Page, site: str) -> Viewer:
    return Viewer(page, site)


def busy(route: Route) -> None:
    route.fulfill(status=503, headers={"Retry-After": "2"})


def broken(route: Route) -> None:
    route.fulfill(status=500)


def test_a_server_that_is_away_is_asked_again(viewer: Viewer) -> None:
    viewer.page.route("**/catalog.json", lambda route: route.abort())
    viewer.page.goto(f"{viewer.base}/")
    alert = viewer.page.get_by_role("alert")
    expect(alert).to_contain_text("The map server does not answer")

    viewer.page.unroute("**/catalog.json")
    alert.get_by_role("button", name="Try again").click()
    viewer.expect_address("#world-light/.*")
    expect(alert).to_be_hidden()


def test_an_unknown_map_leads_to_another(viewer: Viewer) -> None:
    viewer.page.goto(f"{viewer.base}/#no-such-map")
    alert = viewer.page.get_by_role("alert")
    expect(alert).to_contain_text("This map is not here")
    alert.get_by_role("button", name="Show another map").click()
    viewer.expect_address("#world-light/.*")
    assert viewer.features("country")


def test_a_style_that_fails_leaves_the_map_before_it(viewer: Viewer) -> None:
    viewer.open("/#world-light/3/45/70")
    viewer.page.route("**/streets-light/style.json*", broken)
    viewer.choose("Streets of Astana")
    alert = viewer.page.get_by_role("alert")
    expect(alert).to_contain_text("500")
    assert viewer.features("country")

    viewer.page.unroute("**/streets-light/style.json*")
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_be_hidden()
    viewer.settle()
    assert viewer.features("road-")


def test_missing_tiles_are_said_and_asked_for_again(viewer: Viewer) -> None:
    viewer.page.route("**/tiles/**/*.mvt", lambda route: route.abort())
    viewer.page.goto(f"{viewer.base}/#world-light/3/45/70")
    alert = viewer.page.get_by_role("alert")
    expect(alert).to_contain_text("Parts of the map are missing")

    viewer.page.unroute("**/tiles/**/*.mvt")
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_be_hidden()
    viewer.settle()
    assert viewer.features("country")


def test_a_busy_server_is_asked_again_by_itself(viewer: Viewer) -> None:
    viewer.page.route("**/tiles/**/*.mvt", busy, times=1)
    viewer.open("/#world-light/0/20/0")
    assert viewer.features("land")
    expect(viewer.page.get_by_role("alert")).to_have_count(0)


def test_a_search_that_fails_says_so(viewer: Viewer) -> None:
    viewer.open()
    viewer.page.route("**/search*", busy)
    viewer.page.get_by_role("combobox", name="Search").fill("astana")
    expect(viewer.page.locator(".results-note")).to_contain_text("busy")


def test_without_webgl_the_addresses_are_still_there(viewer: Viewer) -> None:
    viewer.page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null;")
    viewer.page.goto(f"{viewer.base}/")
    expect(viewer.page.get_by_role("alert")).to_contain_text("This browser cannot draw the map")

    expect(viewer.page.get_by_role("radio", name="World")).to_be_checked()
    viewer.page.get_by_role("button", name="Use this map").click()
    expect(viewer.page.get_by_role("dialog")).to_contain_text("/styles/world-light/style.json")
