"""A site of static pages, out of a notebook with everything that a page shows otherwise than a notebook does."""

import json
import os
import re

import nbformat
import pytest
from playwright.sync_api import expect
from support.lab_server import number
from support.machine import missing
from support.pages import press
from support.places import ROOT
from support.web import findings

import backprop_lab as bl
from backprop_lab.cli import main
from backprop_lab.exercises.cells import exercise_cells
from backprop_lab.site import static, static_page
from backprop_lab.widgets import embedded

TEXT = """# 7 A lesson of mine

Why *this*? See [the other](other.ipynb#Use-it), [nobody's](nowhere.ipynb) and [a book](https://example.org/book).

## Use it

| what | number |
|---|---|
| F | 88 |

```python
def f(x): return x
```
"""
CELLS = (
    TEXT,
    "import backprop_lab as bl",
    'bl.examples["strang"].step(predict=True)',
    "bl.guess(..., bl.grad(lambda x: x * x)(3.0))",
    'print("it is", bl.grad(lambda x: x * x)(3.0))',
    'bl.examples["edelman"].step()',
    "bl.Descent(lambda x, y: x**2 + 3 * y**2, (2.0, 1.0))",
    "bl.plots.secant_slider(bl.exp, 1.0)",
    "import sys\nprint('\\x1b[31mred <b>', file=sys.stderr)",
    "bl.trace(lambda x: x * x, 3.0)",
)


def notebook(*sources):
    cells = [
        (nbformat.v4.new_markdown_cell if source.startswith(("#", "The")) else nbformat.v4.new_code_cell)(source)
        for source in sources
    ]
    return nbformat.v4.new_notebook(cells=cells)


