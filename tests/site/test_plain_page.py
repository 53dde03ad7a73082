"""The plain page: write a function, step it. A few lines of JavaScript play Python here, but for the last test."""

import json
import re
import time

import pytest
from playwright.sync_api import expect
from support.pyodide import pyodide, served, small_pyodide
from support.web import COLOURS, findings

from backprop_lab.site import lite

# Answers as Python gives them, by the text that is asked for.
ANSWERS = {
    "wrong": {"error": "ZeroDivisionError: float division by zero", "line": 2, "printed": "seen\n", "warnings": []},
    "warned": {"printed": "", "warnings": ["y is not used"]},
}
PLAYED = """
self.loadPyodide = async ({packages}) => ({
  unpackArchive() {},
  pyimport: () => ({
    begin(post) { this.post = post; },
    run(source, inputs, mode, predict) {
      while (source === "endless") {}
      const answer = ANSWERS[source] ?? {printed: JSON.stringify([inputs, mode, predict, packages]), warnings: []};
      return JSON.stringify(answer.error ? answer : {...answer, id: "1", state: STATE});
    },
    take(id, given) { this.post(JSON.stringify({kind: "changes", id, changes: {at: 3}})); },
  }),
});
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A site whose Python is JavaScript."""
    folder = tmp_path_factory.mktemp("plain")
    lite.build(folder / "site", small_pyodide(folder / "pyodide"), jupyterlite=False)
    page = (folder / "site/index.html").read_text("utf-8")
    state = json.loads(re.search(r'<script type="application/json" id="first">(.*?)</script>', page, re.S)[1])["state"]
    script = PLAYED.replace("ANSWERS", json.dumps(ANSWERS)).replace("STATE", json.dumps(state))
    (folder / "site/pyodide/pyodide.js").write_text(script, "utf-8")
    with served(folder / "site") as address:
        yield address


@pytest.fixture
def plain(page, address):
    page.goto(address)
    page.wait_for_function("() => document.documentElement.dataset.ready")
    return page


def run(page, source, number):
    page.locator("#source").fill(source)
    page.locator("#source").press("Control+Enter")
    page.wait_for_function("(number) => document.documentElement.dataset.run === number", arg=str(number))


def test_a_player_is_there_before_python_is(page, address):
    page.route("**/pyodide.js", lambda route: None)  # which never comes
    page.goto(address)
    page.locator(".bl-next").click()
    expect(page.locator(".bl-player")).to_have_attribute("data-at", "1")
    expect(page.locator("#doing")).to_contain_text("Python is starting")
    page.locator("#run").click()
    expect(page.locator("#doing")).to_contain_text("your function runs as soon as it is there")


def test_what_is_written_goes_to_python_and_the_player_comes_back(plain):
    plain.locator("#inputs").fill("a=1, b=[2, 3]")
    plain.locator("#mode").select_option("forward")
    plain.locator("#predict").check()
    run(plain, "def f(a, b): ...", 1)
    asked = json.loads(plain.locator("#printed").text_content())
    assert asked == ["a=1, b=[2, 3]", "forward", True, ["numpy", "traitlets"]]
    plain.locator(".bl-next").click()  # which Python is told, and answers with another step
    expect(plain.locator(".bl-player")).to_have_attribute("data-at", "3")


def test_an_error_marks_its_line_until_something_is_written(plain):
    plain.locator(".bl-next").click()
    run(plain, "wrong", 1)
    expect(plain.locator("#said")).to_have_text(ANSWERS["wrong"]["error"])
    expect(plain.locator("#printed")).to_have_text("seen\n")
    expect(plain.locator(".bl-player")).to_have_attribute("data-at", "1")  # the last one stays
    plain.locator("#source").fill("one\ntwo\nthree")
    assert plain.locator("#numbers .wrong").count() == 0 and plain.locator("#numbers span").count() == 3
    run(plain, "warned", 2)
    expect(plain.locator("#said.warning")).to_have_text("y is not used")
    expect(plain.locator("#printed")).to_be_hidden()


def test_a_function_without_an_end_is_stopped(plain):
    plain.locator("#source").fill("endless")
    plain.locator("#run").click()
    plain.locator("#stop").click()
    expect(plain.locator("#said")).to_have_text("Stopped.")
    expect(plain.locator("#run")).to_be_focused()
    run(plain, "anything", 2)
    expect(plain.locator("#said")).to_be_empty()


