"""Players in a page: opening them, their keys, what they show."""

import re
from unittest.mock import patch

from backprop_lab.widgets import page as pages

SVG = "{http://www.w3.org/2000/svg}"

TEXTS = """(root) => Object.fromEntries([...root.querySelectorAll('text[data-key]')].map(
  (t) => [t.dataset.key, t.textContent]).filter(([, text]) => text))"""

# Until the page has been painted, with what waited for that.
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def open_page(page, player, tmp_path):
    path = tmp_path / "player.html"
    player.to_html(path)
    page.goto(path.as_uri())
    return page.locator(".bl-player")


def with_settings(player):
    """A player's page with the files that only ask a kernel, which a page of its own leaves out; the test plays one."""
    with asking_files():
        return player.to_html()


def asking_files():
    """For a while, pages of their own have all files, also those that only ask a kernel."""
    return patch.object(pages, "unused", lambda film: frozenset())


def open_both(page, first, second, tmp_path):
    """One page with two players."""
    text = first.to_html()
    other = second.to_html()
    script = other[other.index('<script type="application/json"') : other.index("</body>")]
    script = script.replace('id="state"', 'id="state2"').replace('getElementById("state")', 'getElementById("state2")')
    script = script.replace('getElementById("player")', 'getElementById("player2")')
    path = tmp_path / "two.html"
    path.write_text(
        text.replace("</main>", '<div id="player2"></div></main>').replace("</body>", script + "</body>"), "utf-8"
    )
    page.goto(path.as_uri())


def asked_texts(film, k):
    """The texts after k steps for who predicts: a local partial stands on its edge once a step has multiplied by it."""
    later = [s for s in film.steps[k:] if s.kind in ("contribution", "tangent")]
    waiting = {f"w{edge[1:]}" for step in later for edge in film.lit_edges(step)}
    return {key: text for key, text in film.texts(k).items() if key not in waiting}


def at(root):
    return int(root.get_attribute("data-at"))


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def two_stepped(page):
    """The two players of a notebook that has run; in the first one the right arrow key was pressed 14 times."""
    first, second = (page.locator(".bl-player").nth(k) for k in (0, 1))
    second.wait_for()
    first.locator(".bl-say").click()
    press(page, *14 * ["ArrowRight"])
    return first, second


def scrub(root, key="ArrowUp"):
    """Two keys on the number of the input x, and what stands in the cells of x then."""
    slider = root.get_by_role("slider", name="input x", exact=True)
    slider.focus()
    press(root.page, key, key)
    return [root.locator(f"text[data-key={cell}]").first.text_content() for cell in ("p0", "a0")]


# A playground in a notebook's cell, and the number of its start.
GROUND = "ground = bl.Descent(lambda x: (x - 1) ** 2, start=3.0, rate=0.1, steps=20)\nground"


def walked(page):
    """A playground's root after a walk by keys: to its end, a second run added, the start moved to the left."""
    root = page.locator(".bl-descent")
    root.focus()
    press(page, "End", "a", "s", "ArrowLeft")
    assert root.get_attribute("data-at") == "20" and root.locator(".bl-runs li").count() == 2
    start = root.get_by_label("start of the run").get_attribute("aria-valuetext")
    assert start.startswith("x = 2."), start
    return root


def light(colour):
    parts = [int(float(c)) / 255 for c in re.findall(r"[\d.]+", colour)[:3]]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05


def contrast(a, b):
    return max(light(a), light(b)) / min(light(a), light(b))
