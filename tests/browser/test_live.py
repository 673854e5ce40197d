"""live.js in a page of another site: a row that is changed with SQL moves on the screen."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Page, Request, Route, expect

from styles.models import Style
from styles.publishing import add_version, publish
from tests.browser.viewer import Viewer
from tests.chromium import Heard
from tests.database import execute
from tests.odd import publish_odd
from tests.site import serving

pytestmark = pytest.mark.browser
SECONDS = 1000
NAME = "movers"
ROWS = (("mover", 10, 10), ("still", 100, 40))
PLACE, OTHER_PLACE = (10, 10), (20, 12)
PAGE = """<!doctype html><link rel=icon href=data:,><title>Theirs</title>
<link rel=stylesheet href=maplibre-gl.css>
<div id=map style="width:800px;height:600px"></div>
<script type=module>
import { Map } from "./maplibre-gl.mjs";
import { live } from "SITE/live.js";
window.map = new Map({
  container: "map", center: [10, 10], zoom: ZOOM, fadeDuration: 0,
  style: {
    version: 8,
    sources: { movers: { type: "vector", url: "SITE/tiles/movers.json" } },
    layers: [{ id: "dots", type: "circle", source: "movers", "source-layer": "movers" }],
  },
});
window.handle = live(map, { onAge: (age) => (window.age = age), control: "bottom-left" });
</script>"""
# The names of what is drawn at a place.
DRAWN_AT = """(place) => {
  const { x, y } = map.project(place);
  const box = [[x - 6, y - 6], [x + 6, y + 6]];
  return map.queryRenderedFeatures(box).map(({ properties }) => properties.name);
}"""
THERE = f"([name, place]) => ({DRAWN_AT})(place).includes(name)"
GONE = f"([name, place]) => !({DRAWN_AT})(place).includes(name)"
# A page that is hidden or seen, as far as scripts can tell.
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@dataclass
class Theirs:
    """A page with MapLibre and live.js, served from elsewhere."""

    page: Page
    heard: Heard
    folder: Path
    base: str
    site: str = field(default="")

    def open(self, site: str, zoom: float) -> None:
        """Open the page, and wait until it is drawn and follows the server."""
        self.site = site
        text = PAGE.replace("SITE", site).replace("ZOOM", str(zoom))
        (self.folder / "index.html").write_text(text, encoding="utf-8")
        self.page.goto(self.base)
        self.wait(THERE, "mover", PLACE)
        self.wait_for("() => map.loaded()")
        self.wait_for("() => window.age !== null && window.age < 5")

    def wait(self, condition: str, name: str, place: tuple[float, float]) -> None:
        """Wait until a row is drawn, or no longer drawn, at a place."""
        self.page.wait_for_function(condition, arg=[name, place], timeout=30 * SECONDS)

    def wait_for(self, condition: str) -> None:
        self.page.wait_for_function(condition, timeout=30 * SECONDS)

    def moved(self) -> None:
        """Wait until the mover is at its other place, and nowhere else."""
        self.wait(THERE, "mover", OTHER_PLACE)
        self.wait(GONE, "mover", PLACE)

    def polls(self) -> list[tuple[int, str]]:
        """The questions to the feed so far."""
        return self.heard.requests(f"/tiles/{NAME}/changes")

    def tiles(self) -> list[str]:
        """The addresses (z/x/y) of the tiles asked for so far."""
        paths = [urlsplit(url).path for _, url in self.heard.requests(".mvt")]
        return ["/".join(path.removesuffix(".mvt").split("/")[-3:]) for path in paths]

    def wait_for_polls(self, number: int) -> None:
        """Wait until the feed has been asked so many times more."""
        wanted = len(self.polls()) + number
        while len(self.polls()) < wanted:
            self.page.wait_for_event("response", timeout=30 * SECONDS)


@pytest.fixture
def movers(committed: None) -> str:
    """A tracked layer of two points."""
    execute(
        "CREATE TABLE odd.movers (id integer PRIMARY KEY, name text, geom geometry(Point, 4326))"
    )
    for number, (name, x, y) in enumerate(ROWS):
        execute(f"INSERT INTO odd.movers VALUES ({number}, '{name}', {point(x, y)})")
    published = publish_odd(NAME, max_zoom=4)
    assert published.layer.freshness == "tracked"
    return NAME


def point(x: float, y: float) -> str:
    """A point in SQL, degrees."""
    return f"ST_SetSRID(ST_MakePoint({x}, {y}), 4326)"


def move(x: float, y: float, name: str = "mover") -> None:
    """Change the row, as `psql` would."""
    execute(f"UPDATE odd.movers SET geom = {point(x, y)} WHERE name = '{name}'")


@pytest.fixture
def theirs(
    page: Page, heard: Heard, foreign_site: tuple[str, Path], movers: str
) -> Iterator[Theirs]:
    """The page's folder has MapLibre of its own."""
    base, folder = foreign_site
    for file in (settings.BUILD_DIR / "vendor" / "maplibre-gl").iterdir():
        shutil.copy(file, folder)
    yield Theirs(page, heard, folder, base)
    page.evaluate("() => window.handle?.stop()")


