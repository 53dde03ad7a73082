"""Embedded players and playgrounds: live in a page of somebody else's, as it looks, and out of its way."""

import pytest
from playwright.sync_api import expect
from support.firefox import opened
from support.lab_server import number
from support.pages import at, press, scrub

import backprop_lab as bl
from backprop_lab.widgets import embedded

# What a theme may do to everything.
LOUD = """* { letter-spacing: 3px } body { font: italic 31px/3 serif; color: red; text-align: center }
button, select, input { background: green; border-radius: 0; font-size: 40px } svg { border: 9px solid lime }
table { display: none } th { color: lime } div { padding: 7px } math { font-size: 50px } p { margin: 90px }"""
PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 31)"}


def valley(x, y):
    return x**2 + 3 * y**2


def shown(page, tmp_path, *outputs, css="", head=""):
    """A page with outputs, as somebody's generator puts them there."""
    path, body = tmp_path / "page.html", "<p>Words.</p>".join(one.html for one in outputs)
    style = f"<meta charset='utf-8'><title>A page</title><style>{css}</style>{head}"
    path.write_text(f"<!doctype html><html lang='en'><head>{style}</head><body>{body}</body></html>", "utf-8")
    page.goto(path.as_uri())
    return [page.locator(".bl-live").nth(k).locator(".bl-player, .bl-descent") for k in range(len(outputs))]


def test_players_and_playgrounds_step_and_the_code_is_there_once(page, tmp_path):
    edelman, strang = (bl.examples[name].step() for name in ("edelman", "strang"))
    ground = bl.Descent(valley, (2.0, 1.0), at=3)
    outputs = [edelman.embed(), strang.embed(code=False), ground.embed()]
    first, second, third = shown(page, tmp_path, *outputs, css=LOUD)
    first.locator(".bl-say").click()
    press(page, *14 * ["ArrowRight"])
    assert number(first, "a0") == "10 + 4" and at(first) == 14
    second.get_by_label("next step").click()
    assert (at(second), number(second, "p2")) == (1, "8")
    assert scrub(second) == ["2.1", ""] and number(second, "p2") == "9.261"
    third.scroll_into_view_if_needed()
    assert third.get_attribute("data-at") == "3"
    third.get_by_label("next step").click()
    assert third.get_attribute("data-at") == "4"
    assert all(len(one.html) < 150_000 for one in outputs) and len(outputs[1].html) < 30_000
    assert embedded.carrier("player") in outputs[0].html and embedded.carrier("player") not in outputs[1].html


def test_it_looks_as_in_a_page_of_ours_and_the_page_as_without_it(page, tmp_path):
    """Whatever the page's style says: letters, places and colours inside are the same, and no rule of ours gets out."""
    looks = """(root) => [root, ...root.querySelectorAll("*")].map((e) => {
      const s = getComputedStyle(e), box = e.getBoundingClientRect();
      return [e.tagName, s.font, s.color, s.backgroundColor, s.border, s.letterSpacing, s.textAlign, s.display,
        Math.round(box.width), Math.round(box.height)].join();
    })"""
    found = {}
    for kind, one in (("player", bl.examples["edelman"].step()), ("descent", bl.Descent(valley, (2.0, 1.0)))):
        for css in ("", LOUD):
            width = "body { margin: 0 } backprop-x, .bl-live { width: 900px; padding: 0 }"
            (root,) = shown(page, tmp_path, one.embed(), css=css + width)
            root.wait_for()
            found[css] = root.evaluate(looks)
        assert len(found[""]) > 150 and found[""] == found[LOUD], kind
    outside = '<p class="bl-player bl-bar">outside</p>'
    page.evaluate("(html) => document.body.insertAdjacentHTML('beforeend', html)", outside)
    outside = page.get_by_text("outside")
    assert (
        outside.evaluate("(p) => [getComputedStyle(p).display, getComputedStyle(p).color].join()")
        == "block,rgb(255, 0, 0)"
    )


