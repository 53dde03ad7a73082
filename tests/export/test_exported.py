"""Notebooks where no kernel is: exported by nbconvert, with and without the widgets' state, and as in an editor.

With state, the page that nbconvert writes asks other hosts for three files. They are served here from local copies:
jupyter-widgets' own manager for pages without a kernel, require.js, and anywidget's module as its wheel brings it. An
editor such as VS Code does the same with a manager of that kind, and says by a class of the body that it is dark.
"""

import runpy
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from support.exported_page import exported, serve
from support.lab_server import number, write
from support.pages import GROUND, scrub, walked
from support.places import ROOT

CLEANED = runpy.run_path(str(ROOT / "docs/sync_notebooks.py"))["cleaned"]
CELLS = [
    "import backprop_lab as bl\nbl.examples['edelman'].step()",
    "bl.examples['strang'].step(mode='forward')",
    GROUND,
]
ANYWIDGET = Path(sys.prefix) / "share/jupyter/nbextensions/anywidget/index.js"


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """A notebook with two players and a playground, executed, with their state."""
    path = write(tmp_path_factory.mktemp("exported") / "two.ipynb", CELLS)
    return NotebookClient(nbformat.read(path, 4), timeout=600, kernel_name="python3").execute()


@pytest.mark.parametrize("body", ["", "vscode-light", "vscode-dark"])
def test_with_state_players_step(page, executed, tmp_path, body):
    asked = serve(page, "embed-amd.js", ANYWIDGET)
    page.goto(exported(executed, tmp_path / "two.html"))
    first, second = (page.locator(".bl-player").nth(k) for k in (0, 1))
    second.wait_for()
    if body:
        page.evaluate("(name) => document.body.classList.add(name)", body)
    first.locator(".bl-say").click()
    for _ in range(14):
        page.keyboard.press("ArrowRight")
    assert number(first, "a0") == "10 + 4" and second.get_attribute("data-at") == "0"
    second.get_by_label("next step").click()
    assert second.get_attribute("data-at") == "1" and first.get_attribute("data-at") == "14"
    assert scrub(first) == ["3.1", "10 + 4.2"] and number(second, "p0") == "2"
    walked(page)
    paper = first.evaluate("(r) => getComputedStyle(r).backgroundColor")
    assert paper == ("rgb(20, 24, 31)" if body == "vscode-dark" else "rgb(255, 255, 255)")
    assert sorted(set(asked)) == ["anywidget", "embed-amd", "require"]


def test_without_state_and_without_network_there_is_a_picture(page, executed, tmp_path):
    """What a code host, an untrusted notebook or a mail program shows: the finished picture, with its text."""
    address = exported(CLEANED(nbformat.from_dict(executed)), tmp_path / "still.html")
    page.route(lambda url: url.startswith("http"), lambda route: route.abort())
    page.watch.allow("cdnjs.cloudflare.com.*require|ERR_FAILED|require is not defined")
    page.goto(address)
    pictures = page.get_by_role("img")
    assert pictures.count() == 3 and page.locator(".bl-player").count() == 0
    assert "adjoint of x 14" in pictures.first.get_attribute("alt")
    assert page.evaluate("() => [...document.images].every((image) => image.naturalWidth > 300)")
