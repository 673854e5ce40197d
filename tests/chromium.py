"""A real Chromium that draws WebGL in software, and notes everything a page complains about."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]


@dataclass
class Heard:
    """What a page said and asked for: errors, and `(status, URL)` of each answer."""

    errors: list[str] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Note what `page` says from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("response", self._response)
        page.on("requestfailed", self._failed)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(f"{message.type}: {message.text}")

    def _response(self, response: Response) -> None:
        self.answers.append((response.status, response.url))

    def _failed(self, request: Request) -> None:
        # A map that moves on gives up the tiles it left: that is no failure.
        if request.failure != "net::ERR_ABORTED":
            self.failed.append(f"{request.failure}: {request.url}")

    def requests(self, part: str) -> list[tuple[int, str]]:
        """The answers whose URL has `part` in it."""
        return [answer for answer in self.answers if part in answer[1]]


@pytest.fixture(scope="session")
def browser(site: str) -> Iterator[Browser]:
    """One Chromium for the whole run.

    Playwright keeps an event loop running in this thread, where Django's ORM would refuse to
    work; nothing here is asynchronous, so it is told that it may.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def heard() -> Heard:
    """What the page of this test says and asks for."""
    return Heard()


@pytest.fixture
def page(browser: Browser, heard: Heard) -> Iterator[Page]:
    """A fresh page, 1024 x 768, whose console and requests are in `heard`."""
    context = browser.new_context(viewport={"width": 1024, "height": 768})
    opened = context.new_page()
    heard.listen(opened)
    yield opened
    context.close()