# How pages say that they are dark; each with what switches it, and the rule that paints.
THEMES = {
    "Furo": (
        "document.body.dataset.theme = 'dark'",
        "body { background: #fff } body[data-theme=dark] { background: #131416 }",
    ),
    "PyData": (
        "document.documentElement.dataset.theme = 'dark'",
        "html { background: white } html[data-theme=dark] { background: rgb(20 24 30) }",
    ),
    "MyST": ("document.documentElement.classList.add('dark')", ".dark body { background: oklch(0.2 0 0) }"),
    "Quarto": (
        "document.body.className = 'quarto-dark'",
        "body { background: #fff; transition: background 0.2s } .quarto-dark { background: #222 }",
    ),
    "JupyterLab": ("document.body.dataset.jpThemeLight = 'false'", ""),
    "VS Code": ("document.body.className = 'vscode-dark'", ""),
    "bare": ("document.documentElement.style.colorScheme = 'dark'", ""),
    "a box": ("document.body.className = 'night'", ".night { background: linear-gradient(#111, #111), #111 }"),
}


def test_dark_where_the_page_is(page, tmp_path):
    roots = shown(page, tmp_path, bl.examples["strang"].step().embed(), bl.Descent(valley, (2.0, 1.0)).embed())
    for theme, (switch, css) in THEMES.items():
        plain = "const root = document.documentElement; root.removeAttribute('style');"
        plain += "for (const e of [document.body, root]) {"
        plain += " e.className = ''; for (const k in e.dataset) delete e.dataset[k]; }"
        page.evaluate(f"(css) => {{ document.querySelector('style').textContent = css; {plain} }}", css)
        for root in roots:
            expect(root, theme).to_have_css("background-color", PAPER["light"])
        page.evaluate(switch)
        for root in roots:
            expect(root, theme).to_have_css("background-color", PAPER["dark"])
    page.evaluate(plain)
    page.emulate_media(color_scheme="dark")  # the system's wish, which this page does not follow
    for root in roots:
        expect(root).to_have_css("background-color", PAPER["light"])


def test_a_page_that_follows_the_system_takes_the_player_along(page, tmp_path):
    page.emulate_media(color_scheme="dark")
    (root,) = shown(page, tmp_path, bl.examples["strang"].step().embed(), css=":root { color-scheme: light dark }")
    expect(root).to_have_css("background-color", PAPER["dark"])
    page.emulate_media(color_scheme="light")
    expect(root).to_have_css("background-color", PAPER["light"])


def test_predictions_keep_the_focus_and_the_projector_stays(page, tmp_path):
    """What asks where the focus is, and what fills the screen, asks the tree in which the player stands."""
    (root,) = shown(page, tmp_path, bl.examples["strang"].step(predict=True).embed())
    root.locator(".bl-say").click()
    press(page, "ArrowRight")
    page.keyboard.type("8")
    press(page, "Enter")
    assert at(root) == 1 and number(root, "p2") == "8"
    press(page, "ArrowRight")  # the focus has come back from the box that is gone
    page.keyboard.type("9")
    press(page, "Enter")
    assert at(root) == 2
    press(page, "f")
    page.wait_for_function("() => document.fullscreenElement")
    assert "bl-projector" in root.get_attribute("class")
    press(page, "f")
    page.wait_for_function("() => !document.fullscreenElement")
    assert "bl-projector" not in root.get_attribute("class")


def test_an_element_that_is_moved_keeps_its_place_and_linked_ones_move_together(page, tmp_path):
    first = bl.examples["edelman"].step()
    second = bl.step(lambda x: x * x, 7.0, link=first)
    root, other = shown(page, tmp_path, first.embed(), second.embed(code=False))
    root.locator(".bl-say").click()
    press(page, "ArrowRight", "ArrowRight")
    assert scrub(root)[0] == number(other, "p0") == "3.1"
    page.evaluate("document.body.append(document.querySelector('.bl-live'))")
    moved = page.locator(".bl-live").nth(1).locator(".bl-player")
    expect(moved).to_have_attribute("data-at", "2")


