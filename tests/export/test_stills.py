"""What `player.save` writes: each kind opens with its own reader, and shows the step that it says it shows."""

import io
import re
import shutil
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ET

import pytest
from PIL import Image
from support.circles import a_cover, each_once
from support.graphs import hostile
from support.machine import missing
from support.pages import SVG

import backprop_lab as bl
from backprop_lab.drawing.picture import Picture
from backprop_lab.drawing.texts import lowered
from backprop_lab.export import flat, stills, tex

MODES = ["value", "forward", "reverse"]
HOSTILE = {
    "<b>": 2.0,
    "100%": 3.0,
    "a_b^c{~}": 1.0,
    "naïve 名": 2.0,
    "\\end{document}\n\n%": 1.5,
    "$x#&$": 1.0,
    "Ωα": 2.0,
}


def mixed(x_1, α, loss):
    ratio = x_1 / α
    edge = bl.relu(ratio - ratio)
    return bl.sin(ratio) ** 3 * 1e-7 + edge - loss


@pytest.fixture(scope="module")
def player():
    return bl.step(bl.examples["edelman"].function, x=3, y=5)


@pytest.fixture(scope="module")
def awkward():
    return bl.step(hostile, **HOSTILE)


def keyed(svg):
    return {t.get("data-key"): t.text or "" for t in ET.fromstring(svg).iter(f"{SVG}text") if t.get("data-key")}


# The SVG


@pytest.mark.parametrize("mode", MODES)
def test_svg_shows_every_step_at_one_size(mode, tmp_path):
    player = bl.step(mixed, 3.0, -2.0, 0.5, mode=mode)
    written = player.save(tmp_path / "s.svg", at="all")
    assert [p.name for p in written] == [f"s-{k:03d}.svg" for k in range(len(player.steps) + 1)]
    sizes = set()
    for at, path in enumerate(written):
        svg = path.read_text("utf-8")
        root = ET.fromstring(svg)
        sizes.add((root.get("width"), root.get("height"), root.get("viewBox")))
        assert {k: t for k, t in keyed(svg).items() if t} == player._film.texts(at)
        said = " ".join("".join(t.itertext()) for t in root.iter(f"{SVG}text"))
        assert f"step {at} of {len(player.steps)}" in said
        if at:
            step = player.steps[at - 1]
            formula, said_so = ("".join(p for p, _ in lowered(text)) for text in (step.formula, step.sentence))  # x₁
            assert formula in said and said_so.split()[0] in said
    assert len(sizes) == 1


def test_svg_needs_no_style_sheet(player, tmp_path):
    (path,) = player.save(tmp_path / "s.svg", at=14)
    svg = path.read_text("utf-8")
    assert not re.search(r"class=|<style|var\(|url\(|href", svg)
    for shape in ET.fromstring(svg).iter():
        if shape.tag.removeprefix(SVG) in ("path", "rect", "polygon", "text"):
            assert re.fullmatch(r"none|#[0-9a-f]{6}", shape.get("fill")), shape.attrib
    assert "#b84300" in svg  # the lit edge


def test_without_caption_the_picture_is_alone(player, tmp_path):
    svg = player.save(tmp_path / "s.svg", at=3, caption=False)[0].read_text("utf-8")
    drawn = Picture(player.graph, "adjoint", player._film.picture.room)
    assert ET.fromstring(svg).get("width") == f"{drawn.width:.0f}" and "step 3 of" not in re.sub(
        "<title>.*?</title>", "", svg
    )


LOOKS = """() => [...document.querySelectorAll("svg rect, svg path, svg polygon, svg text, svg tspan")]
    .filter((e) => !e.checkVisibility || e.checkVisibility())
    .map((e) => { const c = getComputedStyle(e), text = e.tagName[0] === "t"; return [e.tagName, c.fill,
      ...(text ? [c.fontSize, c.fontWeight, c.fontStyle, c.textAnchor]
               : [c.stroke, c.stroke === "none" ? "" : c.strokeWidth, c.strokeDasharray])]; })"""


@a_cover("at", [14, 0, 5, 16])
def test_the_flat_picture_looks_as_a_browser_shows_the_styled_one(player, page, at):
    styled = player.svg(at)
    page.set_content(styled)
    seen = page.evaluate(LOOKS)
    page.set_content(flat.text_of(flat.flat(styled)))
    assert page.evaluate(LOOKS) == seen and len(seen) > 80