def written(path, *sources, more=()):
    made = notebook(*sources)
    made.cells += [nbformat.from_dict(cell) for cell in more]
    nbformat.write(made, path)
    return path


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site of two notebooks, made by the command; what it printed stands beside it."""
    folder = tmp_path_factory.mktemp("site")
    written(folder / "mine.ipynb", *CELLS, more=exercise_cells("reverse.1"))
    written(folder / "other.ipynb", "The other has no heading.", "1 + 1")
    names = [str(folder / name) for name in ("mine.ipynb", "other.ipynb")]
    assert main(["export", "--site", str(folder / "site"), *names]) == 0
    return folder / "site"


def test_what_is_written(site):
    names = {path.name for path in site.iterdir()}
    pages = {"index.html", "mine.html", "other.html", "mine.ipynb", "other.ipynb"}
    assert names == pages | {"backprop_lab.js", "site.css", "site.js"}
    text = (site / "mine.html").read_text("utf-8")
    assert "<script>" not in text and text.count("data-state=") == 3, "the code is in one file"
    for path in site.iterdir():  # nothing is fetched: all that a page loads stands beside it
        loads = re.findall(
            r'(?:src|<link[^>]*href)="([^"]*)"', path.read_text("utf-8") if path.suffix == ".html" else ""
        )
        assert all(x.startswith("data:") or x in names for x in loads), path
    assert json.loads((site / "mine.ipynb").read_text("utf-8"))["cells"][1]["outputs"] == [], "as it was"


def test_everything_lives(page, site):
    page.goto((site / "index.html").as_uri())
    assert page.locator(".shelf a").all_inner_texts() == ["7 A lesson of mine", "other"]
    assert page.locator(".shelf p em").inner_text() == "this", "its first paragraph"
    page.get_by_role("link", name="7 A lesson of mine").click()
    asked, edelman = (page.locator(".bl-live").nth(k).locator(".bl-player") for k in (0, 1))
    edelman.scroll_into_view_if_needed()
    edelman.locator(".bl-say").click()
    press(page, *14 * ["ArrowRight"])
    assert number(edelman, "a0") == "10 + 4"
    asked.locator(".bl-say").click()
    press(page, "ArrowRight")
    page.keyboard.type("8")
    press(page, "Enter")
    assert asked.get_attribute("data-at") == "1"
    ground = page.locator(".bl-descent")
    ground.scroll_into_view_if_needed()
    ground.get_by_label("next step").click()
    assert ground.get_attribute("data-at") == "1"
    page.get_by_role("link", name="other →").first.click()
    assert page.title() == "other" and page.locator(".out").inner_text() == "2"
    page.get_by_role("link", name="← 7 A lesson of mine").click()
    assert page.title() == "7 A lesson of mine"


def test_what_needs_a_running_notebook_says_so(page, site):
    page.goto((site / "mine.html").as_uri())
    notes = page.locator(".note").all_inner_texts()
    assert notes[1:] == [static_page.GUESS, static_page.SLIDER, static_page.ANSWERED.format("reverse.1")]
    assert page.get_by_role("link", name="this lesson as a notebook").get_attribute("href") == "mine.ipynb"
    answer = page.get_by_text("it is 6.0")
    expect(answer).to_be_hidden()  # nothing asked for is shown before
    page.locator("summary").focus()
    press(page, "Enter")
    expect(answer).to_be_visible()
    exercise = page.locator(".exercise")
    assert bl.exercises["reverse.1"].question(bl.seed()).text[2:20].split("*")[0] in exercise.inner_text()
    assert "# exercise: reverse.1" in page.locator(".code").last.inner_text()
    assert "bl.check(" not in page.locator("main").inner_text()


def test_texts_and_outputs(page, site):
    page.goto((site / "mine.html").as_uri())
    links = page.locator(".text a:not(.anchor-link)")
    wanted = ["other.html#Use-it", "nowhere.ipynb", "https://example.org/book"]
    assert [link.get_attribute("href") for link in links.all()] == wanted
    assert (
        page.locator(".text td").all_inner_texts() == ["F", "88"] and page.locator(".text:not(.rich) pre").count() == 1
    )
    assert page.locator(".stderr").inner_text().strip() == "red <b>"
    assert "adjoint of x 6" in page.locator(".rich > img").last.get_attribute("alt")
    assert page.locator("h1").count() == 1


@pytest.mark.wide
@pytest.mark.parametrize(("width", "theme"), [(1024, "light"), (390, "dark")])
def test_light_and_dark_for_everybody(page, site, width, theme):
    """No fault that axe finds, nothing wider than the page; players follow the button, and the choice is kept."""
    page.watch.allow("site.css|ERR_FAILED")  # which axe wants to read as a file, and may not
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    page.goto((site / "mine.html").as_uri())
    for live in page.locator(".bl-live").all():
        live.scroll_into_view_if_needed()
        live.locator(".bl-player, .bl-descent").wait_for()
    player, papers = page.locator(".bl-player").first, {"dark": "rgb(20, 24, 31)", "light": "rgb(255, 255, 255)"}
    other = next(one for one in papers if one != theme)
    expect(player).to_have_css("background-color", papers[theme])
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert findings(page) == []
    page.locator("#lights").click()
    expect(player).to_have_css("background-color", papers[other])
    page.goto((site / "index.html").as_uri())
    assert page.locator("html").get_attribute("data-theme") == other and findings(page) == []
    press(page, "Tab", "Tab", "Tab")
    assert page.evaluate("document.activeElement.textContent") == "7 A lesson of mine"


def test_how_a_lesson_installs_the_lab_is_no_part_of_its_page():
    for path in ROOT.glob("notebooks/0[0-3]_*.ipynb"):
        notebook = json.loads(path.read_text("utf-8"))
        here = static_page.entry(path.stem, notebook)
        text = static_page.page(notebook, here, [here])
        assert any(static_page.INSTALLS in "".join(cell["source"]) for cell in notebook["cells"])
        assert "pip install" not in text and "Skip the next cell" not in text and here.title in text


def test_formulas_need_no_library_in_the_page(page, tmp_path):
    try:
        import latex2mathml  # noqa: F401
    except ImportError:
        missing("latex2mathml is not here; make test brings it")
    text = "# Formulas\n\nHere $x^2$ and\n\n$$\\frac{a}{b}$$\n\n\\begin{align}c &= d\\end{align}\n\nfor 5 \\$."
    made = notebook(text)
    found = static_page.page(made, entry := static_page.entry("f", made), [entry])
    assert found.count("<math") == 3 and 'display="block"' in found and "<mfrac>" in found and "$x" not in found


def test_formulas_without_the_library_are_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "latex2mathml.converter", None)
    with pytest.raises(bl.ArgumentError, match=r"\$x\^2\$ is LaTeX.*pip install latex2mathml"):
        static_page._markdown("See $x^2$.")


def test_bad_calls_get_a_sentence(tmp_path, capsys):
    """Each names what is wrong and what to write; nothing is left half done."""
    bad = written(tmp_path / "bad.ipynb", "1 / 0")
    (tmp_path / "text.ipynb").write_text("no notebook", "utf-8")
    (tmp_path / "apart").mkdir()
    twin = written(tmp_path / "apart" / "bad.ipynb", "1")
    out = str(tmp_path / "out")
    for words, status, says in (
        ([], 2, "--site --module is required; write backprop-lab export"),
        (["--site", out, "--fast"], 2, "unrecognized arguments: --fast; write backprop-lab export"),
        (["--module", out, "03"], 2, "--module takes no notebooks; write backprop-lab export"),
        (["--site", out, "99_nothing"], 2, "there is no notebook 99_nothing here"),
        (["--site", out, str(tmp_path / "text.ipynb")], 2, "text.ipynb is no notebook"),
        (["--site", out, str(bad), str(twin)], 2, "two notebooks are called bad"),
        (["--site", out, str(bad)], 2, "a cell of bad.ipynb fails: ZeroDivisionError"),
        (["--site", str(tmp_path / "text.ipynb" / "x"), str(bad)], 1, "there is no folder"),
    ):
        assert main(["export", *words]) == status, words
        assert says in capsys.readouterr().err, words
    assert main(["export", "--help"]) == 0 and "DIR/index.html" in capsys.readouterr().out


def test_packages_that_are_missing_are_named(monkeypatch):
    monkeypatch.setattr(static, "BROUGHT", ("jinja2", "no_such_package"))
    with pytest.raises(bl.ArgumentError, match=r"needs no_such_package, which JupyterLab brings.*; write pip install"):
        next(static.write_site([], static.Path("nowhere")))


@pytest.mark.nightly
def test_a_lesson_as_it_is(page, tmp_path):
    """Lesson 13: every player and playground that its cells make is there, lives, and waits where nobody looks."""
    (lesson,) = ROOT.glob("notebooks/13_*.ipynb")
    pages = list(static.write_site([lesson], tmp_path))
    cells = [c["source"] for c in json.loads(lesson.read_text("utf-8"))["cells"]]
    makes = sum("".join(source).count("bl.Descent(") for source in cells)
    page.goto(pages[0].as_uri())
    assert page.locator(f"{embedded.element_name('descent')}").count() == makes >= 5
    closed = page.locator("details:not([open]) .bl-live")
    assert closed.count() and not closed.locator(".bl-player, .bl-descent").count(), "after a guess it waits"
    page.evaluate("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    for live in page.locator(".bl-live").all():
        live.scroll_into_view_if_needed()
        live.locator(".bl-player, .bl-descent").wait_for()
    assert pages[0].stat().st_size < 400_000 and os.path.getsize(tmp_path / static.CODE) < 400_000


@pytest.mark.nightly
def test_the_whole_site_is_small(tmp_path):
    """All lessons: a page for each, and less than 15 MB of files."""
    pages = list(static.write_site(static.lessons(), tmp_path))
    assert len(pages) == len(static.lessons()) + 1
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 15e6
