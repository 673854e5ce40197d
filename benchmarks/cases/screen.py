"""What a person sees: a page with MapLibre and live.js in Chromium, and a row that is edited.

Not run where Playwright or Chromium are missing: they are what the tests want, not the server.
"""

import shutil
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from psycopg2 import sql

from benchmarks.bench import Bench
from benchmarks.load.measure import percentile
from benchmarks.results import Row
from benchmarks.servers.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHANGES = 25
PATIENCE_MS = 15_000
# WebGL in software: there is no other in a headless browser on a server.
FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PAGE = Path(__file__).with_name("screen.html")
WHERE = """
SELECT id, ST_X(p), ST_Y(p), value FROM (
  SELECT id, value, ST_Transform(ST_PointOnSurface(geom), 4326) AS p FROM {table} WHERE id = %s
) AS t
"""
EDIT = "UPDATE {table} SET value = value + 1 WHERE id = %s"


def shown(bench: Bench, server: Server, cursor: Any, name: str) -> None:
    """Edit one row again and again, and wait until the map draws its new value."""
    what = "commit to screen"
    chromium = shutil.which("chromium")
    if chromium is None or find_spec("playwright") is None:
        bench.results.rows.append(Row("fresh", what, server.name, not_run="no Chromium"))
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not a server's package

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        times = _edited(bench, browser.new_page(), server, cursor, name)
        browser.close()
    ordered = sorted(times)
    facts = {
        "changes": len(times),
        "p50_ms": round(percentile(ordered, 0.5), 1),
        "p99_ms": round(percentile(ordered, 0.99), 1),
        "longest_ms": round(ordered[-1], 1),
        "never": 0,
        "load": 0,
    }
    bench.results.rows.append(Row("fresh", what, server.name, [], facts))
    bench.say(f"fresh        {what:<28}p50 {facts['p50_ms']:.0f} ms, p99 {facts['p99_ms']:.0f} ms")


def _furnish(page: "Page", server: Server, name: str) -> None:
    """Give the browser the page and MapLibre under /bench/ of the server; the rest is its own."""
    html = PAGE.read_text("utf-8").replace("LAYER", name)
    page.route(
        f"{server.base}/bench/", lambda route: route.fulfill(body=html, content_type="text/html")
    )
    vendor = Path(settings.BUILD_DIR) / "vendor" / "maplibre-gl"
    page.route(
        f"{server.base}/bench/maplibre*",
        lambda route: route.fulfill(path=vendor / Path(urlsplit(route.request.url).path).name),
    )


def _edited(bench: Bench, page: "Page", server: Server, cursor: Any, name: str) -> list[float]:
    """Milliseconds from each commit to the frame that draws it; raises Playwright's timeout."""
    table = sql.Identifier(bench.place.schema, name)
    cursor.execute(sql.SQL(WHERE).format(table=table), [1])
    row, longitude, latitude, value = cursor.fetchone()
    _furnish(page, server, name)
    page.goto(f"{server.base}/bench/#15/{latitude}/{longitude}")
    page.wait_for_function(f"window.drawn?.({row}) === {value}", timeout=PATIENCE_MS)
    times = []
    for number in range(bench.plan.some(CHANGES)):
        # Not in step with the page's own clock.
        time.sleep(0.7 + number * 0.137 % 1)
        cursor.execute(sql.SQL(EDIT).format(table=table), [row])
        committed = time.perf_counter()
        value += 1
        page.wait_for_function(
            f"window.drawn({row}) === {value}", timeout=PATIENCE_MS, polling="raf"
        )
        times.append(1000 * (time.perf_counter() - committed))
    return times
