"""Places that are searched for: on a map that shows them, and in step with the address."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.viewer import Viewer
from tests.chromium import Heard

pytestmark = pytest.mark.browser
STREET = {
    "name": "Qabanbay",
    "kind": "street",
    "context": "Astana",
    "longitude": 71.4315,
    "latitude": 51.1307,
    "zoom": 15,
}


@pytest.fixture
def viewer(page: Page, site: str) -> Viewer:
    return Viewer(page, site)


def go_to(viewer: Viewer, text: str) -> None:
    """Search for a place and go to the first that is found."""
    field = viewer.page.get_by_role("combobox", name="Search for a place")
    field.fill(text)
    expect(viewer.page.get_by_role("option").first).to_contain_text(text)
    field.press("Enter")


def test_a_street_is_shown_on_the_map_that_has_it(viewer: Viewer, heard: Heard) -> None:
    viewer.page.route("**/api/v1/search*", lambda route: route.fulfill(json={"results": [STREET]}))
    viewer.open("/#world-light/3/45/70")
    go_to(viewer, "Qabanbay")
    viewer.expect_address(r"#streets-light/15/51\.1307/71\.4315")
    assert viewer.features("building")
    expect(viewer.page.get_by_role("img", name="Qabanbay")).to_be_visible()
    note = viewer.page.get_by_text("This is on another map: Streets of Astana.")
    expect(note).to_be_visible()

    viewer.page.mouse.click(700, 600)
    expect(note).to_be_hidden()
    viewer.page.go_back()
    viewer.expect_address("#world-light/3/45/70")
    assert viewer.features("country")
    assert heard.errors == []


def test_the_field_and_the_pin_go_back_and_forth_with_the_address(
    viewer: Viewer, heard: Heard
) -> None:
    field = viewer.page.get_by_role("combobox", name="Search for a place")
    astana = viewer.page.get_by_role("img", name="Astana")
    almaty = viewer.page.get_by_role("img", name="Almaty")
    viewer.open("/#world-light/3/45/70")
    go_to(viewer, "Astana")
    viewer.expect_address(r"#world-light/9/51\.13/71\.43")
    go_to(viewer, "Almaty")
    viewer.expect_address(r"#world-light/9/43\.25/76\.95")
    expect(field).to_have_value("Almaty")

    viewer.page.go_back()
    viewer.expect_address(r"#world-light/9/51\.13/71\.43")
    expect(field).to_have_value("Astana")
    expect(astana).to_be_visible()
    expect(almaty).to_have_count(0)

    viewer.page.go_back()
    viewer.expect_address("#world-light/3/45/70")
    expect(field).to_have_value("")
    expect(viewer.page.get_by_role("button", name="Clear the search")).to_be_hidden()
    expect(astana).to_have_count(0)

    viewer.page.go_forward()
    expect(field).to_have_value("Astana")
    viewer.page.reload()
    viewer.settle()
    expect(field).to_have_value("Astana")
    expect(astana).to_be_visible()

    viewer.page.get_by_role("button", name="Clear the search").click()
    viewer.page.reload()
    viewer.settle()
    expect(field).to_have_value("")
    assert heard.errors == []
