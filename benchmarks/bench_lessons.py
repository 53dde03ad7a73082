"""Lessons: how often the student acts, how long they take to run on two cores, and to show the first picture.

Run it with `make bench`, or `python benchmarks/bench_lessons.py`. Each lesson runs in a fresh kernel, two at a time,
the longest first. The first picture is timed in a warm JupyterLab, from the request for the page: the picture that the
notebook was saved with, and the player after "run all cells".
"""

import re
import runpy
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measure import Table
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from conftest import ARGS  # noqa: E402
from support.acts import acts, longest_wait, readers_cells  # noqa: E402
from support.lab_server import RUN, lab_server, open_notebook, run_all, wait_idle  # noqa: E402
from support.teaching_pages import lesson  # noqa: E402

from backprop_lab import exercises  # noqa: E402
from backprop_lab.cli import browser as find_browser  # noqa: E402
from backprop_lab.exercises.named import Named  # noqa: E402

SYNC = runpy.run_path(str(ROOT / "docs/sync_notebooks.py"))
FIRST = "00_start_here.ipynb"
SAVED = ".jp-OutputArea-output img[alt*='adjoint of x 14']"
CORES = 2


def run_lesson(twin):
    start = time.perf_counter()
    SYNC["run"](SYNC["read"](twin))
    return time.perf_counter() - start


def run_lessons(table):
    """All lessons, as many at a time as there are cores to use; a kernel is a process of its own."""
    longest = ("05_what_it_costs", "06_the_order_matters", "07_numerical_gradients")
    twins = sorted(SYNC["twins"](), key=lambda twin: twin.stem not in longest)
    start = time.perf_counter()
    with ThreadPoolExecutor(CORES) as pool:
        spent = dict(zip((twin.stem for twin in twins), pool.map(run_lesson, twins), strict=True))
    total = time.perf_counter() - start
    for name, seconds in sorted(spent.items()):
        table.row(name, seconds, seconds, unit=" s")
    table.row("all lessons, two at a time", total, total, "<= 90", " s")


# Of the first edition, by the lesson that holds most of it today: cells in which the student acts, and the most cells
# in a row without one.
FIRST_EDITION = {
    "00_start_here": (6, 17),
    "01_functions_are_graphs": (6, 20),
    "02_forward_mode": (7, 17),
    "03_reverse_mode": (8, 12),
    "04_fan_out_and_paths": (7, 23),
    "05_what_it_costs": (9, 17),
    "07_numerical_gradients": (10, 9),
    "08_build_your_own_engine": (6, 9),
    "09_layers_and_shapes": (8, 24),
}


def count_acts():
    """How often the student acts, and waits, before and after."""
    print(f"{'cells in which the student acts':34} {'first edition':>14} {'today':>6} {'of':>4} {'longest wait':>18}")
    for twin in SYNC["twins"]():
        cells = readers_cells(SYNC["read"](twin).cells, SYNC["SETUP"])
        before, waited = FIRST_EDITION.get(twin.stem, ("–", "–"))
        wait = f"{waited} → {longest_wait(cells)}"
        print(f"{twin.stem:34} {before:>14} {sum(acts(cells)):>6} {len(cells):>4} {wait:>18}")


def count_draws(table):
    """How many different inputs 200 names get; the lesson's own are never among them."""
    for id, exercise in exercises.items():
        if isinstance(exercise, Named):
            drawn = [exercise.draw(f"student {k}") for k in range(200)]
            assert not any(map(exercise.is_the_lesson_s, drawn)), id
            many = len(set(map(repr, drawn)))
            table.row(f"different inputs of 200 names: {id}", many, many, ">= 25")


def count_players_draws(table):
    """The same of the numbers at which the lessons' players ask."""
    for twin in SYNC["twins"]():
        text = twin.read_text("utf-8")
        for call in re.findall(r"bl\.separating_inputs\((?:[^()]|\(\))*\)", text):
            drawn = call.replace("bl.seed()", "f'student {k}'")
            book = lesson(twin.stem)
            many = book.evaluate(book.headings[-1], f"len({{repr({drawn}) for k in range(200)}})")
            table.row(f"different inputs of 200 names: {twin.stem[:2]}, {call[21:40]}…", many, many, ">= 25")


def first_picture(page, server):
    """Seconds until the saved picture, and until the first player that runs."""
    start = time.perf_counter()
    page.goto(f"{server.url}/lab/tree/{FIRST}?token={server.token}&reset")
    page.locator(SAVED).first.wait_for()
    saved = time.perf_counter() - start
    wait_idle(page)
    page.evaluate(RUN)
    page.locator(".bl-player svg.bl-svg").first.wait_for()
    return saved, time.perf_counter() - start


def open_lessons(table):
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        (Path(folder) / FIRST).write_bytes((ROOT / "notebooks" / FIRST).read_bytes())
        browser = playwright.chromium.launch(executable_path=find_browser(), headless=True, args=ARGS)
        with lab_server(Path(folder)) as server:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            open_notebook(page, server, FIRST)  # warm: the server has answered once, the kernel's files are read
            run_all(page)
            found = list(zip(*(first_picture(page, server) for _ in range(3)), strict=True))
        browser.close()
    for what, column in zip(("the saved picture", "the first player, after run all"), found, strict=True):
        table.row(f"opening JupyterLab: {what}", min(column), sorted(column)[1], "<= 5", " s")


if __name__ == "__main__":
    count_acts()
    table = Table()
    count_draws(table)
    count_players_draws(table)
    run_lessons(table)
    open_lessons(table)
    table.end()
