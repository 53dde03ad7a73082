"""The first notebook in a real JupyterLab, as a person uses it: run all, click, step by keyboard, lose the kernel."""

import shutil

import pytest
from support.lab_server import (
    ASK,
    PATIENCE,
    number,
    open_notebook,
    open_player,
    run_all,
    shutdown_kernel,
    until_kernel_says,
    wait_idle,
    write,
)
from support.operate import move_every_slider, players_in, run_as_committed, step_every_player
from support.pages import scrub
from support.places import NOTEBOOKS

import backprop_lab as bl
from backprop_lab.grading.replay import read_run, replay


def press(page, root, key, until, most=30):
    """Press a key until the picture shows what is waited for; return what it showed on the way."""
    seen = []
    for _ in range(most):
        seen.append(until())
        page.keyboard.press(key)
    return list(dict.fromkeys(seen))


@pytest.mark.wide
def test_first_notebook(page, server):
    open_notebook(page, server, "00_start_here.ipynb")
    run_as_committed(page, "00_start_here")
    players = page.locator(".bl-player")
    players.first.wait_for()
    root = players.nth(2)  # after the two that ask
    root.scroll_into_view_if_needed()
    root.locator(".bl-say").click()
    assert root.get_attribute("data-at") == "0"

    # x, y are nodes 0 and 1: what their adjoint cells show while the right arrow key is pressed
    x = press(page, root, "ArrowRight", lambda: number(root, "a0"), most=17)
    assert x == ["", "10", "10 + 4", "14"]
    assert number(root, "a1") == "6" and root.get_attribute("data-at") == "16"
    assert root.locator(".bl-line.bl-current").count() == 1

    # the notebook did not take the keys: the selected cell is still on screen and unchanged
    assert root.locator(".bl-picture").evaluate("(b) => b.scrollWidth <= b.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    # the kernel hears where we are
    until_kernel_says(page, "print(player.at)", "16")
    assert scrub(root) == ["3.1", "14.2"]
    until_kernel_says(page, "print(player.inputs, player.graph.value)", "{'x': 3.1, 'y': 5.0} 35.41")
    assert scrub(root, "Home") == ["3", "14"]

    move_every_slider(page)
    step_every_player(page, players_in(NOTEBOOKS / "00_start_here.ipynb"))

    # and without it the player steps on
    shutdown_kernel(page)
    root.locator(".bl-say").click()
    page.keyboard.press("Home")
    assert root.get_attribute("data-at") == "0" and number(root, "a0") == ""
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert number(root, "a0") == "10 + 4"
    root.get_by_label("next step").click()
    assert number(root, "a0") == "14"
    assert scrub(root) == ["3.1", "14.2"]


SETTINGS = """
import backprop_lab as bl

def f(x, y):
    s = x * y
    if s > 10:
        s = s - x
    return s * s

player = bl.step(f, x=2, y=3, predict=True)
player
"""


@pytest.mark.wide
def test_settings_trace_again_and_keep_the_place(page, server):
    root = open_player(page, server, "settings.ipynb", SETTINGS)
    root.get_by_role("button", name="more", exact=True).click()
    root.get_by_label("predict").uncheck()
    root.locator(".bl-say").click()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("s")
    x = root.get_by_label("x =", exact=True)
    x.fill("ten")
    x.press("Enter")
    assert "“ten” cannot be read as a number" in root.locator(".bl-trouble").text_content()
    x.fill("8/2")
    x.press("Enter")
    page.wait_for_function("() => document.querySelector('.bl-sentence').textContent.startsWith('Now x = 4')")
    said = root.locator(".bl-sentence").text_content()
    assert "comes out True, so another branch runs: 5 nodes instead of 4" in said
    assert root.get_attribute("data-at") == "6" and number(root, "p0") == "4"
    assert x.evaluate("(box) => box === document.activeElement"), "the focus stays in the box"
    # where another branch would run, the page says so, sends one message, and gets one film
    films = page.evaluate(ASK, "print(player._run)")
    root.evaluate("(r) => r.dispatchEvent(new CustomEvent('bl-set', {detail: {x: 1}}))")
    page.wait_for_function("() => document.querySelector('.bl-sentence').textContent.startsWith('Now x = 1')")
    assert number(root, "p0") == "1"
    until_kernel_says(page, "print(player._run, player.trouble)", f"{int(films) + 1} {{}}")
    x.focus()
    root.get_by_label("show", exact=True).select_option("forward")
    page.wait_for_function("() => document.querySelector('.bl-col-tangent')")
    slider = root.get_by_label("y, by slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('text[data-key=p1]').textContent === '3.15'")
    shutdown_kernel(page)
    x.fill("5")
    x.press("Enter")
    assert "Changes need the kernel that ran this cell" in root.locator(".bl-trouble").text_content()
    page.keyboard.press("Escape")
    page.keyboard.press("End")
    assert root.get_attribute("data-at") == root.locator(".bl-slider").get_attribute("max")


FOLDED = """
import backprop_lab as bl

def f(x, y):
    s = x
    for _ in range(60):
        s = s * y + x
    return s

player = bl.step(f, x=0.5, y=0.9)
player
"""


@pytest.mark.wide
def test_a_part_opens_with_the_kernels_help_and_nothing_jumps(page, server):
    root = open_player(page, server, "folded.ipynb", FOLDED)
    root.locator(".bl-say").click()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    at, shown = root.get_attribute("data-at"), number(root, "p0")
    turns = root.locator(".bl-box").count()
    page.keyboard.press("i")
    page.wait_for_function("(n) => document.querySelectorAll('.bl-player .bl-box').length > n", arg=turns)
    assert root.get_attribute("data-at") == at and number(root, "p0") == shown
    assert root.evaluate("(r) => r === document.activeElement"), "the focus stays"
    said = root.locator(".bl-inspect-words").text_content()
    assert "is open: " in said and said.endswith("The sign in the corner of its frame folds it.")
    page.keyboard.press("ArrowRight")
    moved = root.get_attribute("data-at")
    assert int(moved) > int(at)
    label = said.partition(" is open")[0]
    root.locator(".bl-frame", has_text=label).locator(".bl-close").click()
    page.wait_for_function("(n) => document.querySelectorAll('.bl-player .bl-box').length === n", arg=turns)
    assert root.get_attribute("data-at") == moved
    shutdown_kernel(page)
    root.locator(".bl-box .bl-shape").first.click()
    assert "Changes need the kernel that ran this cell" in root.locator(".bl-inspect-words").text_content()
    page.keyboard.press("End")
    assert root.get_attribute("data-at") == root.locator(".bl-slider").get_attribute("max")


@pytest.mark.wide
def test_a_cell_that_runs_again_keeps_its_place(page, server):
    write(server.folder / "again.ipynb", ["import backprop_lab as bl", "bl.examples['olah'].step()"])
    open_notebook(page, server, "again.ipynb")
    run_all(page)
    root = page.locator(".bl-player").first
    root.wait_for()
    root.locator(".bl-say").click()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    page.evaluate("() => { document.querySelector('.bl-player').dataset.old = 'yes'; }")
    run_all(page)
    page.locator(".bl-player:not([data-old])").first.wait_for()
    assert root.get_attribute("data-at") == "7"


@pytest.mark.wide
def test_dark_theme(page, server):
    write(server.folder / "dark.ipynb", ["import backprop_lab as bl", "bl.examples['olah'].step()"])
    open_notebook(page, server, "dark.ipynb")
    page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    run_all(page)
    root = page.locator(".bl-player").first
    root.wait_for()
    assert root.evaluate("(r) => getComputedStyle(r).backgroundColor") == "rgb(20, 24, 31)"
    assert root.evaluate("(r) => getComputedStyle(r.querySelector('.bl-paper')).fill") == "rgb(20, 24, 31)"


def test_a_committed_notebook_shows_pictures_without_a_kernel(page, server):
    """The outputs are there before any cell runs: the widget's place is held by a picture."""
    shutil.copy(NOTEBOOKS / "00_start_here.ipynb", server.folder / "committed.ipynb")  # that no other test has run
    open_notebook(page, server, "committed.ipynb")
    page.locator(".jp-OutputArea-output img[alt*='adjoint of x 14']").first.wait_for()  # cells come one by one


QUIZ = ["import backprop_lab as bl\nplayer = bl.examples['strang'].step(predict=True)", "player", "player"]


def test_predictions_reach_the_kernel_and_outlive_their_view(page, server):
    write(server.folder / "quiz.ipynb", QUIZ)
    open_notebook(page, server, "quiz.ipynb")
    run_all(page)
    page.wait_for_function("() => document.querySelectorAll('.bl-player').length === 2")
    one, two = page.locator(".bl-player").nth(0), page.locator(".bl-player").nth(1)
    one.locator(".bl-say").click()

    def answer(root, *typed):
        page.keyboard.press("ArrowRight")
        for text in typed:
            root.locator(".bl-askbox").fill(text)
            page.keyboard.press("Enter")

    answer(one, "6", "8")
    answer(one, "9")
    told = "print([(p['typed'], p['right'], p['wrong_turn']) for p in player.predictions])"
    until_kernel_says(page, told, "[('6', False, 'power read as product'), ('9', True, None)]")
    until_kernel_says(page, "print(player.at)", "2")
    when = "from datetime import *\nt = [datetime.fromisoformat(p['when']) for p in player.predictions]"
    late = "print(t == sorted(t) and abs((datetime.now(timezone.utc) - t[-1]).total_seconds()) < 600)"
    assert page.evaluate(ASK, f"{when}\n{late}") == "True"

    # the other view knows what was predicted here, and adds to it
    two.locator(".bl-say").click()
    answer(two, "11")
    told = "print([p['typed'] for p in player.predictions])"
    until_kernel_says(page, told, "['6', '9', '11']")
    until_kernel_says(page, "print(player.at)", "3")

    # both outputs are closed; the player shown once more goes on where it was
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.wait_for_function("() => document.querySelectorAll('.bl-player').length === 0")
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1; }")
    page.evaluate("() => { void window.jupyterapp.commands.execute('notebook:run-cell'); }")
    again = page.locator(".bl-player")
    again.wait_for()
    assert again.count() == 1 and again.get_attribute("data-at") == "3"
    again.get_by_label("to the start").dispatch_event("click")
    again.locator(".bl-say").click()
    for k in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        assert again.get_attribute("data-at") == str(k) and not again.locator(".bl-askbox").count()
    answer(again, "88")
    until_kernel_says(page, told, "['6', '9', '11', '88']")
    page.evaluate(ASK, "player.write_predictions('predictions.csv')")
    rows = (server.folder / "predictions.csv").read_text("utf-8").splitlines()
    assert len(rows) == 5 and rows[0].startswith("step,node,kind,typed,number,right") and ",88," in rows[4]

    # what was typed here is what a teacher's replay plays
    page.evaluate(ASK, "player.write_predictions('eve.json')")
    run = read_run(server.folder / "eve.json")
    assert [p["typed"] for p in run.predictions] == ["6", "9", "11", "88"]
    replay(bl.examples["strang"].trace(), run.predictions, run.who).to_html(server.folder / "eve.html")
    told = (server.folder / "eve.html").read_text("utf-8")
    assert "eve typed 6 after" in told and ", wrong: power read as product." in told and "eve typed 9 after" in told

    # the kernel can forget them, and then all is asked again
    page.evaluate(ASK, "player.predictions = []")
    again.get_by_label("to the start").dispatch_event("click")
    again.get_by_label("next step").click()
    again.locator(".bl-askbox").wait_for()
    assert again.get_attribute("data-at") == "0"
    page.wait_for_timeout(400)


