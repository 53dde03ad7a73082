"""The lessons in a real JupyterLab: run all, which gives what the committed notebooks show; step every player, move
every slider, look for what is cut off.

Lessons 0, 6 and 7 have tests of their own, which do the same among other things.
"""

import pytest
from support.lab_server import open_notebook
from support.operate import move_every_slider, players_in, run_as_committed, step_every_player
from support.places import NOTEBOOKS, ROOT

ELSEWHERE = {
    "00_start_here": "test_lab.py",
    "06_the_order_matters": "test_order_page.py",
    "07_numerical_gradients": "test_numerical_page.py",
}
LESSONS = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
# Outputs whose content is wider than the page; a player and a plot shrink, or scroll inside.
CUT_OFF = """() => [...document.querySelectorAll('.jp-OutputArea-output')]
  .filter((output) => output.querySelector('.bl-player, img') && output.scrollWidth > output.clientWidth + 1)
  .map((output) => `${output.scrollWidth} > ${output.clientWidth}: ${output.textContent.slice(0, 80)}`)"""


@pytest.mark.wide
@pytest.mark.parametrize("name", [name for name in LESSONS if name not in ELSEWHERE])
def test_a_lesson(page, server, name):
    open_notebook(page, server, f"{name}.ipynb")
    run_as_committed(page, name)
    page.locator(".bl-player").first.wait_for()
    step_every_player(page, players_in(NOTEBOOKS / f"{name}.ipynb"))
    move_every_slider(page)
    for width, height in ((1280, 900), (1024, 768)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(CUT_OFF) == []


def test_no_lesson_is_left_out():
    for name, file in ELSEWHERE.items():
        text = (ROOT / "tests/notebooks" / file).read_text("utf-8")
        assert (
            name in text
            and "run_as_committed(" in text
            and "step_every_player(" in text
            and "move_every_slider(" in text
        )