def test_the_style_sheet_stays_inside_what_flat_pictures_understand():
    for text in (".a:hover", ".a + .b", "#id", "[data-x]"):
        with pytest.raises(ValueError, match="picture.css"):
            list(flat._selector(text))
    assert flat.colours()["--bl-value"] == "#1a4fc4"


# Pixels and paper


@pytest.mark.parametrize("mode", MODES)
def test_png(mode, tmp_path):
    player = bl.step(mixed, 3.0, -2.0, 0.5, mode=mode)
    player.at = 5
    (path,) = player.save(tmp_path / "s.PNG")
    root = ET.fromstring(stills.Stills(player._film).svg(5))
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert image.size == (2 * int(root.get("width")), 2 * int(root.get("height")))
        colours = {colour[:3] for _, colour in image.getcolors(1 << 24)}
    assert (255, 255, 255) in colours and (0xED, 0xF3, 0xFE) in colours
    assert ((0xFF, 0xF2, 0xE6) in colours) == (mode != "value")


def test_a_huge_png_is_bounded(player, monkeypatch):
    monkeypatch.setattr(stills, "PIXELS", 1e5)
    with Image.open(io.BytesIO(stills.Stills(player._film).png(3))) as image:
        assert 0.9e5 < image.width * image.height < 1.02e5


def test_a_long_png_stays_inside_what_matplotlib_draws(player, monkeypatch):
    monkeypatch.setattr(stills, "SIDE", 500)
    with Image.open(io.BytesIO(stills.Stills(player._film).png(3))) as image:
        assert 495 <= image.width <= 500


def pages(pdf):
    return len(re.findall(rb"/Type /Page\b", pdf))


@pytest.mark.wide
def test_pdf_has_a_page_a_step(player, tmp_path):
    one = player.save(tmp_path / "one.pdf", at=14)[0].read_bytes()
    every = player.save(tmp_path / "all.pdf", at="all")
    assert one.startswith(b"%PDF") and one.rstrip().endswith(b"%%EOF") and pages(one) == 1
    assert len(every) == 1 and pages(every[0].read_bytes()) == 17
    assert b"DejaVuSans" in one  # the fonts are inside
    assert player.save(tmp_path / "again.pdf", at=14)[0].read_bytes() == one