def test_what_is_far_away_waits_and_without_code_there_is_a_picture(page, tmp_path):
    outputs = [bl.examples["edelman"].step().embed(), bl.examples["strang"].step().embed()]
    near, far = shown(page, tmp_path, *outputs, css="p { height: 6000px }")
    near.wait_for()
    picture = page.locator(".bl-live img").last
    assert far.count() == 0 and picture.get_attribute("alt").startswith("c = ") is False
    assert "adjoint of x" in picture.get_attribute("alt")
    page.locator(".bl-live").last.scroll_into_view_if_needed()
    far.wait_for()
    shown(page, tmp_path, bl.examples["edelman"].step().embed(code=False))
    picture = page.get_by_role("img")
    assert page.locator(".bl-player").count() == 0 and "adjoint of x 14" in picture.get_attribute("alt")
    asked = bl.examples["edelman"].step(predict=True).embed(code=False)
    shown(page, tmp_path, asked)
    assert "14" not in page.get_by_role("img").get_attribute("alt"), "nothing asked for is shown before"


def test_outputs_of_two_versions_live_side_by_side(page, tmp_path, monkeypatch):
    """An element is named after its code, so another version's data never meets it."""
    now = bl.examples["edelman"].step().embed()
    older = now.html.replace(embedded.element_name("player"), "backprop-player-00000000")
    monkeypatch.setattr(now, "html", now.html + older.split("<script>")[0])
    (root,) = shown(page, tmp_path, now)
    root.wait_for()
    assert page.locator(".bl-player").count() == 1 and page.get_by_role("img").count() == 1


@pytest.mark.parametrize(
    ("value", "brings"),
    [
        ("1", [True, False, True]),  # the first of each kind brings the code
        ("page", [False, False, False]),
        ("0", None),
    ],
)
def test_in_a_book_widgets_are_embedded_by_themselves(monkeypatch, value, brings):
    monkeypatch.setenv(embedded.VARIABLE, value)
    monkeypatch.setattr(embedded, "_brought", set())
    made = [bl.examples["edelman"].step(), bl.examples["strang"].step(), bl.Descent(valley, (2.0, 1.0))]
    data = [one._repr_mimebundle_()[0] for one in made]
    if brings is None:
        assert all("application/vnd.jupyter.widget-view+json" in one and "bl-live" not in str(one) for one in data)
    else:
        assert ["<script>" in one["text/html"] for one in data] == brings
        assert all(set(one) == {"text/plain", "text/html"} for one in data)


def test_as_text_it_is_what_it_shows():
    player = bl.examples["edelman"].step()
    made = player.embed()
    assert repr(made) == repr(player) == made._repr_mimebundle_()["text/plain"]
    assert made._repr_html_() == made.html == player.embed().html, "the same each time"
    player.close()
    assert player.embed().html == made.html, "a player that is closed still has its film"


WALK = """<script>(async () => {
  const told = {}, wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const inside = async (k, css) => {
    for (;; await wait(50)) {
      const found = document.querySelectorAll(".bl-live")[k].shadowRoot?.querySelector(css);
      if (found) return found;
    }
  };
  const player = await inside(0, ".bl-player"), ground = await inside(1, ".bl-descent");
  player.focus();
  for (let k = 0; k < 14; k++) player.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
  told.player = [player.dataset.at, player.querySelector("text[data-key=a0]").textContent];
  ground.querySelector(".bl-next").click();
  told.ground = ground.dataset.at;
  document.body.style.background = "#111";
  while (getComputedStyle(player).backgroundColor !== "rgb(20, 24, 31)") await wait(50);
  await fetch("/", { method: "POST", body: JSON.stringify(told) });
})();</script>"""


@pytest.mark.wide
def test_in_firefox():
    outputs = [bl.examples["edelman"].step().embed().html, bl.Descent(valley, (2.0, 1.0)).embed().html]
    head = "<!doctype html><html lang='en'><head><meta charset='utf-8'></head>"
    page = f"{head}<body>{''.join(outputs)}{WALK}</body></html>"
    with opened(page) as got:
        assert got.get(timeout=600) == {"player": ["14", "10 + 4"], "ground": "1"}
