"""A lesson in JupyterLab as a person works through it: step every player by keyboard, move every slider of a plot."""

import runpy

import nbformat
from playwright.sync_api import expect

from backprop_lab.drawing.texts import SUBSCRIPT
from support.lab_server import run_all, saved
from support.places import NOTEBOOKS, ROOT
from support.shown import unlike

# What stands in the output of a slider: the plot and the words, which are drawn anew.
SHOWN = "(handle) => [...handle.closest('.jp-OutputArea-output').querySelectorAll('img')].map((i) => i.alt).join(' ')"


# JupyterLab takes what is far off the screen out of the page, unless it is told not to.
KEEP_ALL = """() => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.notebookConfig = { ...notebook.notebookConfig, windowingMode: 'none' };
}"""

# Steps through a player inside the page, and reads after each step: one call in place of five for each step, and no
# painting between: what the player puts off until its page is painted is done before reading. That real keys and the
# mouse arrive is tested elsewhere.
WALK = """async (root, [moves, readers]) => { const read = readers.map((text) => eval(text)); const seen = [];
  const slider = root.querySelector('.bl-slider');
  const real = window.requestAnimationFrame;
  await new Promise((done) => real(() => real(done)));
  const waiting = [];
  window.requestAnimationFrame = (run) => waiting.push(run);
  for (const move of moves) {
    if (typeof move === 'number') { slider.value = move; slider.dispatchEvent(new Event('input', { bubbles: true })); }
    else root.dispatchEvent(new KeyboardEvent('keydown', { key: move, bubbles: true, cancelable: true }));
    waiting.splice(0).forEach((run) => run(performance.now()));
    seen.push([Number(root.dataset.at), root.querySelector('.bl-sentence').textContent, ...read.map((f) => f(root))]);
  }
  window.requestAnimationFrame = real;
  return seen; }"""


READ = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789", "\u202f")


def plain(text):
    """A sentence of the page without the subscripts and the thin spaces that are for reading."""
    return text.translate(READ)


def as_read(text):
    """A text as `plain` leaves it: the 2 of x_2 is a subscript on the page."""
    return SUBSCRIPT.sub(r"\1", text)


def plainly(reader):
    """A reader of the page, in JavaScript, that gives its texts without what is for reading, as `plain` does."""
    digits = "replace(/[₀-₉]/g, (d) => d.charCodeAt(0) - 8320)"
    unread = rf"JSON.parse(JSON.stringify(read).{digits}.replaceAll('\u202f', ''))"
    return f"(root) => {{ const read = ({reader})(root); return {unread}; }}"


def walk(root, moves, *readers):
    """After each move, a key or a place on the slider: where one is, the sentence, and what the readers tell."""
    return [[at, plain(sentence), *told] for at, sentence, *told in root.evaluate(WALK, [moves, readers])]


def players_in(path):
    """How many players a committed notebook shows."""
    cells = nbformat.read(path, 4).cells
    shown = [output.get("data", {}).get("text/plain", "") for cell in cells for output in cell.get("outputs", [])]
    return sum(text.startswith("<Player: ") for text in shown)


# Steps through all players of the page, without painting between: start, one step, the end, one back; where one asks,
# its question first. It gives what was not as it must be.
STEP_ALL = """async () => {
  const [wrong, waiting, real] = [[], [], window.requestAnimationFrame];
  const settle = () => waiting.splice(0).forEach((run) => run(performance.now()));
  for (const [k, root] of [...document.querySelectorAll('.bl-player')].entries()) {
    const must = (what, right) => { if (!right) wrong.push(`player ${k}, ${what}: at ${root.dataset.at}`); };
    const is = (at) => root.dataset.at === String(at);
    const press = (key) => {
      root.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      settle();
    };
    const last = root.querySelector('.bl-slider').max;
    const boxes = [...root.querySelectorAll('.bl-predicts')];
    const predict = boxes.find((box) => box.closest('label').textContent === 'predict');
    root.scrollIntoView({ block: 'center' });
    await new Promise((done) => real(() => real(done)));
    window.requestAnimationFrame = (run) => waiting.push(run);
    press('Home');
    if (predict?.checked) {
      press('ArrowRight'); // one step, if the first node is an array, about which nothing is asked
      if (is(0)) [...root.querySelectorAll('button')].find((button) => button.textContent === 'show it').click();
      settle();
      must('its question is shown', is(1));
      predict.click();
      press('Home');
    }
    must('Home', is(0));
    press('ArrowRight');
    must('one step', root.querySelector('.bl-find') ? !is(0) : is(1)); // a folded graph goes on by a box
    press('End');
    must('End', is(last));
    const values = [...root.querySelectorAll('svg text[data-key^=p]')];
    must('at the end every node has its value', values.every((text) => text.textContent));
    press('ArrowLeft');
    must('one back', !is(last));
    window.requestAnimationFrame = real;
  }
  return wrong; }"""


def run_as_committed(page, name):
    """Run all cells of a lesson; they give what the committed notebook shows."""
    run_all(page)
    fresh = runpy.run_path(str(ROOT / "docs/sync_notebooks.py"))["cleaned"](saved(page))
    other = unlike(nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4), fresh)
    assert not other, other  # this file is no test: pytest would not say what differs


def step_every_player(page, many):
    """There must be so many. All of them inside the page, as `STEP_ALL` says; then the last by a key."""
    page.evaluate(KEEP_ALL)
    players = page.locator(".bl-player")
    expect(players).to_have_count(many)
    assert page.evaluate(STEP_ALL) == []
    players.last.focus()
    page.keyboard.press("End")
    expect(players.last).to_have_attribute("data-at", players.last.locator(".bl-slider").get_attribute("max"))


def move_every_slider(page):
    """One stop each, by keyboard; the plot's text must change. How many sliders there were."""
    page.evaluate(KEEP_ALL)
    handles = page.locator(".jp-OutputArea-output .widget-slider .noUi-handle")
    for k in range(handles.count()):
        handle = handles.nth(k)
        handle.scroll_into_view_if_needed()
        before = handle.evaluate(SHOWN)
        handle.focus()
        full = handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax")
        page.keyboard.press("ArrowLeft" if full else "ArrowRight")
        changed = f"([handle, before]) => ({SHOWN})(handle) !== before"
        page.wait_for_function(changed, arg=[handle.element_handle(), before])
    return handles.count()
