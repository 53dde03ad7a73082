"""Fixtures for the tests that look at a page in a browser.

`chromium` is a path, `browser` a running headless one, `page` a fresh page in it that watches for trouble: at its end
it fails the test when the page wrote an error to the console or asked another host for anything.
"""

import re
from urllib.parse import urlsplit

import pytest
from machine import missing

from backprop_lab.cli import browser as find_browser

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OWN = {"127.0.0.1", "localhost", "::1"}


@pytest.fixture(scope="session")
def chromium():
    """The path of a Chromium or Chrome; the test is skipped where there is none, and fails where CI is set."""
    found = find_browser()
    if found is None:
        missing("No Chromium or Chrome was found; this brings one: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, headless=True, args=ARGS)
        yield running
        running.close()


class Watch:
    """What went wrong on a page. `allow(pattern)` accepts a trouble that a test causes on purpose."""

    def __init__(self, page):
        self.seen: list[str] = []
        self.allowed: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"page error: {error}"))
        page.on("request", self._request)
        page.on("websocket", self._request)

    def _console(self, message):
        if message.type == "error":
            self.seen.append(f"console error: {message.text} ({message.location.get('url', '')})")

    def _request(self, request):
        address = urlsplit(request.url)
        if address.scheme not in ("about", "data", "blob", "file") and address.hostname not in OWN:
            self.seen.append(f"request to another host: {request.url}")

    def allow(self, pattern: str):
        self.allowed.append(pattern)

    def trouble(self) -> list[str]:
        return [line for line in self.seen if not any(re.search(pattern, line) for pattern in self.allowed)]


@pytest.fixture
def page(browser):
    """A fresh page, 1280 pixels wide; `page.watch` has what went wrong so far."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    fresh = context.new_page()
    fresh.watch = Watch(fresh)
    yield fresh
    trouble = fresh.watch.trouble()
    context.close()
    assert not trouble, "\n".join(trouble)
