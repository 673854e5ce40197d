"""Draws a served style in a headless Chromium and reads the map: labels, pixels, a picture.

MapLibre comes from `build/vendor`, so any server of ours can be looked at, whatever its pages.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "build" / "vendor"
PAGE_PATH = "/__cartography/"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]
TYPES = {".mjs": "text/javascript", ".css": "text/css"}
IDLE_MILLISECONDS = 60_000

HTML = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="maplibre-gl.css">
<style>html, body, #map {margin: 0; height: 100%}</style><div id="map"></div>
<script type="module">
import * as maplibregl from "./maplibre-gl.mjs";
maplibregl.setWorkerUrl(new URL("./maplibre-gl-worker.mjs", location.href).href);
window.draw = (view) => new Promise((resolve, reject) => {
  const options = {container: "map", fadeDuration: 0, attributionControl: false, ...view};
  const map = new maplibregl.Map(
    {...options, canvasContextAttributes: {preserveDrawingBuffer: true, antialias: true}});
  window.map = map;
  map.on("error", (event) => reject(event.error));
  map.once("idle", () => resolve(map.isStyleLoaded()));
});
window.look = (view) => new Promise((resolve) => {
  map.jumpTo(view);
  map.once("idle", () => resolve(true));
  map.triggerRepaint();
});
window.labels = () => {
  const found = map.queryRenderedFeatures().filter((feature) => feature.layer.type === "symbol");
  return found.flatMap((feature) => {
    const text = feature.layer.layout["text-field"];
    const name = text?.sections ? text.sections.map((section) => section.text).join("") : text;
    if (!name) return [];
    const points = feature.geometry.type === "Point" ? [feature.geometry.coordinates] : [];
    const {x, y} = points.length ? map.project(points[0]) : {x: 0, y: 0};
    return [{name, layer: feature.layer.id, line: !points.length, x, y}];
  });
};
window.ready = true;
</script>"""


@dataclass(frozen=True)
class Label:
    """A label that is drawn: its text, its style layer, its anchor on the screen in pixels.

    Names along lines have no one anchor.
    """

    name: str
    layer: str
    x: float
    y: float
    along_line: bool


class Map:
    """An open map of one style."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def look(self, zoom: float, longitude: float, latitude: float) -> None:
        """Go there, and wait until all is drawn."""
        view = {"zoom": zoom, "center": [longitude, latitude]}
        self._page.evaluate("view => window.look(view)", view)

    def resize(self, width: int, height: int) -> None:
        """Give the map another size, in CSS pixels."""
        self._page.set_viewport_size({"width": width, "height": height})
        self._page.evaluate("map.resize()")

    def picture(self, path: Path) -> None:
        """Save what is to be seen as a PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._page.screenshot(path=path)

    def labels(self) -> list[Label]:
        """The labels inside the picture, each once."""
        size = self._page.viewport_size or {"width": 0, "height": 0}
        found = self._page.evaluate("window.labels()")
        labels = [
            Label(each["name"], each["layer"], each["x"], each["y"], each["line"]) for each in found
        ]
        inside = (
            label
            for label in labels
            if 0 <= label.x <= size["width"] and 0 <= label.y <= size["height"]
        )
        # A point near a tile's edge is in two tiles, rounded differently.
        once = {(label.name, label.layer, label.x // 3, label.y // 3): label for label in inside}
        return list(once.values())

    def pixel(self, x: int, y: int) -> tuple[int, int, int]:
        """The colour there, in 0 to 255."""
        code = """([x, y]) => {
          const gl = map.painter.context.gl, scale = devicePixelRatio, pixel = new Uint8Array(4);
          const up = gl.drawingBufferHeight - 1 - y * scale;
          gl.readPixels(x * scale, up, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
          return [...pixel.slice(0, 3)]; }"""
        red, green, blue = self._page.evaluate(code, [x, y])
        return (red, green, blue)


@contextmanager
def opened(
    server: str, style: str, size: tuple[int, int] = (1280, 800), language: str = ""
) -> Iterator[Map]:
    """A browser with the style `style` of `server`, `size` in CSS pixels, names in `language`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        try:
            yield drawn(page, server, style, language)
        finally:
            browser.close()


def drawn(page: Page, server: str, style: str, language: str = "") -> Map:
    """The style as a map on `page`, all of it drawn."""
    page.route(f"{server}{PAGE_PATH}*", _serve_page)
    page.goto(f"{server}{PAGE_PATH}")
    page.wait_for_function("window.ready")
    page.set_default_timeout(IDLE_MILLISECONDS)
    address = f"{server}/styles/{style}/style.json" + (f"?lang={language}" if language else "")
    view = {"style": address, "zoom": 1, "center": [0, 20]}
    page.evaluate("view => window.draw(view)", view)
    return Map(page)


def _serve_page(route: Route) -> None:
    name = urlsplit(route.request.url).path.removeprefix(PAGE_PATH)
    if not name:
        route.fulfill(body=HTML, content_type="text/html")
        return
    file = VENDOR / "maplibre-gl" / name
    route.fulfill(body=file.read_bytes(), content_type=TYPES[file.suffix])


def twice(labels: list[Label], apart: float = 600) -> list[str]:
    """The names that stand twice within `apart` pixels, names along lines aside."""
    points = [label for label in labels if not label.along_line]
    pairs = (
        (one, other)
        for index, one in enumerate(points)
        for other in points[index + 1 :]
        if one.name == other.name
    )
    near = (
        one.name
        for one, other in pairs
        if (one.x - other.x) ** 2 < apart**2 - (one.y - other.y) ** 2
    )
    return sorted(set(near))


def report(labels: list[Label]) -> dict[str, Any]:
    """What is counted of a picture's labels."""
    layers: dict[str, int] = {}
    for label in labels:
        layers[label.layer] = layers.get(label.layer, 0) + 1
    return {"labels": len(labels), "twice": twice(labels), "layers": layers}


def as_json(found: dict[str, Any]) -> str:
    """For people and for `jq`."""
    return json.dumps(found, ensure_ascii=False, indent=2)
