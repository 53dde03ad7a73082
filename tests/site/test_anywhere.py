"""The recipes of docs/anywhere.md, followed as they stand; each page is opened without network, and stepped.

Sphinx, MyST-NB and marimo have an environment of their own (tests/pages.txt).
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect
from support.lab_server import number
from support.machine import python_of
from support.pages import PAINTED, at, press
from support.places import ROOT
from support.web import web

import backprop_lab as bl
from backprop_lab.cli import main
from backprop_lab.widgets import embedded

RECIPES = (ROOT / "docs/anywhere.md").read_text("utf-8")
PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 31)"}
IN_A_BOOK = os.environ | {embedded.VARIABLE: "1", "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
# What switches a theme to dark, as its own button does.
THEMES = {
    "furo": "document.body.dataset.theme = 'dark'",
    "pydata_sphinx_theme": "document.documentElement.dataset.theme = 'dark'",
}


def follow(section, folder):
    """Write the files that a recipe names."""
    text = re.search(rf"^## {re.escape(section)}$(.*?)(?=^## |\Z)", RECIPES, re.M | re.S)[1]
    files = re.findall(r"^File `([^`]+)`:\n\n(`{3,})\w*\n(.*?)^\2$", text, re.M | re.S)
    for name, _, content in files:
        (folder / name).write_text(content, "utf-8")
    return [name for name, _, _ in files]


def steps(page):
    """Fourteen steps of Edelman's player by keys, and one of the playground by its button."""
    player = page.locator(".bl-player").first
    player.locator(".bl-say").click()
    press(page, *14 * ["ArrowRight"])
    assert number(player, "a0") == "10 + 4" and at(player) == 14
    live = page.locator(".bl-live").last
    if live.count():
        live.scroll_into_view_if_needed()
    ground = page.locator(".bl-descent")
    ground.get_by_label("next step").click()
    assert ground.get_attribute("data-at") == "1"
    return player