@pytest.mark.wide
def test_gif_has_a_frame_a_step_and_never_jumps(player, tmp_path):
    (path,) = player.save(tmp_path / "s.gif", seconds=1.5)
    with Image.open(path) as image:
        assert image.format == "GIF" and image.n_frames == 17 and image.info["loop"] == 0
        for k in range(17):
            image.seek(k)
            assert image.info["duration"] == (4500 if k == 16 else 1500)
            frame = image.convert("RGB")
            assert abs(frame.width - 1.5 * stills.Stills(player._film).width) <= 2
            assert frame.getpixel((frame.width // 2, 100)) == (255, 255, 255)
    assert path.stat().st_size < 600_000


def test_a_style_of_the_users_own_changes_nothing(player):
    import matplotlib

    one = stills.Stills(player._film)
    plain = one.png(7)
    with matplotlib.rc_context(
        {"path.sketch": (1, 100, 2), "font.size": 30, "savefig.bbox": "tight", "text.color": "red"}
    ):
        assert one.png(7) == plain
        assert matplotlib.rcParams["font.size"] == 30


def test_painting_warns_of_nothing_and_needs_no_letters(awkward):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert stills.Stills(awkward._film).png(9).startswith(b"\x89PNG")


def test_without_matplotlib_there_is_a_sentence(player, tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "backprop_lab.export.paint", raising=False)
    monkeypatch.delattr(sys.modules["backprop_lab.export"], "paint", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(bl.SaveError, match="a .png needs matplotlib .*pip install matplotlib"):
        player.save(tmp_path / "s.png")
    assert player.save(tmp_path / "s.svg")


def test_matplotlib_is_loaded_only_when_it_paints():
    code = (
        "import sys, tempfile, backprop_lab as bl; p = bl.step(lambda x: x * x, 3.0); f = tempfile.mkdtemp()\n"
        "[p.save(f'{f}/x{e}') for e in ('.svg', '.html', '.tex', '.txt')]; print('matplotlib' in sys.modules)\n"
        "p.save(f'{f}/x.png'); print('matplotlib' in sys.modules, 'matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "False"]


# Page, text


def test_html_opens_at_the_step(player, tmp_path):
    (path,) = player.save(tmp_path / "s.html", at=7)
    assert '"at":7,' in path.read_text("utf-8")
    player.at = 2
    assert '"at":2,' in player.save(tmp_path / "s.html")[0].read_text("utf-8")


@pytest.mark.parametrize("mode", MODES)
def test_text_has_every_formula_and_sentence(mode, tmp_path):
    player = bl.step(bl.examples["edelman"].function, x=3, y=5, mode=mode)
    text = player.save(tmp_path / "s.txt")[0].read_text("utf-8")
    assert text == player.to_text() and text.startswith("node")
    for k, step in enumerate(player.steps, 1):
        assert re.search(rf"^ *{k}  {re.escape(step.formula)}\n +{re.escape(step.sentence)}$", text, re.M)


# TikZ


def bare(source):
    """The file without comments and escaped signs."""
    return re.sub(r"\\[\\{}%$&#_]|(?<!\\)%.*", "", source)


@each_once("mode, at", MODES, [0, 5, "all"])
def test_tikz_is_well_formed(mode, at):
    player = bl.step(mixed, 3.0, -2.0, 0.5, mode=mode)
    source = player.to_tikz(at=at)
    assert source.isascii()
    rest = bare(source)
    assert rest.count("{") == rest.count("}") and rest.count("$") % 2 == 0
    assert rest.count(r"\begin{tikzpicture}") == rest.count(r"\end{tikzpicture}") == 1
    assert (r"\documentclass{beamer}" in rest) == (at == "all") and (r"\only<" in rest.split("onslide/")[1][60:]) == (
        at == "all"
    )
    for node in player.graph.nodes:
        assert f"(n{node.id})" in rest and f"(n{node.id}p)" in rest
        moves = mode == "reverse" or mode == "forward" and node.op != "constant"  # else no number ever stands there
        assert (f"(n{node.id}a)" in rest) == moves
    assert rest.count(r"\draw[bl edge") == len(player.graph.edges)


def test_tikz_escapes_what_students_call_things(awkward):
    for at in (12, "all"):
        source = awkward.to_tikz(at=at)
        rest = bare(source)
        assert rest.count("{") == rest.count("}") and rest.count("$") % 2 == 0
        assert rest.count(r"\end{document}") == rest.count(r"\begin{document}") == 1
        assert r"\textbf{100\%}" in source and r"\bluni{540D}" in source and r"\ensuremath{\alpha}" in source
        assert not re.search(r"\n[ \t]*\n", source)  # a paragraph would end a macro's argument


def test_letters_become_ascii():
    assert tex.ascii_tex("α é − ² ∂ ß") == (
        r"\ensuremath{\alpha} \mbox{\'e} \ensuremath{-} \ensuremath{{}^{2}} \ensuremath{\partial } \mbox{{\ss}}"
    )
    every = "".join(chr(c) for c in range(1, 0x3000) if chr(c).isprintable())
    found = tex.ascii_tex(every)
    assert re.sub(r"\\bluni\{([0-9A-F]+)\}\{(.)\}", "", found).isascii()


def test_tikz_file(player, tmp_path):
    source = player.to_tikz(tmp_path / "a.tex", at=14)
    assert (tmp_path / "a.tex").read_text() == source == player.save(tmp_path / "b.tex", at=14)[0].read_text()
    assert "$10 + 4$" in source and "step 14 of 16" in source
    assert "step 14" not in player.save(tmp_path / "c.tex", at=14, caption=False)[0].read_text().split("tikzpicture")[1]


def test_tikz_says_what_is_too_long_for_tex(player, monkeypatch):
    monkeypatch.setattr("backprop_lab.export.tikz.LONGEST", 300)
    with pytest.raises(
        bl.ArgumentError, match=r"\d+ points long, and TeX has no lengths beyond 16383 .*; save it as .svg"
    ):
        player.to_tikz()


def has_tex():
    found = shutil.which("pdflatex") and shutil.which("kpsewhich")
    files = ("tikz.sty", "standalone.cls", "beamer.cls")
    return found and all(subprocess.run(["kpsewhich", file], capture_output=True).stdout for file in files)


@pytest.mark.wide
def test_tikz_compiles_alone_and_inside_a_document(player, awkward, tmp_path):
    if not has_tex():
        missing("compiling TikZ needs pdflatex with tikz, standalone and beamer: apt-get install texlive-latex-extra")
    player.save(tmp_path / "one.tex", at=14)
    player.save(tmp_path / "all.tex", at="all")
    awkward.save(tmp_path / "names.tex", at=12)
    (tmp_path / "main.tex").write_text(
        r"\documentclass{article}\usepackage{tikz}\begin{document}\input{one}\input{names.tex} after\end{document}"
    )
    (tmp_path / "slides.tex").write_text(
        r"\documentclass{beamer}\usepackage{tikz}\begin{document}\begin{frame}\input{all}\end{frame}\end{document}"
    )
    expected = {"one": 1, "all": 17, "names": 1, "main": 1, "slides": 17}
    for name, count in expected.items():
        run = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"]
        done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=300)
        assert done.returncode == 0, done.stdout[-3000:]
        assert int(re.search(r"\((\d+) pages?", done.stdout)[1]) >= count


# Bad input


@pytest.mark.parametrize("name", ["film.mp4", "film", "", ".svg"])
def test_unknown_endings_list_the_known_ones(player, tmp_path, name):
    with pytest.raises(bl.SaveError, match=r"endings are \.svg .*\.png .*\.pdf .*\.gif .*\.html .*\.tex .*\.txt "):
        player.save(tmp_path / name)


@pytest.mark.parametrize("at", [-1, 17, 2.5, "last", True])
def test_no_such_step(player, tmp_path, at):
    with pytest.raises(bl.ArgumentError, match='at is a number from 0 to 16, or "all"'):
        player.save(tmp_path / "s.svg", at=at)
    assert not list(tmp_path.iterdir())


def test_whole_films_take_no_step(player, tmp_path):
    for ending in (".gif", ".txt"):
        with pytest.raises(bl.ArgumentError, match=f"a {ending} holds the whole film, so at=3 .*leave at out"):
            player.save(tmp_path / f"s{ending}", at=3)
    assert player.save(tmp_path / "s.txt", at="all")


@pytest.mark.parametrize("seconds", [0, -1, 1e9, float("nan")])
def test_seconds(player, tmp_path, seconds):
    with pytest.raises(bl.ArgumentError, match="give a number from 0.02 to 200"):
        player.save(tmp_path / "s.gif", seconds=seconds)


def test_a_film_too_long_to_watch(player, tmp_path, monkeypatch):
    monkeypatch.setattr(stills, "MOST_FRAMES", 10)
    with pytest.raises(bl.ArgumentError, match="16 steps, too many to watch .*save it as .html"):
        player.save(tmp_path / "s.gif")
    monkeypatch.setattr(stills, "MOST_FRAMES", 250)
    monkeypatch.setattr(stills, "FRAME", 5e4)
    with pytest.raises(
        bl.ArgumentError, match=r"\d+ by \d+ points large, and nobody could read it in a .gif .*; save it as .html"
    ):
        player.save(tmp_path / "s.gif")


def test_places_that_cannot_be_written(player, tmp_path, monkeypatch):
    with pytest.raises(bl.SaveError, match="there is no folder .*nowhere .*; make it first"):
        player.save(tmp_path / "nowhere" / "s.svg")
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(bl.SaveError, match="is a folder"):
        player.save(tmp_path / "folder.svg")
    with pytest.raises(OSError, match="could not be written: "):
        player.save(tmp_path / ("x" * 300 + ".svg"))
    kept = player.save(tmp_path / "s.svg", at=1)[0].read_text()

    def refuse(*_):
        raise PermissionError(13, "no")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(bl.SaveError, match="may not be written .*; save it in a folder of yours"):
        player.save(tmp_path / "s.svg", at=2)
    assert (tmp_path / "s.svg").read_text() == kept
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder.svg", "s.svg"]  # and nothing half written


def test_a_link_stays_a_link(player, tmp_path):
    (tmp_path / "real.svg").write_text("old")
    (tmp_path / "link.svg").symlink_to(tmp_path / "real.svg")
    player.save(tmp_path / "link.svg", at=1)
    assert (tmp_path / "link.svg").is_symlink() and (tmp_path / "real.svg").read_text().startswith("<svg")
