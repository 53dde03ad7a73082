"""What the lab does under Colab's versions, which are older: ipywidgets 7, IPython 7, anywidget 0.9, numpy 2.1.

Colab itself cannot run here. The nearest that can: its versions in an environment of their own (`.venv/colab`, made by
`make test`, pinned in tests/colab.txt), all notebooks run in it, one of them in a kernel, and the classic Notebook of
the same versions in a real browser. COLAB names another environment's Python.
"""

import json
import os
import re
import shutil
import subprocess
from copy import deepcopy
from functools import cache
from pathlib import Path

import nbformat
import pytest
from support.circles import cover
from support.curriculum import ROWS, WRONG_TURNS
from support.exported_page import exported, serve
from support.lab_server import number, serving, write
from support.machine import python_of
from support.pages import GROUND, scrub, two_stepped, walked
from support.places import ROOT
from support.shells import Shells
from support.shown import lost, unlike

from backprop_lab.bundling.bundle import bundled, cell_source
from backprop_lab.exercises.cells import identify, with_solutions
from backprop_lab.exercises.scores import FILE

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PINS = dict(re.findall(r"^(\w+)==(\S+)$", (ROOT / "tests/colab.txt").read_text(), re.M))
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"


@pytest.fixture(scope="module")
def colab():
    """The Python of an environment with Colab's versions."""
    return python_of("colab", "The environment with Colab's versions is")


@pytest.mark.wide
def test_the_versions_are_colabs(colab):
    """Installing the lab replaced none of them."""
    script = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
    found = subprocess.run([colab, "-c", script, *PINS], capture_output=True, text=True, check=True)
    assert len(PINS) >= 14 and json.loads(found.stdout) == PINS
    subprocess.run([colab, "-m", "pip", "check", "--disable-pip-version-check"], check=True)


@pytest.fixture(scope="module")
def bare(colab, tmp_path_factory):
    """The same packages without the lab, no checkout on the path, and nothing to be reached but this machine."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([colab, "-m", "venv", "--without-pip", folder / "environment"], check=True)
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    python = folder / "environment/bin/python"
    theirs, ours = (
        subprocess.run([which, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
        for which in (colab, python)
    )
    # Only the folder: the file in it that leads to the checkout is not read.
    Path(ours, "colab.pth").write_text(theirs + "\n")
    Path(ours, "sitecustomize.py").write_text(OFFLINE.format(log=str(folder / "asked.txt")))
    shutil.copytree(ROOT / "tests/quick", ours, dirs_exist_ok=True)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    alone = subprocess.run([python, "-c", "import backprop_lab"], capture_output=True, env=environment, cwd=folder)
    assert b"ModuleNotFoundError" in alone.stderr
    return python, environment | {"JUPYTER_PREFER_ENV_PATH": "1", "PIP_NO_INDEX": "1"}, folder / "asked.txt"


# What a process of the bare environment asks other machines for is refused and written down.
OFFLINE = """\
import ipaddress, socket
_connect = socket.socket.connect
def connect(self, address):
    host = address[0] if isinstance(address, tuple) else ""
    if host and host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        with open({log!r}, "a") as file:
            file.write(repr(address) + "\\n")
        raise OSError("there is no network here")
    return _connect(self, address)