@pytest.mark.wide
def test_sphinx(page, tmp_path):
    python = python_of("pages", "Sphinx and MyST-NB are")
    assert follow("Sphinx and Jupyter Book 1 (MyST-NB)", tmp_path) == ["conf.py", "index.md"]
    page.watch.allow("Got invalid theme mode")  # PyData's own
    for theme, switch in THEMES.items():
        options = ["-q", "-D", f"html_theme={theme}", "-D", "nb_execution_mode=cache", "-d", f"{theme}_read"]
        command = [python, "-m", "sphinx", "-b", "html", *options, ".", f"{theme}_build"]
        done = subprocess.run(command, cwd=tmp_path, env=IN_A_BOOK, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        written = tmp_path / f"{theme}_build/index.html"
        assert written.stat().st_size < 350_000, "the code is there once"
        page.goto(written.as_uri())
        player = steps(page)
        expect(player).to_have_css("background-color", PAPER["light"])
        page.evaluate(switch)
        expect(player).to_have_css("background-color", PAPER["dark"])


@pytest.mark.nightly
def test_nbconvert(page, tmp_path):
    cells = ["import backprop_lab as bl\nbl.examples['edelman'].step()", "bl.Descent(lambda x: x**2, 2.0)"]
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(made, tmp_path / "mine.ipynb")
    words = re.search(r"^BACKPROP_LAB_EMBED=1 jupyter (nbconvert .*)$", RECIPES, re.M)[1].split()
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=tmp_path, env=IN_A_BOOK, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    page.route(lambda url: url.startswith("http"), lambda route: route.abort())
    page.watch.allow("request to another host: https://cdnjs|ERR_FAILED|(require|MathJax) is not defined")
    page.goto((tmp_path / "mine.html").as_uri())
    steps(page)


def listening(port):
    """Wait until a server of this machine answers at a port."""
    end = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert time.monotonic() < end, f"nobody listens at {port}"
            time.sleep(0.1)


@pytest.mark.nightly
def test_marimo(page, tmp_path):
    python = python_of("pages", "marimo is")
    assert follow("marimo", tmp_path) == ["app.py"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [python, "-m", "marimo", "run", "app.py", "--headless", "--no-token", "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    server = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert any(b"URL:" in line for line in server.stdout), "marimo did not start"
        listening(port)  # marimo names its address a little earlier
        page.goto(f"http://127.0.0.1:{port}")
        page.locator(".bl-player").wait_for()
        player = steps(page)
        page.get_by_text("after 14 steps").wait_for()
        page.evaluate("document.body.classList.add('dark-theme')")  # as marimo has it
        expect(player).to_have_css("background-color", PAPER["dark"])
        page.goto("about:blank")
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


# What the book theme of MyST does with the directive (packages/anywidget of jupyter-book/myst-theme, August 2026): it
# imports the module and lets it render into a shadow tree, with a model that has the directive's data.
HOST = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>As MyST has it</title></head>
<body><main></main><script type="module">
const modules = {}; const data = %DATA%;
for (const { esm, model } of data) {
  modules[esm] ??= URL.createObjectURL(new Blob([%MODULE%], { type: "text/javascript" }));
  const { default: widget } = await import(modules[esm]);
  const host = document.querySelector("main").appendChild(document.createElement("div"));
  const shadow = host.attachShadow({ mode: "open" });
  const el = shadow.appendChild(document.createElement("div"));
  widget.render({ model: { get: (key) => model[key], on() {}, off() {} }, el });
}
</script></body></html>"""


@pytest.mark.wide
def test_myst(page, tmp_path, monkeypatch):
    myst = web("myst.cjs")
    monkeypatch.chdir(tmp_path)
    assert main(re.search(r"^backprop-lab (export --module .*)$", RECIPES, re.M)[1].split()) == 0
    assert follow("MyST and Jupyter Book 2", tmp_path) == ["write_page.py"]
    subprocess.run([sys.executable, "write_page.py"], check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    Path("myst.yml").write_text("version: 1\nproject:\n  title: Our course\nsite:\n  template: book-theme\n", "utf-8")
    # without network it ends where it asks for the theme; what it read is written by then
    command = [shutil.which("node") or "node", str(myst), "build", "--site"]
    subprocess.run(command, capture_output=True, timeout=600)
    page_data = json.loads(Path("_build/site/content/index.json").read_text("utf-8"))
    found = [node for node in nodes(page_data["mdast"]) if node["type"] == "anywidget"]
    assert [set(node["model"]) for node in found] == [{"element", "state"}] * 2
    (module,) = Path("_build/site/public").glob("backprop_lab-*.mjs")
    assert all(node["esm"].endswith(module.name) for node in found)
    code = json.dumps(module.read_text("utf-8")).replace("</", "<\\/")
    host = HOST.replace("%DATA%", json.dumps(found)).replace("%MODULE%", code)
    Path("host.html").write_text(host, "utf-8")
    page.goto((tmp_path / "host.html").as_uri())
    player = steps(page)
    page.evaluate("document.body.style.background = '#111'")
    expect(player).to_have_css("background-color", PAPER["dark"])


# What Quarto makes of a cell's output, and what its button does, as its templates say; Quarto itself was not to be had.
# One style sheet is exchanged for the other, which comes when it has been read; the body's class changes at once.
QUARTO = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>As Quarto has it</title>
<link href="light.css" rel="stylesheet" class="quarto-color-scheme" id="quarto-bootstrap" data-mode="light">
<link href="dark.css" rel="disabled-stylesheet" class="quarto-color-scheme quarto-color-alternate" id="quarto-bootstrap"
  data-mode="dark"></head>
<body class="fullcontent quarto-light">
<div id="quarto-content" class="page-columns page-rows-contents page-layout-article">
<main class="content" id="quarto-document-content">%CELLS%</main></div></body></html>"""
CELL = """<div class="cell" data-execution_count="1"><div class="sourceCode cell-code">
<pre class="sourceCode python"><code class="sourceCode python">made</code></pre></div>
<div class="cell-output cell-output-display" data-execution_count="1">%OUTPUT%</div></div>"""
SHEET = "body { background-color: %s } .cell-output-display { overflow-x: auto } .cell { margin-bottom: 1rem }"
TOGGLE = """() => {
  for (const sheet of document.querySelectorAll("link.quarto-color-scheme"))
    sheet.rel = sheet.rel === "stylesheet" ? "disabled-stylesheet" : "stylesheet";
  const dark = document.querySelector("link#quarto-bootstrap:not([rel=disabled-stylesheet])").dataset.mode === "dark";
  document.body.classList.toggle("quarto-dark", dark);
  document.body.classList.toggle("quarto-light", !dark);
}"""


def test_in_a_page_as_quarto_makes_it(page, tmp_path):
    outputs = bl.examples["edelman"].step(), bl.Descent(lambda x, y: x**2 + 3 * y**2, (2.0, 1.0))
    cells = "".join(CELL.replace("%OUTPUT%", one.embed().html) for one in outputs)
    (tmp_path / "page.html").write_text(QUARTO.replace("%CELLS%", cells), "utf-8")
    for name, paper in (("light", "#fff"), ("dark", "#222")):
        (tmp_path / f"{name}.css").write_text(SHEET % paper, "utf-8")
    # the other sheet is there only after the page has been painted without one
    page.route("**/dark.css", lambda route: (page.evaluate(PAINTED), route.continue_()))
    page.goto((tmp_path / "page.html").as_uri())
    player = steps(page)
    for paper in ("dark", "light"):
        page.evaluate(TOGGLE)
        expect(player).to_have_css("background-color", PAPER[paper])


def nodes(node):
    yield node
    for child in node.get("children", ()):
        yield from nodes(child)


def test_the_first_recipe_and_the_module(tmp_path, capsys):
    """The short example runs; a directive holds what the module's element needs; a bad place gets its sentence."""
    names = {}
    exec(re.search(r"```python\n(.*?)```", RECIPES, re.S)[1].replace("bl.step", "made = bl.step"), names)
    assert 100_000 < len(names["made"].html) < 150_000
    first, data, last = bl.examples["edelman"].step().embed().directive("there.mjs").splitlines()
    assert (first, last) == ("```{anywidget} there.mjs", "```")
    assert json.loads(data)["element"] == embedded.element_name("player")
    assert all(embedded.element_name(kind) in embedded.module() for kind in embedded.KINDS)
    assert main(["export", "--module", str(tmp_path / "none" / "x.mjs")]) == 1
    assert "there is no folder" in capsys.readouterr().err
    assert main(["export", "--module", "x.mjs", "03"]) == 2