MYSTERY = ["import backprop_lab as bl\nplayer = bl.examples['edelman'].step(mystery='Friday')\nplayer"]


@pytest.mark.wide
def test_a_mystery_is_kept_by_the_kernel_and_by_a_cell_that_runs_again(page, server):
    told = bl.examples["edelman"].step(mystery="Friday").film["mystery"]
    right = told["answer"] + 1
    wrong = 1 + right % len(told["claims"])
    write(server.folder / "mystery.ipynb", MYSTERY)
    open_notebook(page, server, "mystery.ipynb")
    run_all(page)
    player = page.locator(".bl-player")
    player.locator(".bl-say").click()
    page.keyboard.press(str(wrong))
    chosen = "print([(p['kind'], p['number'], p['right'], p['tries']) for p in player.predictions])"
    until_kernel_says(page, chosen, f"[('mystery', {wrong}, False, 1)]")
    page.keyboard.press(str(right))
    until_kernel_says(page, chosen, f"[('mystery', {wrong}, False, 1), ('mystery', {right}, False, 2)]")
    assert player.get_attribute("data-at") == str(told["found"]["at"])

    page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0; }")
    player.evaluate("(root) => { root.dataset.old = 'true'; }")
    page.evaluate("() => { void window.jupyterapp.commands.execute('notebook:run-cell'); }")
    again = page.locator(".bl-player:not([data-old])")
    again.wait_for()
    assert again.get_attribute("data-mystery") == "solved" and again.locator(".bl-claim-wrong").count() == 1
    until_kernel_says(page, "print(len(player.predictions))", "2")

    # other inputs make another sweep of the same mystery, and ask again
    page.evaluate(ASK, "player.request = {'id': 99, 'inputs': {'x': 4.0}}")
    page.wait_for_function("() => document.querySelector('.bl-player:not([data-old])').dataset.mystery === 'open'")
    page.keyboard.press("Escape")

    # a page needs no kernel for all that, in a room neither: it was restarted, and knows nothing of the player
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    until_kernel_says(page, "print('player' in globals())", "False")
    again.locator(".bl-say").click()
    for key in ("f", str(wrong), "ArrowRight"):
        page.keyboard.press(key)
    again.evaluate("(root) => root.dispatchEvent(new CustomEvent('bl-set', { detail: { x: 5 } }))")
    assert again.locator(".bl-claim-wrong").count() == 1
    assert again.get_attribute("data-at") == str(told["found"]["at"] + 1)
    assert again.locator(".bl-svg [data-key=p0]").text_content() == "5"
    assert again.locator(".bl-svg [data-key=p3]").text_content() == "10"
    page.keyboard.press("f")


