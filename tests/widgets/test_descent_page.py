"""The playground on its page: by mouse, by keys, by its fields; what is said; for everybody; in a room and on paper."""

import re

import numpy as np
import pytest
from support.pages import PAINTED, open_both, press
from support.web import COLOURS, findings

import backprop_lab as bl

XS = np.linspace(0.5, 1.5, 20)
YS = 1.5 * XS + 0.4 * np.cos(9 * XS)


def valley(x, y):
    return (1 - x) ** 2 + 8 * (y - x**2) ** 2


def scale(w, x, y):
    return (w * x - y) ** 2


def line(w, b, x, y):
    return (w * x + b - y) ** 2 + bl.log(w + 9)


# How small the smallest letters are, without those of formulas, which have their own.
LETTERS = """(root) => {
  const seen = (e) => e.checkVisibility() && !e.closest('.bl-hidden, math');
  const written = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  const all = [...root.querySelectorAll('*')].filter((e) => seen(e) && written(e));
  return Math.min(...all.map((e) => parseFloat(getComputedStyle(e).fontSize)));
}"""
BOTTOMS = """(root) =>
  [...root.querySelectorAll('.bl-legend, .bl-runs')].map((e) => e.getBoundingClientRect().bottom)"""


def shown(page, ground, tmp_path):
    page.goto(ground_file(ground, tmp_path))
    root = page.locator(".bl-descent")
    root.focus()
    return root


def ground_file(ground, tmp_path):
    ground.to_html(tmp_path / "descent.html")
    return (tmp_path / "descent.html").as_uri()


def numbers(text):
    return [float(x.replace("−", "-")) for x in re.findall(r"−?\d[\d.]*(?:e[+−]\d+)?", text)]


def said(root):
    return root.locator("[role=status]").text_content()


def rests(page, root, before):
    """What is said when the hand has come to rest."""
    page.wait_for_function(
        "([before]) => document.querySelector('.bl-descent [role=status]').textContent !== before", arg=[before]
    )
    return said(root)


def says(run, k):
    """The numbers of a sentence as `bl.descend` has them: step, point, loss, by how much, slopes."""
    gradient = run.gradients[k]
    return [k, *run.path[k], run.values[k], abs(run.values[k] - run.values[k - 1]), *gradient]


def test_steps_drags_and_plays_as_bl_descend_goes(page, tmp_path):
    ground = bl.Descent(valley, (-1.0, 1.5), rate=0.01, steps=9, runs=["sgd", "adam"], span=((-2, 2), (-1, 3)))
    root = shown(page, ground, tmp_path)
    assert root.get_attribute("data-at") == "0", "it begins nothing by itself"
    assert "start: x = −1, y = 1.5" in root.locator(".bl-sentence").text_content()
    run = ground.run()
    for k in range(1, 4):
        press(page, "ArrowRight")
        assert said(root).startswith(f"step {k}: x = ") and " down by " in said(root)
        assert numbers(said(root)) == pytest.approx(says(run, k), rel=6e-3, abs=1e-9)
    assert root.locator(".bl-sentence").text_content() == said(root)
    # the start by mouse, both runs with it
    press(page, "PageDown")
    before = said(root)
    box = root.locator(".bl-knob-start .bl-ring").bounding_box()
    page.mouse.move(box["x"] + 9, box["y"] + 9)
    page.mouse.down()
    page.mouse.move(box["x"] + 130, box["y"] + 60, steps=4)
    page.mouse.up()
    after = rests(page, root, before)
    start = tuple(numbers(root.get_by_label("start of the run").get_attribute("aria-valuetext")))
    assert start[0] > -0.9 and start[1] < 1.4
    ground.runs = [{**one, "start": start} for one in ground.runs]
    found = numbers(after)
    assert found[0] == 9 and found[1:3] == pytest.approx(ground.run(0).path[9], rel=2e-3, abs=1e-4)
    press(page, "2")
    assert numbers(rests(page, root, after))[1:3] == pytest.approx(ground.run(1).path[9], rel=2e-3, abs=1e-4)
    # by keys, which are not the playground's while the mark has the focus
    press(page, "s", "ArrowLeft", "ArrowUp", "Shift+ArrowUp")
    assert root.get_attribute("data-at") == "9"
    page.evaluate(PAINTED)
    moved = numbers(root.get_by_label("start of the run").get_attribute("aria-valuetext"))
    assert moved == pytest.approx([start[0] - 0.1, start[1] + 0.12])
    press(page, "Home")
    page.evaluate(PAINTED)
    assert root.get_by_label("start of the run").get_attribute("aria-valuetext") == "x = −1, y = 1.5"
    # by itself when asked, and to the end
    root.focus()
    press(page, "Home", "p")
    page.wait_for_function("() => document.querySelector('.bl-descent').dataset.at === '9'")
    page.wait_for_function("() => !document.querySelector('.bl-play[aria-pressed=true]')")
    assert said(root).startswith("step 9: ")