def test_a_changed_row_moves_and_only_its_tile_is_asked_for(theirs: Theirs, site: str) -> None:
    theirs.open(site, zoom=2)
    theirs.wait_for_polls(2)
    before, polls = theirs.tiles(), len(theirs.polls())
    assert len(set(before)) > 2
    conditions: list[str | None] = []

    def note(request: Request) -> None:
        if ".mvt" in request.url:
            conditions.append(request.all_headers().get("if-none-match"))

    theirs.page.on("request", note)
    move(*OTHER_PLACE)
    theirs.moved()
    # One question can come too early, the next one has the answer: two seconds at most.
    assert len(theirs.polls()) - polls <= 2
    theirs.wait_for_polls(2)
    asked = theirs.tiles()[len(before) :]
    assert set(asked) == {"2/2/1"}
    assert len(asked) <= 2, "once when it is told, once a second later"
    assert all(conditions), "the browser asks whether what it has is still right"
    assert theirs.heard.errors == []


def test_an_attribute_changes_where_it_is(theirs: Theirs, site: str) -> None:
    theirs.open(site, zoom=2)
    execute("UPDATE odd.movers SET name = 'renamed' WHERE name = 'mover'")
    theirs.wait(THERE, "renamed", PLACE)
    execute("DELETE FROM odd.movers WHERE name = 'renamed'")
    theirs.wait(GONE, "renamed", PLACE)


def test_a_row_outside_the_bounds_that_were_published_is_seen(theirs: Theirs, site: str) -> None:
    theirs.open(site, zoom=2)
    move(-20, -20)
    theirs.wait(THERE, "mover", (-20, -20))
    theirs.wait(GONE, "mover", PLACE)


def test_a_tile_that_is_scaled_up_is_cut_out_anew(theirs: Theirs, site: str) -> None:
    """MapLibre's workers keep the parts of tiles beyond the source's last zoom by their address."""
    theirs.open(site, zoom=6.5)
    place = (PLACE[0] + 1, PLACE[1])
    move(*place)
    theirs.wait(THERE, "mover", place)
    theirs.wait(GONE, "mover", PLACE)
    move(*PLACE)
    theirs.wait(THERE, "mover", PLACE)
    theirs.wait(GONE, "mover", place)


def test_what_was_on_screen_before_is_not_shown_again_as_it_was(theirs: Theirs, site: str) -> None:
    """MapLibre keeps tiles that have left the screen."""
    theirs.open(site, zoom=3)
    theirs.page.evaluate("() => map.jumpTo({ center: [100, 40] })")
    theirs.wait(THERE, "still", (100, 40))
    theirs.wait_for_polls(1)
    move(*OTHER_PLACE)
    theirs.wait_for_polls(3)
    theirs.page.evaluate("() => map.jumpTo({ center: [10, 10] })")
    # The first frame in which the place has any data has the new ones.
    theirs.wait(THERE, "mover", OTHER_PLACE)
    assert theirs.page.evaluate(DRAWN_AT, PLACE) == []


def test_a_hidden_page_is_silent_and_catches_up(theirs: Theirs, site: str) -> None:
    theirs.open(site, zoom=2)
    theirs.page.evaluate(HIDE, True)
    asked: list[str] = []
    theirs.page.on("request", lambda request: asked.append(request.url))
    move(*OTHER_PLACE)
    theirs.page.wait_for_timeout(2.5 * SECONDS)
    assert asked == []
    assert "mover" in theirs.page.evaluate(DRAWN_AT, PLACE)
    theirs.page.evaluate(HIDE, False)
    theirs.moved()


