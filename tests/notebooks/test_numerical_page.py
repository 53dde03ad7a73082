"""The sliders of lesson 6 in a real JupyterLab: by keyboard and by mouse, light and dark."""

import re

import pytest
from playwright.sync_api import expect
from support.lab_server import open_notebook
from support.operate import move_every_slider, players_in, run_as_committed, step_every_player
from support.places import NOTEBOOKS

NAME = "07_numerical_gradients"
LIGHT = re.compile(r"rgba?\((1[5-9]\d|2\d\d)(, (1[5-9]\d|2\d\d)){2}[,)]")  # no channel below 150


def shown(box, text):
    """The plot of a slider, once its text alternative has this text."""
    plot = box.locator(f'img[alt*="{text}"]')
    plot.wait_for()
    return plot


@pytest.mark.wide  # the lesson before it is worked through in the same way, and has sliders
def test_the_sliders(page, server):
    open_notebook(page, server, f"{NAME}.ipynb")
    run_as_committed(page, NAME)
    boxes = page.locator(".jp-OutputArea-output .widget-vbox").filter(has=page.locator(".widget-slider"))
    chord, curve, own = (boxes.nth(k) for k in range(3))

    # the plot begins as predicted, and the keys move it
    chord.scroll_into_view_if_needed()
    shown(chord, "slope 3.25: off by 0.25")
    chord.locator(".noUi-handle").focus()
    page.keyboard.press("ArrowLeft")
    shown(chord, "slope 3.202: off by 0.2")
    assert chord.locator(".widget-readout").text_content() == "0.45"
    page.keyboard.press("Home")
    shown(chord, "slope 3: off by 0.0001")

    # on the U-curve: the smallest h leaves nothing of the difference
    curve.scroll_into_view_if_needed()
    shown(curve, "At h = 1e−4 the relative errors are 5e−5 (forward difference), 2e−9 (central difference)")
    words = curve.locator("table, p")
    assert "2.718553670233753" in words.first.text_content() and "4 are equal" in words.last.text_content()
    assert curve.locator("u").first.text_content() == "2.718"
    curve.locator(".noUi-handle").focus()
    page.keyboard.press("Home")
    shown(curve, "At h = 1e−16 the relative errors are 1 (forward difference), 1 (central difference)")
    curve.get_by_text("The two values are equal, so nothing is left").wait_for()

    # by mouse, at the right end of the slider
    track = curve.locator(".noUi-base").bounding_box()
    page.mouse.click(track["x"] + track["width"] - 1, track["y"] + track["height"] / 2)
    shown(curve, "At h = 1 the relative errors are 0.72 (forward difference)")
    assert curve.locator(".widget-readout").text_content() == "1"

    # the function of one's own, in the dark: the words change with the theme, the plot stays on its light card
    page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    own.scroll_into_view_if_needed()
    own.locator(".noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    readout = own.locator(".widget-readout")
    expect(readout).not_to_have_text("1e−6")
    plot = shown(own, f"At h = {readout.text_content()} the relative errors")  # the old plot is gone by then
    assert plot.evaluate("(e) => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"
    for part in (own.locator("p").last, own.locator("td").first, readout):
        # asked until it holds: the words are replaced a moment after the plot, and what is gone has no colour
        expect(part).to_have_css("color", LIGHT)
    box = plot.bounding_box()
    assert box["width"] > 500 and box["x"] + box["width"] <= page.viewport_size["width"]
    assert move_every_slider(page) == 3
    step_every_player(page, players_in(NOTEBOOKS / f"{NAME}.ipynb"))
