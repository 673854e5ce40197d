"""The page that other sites frame, and the preview element, in a real browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.viewer import MAP, Viewer
from tests.chromium import Heard

pytestmark = pytest.mark.browser


@pytest.fixture
def viewer(page: Page, site: str) -> Viewer:
    return Viewer(page, site)


def test_another_site_frames_the_map(
    page: Page, heard: Heard, site: str, foreign_site: tuple[str, Path]
) -> None:
    foreign, folder = foreign_site
    frame = f'<iframe src="{site}/embed/world-light#3/48/67" title="Map" width="800"></iframe>'
    page_text = f"<!doctype html><link rel=icon href=data:,><title>Theirs</title>{frame}"
    (folder / "index.html").write_text(page_text, encoding="utf-8")
    page.goto(foreign)

    inside = page.frame_locator("iframe")
    expect(inside.locator(".stage")).to_have_attribute("aria-busy", "false", timeout=30_000)
    expect(inside.locator(".maplibregl-ctrl-attrib")).to_contain_text("Natural Earth")
    embedded = page.frame(url=lambda url: "/embed/" in url)
    assert embedded is not None
    assert embedded.evaluate(f"() => {MAP}.queryRenderedFeatures().length") > 0
    assert heard.errors == []


def test_the_start_page_is_not_framed(
    page: Page, site: str, foreign_site: tuple[str, Path]
) -> None:
    foreign, folder = foreign_site
    (folder / "index.html").write_text(f'<iframe src="{site}/"></iframe>', encoding="utf-8")
    page.goto(foreign)
    page.wait_for_load_state()
    assert all(not frame.url.startswith(site) for frame in page.frames)


def test_the_larger_map_shows_the_same(viewer: Viewer) -> None:
    viewer.open("/embed/world-light?lang=ru#3/48/67")
    link = viewer.page.get_by_role("link", name="Open larger map")
    expect(link).to_have_attribute("href", f"{viewer.base}/?lang=ru#world-light/3/48/67")


def test_the_theme_can_follow_the_reader(viewer: Viewer, heard: Heard) -> None:
    viewer.page.emulate_media(color_scheme="dark")
    viewer.open("/embed/world-light?theme=auto#3/48/67")
    assert heard.requests("/styles/world-dark/style.json")
    assert not heard.requests("/styles/world-light/style.json")

    viewer.open("/embed/world-light?theme=light&x=1#3/48/67")
    assert heard.requests("/styles/world-light/style.json")


def test_a_map_that_is_not_there_is_said(viewer: Viewer) -> None:
    answer = viewer.page.goto(f"{viewer.base}/embed/no-such-map")
    assert answer is not None
    assert answer.status == 404
    expect(viewer.page.get_by_role("heading", name="Not found")).to_be_visible()
    expect(viewer.page.get_by_role("link", name="Go to the maps")).to_be_visible()


def test_the_way_out_of_a_frame_without_a_map_is_a_new_tab(
    page: Page, site: str, foreign_site: tuple[str, Path]
) -> None:
    foreign, folder = foreign_site
    frame = f'<iframe src="{site}/embed/no-such-map" title="Map"></iframe>'
    (folder / "index.html").write_text(f"<!doctype html>{frame}", encoding="utf-8")
    page.goto(foreign)
    link = page.frame_locator("iframe").get_by_role("link", name="Go to the maps")
    with page.expect_popup() as opened:
        link.click()
    expect(opened.value).to_have_url(re.compile(f"^{site}/"))
    expect(opened.value.get_by_role("radio", name="World")).to_be_checked()

    page.goto(f"{site}/no-such-page")
    elsewhere = page.get_by_role("link", name="Go to the maps")
    assert elsewhere.get_attribute("target") is None


def test_a_preview_draws_all_layers_of_a_tilejson(
    page: Page, heard: Heard, site: str, foreign_site: tuple[str, Path]
) -> None:
    foreign, folder = foreign_site
    (folder / "index.html").write_text(
        f"""<!doctype html><link rel=icon href=data:,><title>Preview</title>
        <link rel="stylesheet" href="{site}/static/vendor/maplibre-gl/maplibre-gl.css">
        <link rel="stylesheet" href="{site}/static/viewer/preview.css">
        <script type="module" src="{site}/static/viewer/preview.js"></script>
        <graticule-preview tilejson="{site}/tiles/world.json" bounds="45,40,90,56"
          public-url="{site}" root="{site}/"></graticule-preview>""",
        encoding="utf-8",
    )
    page.goto(foreign)
    preview = page.locator("graticule-preview")
    expect(preview.locator(".preview-layers")).to_contain_text("countries")
    page.wait_for_function(
        "() => document.querySelector('graticule-preview')?.map?.queryRenderedFeatures().length"
    )
    page.focus("graticule-preview canvas")
    page.keyboard.press("Enter")
    expect(preview.locator(".preview-found")).to_contain_text("Kazakhstan")
    page.keyboard.press("Escape")
    expect(preview.locator(".preview-found")).to_be_hidden()
    assert heard.errors == []
