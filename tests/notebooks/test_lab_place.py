"""The player's place in a JupyterLab where things happen: kernel closed or restarted, notebook renamed or reloaded."""

import re

import nbformat
import pytest
from support.lab_server import (
    ERRORS,
    PATIENCE,
    RUN,
    number,
    open_notebook,
    run_all,
    shutdown_kernel,
    until_kernel_says,
    wait_idle,
    write,
)
from support.pages import two_stepped
from support.web import findings

import backprop_lab as bl

CELLS = ["import backprop_lab as bl", "player = bl.examples['edelman'].step()\nplayer", "bl.examples['strang'].step()"]
DEBUGGER = "Could not restore the debugger state"  # JupyterLab's own complaint when a kernel goes away
PANEL = "window.jupyterapp.shell.currentWidget"


def place(root):
    return int(root.get_attribute("data-at")), number(root, "a0")


@pytest.mark.wide
def test_a_player_keeps_its_place(page, server):
    page.watch.allow(DEBUGGER)
    write(server.folder / "two.ipynb", CELLS)
    open_notebook(page, server, "two.ipynb")
    run_all(page)
    first, second = two_stepped(page)
    second.locator(".bl-say").click()
    page.keyboard.press("PageDown")
    there = place(second)
    assert place(first) == (14, "10 + 4") and there[0] > 0  # each has its own keys
    assert findings(page, ".bl-player") == []

    page.evaluate(f"() => {PANEL}.context.rename('renamed.ipynb')")
    page.wait_for_function(f"() => {PANEL}.context.path === 'renamed.ipynb'")
    assert (place(first), place(second)) == ((14, "10 + 4"), there)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert place(second) == there
    until_kernel_says(page, "print(player.at)", "14")

    page.evaluate(f"() => {PANEL}.context.save()")
    page.wait_for_function(f"() => !{PANEL}.context.model.dirty")
    page.goto(f"{server.url}/lab/tree/renamed.ipynb?token={server.token}&reset")  # the kernel is still there
    second.wait_for(timeout=PATIENCE)
    wait_idle(page)
    assert (place(first), place(second)) == ((14, "10 + 4"), there)

    shutdown_kernel(page)
    first.locator(".bl-say").click()
    page.keyboard.press("ArrowRight")
    assert place(first) == (15, number(first, "a0")) and place(second) == there
    page.keyboard.press("s")  # the page follows a number by itself; another mode needs the kernel
    first.get_by_label("x =", exact=True).fill("5")
    first.get_by_label("x =", exact=True).press("Enter")
    first.locator("text[data-key=p0]", has_text=re.compile("^5$")).wait_for()
    assert first.locator(".bl-trouble").text_content() == ""
    first.get_by_label("x =", exact=True).fill("3")
    first.get_by_label("x =", exact=True).press("Enter")
    first.get_by_label("seed", exact=False).first.fill("2")
    first.get_by_label("seed", exact=False).first.press("Enter")
    assert "it is gone or was restarted" in first.locator(".bl-trouble").text_content()
    page.keyboard.press("Escape")

    page.evaluate(f"() => {PANEL}.sessionContext.startKernel()")  # a fresh kernel knows nothing of these players
    wait_idle(page)
    first.locator(".bl-say").click()
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(300)  # until it would have told the kernel of the step
    assert place(first) == (14, "10 + 4") and place(second) == there


@pytest.mark.wide
def test_a_player_says_that_its_kernel_was_restarted(page, server):
    """A restarted kernel keeps its id, and knows nothing of the players of before."""
    page.watch.allow(DEBUGGER)
    write(server.folder / "again.ipynb", CELLS)
    open_notebook(page, server, "again.ipynb")
    run_all(page)
    player = page.locator(".bl-player").first
    player.wait_for()
    page.evaluate(f"() => {PANEL}.sessionContext.session.kernel.restart()")
    page.wait_for_function("() => document.querySelector('.bl-trouble').textContent")
    wait_idle(page)
    player.locator(".bl-say").click()
    page.keyboard.press("s")
    said = player.locator(".bl-trouble")
    assert said.is_visible() and "Run the cell again" in said.text_content()
    mode = player.get_by_label("show", exact=True)
    mode.select_option("forward")
    assert "it is gone or was restarted" in said.text_content()
    assert mode.input_value() == "reverse"  # what is shown, and not what was asked for
    page.keyboard.press("Escape")
    player.locator(".bl-say").click()
    page.keyboard.press("ArrowRight")
    assert place(player)[0] == 1  # stepping needs no kernel
    run_all(page)
    player = page.locator(".bl-player").first
    page.wait_for_function("() => !document.querySelector('.bl-trouble').textContent")
    player.locator(".bl-say").click()
    page.keyboard.press("s")
    player.get_by_label("show", exact=True).select_option("forward")
    page.wait_for_function("() => document.querySelector('.bl-player').textContent.includes('tangent')")


@pytest.mark.wide
def test_an_untrusted_notebook_shows_its_picture(page, server):
    """A notebook from somewhere else: nothing of it runs, and without a kernel nothing changes."""
    page.watch.allow(DEBUGGER)
    player = bl.examples["edelman"].step()
    data = player._repr_mimebundle_()[0]
    data = {kind: data[kind] for kind in ("text/plain", "text/html")}
    path = write(server.folder / "stranger.ipynb", CELLS[:2])
    notebook = nbformat.read(path, 4)
    notebook.cells[1].outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    nbformat.write(notebook, path)
    open_notebook(page, server, "stranger.ipynb")
    trusted = f"() => [...{PANEL}.content.model.cells].map((cell) => cell.trusted)"
    assert not any(page.evaluate(trusted))
    picture = page.get_by_role("img", name=re.compile("Computational graph of 9 nodes: .*adjoint of x 14"))
    picture.wait_for()
    assert picture.evaluate("(image) => image.naturalWidth > 300")
    shutdown_kernel(page)
    assert picture.is_visible() and page.locator(".bl-player").count() == 0


SLOW = """import pathlib, time
import backprop_lab as bl
from backprop_lab.drawing import layout
begin = layout._Wasm.__init__
def slow(self):
    while not pathlib.Path("go").exists(): time.sleep(0.01)
    begin(self)
layout._Wasm.__init__, layout._ENGINES = slow, {"wasi": layout._wasi}"""


@pytest.mark.wide
def test_who_waits_for_graphviz_is_told(page, server):
    """In the cell, until the picture is there; then nothing is left of it."""
    write(server.folder / "first.ipynb", [SLOW, "bl.examples['edelman'].step()"])
    open_notebook(page, server, "first.ipynb")
    page.evaluate(RUN)
    told = page.get_by_text("Graphviz is starting")
    told.wait_for(timeout=PATIENCE)
    (server.folder / "go").touch()
    page.locator(".bl-player").wait_for(timeout=PATIENCE)
    told.wait_for(state="detached", timeout=PATIENCE)
    assert page.evaluate(ERRORS) == []