@pytest.mark.wide
def test_the_desk(page, tmp_path):
    """Method, rate, settings and start from fields; runs come and go, and are told apart without colour."""
    root = shown(page, bl.Descent(valley, (-1.0, 1.5), rate=0.01, steps=20), tmp_path)
    press(page, "End", "a")
    root.get_by_label("method", exact=True).select_option("momentum")
    assert root.locator(".bl-rule-text math").count() == 2 and root.get_by_label("γ").input_value() == "0.9"
    for wrong, words in (
        ("0", "rate of 0 nothing moves"),
        ("-1", "walks uphill"),
        ("fast", "cannot be read as a number"),
    ):
        root.locator(".bl-number[aria-label=rate]").fill(wrong)
        page.keyboard.press("Enter")
        assert words in root.locator(".bl-trouble").text_content()
    root.locator(".bl-number[aria-label=rate]").fill("0.004")
    page.keyboard.press("Enter")
    root.get_by_label("γ").fill("0,5")
    page.keyboard.press("Tab")
    root.get_by_label("start x").fill("-0.5")
    page.keyboard.press("Enter")
    page.evaluate(PAINTED)
    wanted = bl.descend(valley, (-0.5, 1.5), "momentum", 0.004, 20, gamma=0.5)
    assert numbers(root.locator(".bl-sentence").text_content())[1:3] == pytest.approx(wanted.path[20], rel=1e-3)
    assert root.locator(".bl-trouble").text_content() == ""
    names = root.locator(".bl-run-name").all_text_contents()
    assert names == ["Gradient descent, rate\u00a00.01", "Momentum, rate\u00a00.004"]
    other = numbers(root.locator(".bl-run-state").first.text_content())
    assert other[-1] == pytest.approx(bl.descend(valley, (-0.5, 1.5), "sgd", 0.01, 20).values[-1], rel=1e-2)
    for _ in range(5):
        root.get_by_role("button", name="add a run").click(force=True)
    looks = root.evaluate(
        """(root) => [...root.querySelectorAll('.bl-sample')].map((svg) =>
          [svg.querySelector('.bl-way').getAttribute('stroke-dasharray'),
           svg.querySelector('.bl-way-here').getAttribute('d')])"""
    )
    assert len(looks) == 6 and len({dash for dash, _ in looks}) == len({mark for _, mark in looks}) == 6
    assert root.get_by_role("button", name="add a run").is_disabled()
    root.get_by_role("button", name="take run 1 away").click()
    assert root.locator(".bl-runs li").count() == 5 and said(root) == "Run 1 is gone; 5 runs left."
    root.focus()
    press(page, *5 * ["x"])
    assert root.locator(".bl-runs li").count() == 1 and said(root) == "This is the only run."
    press(page, *20 * ["+"], "Home")
    assert "bl-diverged" not in root.locator(".bl-sentence").get_attribute("class")
    press(page, "End")
    assert root.get_attribute("data-ends") == "diverged" and "it diverged: at step " in said(root)
    assert root.locator(".bl-map .bl-way-edge").get_attribute("d"), "an arrow where it left"
    assert "diverged, step " in root.locator(".bl-run-state").text_content()


