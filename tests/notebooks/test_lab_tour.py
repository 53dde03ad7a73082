"""Everything that a player offers, in a real JupyterLab, once by keyboard and once by mouse.

What each thing shows is tested on the stand-alone page, which has the same front end; here it must be reached in the
notebook, whose own keys and styles are around it. Predictions, folding and inputs are in test_lab.py.
"""

import pytest
from support.lab_server import number, open_notebook, run_all, until_kernel_says, write
from support.pages import at

CELLS = ["import backprop_lab as bl", "player = bl.examples['strang'].step()\nplayer"]


@pytest.fixture
def root(page, server):
    """A player in a running notebook; page.sent is what the page sends to its kernel."""
    page.sent = []

    def listen(socket):
        socket.on("framesent", lambda payload: page.sent.append(payload))

    page.on("websocket", listen)
    write(server.folder / "tour.ipynb", CELLS)
    open_notebook(page, server, "tour.ipynb")
    run_all(page)
    player = page.locator(".bl-player")
    player.wait_for()
    yield player
    page.remove_listener("websocket", listen)


def words(root):
    return root.locator(".bl-inspect-words").text_content()


def wait_for_mode(page, title):
    page.wait_for_function("(t) => document.querySelector(`.bl-player .bl-col-${t}`)", arg=title)


def test_by_keyboard(page, root):
    press = page.keyboard.press
    root.focus()
    press("End")
    assert at(root) == 13 and number(root, "a0") == "140"
    press("Home")
    press("g")  # node by node
    press("ArrowRight")
    press("ArrowRight")
    assert root.get_by_label("step by").input_value() == "node" and number(root, "p2") == "8"
    press("PageDown")
    assert root.get_attribute("data-phase") == "values" and at(root) == 4
    press("PageDown")
    assert root.get_attribute("data-phase") == "seed"

    press("n")
    assert words(root).startswith("x: input") and "it influences c, s and F" in words(root)
    press("e")
    assert "has the local partial" in words(root) and "12" in words(root)
    press("Escape")
    press("Enter")
    press("End")
    press("p")
    press("p")
    assert "132 + 8 = 140, the adjoint of x" in root.locator(".bl-main").text_content()
    press("m")
    assert root.locator(".bl-matrices table").is_visible()
    press("m")
    assert "(I − L)ᵀ" in root.locator(".bl-matrices").text_content().replace("T v", "ᵀ v")
    press("?")
    assert root.locator(".bl-keys").is_visible()

    press("f")
    root.locator("xpath=self::*[contains(@class, 'bl-projector')]").wait_for()
    press("ArrowLeft")
    assert at(root) == 11 and not root.locator(".bl-legend").is_visible()
    press("Escape")
    press("s")
    assert root.locator(".bl-settings").is_visible()
    root.get_by_label("show", exact=True).focus()
    press("ArrowUp")  # reverse, then the one above it: forward
    press("Enter")
    wait_for_mode(page, "tangent")


@pytest.mark.wide
def test_by_mouse(page, root):
    def button(name):
        return root.get_by_role("button", name=name, exact=True)

    button("more").click()
    button("to the end").click()
    assert number(root, "a0") == "140"
    root.locator(".bl-phase-values").click(position={"x": 3, "y": 5})
    assert at(root) == 1
    root.get_by_label("next step").click()
    root.get_by_label("previous step").click()
    track = root.locator(".bl-slider").bounding_box()
    page.mouse.click(track["x"] + track["width"] - 4, track["y"] + track["height"] / 2)
    assert at(root) == 13
    root.get_by_label("step by").select_option("phase")
    root.get_by_label("previous step").click()
    assert root.get_attribute("data-phase") == "seed"

    root.locator("[data-node='2'] .bl-name").click()
    assert words(root).startswith("c: x³") and "It depends on x; it influences F" in words(root)
    button("go to its value").click()
    assert root.get_attribute("data-phase") == "values" and number(root, "p2") == "8"
    button("close").click()
    root.locator("[data-edge='2_0'] .bl-num-w").hover()
    assert "The edge x → c has the local partial" in words(root) and "12" in words(root)

    button("to the end").click()
    for view in ("costs", "paths", "matrices", "code", "table"):
        before = button(view).get_attribute("aria-pressed")
        button(view).click()
        assert button(view).get_attribute("aria-pressed") != before
    assert "3 multiplications" in root.locator(".bl-costs").first.text_content()
    button("next path").click()
    assert "132 + 8 = 140, the adjoint of x" in root.locator(".bl-main").text_content()
    button("triangular system").click()
    button("projector").click()
    button("projector").click()
    assert "bl-projector" not in root.get_attribute("class")

    button("settings").click()
    root.get_by_label("show", exact=True).select_option("both")
    page.wait_for_function("() => document.querySelectorAll('.bl-player .bl-pane').length === 2")
    assert at(root) > 9, "the place is kept: the same node's adjoint"
    costs = " ".join(root.locator(".bl-costs").all_text_contents())
    assert "forward, 2 sweeps" in costs and "reverse, 1 sweep" in costs


STEPS = """(root) => { for (let k = 0; k < 13; k++)
  root.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true, cancelable: true })); }"""


def test_steps_do_not_ask_the_kernel(page, root):
    """Thirteen steps at once: the player tells where one is when the person pauses, and so it says that once."""
    root.focus()
    for key, place in (("End", "13"), ("Home", "0")):  # what opening and running had to say is said
        page.keyboard.press(key)
        until_kernel_says(page, "print(player.at)", place)
    page.sent.clear()
    root.evaluate(STEPS)
    assert at(root) == 13, "steps are played in the browser"
    until_kernel_says(page, "print(player.at)", "13")
    told = [message for message in page.sent if "comm_msg" in (message if isinstance(message, str) else repr(message))]
    assert len(told) == 1
