"""The viewer as a test handles it: open, wait, look, read pixels."""

import re
from typing import Any

from playwright.sync_api import Page, expect

SECONDS = 1000
MAP = "document.getElementById('map').map"
# The drawing buffer can be read only while MapLibre is drawing.
PIXEL = f"""([x, y]) => new Promise((resolve) => {{
  const map = {MAP};
  map.once("render", () => {{
    const canvas = map.getCanvas();
    const gl = canvas.getContext("webgl2");
    const pixel = new Uint8Array(4);
    gl.readPixels(x, canvas.height - y, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    resolve([...pixel]);
  }});
  map.triggerRepaint();
}})"""
# A change is drawn in the next frame: only the rest after that frame counts.
DRAWN = f"""() => new Promise((resolve) => {{
  const map = {MAP};
  if (!map) {{ resolve(); return; }}
  map.once("idle", () => resolve());
  map.triggerRepaint();
}})"""
POINT = f"(place) => {{ const p = {MAP}.project(place); return [p.x, p.y]; }}"


class Viewer:
    """A page with a map, at `/` or in a frame."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base

    def open(self, path: str = "/") -> None:
        """Load a page and wait until its map is at rest."""
        self.page.goto(f"{self.base}{path}")
        self.settle()

    def settle(self) -> None:
        """Wait until everything is drawn, a change that was made just now included."""
        self.page.wait_for_selector(".stage[aria-busy=false]", timeout=30 * SECONDS)
        self.page.evaluate(DRAWN)

    def features(self, layer: str) -> list[dict[str, Any]]:
        """The properties of what a style layer, or any layer of that group, draws now."""
        script = f"""(prefix) => {MAP}.queryRenderedFeatures()
            .filter((one) => one.layer.id.startsWith(prefix)).map((one) => one.properties)"""
        found: list[dict[str, Any]] = self.page.evaluate(script, layer)
        return found

    def point(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Where a place lies on the page."""
        x, y = self.page.evaluate(POINT, [longitude, latitude])
        return x, y

    def colour(self, longitude: float, latitude: float) -> tuple[int, int, int]:
        """The red, green and blue that a place is drawn in."""
        x, y = self.point(longitude, latitude)
        red, green, blue, _ = self.page.evaluate(PIXEL, [round(x), round(y)])
        return red, green, blue

    def click(self, longitude: float, latitude: float) -> None:
        """Click a place on the map."""
        self.page.mouse.click(*self.point(longitude, latitude))

    def choose(self, title: str) -> None:
        """Choose a map by its title."""
        self.page.click("#tab-maps")
        self.page.get_by_role("radio", name=title).check()

    def expect_address(self, pattern: str) -> None:
        """Wait until the address ends in something like `#style/zoom/latitude/longitude`."""
        expect(self.page).to_have_url(re.compile(rf"{pattern}$"), timeout=10 * SECONDS)
        self.settle()
