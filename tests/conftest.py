"""Fixtures for the tests that look at a page in a browser.

`chromium` is a path, `browser` a running headless one, `page` a page in it that watches for trouble: at its end it
fails the test when the page wrote an error to the console or asked another host for anything.

With MATHS_FONT=none in the environment no test's browser finds a font for mathematics, as on most machines.

A new page costs half a second of the processor's time, more than most tests do on it. So all tests of a process work in
one tab: it shows another address, which leaves nothing of the last page, and `Tab.tidy` sets back what stays.
"""

import os
import re
import time
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support import processor
from support.lab_server import close_notebooks, lab_server
from support.machine import missing

from backprop_lab.cli import browser as find_browser

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-gpu-compositing",  # nothing is composed as if there were one, which costs a fifth of a new page
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HERE = Path(__file__).parent
# What pyproject.toml leaves out of the tests' own processes is left out of kernels, servers and graders, too.
os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE / "quick"), *filter(None, [os.environ.get("PYTHONPATH")])])
# Kernels are spoken to through files: ports that were free when a kernel is told them may be another's when it listens.
os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "local-sockets"
OWN = {"127.0.0.1", "localhost", "::1"}
# How long a test waits for what must come, in milliseconds: on a busy machine it comes late, and that is no failure.
PATIENCE = 120_000
MATHS_FONT = os.environ.get("MATHS_FONT") != "none"
# Nothing moves, except where a test says so and has the clock in its hand.
USUAL = {"media": "null", "color_scheme": "light", "reduced_motion": "reduce", "forced_colors": "none"}
FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def chromium():
    """The path of a Chromium or Chrome; the test is skipped where there is none, and fails where CI is set."""
    found = find_browser()
    if found is None:
        missing("No Chromium or Chrome was found; this brings one: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def browsers(chromium):
    """Starts a browser, with the machine's fonts or without those for mathematics, as on most machines; once each."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:

        @cache
        def start(maths_font: bool):
            fonts = {} if maths_font else {"FONTCONFIG_FILE": str(HERE / "support" / "no_maths_font.conf")}
            options = {"headless": True, "args": ARGS, "timeout": PATIENCE, "env": os.environ | fonts}
            running.append(playwright.chromium.launch(executable_path=chromium, **options))
            return running[-1]

        running = []
        yield start
        for each in running:
            each.close()


@pytest.fixture(scope="session")
def browser(browsers):
    return browsers(MATHS_FONT)


# Where films are mounted and measured; `boxes.js` and `sizes.js` do it. It looks as a player's exported page does.
STAGE = """<!doctype html><html lang="en" class="bl-page"><head><style>{}</style></head>
<body><main><h1 class="bl-page-title">Films</h1><div id="player"></div></main></body></html>"""


@pytest.fixture(scope="session")
def stages(browsers):
    """A page of its own in either browser, because painting waits there for the test; no number is on its way."""
    from backprop_lab.widgets.page import script, style

    @cache
    def page(maths_font: bool):
        made = browsers(maths_font).new_page(reduced_motion="reduce")
        made.watch = Watch(made)
        made.set_content(STAGE.format(style()))
        for name in ("boxes.js", "sizes.js"):
            made.add_script_tag(path=HERE / "support" / name)
        made.evaluate("(code) => window.load(code)", script())
        pages.append(made)
        return made

    pages = []
    yield page
    for made in pages:
        made.close()


@pytest.fixture
def stage(stages):
    """Shows films one after the other in one page, which takes less than a page for each does."""
    page = stages(MATHS_FONT)
    yield page
    trouble = page.watch.trouble()
    page.watch.seen.clear()
    assert not trouble, "\n".join(trouble)


# Files whose tests use the same JupyterLab, or the same notebooks that have run; one process takes them together. What
# takes longest begins first, so that all processes end together.
TOGETHER = {
    "lab": (
        "test_lessons_page",
        "test_order_page",
        "test_numerical_page",
        "test_lab",
        "test_lab_tour",
        "test_lab_place",
    ),
    "exercises": ("test_graders", "test_cells"),
    "colab": ("test_colab",),
    "notebooks": ("test_notebooks", "test_teaching", "test_rules"),
}
GROUPS = {file: group for group, files in TOGETHER.items() for file in files}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class Grouped(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = Path(nodeid.partition("::")[0]).stem
            return GROUPS.get(file, file)

        def remove_node(self, node):
            """A test in which a process ended, by itself or because it hung, has failed and is not tried again."""
            test = super().remove_node(node)
            if test is not None:
                self.workqueue[self._split_scope(test)][test] = True
            return test

    return Grouped(config, log)


# Files that take long alone, the longest first; the many short ones fill the gaps at the end.
LONG = (
    "test_boxes_page",
    "test_modes_page",
    "test_motion_page",
    "test_accessible_page",
    "test_paths_page",
    "test_fold_page",
    "test_exercises",
    "test_matrices_page",
    "test_predict_page",
    "test_recipes",
    "test_heat_page",
    "test_lesson_sizes_page",
    "test_player_page",
    "test_descent_page",
    "test_program",
    "test_functions",
    "test_stills",
    "test_mutants",
    "test_engine_exercises",
    "test_array_wrong_turns",
    "test_own_graphs",
)
ORDER = {name: k for k, name in enumerate((*TOGETHER, *LONG))}


def begins(name):
    """Where a file or a group stands in a run; a browser's file that is not named above is longer than others."""
    return ORDER.get(name, len(ORDER) + (not name.endswith("_page")))


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: begins(GROUPS.get(item.path.stem, item.path.stem)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """After TESTS_END, in seconds since 1970, no test begins: a gate that must answer in time says what it left out."""
    if time.time() > float(os.environ.get("TESTS_END", "inf")):
        pytest.skip(f"{item.path.name} was not reached before TESTS_END")


def pytest_addoption(parser):
    parser.addoption(
        "--processor", action="store_true", help="print seconds of the processor's time by file and by test"
    )


def pytest_configure(config):
    each = config.getoption("processor")
    if (each or os.environ.get("CI")) and Path("/proc/self/stat").exists():
        config.pluginmanager.register(processor.Spent(each), "processor")


def pytest_terminal_summary(terminalreporter, config):
    """Where CI is set, too: what took longest, for who reads that a run took too long."""
    files, tests = processor.by_name(report for reports in terminalreporter.stats.values() for report in reports)
    if not files:
        return
    terminalreporter.section(f"seconds of the processor, {files.total():.0f} in all")
    for names in [files, tests] if config.getoption("processor") else [files]:
        for name, seconds in names.most_common(60 if names is files else 600):
            terminalreporter.line(f"{seconds:7.1f}  {name}")
        terminalreporter.line("")


class Watch:
    """What went wrong on a page. `allow(pattern)` accepts a trouble that a test causes on purpose."""

    def __init__(self, page):
        self.seen: list[str] = []
        self.allowed: list[str] = []
        self.page = page
        self.heard = {
            "console": self._console,
            "pageerror": lambda error: self.seen.append(f"page error: {error}"),
            "request": self._request,
            "websocket": self._request,
        }
        for event, hear in self.heard.items():
            page.on(event, hear)

    def end(self) -> None:
        for event, hear in self.heard.items():
            self.page.remove_listener(event, hear)

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


class Tab:
    """A page that one test after the other uses; after a test that failed, the next one gets a new page."""

    def __init__(self, browser) -> None:
        self.browser, self.page = browser, None

    def tidy(self):
        """The page, 1280 pixels wide, in light colours, nothing routed; it still shows what the last test opened."""
        if self.page is None:
            context = self.browser.new_context()
            context.set_default_timeout(PATIENCE)
            self.page = context.new_page()
        self.page.unroute_all()
        self.page.set_viewport_size({"width": 1280, "height": 900})
        self.page.emulate_media(**USUAL)
        self.page.mouse.move(0, 0)
        return self.page

    def close(self) -> None:
        if self.page is not None:
            self.page.context.close()
            self.page = None


@pytest.fixture(scope="session")
def tab(browser):
    tab = Tab(browser)
    yield tab
    tab.close()


@pytest.fixture(scope="session")
def server():
    """A running JupyterLab with a copy of the lessons, for all tests of a process; each opens what it likes there."""
    with lab_server(HERE.parent / "notebooks") as running:
        yield running


@pytest.fixture(scope="session")
def lab_tab(browser):
    """The tab in which JupyterLab stays open: to open it anew costs as much as to run a lesson."""
    tab = Tab(browser)
    yield tab
    tab.close()


@pytest.fixture
def page(request):
    """A page to open something in, 1280 pixels wide; `page.watch` has what went wrong so far."""
    in_lab = "server" in request.fixturenames
    tab = request.getfixturevalue("lab_tab" if in_lab else "tab")
    page = tab.tidy()
    page.watch = Watch(page)
    yield page
    trouble = page.watch.trouble()
    page.watch.end()
    if trouble or request.node.stash.get(FAILED, True):
        tab.close()
    elif in_lab:
        close_notebooks(page)
    assert not trouble, "\n".join(trouble)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report