PANEL = "window.jupyterapp.shell.currentWidget"
PARTIALS = "import backprop_lab as bl\nplayer = bl.examples['edelman'].step(predict='partials')\nplayer"


@pytest.mark.wide
def test_motion_blanks_and_partials_outlive_their_cell_and_their_page(page, server):
    """What a person set or answered is there again when the cell runs again, and when the page is loaded again."""
    write(server.folder / "kept.ipynb", [PARTIALS, "plain = bl.examples['strang'].step()\nplain"])
    open_notebook(page, server, "kept.ipynb")
    run_all(page)
    page.wait_for_function("() => document.querySelectorAll('.bl-player').length === 2")
    asks, plain = page.locator(".bl-player").nth(0), page.locator(".bl-player").nth(1)

    def moves(to=None):
        plain.locator(".bl-say").click()
        page.keyboard.press("s")
        box = plain.get_by_label("motion")
        found = box.is_checked()
        if to is not None:
            box.set_checked(to)
            plain.locator(".bl-say").click()
        page.keyboard.press("s")
        return found

    asks.locator(".bl-say").click()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    asks.locator(".bl-askbox").fill("2")
    page.keyboard.press("Enter")
    asks.locator(".bl-askbox").fill("1")
    page.keyboard.press("Enter")
    told = "print([(p['kind'], p['typed'], p['right']) for p in player.predictions])"
    until_kernel_says(page, told, "[('partial', '2', False)]")
    plain.locator(".bl-say").click()
    page.keyboard.press("B")
    page.keyboard.press("ArrowRight")
    assert plain.get_attribute("data-at") == "0" and plain.get_attribute("data-guessing") == "true"
    page.keyboard.press("ArrowRight")
    assert plain.get_attribute("data-at") == "1" and plain.get_attribute("data-guessing") is None
    assert moves(to=False)
    until_kernel_says(page, "print(player.at, plain.at)", "7 1")

    def kept():
        assert asks.get_attribute("data-at") == "7" and plain.get_attribute("data-at") == "1"
        asks.locator(".bl-say").click()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowRight")
        assert asks.get_attribute("data-at") == "7", "what was answered is not asked again"
        page.keyboard.press("ArrowRight")
        asks.locator(".bl-askbox").wait_for()
        page.keyboard.press("Escape")
        assert not moves()

    page.evaluate("() => document.querySelectorAll('.bl-player').forEach((root) => { root.dataset.old = 'yes'; })")
    run_all(page)
    page.wait_for_function("() => document.querySelectorAll('.bl-player:not([data-old])').length === 2")
    kept()
    until_kernel_says(page, told, "[('partial', '2', False)]")
    page.evaluate(f"() => {PANEL}.context.save()")
    page.wait_for_function(f"() => !{PANEL}.context.model.dirty")
    page.goto(f"{server.url}/lab/tree/kept.ipynb?token={server.token}&reset")  # the kernel is still there
    plain.wait_for(timeout=PATIENCE)
    wait_idle(page)
    kept()
    page.evaluate("() => localStorage.removeItem('backprop_lab.motion')")


