"""The start page for every reader: keyboard, screen reader, phone, reduced motion, print."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.viewer import Viewer

pytestmark = pytest.mark.browser
AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
PHONE = {"width": 375, "height": 700}
SMALL_TARGETS = """() => [...document.querySelectorAll("button, a, select, input, [role=tab]")]
  .filter((one) => one.checkVisibility() && !one.closest(".maplibregl-ctrl-attrib"))
  .map((one) => [one.outerHTML.slice(0, 80), (one.closest("label") ?? one).getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.height < 44 || box.width < 44))
  .map(([html]) => html)"""


@pytest.fixture
def viewer(page: Page, site: str) -> Viewer:
    return Viewer(page, site)


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[Viewer]:
    with browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True) as context:  # type: ignore[arg-type]
        yield Viewer(context.new_page(), site)


def violations(page: Page) -> list[str]:
    """What axe-core finds, as `rule: element`."""
    page.evaluate(f"() => {{ {AXE.read_text('utf-8')} }}")
    result: dict[str, Any] = page.evaluate("() => axe.run()")
    return [
        f"{found['id']}: {node['html']}"
        for found in result["violations"]
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(viewer: Viewer, scheme: Any) -> None:
    viewer.page.emulate_media(color_scheme=scheme)
    viewer.open("/?theme=auto")
    assert violations(viewer.page) == []

    viewer.click(67, 48.5)
    viewer.page.click("#tab-layers")
    assert violations(viewer.page) == []
    viewer.page.click("#tab-legend")
    assert violations(viewer.page) == []
    viewer.page.click("#tab-maps")
    viewer.page.get_by_role("button", name="Use this map").click()
    assert violations(viewer.page) == []


def test_the_map_is_one_key_away(viewer: Viewer) -> None:
    viewer.open()
    viewer.page.keyboard.press("Tab")
    skip = viewer.page.get_by_role("link", name="Skip to the map")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    viewer.page.keyboard.press("Enter")
    expect(viewer.page.locator("#map canvas")).to_be_focused()
    expect(viewer.page.locator(".aim")).to_be_visible()


def test_attributes_are_read_without_a_mouse(viewer: Viewer) -> None:
    viewer.open("/#world-light/3/48.5/67")
    viewer.page.focus("#map canvas")
    viewer.page.keyboard.press("Enter")
    expect(viewer.page.get_by_role("heading", name="At this place")).to_be_focused()
    expect(viewer.page.locator("#found")).to_contain_text("Kazakhstan")

    viewer.page.keyboard.press("Escape")
    expect(viewer.page.locator("#found")).to_be_hidden()
    expect(viewer.page.locator("#map canvas")).to_be_focused()


def test_tabs_go_round_with_arrow_keys(viewer: Viewer) -> None:
    viewer.open()
    viewer.page.focus("#tab-maps")
    viewer.page.keyboard.press("ArrowLeft")
    expect(viewer.page.get_by_role("tab", name="Legend")).to_be_focused()
    expect(viewer.page.get_by_role("tabpanel", name="Legend")).to_be_visible()
    viewer.page.keyboard.press("Home")
    expect(viewer.page.get_by_role("tab", name="Maps")).to_be_focused()


def test_the_keyboard_reaches_everything_in_order(viewer: Viewer) -> None:
    viewer.open()
    order = []
    for _ in range(12):
        viewer.page.keyboard.press("Tab")
        order.append(viewer.page.evaluate("() => document.activeElement.id"))
    wanted = [name for name in order if name in ("search-text", "tab-maps", "language")]
    assert wanted == ["search-text", "tab-maps", "language"]


def test_the_map_and_its_buttons_have_names(viewer: Viewer) -> None:
    viewer.open()
    expect(viewer.page.get_by_role("region", name="Map: World")).to_be_visible()
    expect(viewer.page.get_by_role("button", name="Zoom in")).to_be_visible()


def test_a_phone_shows_the_map_first_and_a_sheet_on_demand(phone: Viewer) -> None:
    phone.open()
    panes = phone.page.locator("#panes")
    expect(panes).to_be_hidden()

    phone.page.get_by_role("tab", name="Layers").tap()
    expect(panes).to_be_visible()
    sheet = phone.page.locator("#panel").bounding_box()
    assert sheet is not None
    assert sheet["y"] > PHONE["height"] * 0.3
    assert sheet["y"] + sheet["height"] == pytest.approx(PHONE["height"], abs=1)

    phone.page.get_by_role("button", name="Map options").tap()
    expect(panes).to_be_hidden()
    assert phone.page.evaluate("() => document.documentElement.scrollWidth") == PHONE["width"]


def test_fingers_hit_everything_on_a_phone(phone: Viewer) -> None:
    phone.open()
    assert phone.page.evaluate(SMALL_TARGETS) == []
    for tab in ("Maps", "Layers", "Legend"):
        phone.page.get_by_role("tab", name=tab).tap()
        assert phone.page.evaluate(SMALL_TARGETS) == []


def test_axe_finds_nothing_on_a_phone(phone: Viewer) -> None:
    phone.open()
    assert violations(phone.page) == []


def test_those_who_want_no_motion_get_none(viewer: Viewer) -> None:
    viewer.page.emulate_media(reduced_motion="reduce")
    viewer.open()
    running = "() => getComputedStyle(document.querySelector('.stage'), '::before').animationName"
    viewer.page.evaluate("() => document.querySelector('.stage').classList.add('busy')")
    assert viewer.page.evaluate(running) == "none"


def test_print_has_the_map_and_whose_data_it_is(viewer: Viewer) -> None:
    viewer.open()
    viewer.page.emulate_media(media="print")
    expect(viewer.page.locator("#map canvas")).to_be_visible()
    expect(viewer.page.locator(".maplibregl-ctrl-attrib")).to_be_visible()
    expect(viewer.page.locator("#panel")).to_be_hidden()
