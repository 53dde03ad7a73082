"""Lesson 6 in a real JupyterLab: the sliders and the button of three matrices by keyboard and mouse, and its plots."""

import re

import pytest
from support.lab_server import open_notebook
from support.operate import move_every_slider, players_in, run_as_committed, step_every_player
from support.places import NOTEBOOKS


def until(page, image, *parts):
    """Wait until the bars' text alternative has all these parts; return it."""
    image.and_(page.locator("".join(f"[alt*='{part}']" for part in parts))).wait_for()
    return image.get_attribute("alt")


@pytest.mark.wide
def test_the_order_matters(page, server):
    """One test, because the lesson takes its time to run."""
    open_notebook(page, server, "06_the_order_matters.ipynb")
    run_as_committed(page, "06_the_order_matters")
    operate_the_matrix_chain(page)
    look_at_plots_in_the_dark(page)
    multiply_in_either_order(page)
    assert move_every_slider(page) == 4
    step_every_player(page, players_in(NOTEBOOKS / "06_the_order_matters.ipynb"))


def operate_the_matrix_chain(lesson):
    image = lesson.locator(".widget-html img")
    image.scroll_into_view_if_needed()
    before = until(lesson, image, "A(BC), npq + mnq: 2,000,000 multiplications", "(AB)C, mnp + mpq: 1,001,000,000")
    assert re.search(r"Measured: [\d.e+]+ and [\d.e+]+ milliseconds", before)

    # by keyboard, one stop: twice the columns, and the old times are gone
    m, q = (lesson.locator(".widget-hslider .noUi-handle").nth(k) for k in (0, 3))
    q.focus()
    lesson.keyboard.press("ArrowRight")
    assert "Measured" not in until(lesson, image, "C 1,000×2.", ": 4,000,000 multiplications", "1,002,000,000")
    lesson.keyboard.press("End")
    until(lesson, image, "C 1,000×1,000", "both take the same")

    # a row at the left: now it is A(BC) that is dear
    m.focus()
    lesson.keyboard.press("Home")
    until(lesson, image, "A 1×1,000", "A(BC) takes 500.5 times as many")
    assert lesson.locator(".widget-readout").all_text_contents() == ["1", "1,000", "1,000", "1,000"]

    lesson.get_by_role("button", name="Measure both").click()
    until(lesson, image, "A 1×1,000", "Measured: ")
    assert lesson.locator(".widget-hslider").count() == 4
    assert image.evaluate("(i) => i.complete && i.naturalWidth > 600 && i.getBoundingClientRect().width > 600")


def look_at_plots_in_the_dark(lesson):
    lesson.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    lesson.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    plots = lesson.locator("img[alt*='both axes logarithmic']")
    assert plots.count() == 1, "the Hessian, measured"
    for plot in [*plots.all(), lesson.locator(".widget-html img")]:
        plot.scroll_into_view_if_needed()
        assert plot.evaluate("(p) => getComputedStyle(p).backgroundColor") == "rgb(255, 255, 255)"
        assert plot.evaluate("(p) => p.naturalWidth > 600 && p.scrollWidth <= p.parentElement.clientWidth")


def multiply_in_either_order(lesson):
    """The run as matrices: what either order costs, and the row at the end, which has the gradient."""
    root = lesson.locator(".bl-player").filter(has=lesson.locator(".bl-matrices:visible")).first
    root.scroll_into_view_if_needed()
    words = root.locator(".bl-matrices .bl-view-words").text_content()
    assert "columns of 2 inputs, 4 multiplications" in words and "the output's row, 3" in words
    root.focus()
    lesson.keyboard.press("End")
    last = root.locator(".bl-matrix tr").last.locator("td").all_text_contents()
    assert last[:2] == ["70", "105"]