def test_a_server_that_does_not_answer_is_asked_less_and_the_age_grows(
    theirs: Theirs, site: str
) -> None:
    theirs.open(site, zoom=2)
    failed: list[str] = []

    def refuse(route: Route) -> None:
        failed.append(route.request.url)
        route.fulfill(status=503, headers={"Retry-After": "1"})

    theirs.page.route("**/changes?*", refuse)
    theirs.wait_for("() => window.age > 6")
    assert len(failed) < 6
    label = theirs.page.locator(".maplibregl-ctrl-bottom-left")
    assert "s old" in label.inner_text()
    move(*OTHER_PLACE)
    theirs.page.unroute("**/changes?*")
    theirs.moved()
    theirs.wait_for("() => window.age < 5")
    assert "live" in label.inner_text()


def test_a_tile_that_failed_is_loaded_again(theirs: Theirs, site: str) -> None:
    theirs.open(site, zoom=2)
    theirs.page.route("**/2/2/1.mvt", lambda route: route.fulfill(status=503))
    with theirs.page.expect_response("**/2/2/1.mvt", timeout=30 * SECONDS):
        move(*OTHER_PLACE)
    theirs.wait_for_polls(2)
    theirs.page.unroute("**/2/2/1.mvt")
    theirs.moved()


def test_another_generation_loads_everything_again(theirs: Theirs, site: str) -> None:
    theirs.open(site, zoom=2)
    theirs.wait_for_polls(1)
    before = theirs.tiles()
    execute("UPDATE core_resource SET generation = generation + 1 WHERE name = 'movers'")
    theirs.page.wait_for_event("response", lambda answer: ".mvt" in answer.url)
    theirs.wait_for_polls(3)
    asked = theirs.tiles()[len(before) :]
    assert set(asked) >= set(before)


def test_a_restarted_server_is_followed_again(theirs: Theirs, movers: str, tmp_path: Path) -> None:
    with serving(tmp_path / "first.log") as first:
        port = str(urlsplit(first).port)
        theirs.open(first, zoom=2)
    move(*OTHER_PLACE)
    with serving(tmp_path / "second.log", port=int(port)):
        theirs.moved()


@pytest.fixture
def own_style(movers: str) -> Iterator[str]:
    """A published style that draws the layer."""
    document = {
        "version": 8,
        "name": "Movers",
        "center": list(PLACE),
        "zoom": 2,
        "sources": {"movers": {"type": "vector", "url": "/tiles/movers.json"}},
        "layers": [{"id": "dots", "type": "circle", "source": "movers", "source-layer": "movers"}],
    }
    style = Style.objects.create(name="movers-plain", title="Movers")
    publish(add_version(style, json.dumps(document)))
    yield style.name
    Style.objects.filter(pk=style.pk).update(state="draft", published=None)
    Style.objects.filter(pk=style.pk).delete()


@pytest.mark.parametrize("path", ["/#{}/2/10/10", "/embed/{}#2/10/10"])
def test_our_own_pages_follow_and_say_so(
    page: Page, heard: Heard, site: str, own_style: str, path: str
) -> None:
    place = f"document.getElementById('map').map.project([{OTHER_PLACE[0]}, {OTHER_PLACE[1]}])"
    viewer = Viewer(page, site)
    viewer.open(path.format(own_style))
    age = page.locator(".age")
    expect(age).to_have_text("live", timeout=30 * SECONDS)
    expect(age).to_have_attribute("title", "The map follows the database.")
    move(*OTHER_PLACE)
    page.wait_for_function(
        f"() => document.getElementById('map').map.queryRenderedFeatures({place}).length",
        timeout=30 * SECONDS,
    )
    assert heard.errors == []


def test_our_own_page_says_when_it_is_behind(page: Page, site: str, own_style: str) -> None:
    Viewer(page, site).open(f"/#{own_style}/2/10/10")
    age = page.locator(".age")
    expect(age).to_have_text("live", timeout=30 * SECONDS)
    page.route("**/changes?*", lambda route: route.abort())
    expect(age).to_have_text(re.compile(r"^\d+ s old$"), timeout=30 * SECONDS)
    expect(page.locator("#announcer")).to_contain_text("may be missing")
    page.unroute("**/changes?*")
    expect(age).to_have_text("live", timeout=60 * SECONDS)
    expect(page.locator("#announcer")).to_contain_text("up to date again")
