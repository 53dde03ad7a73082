"""The player in Notebook 7: open, run, step by keys and mouse, reload.

Notebook 7 comes with nbgrader into `.venv/graders` (tests/graders.txt), because the students' environment has no need
of it; it takes JupyterLab's parts and the widgets' front ends from `.venv`.
"""

import json
import os
import sys
from pathlib import Path

import pytest
from support.lab_server import PATIENCE, number, run_all, serving, until_kernel_says, write
from support.machine import python_of
from support.pages import GROUND, scrub, two_stepped, walked

CELLS = [
    "import backprop_lab as bl",
    "player = bl.examples['edelman'].step()\nplayer",
    "bl.examples['strang'].step()",
    GROUND,
]
SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"


@pytest.fixture(scope="module")
def notebook7(tmp_path_factory):
    """A running Notebook 7 with one notebook."""
    python = python_of("graders", "Notebook 7 is")
    own, parent = python.parents[1], Path(sys.prefix)
    # One folder of JupyterLab's schemas and themes, from both environments.
    lab = tmp_path_factory.mktemp("lab")
    for source in (parent, own):
        for path in (source / "share/jupyter/lab").glob("*"):
            for part in path.iterdir() if path.name == "schemas" else [path]:
                place = lab / part.relative_to(source / "share/jupyter/lab")
                place.parent.mkdir(exist_ok=True)
                if not place.exists():
                    place.symlink_to(part)
    # nbgrader's extensions are left out: no student has them.
    settings = lab / "config/labconfig/page_config.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"disabledExtensions": {"@jupyter/nbgrader": True, "ipylab": True}}))
    environment = os.environ | {
        "JUPYTERLAB_DIR": str(lab),
        "JUPYTER_PATH": str(parent / "share/jupyter"),
        "JUPYTER_CONFIG_PATH": os.pathsep.join([str(lab / "config"), str(parent / "etc/jupyter")]),
        "JUPYTER_PREFER_ENV_PATH": "1",
    }

    def command(token, folder):
        options = ["--expose-app-in-browser", "--allow-root", "--no-browser", "--ip=127.0.0.1"]
        ours = [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"]
        return [str(python), "-m", "notebook", *options, *ours]

    folder = tmp_path_factory.mktemp("seven")
    write(folder / "n/two.ipynb", CELLS)
    with serving(folder / "n", command, environment) as server:
        yield server


@pytest.mark.wide  # the front end of JupyterLab in another frame
def test_open_run_step_reload(page, notebook7):
    """Notebook 7 looks for its own shortcuts before a key reaches the player, and has some for the arrow keys."""
    page.watch.allow("Cannot read properties of undefined .reading 'schema'")  # its settings', while they load
    page.goto(f"{notebook7.url}/notebooks/two.ipynb?token={notebook7.token}")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=PATIENCE)
    run_all(page)
    first, second = two_stepped(page)
    assert first.get_attribute("data-at") == "14" and number(first, "a0") == "10 + 4"
    second.get_by_label("next step").click()
    assert second.get_attribute("data-at") == "1" and first.get_attribute("data-at") == "14"
    first.get_by_role("slider", name="step").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    assert first.get_attribute("data-at") == "14"
    until_kernel_says(page, "print(player.at)", "14")
    assert scrub(first) == ["3.1", "10 + 4.2"]
    until_kernel_says(page, "print(player.inputs)", "{'x': 3.1, 'y': 5.0}")
    assert scrub(first, "Home") == ["3", "10 + 4"]
    until_kernel_says(page, "print(player.inputs)", "{'x': 3.0, 'y': 5.0}")  # it is told when the hand has rested
    walked(page)
    until_kernel_says(page, "print(ground.at, len(ground.runs), ground.runs[0]['start'][0] < 3)", "20 2 True")
    page.evaluate(SAVE)
    page.reload()
    second.wait_for(timeout=PATIENCE)
    page.wait_for_function("() => document.querySelector('.bl-player')?.dataset.at === '14'")
    assert second.get_attribute("data-at") == "1"
    first.locator(".bl-say").click()
    page.keyboard.press("ArrowRight")
    assert number(first, "a0") == "14"