def test_batches_and_the_region_of_confusion(page, tmp_path):
    ground = bl.Descent(scale, -1.0, data=(XS, YS), batch=1, rate=0.3, steps=30, at=30)
    root = shown(page, ground, tmp_path)
    best = YS / XS  # where each example alone is content
    strip = root.locator(".bl-profile .bl-doubt-area").get_attribute("d")
    pixels = [float(x) for x in re.findall(r"M([\d.]+)", strip)]
    frame = root.locator(".bl-profile .bl-plot-frame")
    left, width = (float(frame.get_attribute(key)) for key in ("x", "width"))
    low, high = ground.surface["span"][0]
    found = [low + (x - left) / width * (high - low) for x in (min(pixels), max(pixels))]
    assert found == pytest.approx([best.min(), best.max()], abs=0.03)
    path = ground.run().path
    entered = next(k for k, w in enumerate(path) if best.min() < w < best.max())
    assert root.locator(".bl-profile .bl-stop").get_attribute("d")
    press(page, "Home", *entered * ["ArrowRight"])
    assert "here it enters the region of confusion" in said(root) and "slope of the batch" in said(root)
    root.get_by_label("batch", exact=True).select_option("0")
    assert root.locator(".bl-doubt-area").count() == 0
    assert "slope of the batch" not in root.locator(".bl-sentence").text_content()


def test_for_everybody(page, tmp_path):
    """Axe in both schemes, also in a room; strict rules for scripts; high contrast; paper; nothing is too wide."""
    ground = bl.Descent(line, (0.0, 1.0), data=(XS, YS), batch=4, runs=["sgd", "adam"], span=((-10, 3), (-2, 2)), at=12)
    rules = "default-src 'none'; script-src 'nonce-own'; style-src 'unsafe-inline'; base-uri 'none'"
    text = ground.to_html().replace('<script type="module">', '<script type="module" nonce="own">')
    headers = {"Content-Security-Policy": rules}
    page.route("http://localhost/*", lambda r: r.fulfill(body=text, content_type="text/html", headers=headers))
    page.goto("http://localhost/strict.html")
    root = page.locator(".bl-descent")
    root.focus()
    press(page, "ArrowRight")
    assert said(root).startswith("step 13: ")
    root = shown(page, ground, tmp_path)
    press(page, "?")
    for scheme, only in (("light", ()), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)
        assert findings(page, only=only) == [], scheme
    assert root.locator(".bl-ground .bl-hole").get_attribute("d"), "log has no value left of −9"
    press(page, "?")
    for width, height in ((1280, 900), (1024, 768), (740, 900)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(PAINTED)
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"), width
        assert root.bounding_box()["height"] <= 900 and root.evaluate(LETTERS) >= 12
    page.set_viewport_size({"width": 1024, "height": 768})
    root.focus()
    press(page, "f")
    page.evaluate(PAINTED)
    assert root.evaluate(LETTERS) >= 18 and findings(page, only=COLOURS) == []
    assert max(root.evaluate(BOTTOMS)) <= 768
    press(page, "Escape")
    page.emulate_media(forced_colors="active")
    page.wait_for_function("() => getComputedStyle(document.querySelector('.bl-band-area')).fill === 'none'")
    page.emulate_media(forced_colors="none", media="print")
    assert not root.locator(".bl-fields").is_visible() and root.locator(".bl-map .bl-ground").is_visible()


def test_two_on_a_page(page, tmp_path):
    open_both(page, bl.Descent(valley, (-1.0, 1.5), steps=5), bl.Descent(scale, 1.0, data=(XS, YS)), tmp_path)
    one, other = page.locator(".bl-descent").all()
    one.focus()
    press(page, "End")
    assert (one.get_attribute("data-at"), other.get_attribute("data-at")) == ("5", "0")
    ids = page.evaluate("() => [...document.querySelectorAll('.bl-descent [id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids)) > 3