socket.socket.connect = connect
"""


@pytest.fixture(scope="module")
def bundles():
    """All lessons as bundles with their solutions, by name."""
    made = {}
    for path in NOTEBOOKS:
        bundle = bundled(with_solutions(json.loads(path.read_text("utf-8"))))
        made[path.stem] = nbformat.reads(json.dumps(bundle), 4)
        again = nbformat.v4.new_code_cell(cell_source() + "\n" + WHERE)  # run twice, it does nothing
        made[path.stem].cells.insert(1, again)
    return made


@pytest.fixture(scope="module")
def runs(bare, bundles, tmp_path_factory):
    """Runs a bundle there, once; its notebook with the state of its widgets."""
    python, environment, _ = bare
    shells = Shells(python, environment)

    @cache
    def run(name):
        notebook, folder = deepcopy(bundles[name]), tmp_path_factory.mktemp(name)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        found, state = shells.run([cell.source for cell in code], folder)
        for k, (cell, outputs) in enumerate(zip(code, found, strict=True), 1):
            cell.outputs, cell.execution_count = nbformat.from_dict(outputs), k
        notebook.metadata.widgets = nbformat.from_dict({STATE: state})
        assert [path.name for path in folder.iterdir()] == [FILE]  # nothing else is left
        return notebook

    yield run
    shells.close()


@pytest.fixture(scope="module", params=cover({path.stem: path for path in NOTEBOOKS}))
def executed(request, runs):
    """The name of a lesson, and its bundle as it runs there."""
    return request.param.stem, runs(request.param.stem)


@pytest.fixture(scope="module")
def in_a_kernel(bare, bundles, tmp_path_factory):
    """The first lesson's bundle, run by nbconvert in a kernel."""
    python, environment, _ = bare
    path = tmp_path_factory.mktemp("kernel") / "start.ipynb"
    nbformat.write(bundles["00_start_here"], path)
    command = [python, "-m", "nbconvert", "--to=notebook", "--execute", "--inplace", path]
    done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, timeout=1800)
    assert done.returncode == 0, done.stderr
    return nbformat.read(path, 4)


WHERE = "import backprop_lab, sys\nprint(backprop_lab.__file__, sum('backprop_lab_' in path for path in sys.path))"


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


@pytest.mark.wide
def test_a_bundle_runs(executed, bare):
    """A cell that raises ends a run; what goes to stderr is pink in a student's notebook. Nothing was fetched."""
    _, notebook = executed
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    assert all(cell.execution_count for cell in code)
    assert not [o for o in outputs(notebook) if o.output_type == "error" or o.get("name") == "stderr"]
    (where,) = (output.text for output in notebook.cells[1].outputs)
    assert re.fullmatch(r"\S*/backprop_lab_\w+/backprop_lab/__init__.py 1\n", where), where
    assert not notebook.cells[0].outputs
    assert not bare[2].exists(), bare[2].read_text()


@pytest.mark.wide
def test_model_answers_pass_in_a_bundle(executed):
    """A report's plain text is its points, for graders."""
    _, notebook = executed
    checks = [cell for cell in notebook.cells if identify(cell)[1] == "check"]
    wanted = [format(cell.metadata.nbgrader.points, "g") for cell in checks]
    assert [cell.outputs[-1].data["text/plain"] for cell in checks] == wanted and len(wanted) >= 4


def test_a_bundle_shows_its_figures_of_the_curriculum(executed):
    name, notebook = executed
    cells = [cell for cell in notebook.cells if identify(cell)[1] != "answer"]
    places = [place for row in [*ROWS.values(), WRONG_TURNS] for place in row if place.notebook == name]
    for place in places:
        shown = [cell.outputs for cell in cells if place.source in cell.source]
        assert not lost(cells, place), (place.source, shown)


def test_outputs_carry_picture_and_widget(executed):
    """ipywidgets 7 shows widgets its own way, without a picture; ours must come through with both."""
    name, notebook = executed
    states = notebook.metadata.widgets[STATE].state
    shown = [o.data for o in outputs(notebook) if VIEW in o.get("data", {})]
    kinds = [states[data[VIEW]["model_id"]].model_name for data in shown]
    for data in shown:
        assert re.search(r'<img alt="[^"]{30,}" src="data:', data["text/html"]) and "image/svg+xml" in data
    films = [state["film"] for state in (states[data[VIEW]["model_id"]].state for data in shown) if "film" in state]
    assert films and all(film.get("frames") or film["large"] for film in films)  # a page makes those of a large film
    assert "VBoxModel" in kinds or name not in ("06_the_order_matters", "07_numerical_gradients"), "the sliders"


@pytest.mark.wide
def test_in_a_kernel_a_bundle_shows_the_same(runs, in_a_kernel):
    """What stands on the texts above, which no kernel sent."""
    without_its_folder = [nbformat.v4.new_notebook(cells=run.cells[2:]) for run in (runs("00_start_here"), in_a_kernel)]
    assert unlike(*without_its_folder) == []


