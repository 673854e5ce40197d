"""The start page in a real browser: maps, layers, legend, attributes, search, address."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.viewer import Viewer
from tests.chromium import Heard

pytestmark = pytest.mark.browser
KAZAKHSTAN = (61.5, 48.0)  # beside its name
INDIAN_OCEAN = (78.0, -8.0)


@pytest.fixture
def viewer(page: Page, site: str) -> Viewer:
    return Viewer(page, site)


def test_the_map_is_drawn_and_nothing_is_wrong(viewer: Viewer, heard: Heard) -> None:
    viewer.open()

    names = {one["name_en"] for one in viewer.features("country")}
    assert "Kazakhstan" in names
    land, water = viewer.colour(*KAZAKHSTAN), viewer.colour(*INDIAN_OCEAN)
    assert land != water
    assert water[2] > water[0]  # water is blue
    assert heard.errors == []
    assert heard.failed == []
    assert {status for status, _ in heard.answers} <= {200, 204, 304}


def test_everything_comes_from_this_server(viewer: Viewer, heard: Heard, site: str) -> None:
    viewer.open()
    viewer.page.click("#tab-legend")

    hosts = {urlsplit(url).netloc for _, url in heard.answers if url.startswith("http")}
    assert hosts == {urlsplit(site).netloc}


def test_the_policy_leaves_no_room_for_foreign_scripts(viewer: Viewer) -> None:
    answer = viewer.page.goto(f"{viewer.base}/")
    assert answer is not None
    policy = answer.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_map_is_chosen_and_left_again_with_back(viewer: Viewer, heard: Heard) -> None:
    viewer.open("/#world-light/3/45/70")
    viewer.choose("Streets of Astana")
    viewer.expect_address("#streets-light/.*")
    assert viewer.features("road-primary")

    viewer.page.go_back()
    viewer.expect_address("#world-light/3/45/70")
    assert viewer.features("country")

    viewer.page.go_forward()
    viewer.expect_address("#streets-light/.*")
    assert heard.errors == []


def test_the_address_says_where(viewer: Viewer) -> None:
    viewer.open("/#world-light/4/51.1/71.4")
    viewer.page.focus("#map canvas")
    viewer.page.keyboard.press("ArrowRight")
    expect(viewer.page).not_to_have_url(re.compile("71.4$"))
    viewer.expect_address(r"#world-light/4/\S+/\S+")


def test_a_place_without_a_style_is_shown_on_the_map_that_opens_first(viewer: Viewer) -> None:
    viewer.open("/#4/51.1/71.4")
    viewer.expect_address(r"#[a-z-]+/4/51\.1/71\.4")


@pytest.mark.parametrize("address", ["world-light/ninety/x/y", "a/b", "4/x/y", "1/2/3/4/5"])
def test_nonsense_in_the_address_shows_a_map_all_the_same(viewer: Viewer, address: str) -> None:
    viewer.open(f"/#{address}")
    assert viewer.features("country")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        *(("%", r"\S+"), ("%ff", r"\S+"), ("4/48%/67", r"\S+")),
        *(("%/4/48/67", "4/48/67"), ("world-light%/4/48/67", "4/48/67")),
    ],
)
def test_a_malformed_percent_sign_shows_the_map_that_opens_first(
    viewer: Viewer, heard: Heard, address: str, shown: str
) -> None:
    viewer.open(f"/#{address}")
    viewer.expect_address(f"#world-light/{shown}")
    assert viewer.features("country")
    assert heard.errors == []


def test_an_unknown_map_with_a_percent_sign_is_said_not_to_be_here(
    viewer: Viewer, heard: Heard
) -> None:
    viewer.page.goto(f"{viewer.base}/#%25/4/48/67")
    expect(viewer.page.get_by_role("alert")).to_contain_text("This map is not here")
    assert heard.errors == []


def test_dark_is_the_same_map_in_other_colours(viewer: Viewer, heard: Heard) -> None:
    viewer.open("/#world-light/2/20/70")
    light = viewer.colour(*INDIAN_OCEAN)
    viewer.page.get_by_role("radio", name="Dark").check()
    viewer.expect_address("#world-dark/2/20/70")

    assert sum(viewer.colour(*INDIAN_OCEAN)) < sum(light)
    assert viewer.page.get_attribute("html", "data-theme") == "dark"
    assert heard.errors == []


def test_dark_follows_the_system(browser: Browser, site: str) -> None:
    with browser.new_context(color_scheme="dark") as context:
        viewer = Viewer(context.new_page(), site)
        viewer.open()
        viewer.expect_address("#world-dark/.*")
        viewer.page.emulate_media(color_scheme="light")
        viewer.expect_address("#world-light/.*")


def test_labels_are_asked_for_in_a_language(viewer: Viewer, heard: Heard) -> None:
    viewer.open()
    viewer.page.select_option("#language", "ru")
    expect(viewer.page.locator(".stage")).to_have_attribute("aria-busy", "false")
    viewer.settle()

    assert heard.requests("style.json?lang=ru")


def test_layers_are_switched_off_by_group_and_by_kind(viewer: Viewer) -> None:
    viewer.open("/#streets-light/15/51.1307/71.4315")
    viewer.page.click("#tab-layers")
    roads = viewer.page.get_by_role("checkbox", name="Roads")
    roads.uncheck()
    viewer.settle()
    assert not viewer.features("road-")
    assert viewer.features("building")

    viewer.choose("World")
    viewer.choose("Streets of Astana")
    viewer.page.click("#tab-layers")
    expect(roads).not_to_be_checked()
    viewer.page.get_by_role("button", name="Show all layers").click()
    viewer.settle()
    expect(roads).to_be_checked()


def test_a_click_tells_what_is_there_as_text(viewer: Viewer) -> None:
    viewer.open("/#world-light/3/45/70")
    viewer.click(*KAZAKHSTAN)

    found = viewer.page.locator("#found")
    expect(found.locator("summary").first).to_contain_text("Qazaqstan")
    expect(found.locator("dl").first).to_contain_text("KAZ")
    expect(viewer.page.locator("#announcer")).to_contain_text("at this place")
    viewer.settle()
    assert viewer.features("graticule-selection-area")

    found.get_by_role("button", name="Close").click()
    expect(found).to_be_hidden()


def test_markup_in_data_stays_text(viewer: Viewer) -> None:
    viewer.open("/#world-light/3/45/70")
    viewer.page.evaluate(
        """() => {
          const map = document.getElementById("map").map;
          map.queryRenderedFeatures = () => [{
            id: 1, source: "world", sourceLayer: "places", layer: {id: "place-city", source: "w"},
            properties: {name: "<img src=x onerror=alert(1)>", about: "<b>bold</b>"},
            geometry: {type: "Point", coordinates: [70, 45]},
          }];
        }"""
    )
    viewer.click(*KAZAKHSTAN)

    expect(viewer.page.locator("#found")).to_contain_text("<b>bold</b>")
    assert viewer.page.locator("#found img, #found dd b").count() == 0


def test_the_legend_shows_what_is_on_screen(viewer: Viewer) -> None:
    viewer.open("/#streets-light/15/51.1307/71.4315")
    viewer.page.click("#tab-legend")
    legend = viewer.page.locator("#pane-legend")
    expect(legend).to_contain_text("Roads")
    expect(legend).to_contain_text("Primary")
    expect(legend).not_to_contain_text("Country names")

    primary = legend.locator("li", has_text="Primary").first
    assert primary.locator("path").count() == 2  # the casing, and the fill on it


def test_a_place_is_found_and_shown(viewer: Viewer, heard: Heard) -> None:
    viewer.open("/#world-light/2/0/0")
    field = viewer.page.get_by_role("combobox", name="Search for a place")
    field.fill("astana")
    expect(viewer.page.get_by_role("option")).to_contain_text(["Astana"])
    expect(field).to_have_attribute("aria-expanded", "true")

    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "place-0")
    field.press("Enter")
    viewer.expect_address(r"#world-light/9/51\.13/71\.43")
    expect(viewer.page.get_by_role("img", name="Astana")).to_be_visible()

    viewer.page.go_back()
    viewer.expect_address("#world-light/2/0/0")
    assert heard.errors == []


def test_what_is_not_found_is_said(viewer: Viewer) -> None:
    viewer.open()
    field = viewer.page.get_by_role("combobox", name="Search")
    field.fill("qqqqzzzz")
    expect(viewer.page.get_by_text("No place of that name.")).to_be_visible()
    field.press("Escape")
    expect(viewer.page.get_by_text("No place of that name.")).to_be_hidden()


def test_what_others_need_can_be_copied(viewer: Viewer, site: str) -> None:
    viewer.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    viewer.open("/#world-light/3/45/70")
    viewer.page.get_by_role("button", name="Use this map").click()
    dialog = viewer.page.get_by_role("dialog", name="Use this map")
    for text in (
        f"{site}/styles/world-light/style.json",
        f"{site}/tiles/world.json",
        f"{site}/tiles/world/{{z}}/{{x}}/{{y}}.mvt",
        f"{site}/embed/world-light?theme=auto#3/45/70",
        f'style: "{site}/styles/world-light/style.json"',
        f"{site}/styles/world-light/style.json?for=qgis",
    ):
        expect(dialog).to_contain_text(text)

    button = dialog.get_by_role("button", name="Copy: Style", exact=True)
    button.click()
    expect(button).to_contain_text("Copied")
    copied = viewer.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == f"{site}/styles/world-light/style.json"

    viewer.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_attribution_and_scale_are_there(viewer: Viewer) -> None:
    viewer.open()
    expect(viewer.page.locator(".maplibregl-ctrl-attrib")).to_contain_text("Natural Earth")
    expect(viewer.page.locator(".maplibregl-ctrl-scale")).to_contain_text("km")
