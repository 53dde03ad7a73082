"""What pages say whose inputs move, and what the engine says there, to be compared."""

import json
import math
import re
import shutil
import subprocess
import warnings

import pytest

import backprop_lab as bl
from backprop_lab.film.film import Film
from backprop_lab.film.matrices import matrices
from backprop_lab.film.mystery import MysteryFilm
from backprop_lab.film.race import film_of
from backprop_lab.film.told import packed
from backprop_lab.text.notation import number
from backprop_lab.widgets import again, page

FILES = ("parts", "slots", "maths", "tape", "live", "frames", "predict", "mystery")
SCRIPT = page.lean_script("".join(page.text(f"{name}.js") for name in FILES))
# What is told of a step and of an edge, as `told` below has it.
TELLING = """
const whole = (film, math) => math && math.split(" ").map((k) => film.pieces[k]).join("");
const step = (film, live, f) => {
  const note = f.gives?.[0] === "p" && live.note(Number(f.gives.slice(1)));
  const sum = f.sum ? [...f.sum.pieces.map(([, text]) => f.fill(text)), f.fill(f.sum.total)] : [];
  return [f.fill(whole(film, f.formula)), f.fill(f.say) + (note ? ` ${note.sentence}.` : ""), ...sum];
};
const edge = (film, live, { id, from, to, formula, chain }) =>
  [live.fill(formula), chain ? live.fill(whole(film, chain), [`w${id.slice(1)}`, `p${to}`, `p${from}`]) : ""];
"""
# JSON has no words for inf and nan; arrays come as lists.
NUMBERS = """
const numbers = (given) =>
  Object.fromEntries(Object.entries(given).map(([name, x]) => [name, Array.isArray(x) ? x : Number(x)]));
"""
# What a page asks, and what it says of a broken sweep, at each of the inputs; `broken` below has what the engine says.
ASKED = """
const films = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(films.map(({ film: sent, inputs }) => {
  const film = filmOf(sent);
  const live = new Live(film, film.tape);
  return inputs.map((given) => (live.set(numbers(given)), live.trouble || film.asks));
})));
"""
BROKEN = """
const films = JSON.parse(require("fs").readFileSync(0, "utf8"));
const whole = (film, math) => math && math.split(" ").map((k) => film.pieces[k]).join("");
console.log(JSON.stringify(films.map(({ film: sent, inputs }) => {
  const film = filmOf(sent);
  const live = new Live(film, film.tape);
  return inputs.map((given) => {
    live.set(numbers(given));
    if (live.trouble) return live.trouble;
    const { claims, found, nudges } = mysteryAt(live.panes[0], film.mystery, film.mystery.played);
    const frames = film.frames.map((f) => [f.fill(whole(film, f.formula)), f.fill(f.say)]);
    return { claims, found, nudges, frames, changes: film.changes, partials: film.edges.map(({ partial }) => partial) };
  });
})));
"""


def moved(film, inputs):
    """A film and its inputs for a program."""
    return {"film": film, "inputs": [*map(again.to_json, inputs)]}


def run(program, given):
    """What a program in node prints about data."""
    node = shutil.which("node")
    assert node, "node comes with npm"
    code = f"{NUMBERS}{SCRIPT}{page.lean_script(page.from_the_table())}{program}"
    done = subprocess.run([node, "-e", code], input=json.dumps(given), capture_output=True, text=True)
    assert not done.returncode, done.stderr[-2000:]
    return json.loads(done.stdout)


class Plain(Film):
    """A film told in texts."""

    tape = None


class PlainMystery(MysteryFilm):
    """A mystery told in texts."""

    tape = None


def broken(engine):
    """What a mystery says, as the page has it; a note is added by the page only where it shows the step."""
    data = engine.data()
    frames = [[f.get("formula", ""), f["say"]] for f in data["frames"]]
    for frame, step in zip(frames[1:], engine.steps, strict=True):
        note = engine.graph.notes.get(step.node.id) if step.kind == "value" else None
        if note:
            frame[1] = frame[1].removesuffix(f" {note.sentence}.")
    claims = {key: data["mystery"][key] for key in ("claims", "found", "nudges")}
    return claims | {"frames": frames, "changes": data["changes"], "partials": [None] * len(data["edges"])}


def told(film):
    """The texts of a film, as the page has them."""
    graph = film.graph

    def step(at):
        if at == 0:
            return ["", film.opening()]
        frame = film.frame(at)
        sum = [text for _, text in frame["sum"]["pieces"]] + [frame["sum"]["total"]] if "sum" in frame else []
        return [frame["formula"], frame["say"], *sum]

    edges = [film._edge(edge) for edge in graph.edges if edge.parent.id not in graph.hidden]
    return {
        "about": graph.about(),
        "changes": film.changes,
        "steps": [step(at) for at in range(len(film) + 1)],
        "edges": [[edge["formula"], edge.get("chain", "")] for edge in edges],
        "notes": [[note.kind, note.sentence] for note in graph.notes.values()],
        # a constant that is hidden has no steps, and nobody asks for its number
        "whole": film.sweep
        and [
            number(x, 9) if isinstance(x, float) and k not in graph.hidden else "0"
            for k, x in enumerate(film.sweep.numbers)
        ],
        "costs": film.costs,
        "twice": matrices(graph, film.steps, film.second).get("twice"),
    }


def traced(f, *numbers):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is not used, or overflows, is wanted here
        return bl.trace(f, *numbers)


def sent(graph, mode, ask=False):
    """What the page gets of a film, without its picture."""
    film = film_of(graph, mode)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("backprop_lab.film.film.in_its_widths", lambda *_: {"svg": ""})
        return packed(film.data(ask))


FIGURE = r"[\u2212-]?\d+(?:\.\d+)?(?:e[+\u2212]\d+)?"


def noisy(text):
    """Whether a text has a number that is nothing but round-off, which differs with the library that has the sine."""
    return any(0 < abs(float(x.replace("\u2212", "-"))) < 1e-12 for x in re.findall(FIGURE, text))


def same(page, engine):
    """Whether texts, or lists of them, are the same; the last digit may differ where two libraries' functions do."""
    if isinstance(engine, list):
        return len(page) == len(engine) and all(map(same, page, engine))
    if isinstance(engine, dict):
        return page.keys() == engine.keys() and all(same(page[key], engine[key]) for key in engine)
    if page == engine or not isinstance(engine, str):
        return page == engine
    if noisy(page) or noisy(engine):
        return True
    if re.split(FIGURE, page) != re.split(FIGURE, engine):
        return False
    pairs = [[float(x.replace("\u2212", "-")) for x in re.findall(FIGURE, text)] for text in (page, engine)]
    return all(math.isclose(x, y, rel_tol=2e-4) for x, y in zip(*pairs, strict=True))
