"""MapLibre Native draws our styles: strict about glyphs, and blank without a word on a 404."""

import mapli
import pytest

from tests.png import Picture, read
from tests.raw import request

pytestmark = pytest.mark.clients
SIZE = 256
# West, south-west and middle of Kazakhstan as the tests' world draws it, and the ocean.
LAND, SEA = (67.0, 48.0), (-30.0, -10.0)


@pytest.fixture(autouse=True)
def _no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGL_PLATFORM", "surfaceless")


@pytest.fixture
def pool(_no_display: None) -> mapli.RenderPool:
    """A renderer for one style: a second that is given by URL hangs mapli 0.4.1 for good."""
    return mapli.RenderPool(workers=1)


def draw(
    pool: mapli.RenderPool, style: str, place: tuple[float, float], zoom: float = 5
) -> Picture:
    """A square picture of a style around a place."""
    longitude, latitude = place
    png = pool.render(style, lon=longitude, lat=latitude, zoom=zoom, width=SIZE, height=SIZE)
    return read(png)


def plain(site: str) -> dict[str, object]:
    """Land in green over red."""
    return {
        "version": 8,
        "sources": {"w": {"type": "vector", "url": f"{site}/tiles/world.json"}},
        "layers": [
            {"id": "sea", "type": "background", "paint": {"background-color": "#ff0000"}},
            {"id": "land", "type": "fill", "source": "w", "source-layer": "countries",
             "paint": {"fill-color": "#00ff00", "fill-antialias": False}},
        ],
    }  # fmt: skip


def test_land_is_where_it_should_be(site: str, pool: mapli.RenderPool) -> None:
    pool.register_style("plain", json=plain(site))
    assert draw(pool, "plain", LAND).colours() == {(0, 255, 0)}
    assert draw(pool, "plain", SEA).colours() == {(255, 0, 0)}
    world = draw(pool, "plain", (0, 0), zoom=0)
    # 512 pixels are the world at zoom 0: the middle half of it is seen.
    green = [world.at(x, y) for y in range(SIZE) for x in range(SIZE)].count((0, 255, 0))
    assert 0.03 < green / SIZE**2 < 0.2


@pytest.mark.parametrize("zoom", [0, 1, 5, 10, 12])
def test_land_has_no_seam_at_any_zoom(site: str, pool: mapli.RenderPool, zoom: int) -> None:
    pool.register_style(f"seam{zoom}", json=plain(site))
    picture = draw(pool, f"seam{zoom}", LAND, zoom)
    assert picture.at(SIZE // 2, SIZE // 2) == (0, 255, 0)
    if zoom >= 5:
        assert picture.colours() == {(0, 255, 0)}


@pytest.mark.parametrize("style", ["world-light", "world-dark", "streets-light", "streets-dark"])
def test_every_shipped_style_is_drawn(site: str, pool: mapli.RenderPool, style: str) -> None:
    pool.register_style(style, url=f"{site}/styles/{style}/style.json")
    place, zoom = ((71.43, 51.13), 14.0) if style.startswith("streets") else (LAND, 3.0)
    picture = draw(pool, style, place, zoom)
    assert len(picture.colours()) > 20, "land, lines and the smooth edges of letters"


def test_light_and_dark_are_what_they_say(site: str) -> None:
    brightness = {}
    for theme in ("light", "dark"):
        pool = mapli.RenderPool(workers=1)
        pool.register_style(theme, url=f"{site}/styles/world-{theme}/style.json")
        brightness[theme] = sum(draw(pool, theme, SEA).at(5, 5))
    assert brightness["light"] > 2 * brightness["dark"]


def test_the_style_asks_for_nothing_that_is_not_there(site: str) -> None:
    style = request(site, "/styles/world-light/style.json").json()
    assert style["sources"]["world"]["url"] == f"{site}/tiles/world.json"
    assert style["sprite"].startswith(f"{site}/styles/")
    path = style["glyphs"].removeprefix(site).replace("{range}", "64768-65023")
    assert request(site, path.replace("{fontstack}", "Noto%20Sans%20Regular")).status == 200