@pytest.mark.wide
def test_saved_players_of_a_bundle_step(page, in_a_kernel, colab, tmp_path):
    """Without a kernel, by the manager of ipywidgets 7 and the anywidget of these versions."""
    notebook = in_a_kernel
    ask = "import sys; print(sys.prefix)"
    prefix = subprocess.run([colab, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    asked = serve(page, "embed-amd-7.js", Path(prefix, "share/jupyter/nbextensions/anywidget/index.js"))
    page.goto(exported(notebook, tmp_path / "start.html"))
    kinds = [o.data for o in outputs(notebook) if VIEW in o.get("data", {})]
    page.wait_for_function("(n) => document.querySelectorAll('.bl-player').length === n", arg=len(kinds))
    first = page.locator(".bl-player").nth(2)  # after the two that ask
    first.locator(".bl-say").click()
    before = first.get_attribute("data-at")
    page.keyboard.press("ArrowRight")
    assert first.get_attribute("data-at") == str(int(before) + 1)
    assert scrub(first)[0] == "3.1"
    assert sorted(set(asked)) == ["anywidget", "embed-amd", "require"]


CELLS = [
    "import backprop_lab as bl\nplayer = bl.examples['edelman'].step()\nplayer",
    "bl.examples['strang'].step()",
    GROUND,
]
READY = """() => { const n = window.Jupyter?.notebook; return Boolean(n?._fully_loaded && n.kernel?.is_connected()
  && n.kernel.widget_manager); }"""
# When a page opens, ipywidgets 7 asks the kernel for its widgets and then draws all outputs again, also those that came
# meanwhile, whose first drawing then fails. The kernel answers in order, so once ours is answered, that is over.
SETTLED = "async () => { await Jupyter.notebook.kernel.widget_manager._loadFromKernel().catch(() => null); }"
VALUE = """(expression) => new Promise((done) => { Jupyter.notebook.kernel.execute('',
  { shell: { reply: (message) => done(message.content.user_expressions.it.data['text/plain']) } },
  { silent: true, user_expressions: { it: expression } }); })"""


def until(page, expression, value):
    """Wait until the kernel says so."""
    for _ in range(600):
        if page.evaluate(VALUE, expression) == value:
            return
        page.wait_for_timeout(100)
    assert page.evaluate(VALUE, expression) == value


@pytest.mark.wide  # in `make test` players that were saved step by the same manager
def test_classic_notebook(page, colab, tmp_path):
    """ipywidgets 7 in a browser: two players, by keys and mouse; the kernel hears of it and answers the settings."""
    write(tmp_path / "n/two.ipynb", CELLS)

    def command(token, folder):
        where = [f"--notebook-dir={folder}", "--ip=127.0.0.1", "--no-browser", "--allow-root"]
        return [str(colab), "-m", "notebook", f"--NotebookApp.token={token}", *where]

    page.watch.allow("about:blank")  # the empty font of this notebook's own MathJax, which finds a formula to set anew
    with serving(tmp_path / "n", command, os.environ | {"JUPYTER_PREFER_ENV_PATH": "1"}) as server:
        page.goto(f"{server.url}/notebooks/two.ipynb?token={server.token}")
        page.wait_for_function(READY)
        page.evaluate(SETTLED)
        page.evaluate("() => Jupyter.notebook.execute_all_cells()")
        first, second = two_stepped(page)
        assert first.get_attribute("data-at") == "14" and number(first, "a0") == "10 + 4"
        assert scrub(first) == ["3.1", "10 + 4.2"]
        second.get_by_label("next step").click()
        assert second.get_attribute("data-at") == "1" and first.get_attribute("data-at") == "14"
        until(page, "player.inputs['x'], player.graph.value", "(3.1, 35.41)")  # told when the hand has rested
        first.locator(".bl-say").click()
        page.keyboard.press("s")
        x = first.get_by_label("x =", exact=True)
        x.fill("4")
        x.press("Enter")
        first.locator("text[data-key=p0]", has_text=re.compile("^4$")).wait_for()
        assert first.get_attribute("data-at") == "14" and number(first, "a0") == "10 + 6"
        until(page, "player.at, player.graph.value", "(14, 49.0)")
        walked(page)
        until(page, "ground.at, len(ground.runs), ground.runs[0]['start'][0] < 3", "(20, 2, True)")