def test_the_editor_by_keyboard(plain):
    source = plain.locator("#source")
    source.fill("")
    source.press_sequentially("def f(x):")
    source.press("Enter")
    source.press_sequentially("y = x")
    source.press("Enter")
    source.press_sequentially("return y")
    assert source.input_value() == "def f(x):\n    y = x\n    return y"
    source.press("Tab")
    assert source.input_value().endswith("return y    ")
    source.press("Control+z")
    assert source.input_value().endswith("return y")
    source.press("Escape")
    source.press("Tab")
    expect(plain.locator("#inputs")).to_be_focused()
    plain.locator("#inputs").press("Enter")  # runs, as in any form
    plain.wait_for_function("() => document.documentElement.dataset.run === '1'")


def test_examples_run_and_the_address_brings_them_back_without_running(plain):
    plain.locator("#examples").select_option(label="a loop: Babylonian roots")
    plain.wait_for_function("() => document.documentElement.dataset.run === '1'")
    source = plain.locator("#source").input_value()
    assert "for _ in range(turns)" in source and plain.locator("#mode").input_value() == "forward"
    plain.reload()
    plain.wait_for_function("() => document.documentElement.dataset.ready")
    assert plain.locator("#source").input_value() == source and plain.locator("#inputs").input_value() == "a=2.0"
    assert plain.evaluate("() => document.documentElement.dataset.run") is None  # a link may be somebody else's


def test_a_python_that_does_not_start_is_told(page, address):
    page.route("**/pyodide.js", lambda route: route.fulfill(body="throw Error('no WebAssembly')"))
    page.goto(address)
    expect(page.locator("#said")).to_contain_text("Python could not start in this browser")
    page.locator(".bl-next").click()
    expect(page.locator(".bl-player")).to_have_attribute("data-at", "1")


def test_it_can_be_used_by_all_in_light_and_dark(plain):
    run(plain, "wrong", 1)
    assert findings(plain) == []
    plain.emulate_media(color_scheme="dark")
    assert findings(plain, only=COLOURS) == []
    for width in (1280, 360):
        plain.set_viewport_size({"width": width, "height": 800})
        assert plain.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), width


# ---- with the real Python

ALL = """
wrong = [e.id for e in bl.exercises.values() if not bl.check(e.id, e.model_answer()).passed]
print(len(bl.exercises), wrong)
def f(x, y):
    z = x * y
    return np.sin(z) + z**2
"""


@pytest.mark.wide
def test_the_lab_runs_in_the_browser_and_all_model_answers_pass_there(page, tmp_path):
    import backprop_lab as bl

    lite.build(tmp_path / "site", pyodide(), jupyterlite=False)
    with served(tmp_path / "site") as address:
        start = time.monotonic()
        page.goto(address)
        page.locator("#inputs").fill("x=0.5, y=2.0")
        run(page, "def f(x, y):\n    z = x * y\n    return np.sin(z) + z**2", 1)
        print(f"first step of an own function: {time.monotonic() - start:.1f} s")
        player = page.locator(".bl-player")
        page.locator(".bl-next").click()
        expect(player).to_have_attribute("data-at", "1")
        assert player.get_by_text("np.sin(z)").count()  # the source is quoted
        page.get_by_role("button", name="settings").click()
        page.locator(".bl-player select", has=page.locator("option", has_text="forward mode")).select_option(
            label="forward mode"
        )
        expect(player.get_by_text("tangents").first).to_be_visible()  # Python has made another film
        run(page, "def f(x):\n    return bl.log(x - 1)", 2)
        expect(page.locator("#said")).to_contain_text("x")
        page.locator("#inputs").fill("x=0.5")
        run(page, "def f(x):\n    return bl.log(x - 1)", 3)
        expect(page.locator("#said")).to_contain_text("log")
        assert page.locator("#numbers .wrong").text_content() == "2\n"
        page.locator("#inputs").fill("x=0.5, y=2.0")
        run(page, ALL, 4)
        assert page.locator("#printed").text_content() == f"{len(bl.exercises)} []\n"
