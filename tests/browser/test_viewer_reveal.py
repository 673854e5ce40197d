"""What was asked for is seen beside the sheet that tells of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.viewer import MAP, SECONDS, Viewer

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
ASTANA = "/#streets-light/16/51.13/71.43"
AT_REST = f"() => !{MAP}.isMoving()"
PLACE = f"(point) => {MAP}.unproject(point).toArray()"


@pytest.fixture(params=["no-preference", "reduce"])
def phone(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Viewer]:
    motion: Any = request.param
    size: Any = PHONE
    with browser.new_context(
        viewport=size, has_touch=True, is_mobile=True, reduced_motion=motion
    ) as context:
        yield Viewer(context.new_page(), site)


def test_a_phone_shows_what_was_tapped_above_the_sheet(phone: Viewer) -> None:
    phone.open(ASTANA)
    place = phone.page.evaluate(PLACE, [200, 650])
    phone.page.touchscreen.tap(200, 650)
    sheet = phone.page.locator("#found")
    expect(sheet).to_be_visible()
    phone.page.wait_for_timeout(0.5 * SECONDS)
    phone.page.wait_for_function(AT_REST)
    x, y = phone.point(*place)
    box = sheet.bounding_box()
    assert box is not None
    assert x == pytest.approx(200, abs=1)
    assert 72 < y < box["y"] - 20

    phone.page.get_by_role("button", name="Close").tap()
    phone.expect_address("#streets-light/16/51.13/71.43")


def test_a_map_that_was_moved_since_stays_there(phone: Viewer) -> None:
    phone.open(ASTANA)
    phone.page.touchscreen.tap(200, 650)
    phone.page.wait_for_timeout(0.5 * SECONDS)
    phone.page.evaluate(f"() => {MAP}.jumpTo({{ center: [71.44, 51.14] }})")
    phone.page.get_by_role("button", name="Close").tap()
    phone.page.wait_for_timeout(0.5 * SECONDS)
    phone.expect_address("#streets-light/16/51.14/71.44")


def test_what_is_seen_anyway_stays_where_it_is(phone: Viewer) -> None:
    phone.open(ASTANA)
    phone.page.touchscreen.tap(200, 200)
    expect(phone.page.locator("#found")).to_be_visible()
    phone.page.wait_for_timeout(0.5 * SECONDS)
    phone.expect_address("#streets-light/16/51.13/71.43")
