"""Pictures taken away as they are seen: with the parts that are open, at the step that is shown; by page and kernel."""

import io
import re
import xml.etree.ElementTree as ET

import pytest
from PIL import Image
from support.folded import GRAPHS
from support.pages import SVG, TEXTS, open_page, with_settings

import backprop_lab as bl
from backprop_lab.drawing.folding.forms import DIGITS, settled


@pytest.fixture(scope="module")
def player():
    made = bl.step(GRAPHS["loop"](), open=["turn 41 to 50 > turn 45"])
    made.at = 150
    return made


def saved(page, root, ending):
    if root.locator(".bl-settings").is_hidden():
        root.get_by_role("button", name="settings").click()
    with page.expect_download() as got:
        root.get_by_role("group", name="save the picture").get_by_text(ending).click()
    assert got.value.suggested_filename == f"graph-step-150{ending}"
    return got.value.path().read_bytes()


def test_a_page_saves_what_it_shows(page, tmp_path, player):
    root = open_page(page, player, tmp_path)
    seen = root.evaluate(TEXTS)
    text = saved(page, root, ".svg").decode()
    made = ET.fromstring(text)
    written = [(t.text or "", t.get("fill")) for t in made.iter(f"{SVG}text") if t.text]
    shown = [words for words, _ in written]
    assert {"turn 45"} <= {*shown} and all(shown.count(number) for number in seen.values())
    assert not re.search(r"\s(class|style|data-\w+)=|var\(|url\(|href", text)
    wide, high = (float(made.get(side)) for side in ("width", "height"))
    image = Image.open(io.BytesIO(saved(page, root, ".png")))
    assert image.size == pytest.approx((2 * wide, 2 * high), abs=1)
    assert len(image.convert("RGB").getcolors(1 << 24)) > 50, "something is painted"
    page.emulate_media(color_scheme="dark")
    assert ET.fromstring(saved(page, root, ".svg")).find(f"{SVG}rect").get("fill") == "rgb(20, 24, 31)"


def test_files_have_what_is_open(player, tmp_path):
    film = player._film
    (path,) = player.save(tmp_path / "loop.svg")
    keyed = {t.get("data-key"): t.text or "" for t in ET.parse(path).getroot().iter(f"{SVG}text") if t.get("data-key")}
    texts = film.texts(150)
    assert all(text in (texts[key], settled(texts[key], DIGITS)) for key, text in keyed.items() if text)
    assert {key for key in keyed if key[0] != "w"} == {key for key in film.scene.keys if key[0] != "w"}
    for ending, sign in ((".png", b"\x89PNG"), (".pdf", b"%PDF")):
        assert player.save(tmp_path / f"loop{ending}")[0].read_bytes().startswith(sign)
    assert "turn 45" in player.save(tmp_path / "loop.tex")[0].read_text("utf-8")


def test_the_kernel_hands_over_what_is_asked_for(player, monkeypatch):
    sent = []
    monkeypatch.setattr(type(player), "send", lambda self, *what: sent.append(what))
    player.request = {"save": ".pdf", "name": "graph-step-150.pdf", "at": 150, "id": 3}
    ((told, (data,)),) = sent
    assert told == {"saved": "graph-step-150.pdf", "id": 3} and data.startswith(b"%PDF")


def test_a_notebooks_page_asks_for_a_file(page, tmp_path, player):
    """The test plays the kernel: it answers the request with a file, to whom asked and to nobody else."""
    text = with_settings(player).replace('id="state">{', 'id="state">{"request": {}, ', 1)
    text = text.replace("on() {}", "on(event, run) { (window.heard ||= {})[event] = run; }").replace(
        "const model", "const model = window.model", 1
    )
    (tmp_path / "player.html").write_text(text, "utf-8")
    page.goto((tmp_path / "player.html").as_uri())
    root = page.locator(".bl-player")
    root.get_by_role("button", name="settings").click()
    root.get_by_role("group", name="save the picture").get_by_text(".pdf").click()
    asked = page.evaluate("window.model.get('request')")
    assert {key: asked[key] for key in ("save", "at", "name")} == {
        "save": ".pdf",
        "at": 150,
        "name": "graph-step-150.pdf",
    }
    answer = (
        "(id) => window.heard['msg:custom']({ saved: 'a.pdf', id }, [new DataView(new Uint8Array([37, 80]).buffer)])"
    )
    with page.expect_download() as got:
        page.evaluate(answer, asked["id"] + 1)
        page.evaluate(answer, asked["id"])
    assert got.value.suggested_filename == "a.pdf" and got.value.path().read_bytes() == b"%P"
