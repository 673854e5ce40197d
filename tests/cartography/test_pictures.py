"""The demo styles as pictures: what is land is drawn as land, and names stand once."""

import pytest
from playwright.sync_api import Page

from styles.demo.world.palette import DARK, LIGHT, Palette
from tests.cartography import shots
from tests.cartography.colour import Rgb, difference, parse
from tests.cartography.shots import Label


def label(name: str, x: float, y: float) -> Label:
    return Label(name, "place", x, y, along_line=False)


def test_a_name_stands_twice_when_it_is_near_itself() -> None:
    near = [label("Aue", 0, 0), label("Aue", 300, 400), label("Bad", 0, 0)]
    assert shots.twice(near) == ["Aue"]
    assert shots.twice(near, apart=500) == []
    assert shots.twice([label("Aue", 0, 0), label("Bad", 0, 0)]) == []


def as_colour(pixel: tuple[int, int, int]) -> Rgb:
    red, green, blue = pixel
    return (red / 255, green / 255, blue / 255)


@pytest.mark.browser
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)
def test_land_and_sea_have_their_colours(site: str, page: Page, palette: Palette) -> None:
    opened = shots.drawn(page, site, f"world-{palette.name}")
    width, height = 1024 // 2, 768 // 2
    opened.look(5, -150, 10)
    sea = as_colour(opened.pixel(width, height))
    opened.look(7, 65, 48)
    land = as_colour(opened.pixel(width + 20, height + 20))
    assert difference(sea, parse(palette.water)) < 2
    assert min(difference(land, parse(c)) for c in (palette.land, *palette.tints)) < 3


@pytest.mark.browser
def test_every_name_is_there_once(site: str, page: Page) -> None:
    opened = shots.drawn(page, site, "world-light")
    opened.look(4, 68, 48)
    found = opened.labels()
    assert "Kazakhstan" in {label.name for label in found}
    assert shots.twice(found) == []
