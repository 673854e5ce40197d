"""Which map the viewer opens, and where: a style of somebody's that says nothing of it."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from styles.models import Style
from styles.publishing import add_version, publish
from tests.browser.viewer import MAP, Viewer
from tests.database import execute
from tests.odd import publish_odd

pytestmark = pytest.mark.browser
NAME = "zz-points"
WEST, SOUTH, EAST, NORTH = 8.50, 47.36, 8.56, 47.40
DRAWN = f"() => {MAP}.queryRenderedFeatures().map((one) => one.properties.name).sort()"


@pytest.fixture
def viewer(page: Page, site: str) -> Viewer:
    return Viewer(page, site)


@pytest.fixture
def plain(committed: None) -> Iterator[str]:
    """A style over two points of Zurich that has neither centre nor zoom."""
    execute(
        "CREATE TABLE odd.points (id integer PRIMARY KEY, name text, geom geometry(Point, 4326));"
        "INSERT INTO odd.points VALUES"
        f" (1, 'low', ST_SetSRID(ST_MakePoint({WEST}, {SOUTH}), 4326)),"
        f" (2, 'high', ST_SetSRID(ST_MakePoint({EAST}, {NORTH}), 4326))"
    )
    publish_odd("points", max_zoom=14)
    document = {
        "version": 8,
        "name": "Points",
        "sources": {"points": {"type": "vector", "url": "/tiles/points.json"}},
        "layers": [{"id": "dots", "type": "circle", "source": "points", "source-layer": "points"}],
    }
    style = Style.objects.create(name=NAME, title="Points")
    publish(add_version(style, json.dumps(document)))
    yield style.name
    Style.objects.filter(pk=style.pk).update(state="draft", published=None)
    Style.objects.filter(pk=style.pk).delete()


def test_a_new_style_does_not_become_the_start_page(viewer: Viewer, plain: str) -> None:
    viewer.open()
    expect(viewer.page.get_by_role("radio", name="Points")).not_to_be_checked()
    viewer.expect_address(r"#world-light/\S+")


@pytest.mark.parametrize("path", ["/#{}", "/embed/{}"])
def test_a_style_without_a_centre_opens_on_its_data(viewer: Viewer, plain: str, path: str) -> None:
    viewer.open(path.format(plain))
    viewer.settle()
    assert viewer.page.evaluate(DRAWN) == ["high", "low"]
    assert viewer.page.evaluate(f"() => {MAP}.getZoom()") > 10
