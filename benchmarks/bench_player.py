"""How long a step takes in the browser, beside drawing the picture anew in the kernel for each step.

Run it with `make bench`, or `python benchmarks/bench_player.py`. Both are measured in one JupyterLab, from the click
to the changed page (DOM) and to the next painted frame, in turn. Building a player is timed too.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from conftest import ARGS  # noqa: E402
from lab_server import lab_server, open_notebook, run_all  # noqa: E402

import backprop_lab as bl  # noqa: E402
from backprop_lab.cli import browser as find_browser  # noqa: E402

CELLS = [
    "import backprop_lab as bl\nplayer = bl.examples['edelman'].step()\nplayer",
    '''import ipywidgets
from backprop_lab.drawing.film import Film
class Redrawn:
    """What a widget does that asks the kernel for every step: new layout, new picture, one message."""
    def __init__(self):
        self.at, self.picture = 0, ipywidgets.HTML()
        self.button = ipywidgets.Button(description="redraw")
        self.button.on_click(self.step)
    def step(self, _):
        self.at += 1
        film = Film(bl.examples["edelman"].trace())
        svg = film.picture.svg(film.texts(self.at), film.classes(self.at))
        self.picture.value = f'<div class="redrawn" data-at="{self.at}">{svg}</div>'
redrawn = Redrawn()
ipywidgets.VBox([redrawn.button, redrawn.picture])''',
]
CLICK = """([button, seen, at]) => new Promise((resolve) => {
  const done = () => document.querySelector(seen)?.dataset.at === String(at);
  const start = performance.now();
  const watch = new MutationObserver(() => {
    if (!done()) return;
    watch.disconnect();
    const dom = performance.now() - start;
    requestAnimationFrame(() => { const channel = new MessageChannel();
      channel.port1.onmessage = () => resolve([dom, performance.now() - start]); channel.port2.postMessage(0); });
  });
  watch.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
  document.querySelector(button).click();
})"""


def loop(x, y, turns):
    s = x
    for _ in range(turns):
        s = s * y + x
    return s


def measure(page):
    local, kernel = [], []
    for at in range(1, 17):
        local.append(page.evaluate(CLICK, [".bl-player .bl-next", ".bl-player", at]))
        kernel.append(page.evaluate(CLICK, [".widget-button, .jupyter-button", ".redrawn", at]))
    return local, kernel


def row(name, pairs):
    dom, paint = ([p[k] for p in pairs] for k in (0, 1))
    print(f"{name:34}{statistics.median(dom):10.2f}{max(dom):10.2f}{statistics.median(paint):10.2f}")
    return statistics.median(dom)


def main():
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, Path(folder) / "bench.ipynb")
        browser = playwright.chromium.launch(executable_path=find_browser(), headless=True, args=ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        with lab_server(Path(folder)) as server:
            open_notebook(page, server, "bench.ipynb")
            run_all(page)
            page.wait_for_selector(".bl-player")
            local, kernel = measure(page)
        browser.close()
    print(f"{'one step, milliseconds':34}{'DOM':>10}{'DOM max':>10}{'paint':>10}")
    ours, theirs = row("player, in the browser", local), row("redrawn by the kernel", kernel)
    print(f"the kernel takes {theirs / ours:.0f} times as long; target for a step: at most 2 ms to the DOM\n")
    print(f"{'building a player':34}{'ms':>10}{'steps':>10}{'kB sent':>10}")
    for name, make in {
        "edelman (first picture here)": bl.examples["edelman"].step,
        "edelman (again)": bl.examples["edelman"].step,
        "loop of 25 turns, 51 nodes": lambda: bl.step(lambda x, y: loop(x, y, 25), 0.5, 0.9),
        "loop of 100 turns, 202 nodes": lambda: bl.step(lambda x, y: loop(x, y, 100), 0.5, 0.9),
    }.items():
        start = time.perf_counter()
        player = make()
        spent = time.perf_counter() - start
        print(f"{name:34}{1000 * spent:10.0f}{len(player.steps):10}{len(str(player.film)) / 1000:10.0f}")


if __name__ == "__main__":
    main()