GROUND = """
import backprop_lab as bl

ground = bl.Descent(lambda x, y: x**2 + 4 * y**2, (2.0, 1.0), steps=20)
ground
"""


@pytest.mark.wide
def test_a_playground_and_the_kernel(page, server):
    """Each hears of the other; a cell that runs again keeps the place; without the kernel it plays on."""
    write(server.folder / "ground.ipynb", [GROUND.strip()])
    open_notebook(page, server, "ground.ipynb")
    run_all(page)
    root = page.locator(".bl-descent")
    root.focus()
    for key in ("End", "a", "m", "s", "ArrowLeft"):
        page.keyboard.press(key)
    until_kernel_says(
        page, "print(ground.at, ground.start[0] < 2.0, ground.method, len(ground.runs))", "20 True momentum 2"
    )
    page.evaluate(ASK, "ground.at, ground.rate = 7, 0.02")
    page.wait_for_function("() => document.querySelector('.bl-descent').dataset.at === '7'")
    assert root.locator(".bl-number[aria-label=rate]").input_value() == "0.02"
    run_all(page)
    page.wait_for_function("() => document.querySelector('.bl-descent')?.dataset.at === '7'")
    assert root.locator(".bl-runs li").count() == 2
    shutdown_kernel(page)
    root.focus()
    page.keyboard.press("End")
    assert root.get_attribute("data-at") == "20"
