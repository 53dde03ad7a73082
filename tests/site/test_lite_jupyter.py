"""JupyterLite in a site without a server: a lesson's cells run, a player steps, an exercise passes, a plot comes."""

import json
import os
import subprocess
import time

import pytest
from playwright.sync_api import expect
from support import processor
from support.lab_server import READY
from support.machine import python_of
from support.places import ROOT
from support.pyodide import pyodide, served

from backprop_lab.exercises.cells import source_of

LESSON = "03_reverse_mode.ipynb"
PATIENCE = 600_000  # milliseconds
RUN = """async (index) => {
  const panel = window.jupyterapp.shell.currentWidget;
  panel.content.activeCellIndex = index;
  await window.jupyterapp.commands.execute('notebook:run-cell');
  return panel.content.widgets[index].model.outputs.toJSON();
}"""
WRITE = """([index, text]) => {
  window.jupyterapp.shell.currentWidget.content.widgets[index].model.sharedModel.source = text;
}"""
# Without a statement by which the kernel could know what the cell needs: as the lab itself asks for it.
PLOT = """
import sys
print("matplotlib" not in sys.modules)
plt = __import__("matplotlib.pyplot").pyplot
plt.plot([1, 2])
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    python = python_of("lite", "JupyterLite's builder is")
    folder = tmp_path_factory.mktemp("lite") / "site"
    command = [python, "-m", "backprop_lab", "lite", folder, "--pyodide", pyodide()]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    settings = folder / "lessons/jupyter-lite.json"
    made = json.loads(settings.read_text("utf-8"))
    made["jupyter-config-data"]["exposeAppInBrowser"] = True  # so that a test can say what it wants
    settings.write_text(json.dumps(made), "utf-8")
    return folder


@pytest.mark.nightly
def test_a_lesson_in_jupyterlite(page, site):
    cells = json.loads((ROOT / "notebooks" / LESSON).read_text("utf-8"))["cells"]
    sources = [source_of(cell) for cell in cells]
    player = next(k for k, source in enumerate(sources) if source.endswith("\nbl.step(strang, x=2, y=3)"))
    check = sources.index('# exercise: reverse.6\nbl.check("reverse.6", reverse_6)')
    start, clock = processor.spent(), time.monotonic()

    def took(what):
        seconds, wall = processor.spent() - start, time.monotonic() - clock
        print(f"{what}: {seconds:.1f} s of the processor, {wall:.1f} s by the wall", flush=True)

    page.set_default_timeout(PATIENCE)
    page.watch.allow("favicon")
    with served(site) as address:
        page.goto(f"{address}/lessons/lab/index.html?path={LESSON}")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        took("JupyterLite is there")
        page.wait_for_function(READY)
        took("Python is there")
        players = page.locator(".bl-player")
        for k, cell in enumerate(cells[: player + 1]):
            if cell["cell_type"] == "code":
                outputs = page.evaluate(RUN, k)
                assert not [out for out in outputs if out["output_type"] == "error"], (sources[k], outputs)
                if "bl.step(" in sources[k] and k < player:
                    players.first.wait_for()
                    took("the first player")
        root = players.last
        root.locator(".bl-next").click()
        expect(root).to_have_attribute("data-at", "1")
        took("a step of the third")
        page.evaluate(WRITE, [check - 1, 'reverse_6 = bl.exercises["reverse.6"].model_answer(bl.seed())'])
        page.evaluate(RUN, check - 1)
        (report,) = page.evaluate(RUN, check)
        took("an exercise")
        assert report["data"]["text/plain"] == "1", report
        page.evaluate(WRITE, [check - 1, PLOT])
        before, *_, after, picture = page.evaluate(RUN, check - 1)
        took("the first plot")
        assert before["text"].split() == ["True"], "nothing but what stands in for it"
        assert "matplotlib" in after["data"]["text/plain"] and "image/png" in picture["data"]
