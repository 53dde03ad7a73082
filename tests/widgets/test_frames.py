"""What the page makes of a frame (`widgets/frames.js`) is what the film says of the step, and films stay small."""

import json
import shutil
import subprocess

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.film.film import gives
from backprop_lab.film.race import film_of
from backprop_lab.film.told import packed
from backprop_lab.graph.formulas import sentence
from backprop_lab.widgets import page

PLAYED = """
const films = JSON.parse(require("fs").readFileSync(0, "utf8"));
const kept = ({ phase, kind, node, id, by, lit, uses, gives, formula, say, both }) =>
  ({ phase, kind, node, id, by, lit, uses, gives, formula, say, both });
console.log(JSON.stringify(films.map((film) => {
  const { frames, panes } = filmOf(film);
  return { frames: frames.map(kept), panes: panes && panes.map((pane) => pane.frames.map(kept)) };
})));
"""
SOME = np.cos(np.arange(8.0))


def counted(x, y):
    s = 0.0 * x
    for k in range(3):
        s = s + x * y**k
    return np.tanh(s) if s > 0 else s


GRAPHS = {
    **{name: example.trace for name, example in bl.examples.items() if example.mode == "reverse"},
    "counters": lambda: bl.trace(counted, 0.5, -0.4),
    "arrays": lambda: bl.trace(lambda x, W: np.sum(np.tanh(W @ x)), SOME[:2], SOME.reshape(4, 2)),
    "folded": lambda: bl.examples.ladder(30).trace(),
    "same operand twice": lambda: bl.trace(lambda x: x * x + x, 3),
}


def played(films):
    """What frames.js makes of films."""
    node = shutil.which("node")
    assert node, "node comes with npm"
    program = page.lean_script(page.text("frames.js")) + PLAYED
    done = subprocess.run([node, "-e", program], input=json.dumps(films), capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


def check(film, frames):
    assert frames[0] == {"phase": "start", "formula": "", "say": film.opening(film.pens.plain), "lit": {}}
    assert len(frames) == len(film) + 1
    for at, (step, frame) in enumerate(zip(film.steps, frames[1:], strict=True), 1):
        assert frame["lit"] == {key: css for key, css in film.lit(at).items() if css}
        assert (frame["uses"], frame["gives"]) == (film.uses(step), gives(step))
        assert (frame["phase"], frame["kind"]) == (film.phase(step), step.kind)
        assert (frame["id"], frame["node"]) == (step.node.id, step.node.name)
        assert frame.get("by", step.node.id) == film.turns[at - 1][0]
        assert frame["formula"] and frame["say"]


@pytest.mark.parametrize("name", GRAPHS)
def test_the_page_knows_what_a_step_lights_and_uses(name):
    graph = GRAPHS[name]()
    films = [film_of(graph, mode, constants=all) for mode in ("value", "forward", "reverse") for all in (None, True)]
    for film, made in zip(films, played([film.data() for film in films]), strict=True):
        check(film, made["frames"])


@pytest.mark.parametrize("name", ["edelman", "folded", "same operand twice"])
def test_two_sweeps_side_by_side(name):
    race = film_of(GRAPHS[name](), "both")
    (made,) = played([race.data()])
    for film, frames in zip(race.films, made["panes"], strict=True):
        check(film, [frames[0] | {"say": film.opening(film.pens.plain)}, *frames[1:]])
    for at, frame in enumerate(made["frames"]):
        assert frame["phase"] == ("sweeps" if at > race.shared else "start" if not at else "values")
        for half, film in zip(frame.get("both", ()), race.films, strict=False):
            assert half["say"] == (sentence(film.steps[at - 1], film.pens.plain) if at <= len(film) else "done")


def test_a_mystery_uses_no_partials():
    film = film_of(bl.examples["edelman"].trace(), "reverse", mystery="Friday")
    (made,) = played([film.data()])
    for step, frame in zip(film.steps, made["frames"][1:], strict=True):
        sent = [f"a{step.edge[0].id}"] if step.kind == "contribution" else []
        assert frame["uses"] == (film.uses(step) if step.kind == "value" else sent)


# Bytes of the films before pictures, formulas and partials were coloured and explained: what explains must not cost.
# Nets have frames, slopes and rows of a second width by now.
MOST = {
    "edelman": (14_870, 21_536, 24_308, 76_332),
    "strang": (11_889, 17_257, 19_396, 62_099),
    "strang-first-try": (11_909, 17_275, 19_396, 62_106),
    "olah": (10_084, 14_530, 16_601, 51_997),
    "edelman-toy": (9_252, 13_823, 15_287, 51_105),
    "sources-sink": (16_854, 23_649, 26_954, 81_061),
    "chain": (7_108, 10_357, 10_683, 29_527),
    "matrix-chain": (10_329, 14_955),
    "matrix-chain-left": (10_336, 15_156),
    "two-layer": (27_400, 40_400, 40_550, 93_600),  # their arrays follow the hand
    "deep": (38_300, 53_450, 56_447, 389_108),
}


@pytest.mark.parametrize("name", bl.examples)
def test_films_are_no_larger_than_they_were(name):
    for mode, most in zip(("value", "forward", "reverse", "both"), MOST[name], strict=False):
        data = packed(film_of(bl.examples[name].trace(), mode).data())
        assert len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()) <= most, mode


def test_long_films_are_no_larger_than_they_were():
    small = bl.step(bl.examples.ladder(75).trace()).film
    assert len(json.dumps(small, ensure_ascii=False, separators=(",", ":")).encode()) <= 439_000
