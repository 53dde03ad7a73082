"""Small arrays whose inputs move, in the page alone: numbers, texts and maps are the engine's."""

import json
import math
import os
import random
import re

import numpy as np
import pytest
from support.moving import ASKED, BROKEN, TELLING, Plain, PlainMystery, broken, noisy, run, same, sent, told, traced
from support.strategies import many

import backprop_lab as bl
from backprop_lab.errors import LabError
from backprop_lab.film.mystery import MysteryFilm
from backprop_lab.film.questions import chained, questions
from backprop_lab.film.race import film_of
from backprop_lab.film.told import packed
from backprop_lab.table.table import BY_CODE
from backprop_lab.widgets import page

ARRAYS = page.lean_script("".join(page.text(f"{name}.js") for name in ("heat", "arrays")))
EACH = many(20 if os.environ.get("CI") else 8, 24)  # graphs
FEW = many(5, 24)  # of those that are asked about, or broken
TOLD = (
    TELLING
    + """
const films = JSON.parse(require("fs").readFileSync(0, "utf8"));
const maps = ({ heat }) => heat.changes.map((change) => Object.fromEntries(Object.entries(change).map(([key, k]) => {
  const map = k === null ? null : heat.maps[k];
  return [key, map && [map.rows, map.columns, map.texts, map.says, map.vector, map.table ?? null]];
})));
console.log(JSON.stringify(films.map(({ film: sent, inputs }) => {
  const film = filmOf(sent);
  const live = new Live(film, film.tape);
  return inputs.map((given) => {
    live.set(given);
    if (live.trouble) return live.trouble;
    const panes = film.panes ?? [film];
    return {
      about: live.fill(film.about),
      changes: panes.map((pane) => pane.changes),
      steps: panes.map((pane) => pane.frames.map((frame) => step(film, live, frame))),
      edges: film.edges.map((one) => edge(film, live, one)),
      notes: live.tape.code.map((_, id) => live.note(id)).filter(Boolean).map(({ kind, sentence }) => [kind, sentence]),
      costs: panes.map((pane) => pane.costs),
      maps: panes.map(maps),
    };
  });
})));
"""
)
BEYOND = ("own", "slopes", "complex numbers", "truth values")
UNARY = [op.function for op in BY_CODE if op.elementwise and op.takes == 1 and op.family not in BEYOND]


def total(x):
    return np.sum(x) if np.ndim(x) else x


# What functions of vectors of three numbers and of matrices of 2 by 3 are made of.
VECTORS = (
    lambda x, y, W: x * y,
    lambda x, y, W: x - 2 * y,
    lambda x, y, W: x / (y * y + 1),
    lambda x, y, W: bl.maximum(x, y),
    lambda x, y, W: bl.softmax(x),
    lambda x, y, W: bl.log_softmax(x) * y,
    lambda x, y, W: x * np.sum(y),
    lambda x, y, W: np.cumsum(x),
    lambda x, y, W: (W @ x) @ W,
    lambda x, y, W: np.array([x[0] * y[1], x[2], np.max(x)]),
    lambda x, y, W: np.concatenate([x[:1], y[1:]]),
    lambda x, y, W: x[::-1] + 1.5,
    lambda x, y, W: x - np.mean(x),
    lambda x, y, W: np.where(x > y, x * 2, y),
    lambda x, y, W: (x >= 0) * y,
    lambda x, y, W: np.abs(x) ** 1.5,
    lambda x, y, W: bl.relu(x) ** 2,
    lambda x, y, W: np.linalg.norm(x) * y,
    lambda x, y, W: x * bl.logsumexp(y),
    lambda x, y, W: np.prod(x) + y,
    lambda x, y, W: np.sum(np.outer(x[:2], y) * W, axis=0),
    lambda x, y, W: np.max(W, axis=0) * x,
    lambda x, y, W: np.mean(W, axis=0, keepdims=True)[0] - y,
    lambda x, y, W: (W.T @ W[:, 0]) + x,
    lambda x, y, W: np.reshape(W, (3, 2)) @ np.tanh(x[:2]),
    lambda x, y, W: np.sum(W + x, axis=0),
    lambda x, y, W: np.sum((W[:, :2] @ W[:, 1:]) * W[:, :2]) * x,
    lambda x, y, W: x if total(x) > 0 else y,
    lambda x, y, W: np.stack([x, y])[1] * x,
    lambda x, y, W: np.linalg.det(W[:, :2]) * x,
    lambda x, y, W: np.linalg.solve(W[:, 1:], x[:2])[0] + y,
    lambda x, y, W: np.linalg.solve(W[:, :2], W)[1] * y,
    lambda x, y, W: (np.linalg.inv(W[:, :2]) @ W)[0] * x,
    lambda x, y, W: np.trace(W[:, :2]) * y + np.linalg.slogdet(W[:, 1:])[1],
)
ENDS = (
    lambda x, y: np.sum(x * y),
    lambda x, y: x @ y,
    lambda x, y: np.mean((x - y) ** 2),
    lambda x, y: bl.cross_entropy(x, np.array([0.0, 1.0, 0.0])) + np.sum(y),
    lambda x, y: np.linalg.norm(x - y),
    lambda x, y: np.max(x) * np.log(1 + y[0] ** 2),
)


def array_function(seed):
    """A function of two vectors and a matrix, in which values are used again and again."""
    draw = random.Random(f"arrays {seed}")
    plan = [(draw.choice(VECTORS), draw.choice(UNARY), draw.random(), draw.random()) for _ in range(4)]
    end = draw.choice(ENDS)

    def f(x, y, W):
        values = [x, y]
        for way, unary, i, j in plan:
            made = way(values[int(i * len(values))], values[int(j * len(values))], W)
            values.append(unary(made) if i < 0.5 else made)
        return end(values[-1], values[-2]) + 0.5 * values[0][0]

    return f


def near(draw, *shape):
    numbers = [round(draw.uniform(0.3, 1.6) * draw.choice((1, 1, -1)), 3) for _ in range(math.prod(shape))]
    return np.reshape(numbers, shape)


def odd(draw, *shape):
    """The same with numbers that overflow, vanish, or are outside of a domain."""
    x = near(draw, *shape)
    for _ in range(draw.choice((1, 1, 2, 4))):
        x.flat[draw.randrange(x.size)] = draw.choice((0.0, 0.0, -1.0, 1.0, 800.0, -800.0, 1e200, -1e200, 1e-200))
    return x


def films(count, each, some=0):
    """Films of random graphs of small arrays, each with as many inputs, and some odd ones."""
    found = []
    for seed in range(1000):
        draw = random.Random(f"at {seed}")
        try:
            graph = traced(array_function(seed), near(draw, 3), near(draw, 3), near(draw, 2, 3))
        except (LabError, ArithmeticError):
            continue
        mode = ("reverse", "forward", "value", "both")[len(found) % 4]
        if film_of(graph, mode).tape is None:
            continue
        shapes = {"x": (3,), "y": (3,), "W": (2, 3)}
        kinds = [near] * each + [odd] * some
        inputs = [{name: kind(draw, *shapes[name]) for name in graph.input_names} for kind in kinds]
        found.append((graph, mode, [{}, *inputs]))
        if len(found) == count:
            return found
    raise AssertionError("too few")


def listed(given):
    return {name: x.tolist() for name, x in given.items()}


def engine_of(graph, mode):
    """What the engine says of a graph, as `TOLD` has it."""
    halves = [Plain(graph, part) for part in {"both": ("sweeps", "reverse")}.get(mode, (mode,))]
    parts = [
        {key: own for key, own in told(half).items() if key not in ("whole", "twice")} | {"maps": maps_of(half)}
        for half in halves
    ]
    return parts[0] | {key: [part[key] for part in parts] for key in ("changes", "steps", "costs", "maps")}


def maps_of(film):
    def shown(own):
        table = own.table and [own.table[0], *map(list, own.table[1:])]
        return [own.rows, own.columns, list(own.texts), own.says, len(own.shape) == 1, table]

    return [{key: own and shown(own) for key, own in change.items()} for change in film.heat.changes]


def replayed(graph, given):
    """The graph at other inputs, or the sentence that it cannot be followed there."""
    try:
        return graph.replay(**given)
    except LabError as error:
        return re.sub(r" \(line \d+[^()]*: graph\.replay\(\*\*given\)\)", "", str(error)) + "."


def derivatives(graph):
    """The values, and all derivatives that a sweep has; nan where the engine refuses it."""
    try:
        return [*graph.values, *(step.after for step in bl.adjoint_sweep(graph))]
    except LabError:
        return [math.nan]


def worst(node):
    """Whether a matrix is so near to a singular one that what is computed of it is round-off."""
    op = node.primitive
    return (
        op is not None and op.name in ("solve", "inv", "det", "logdet") and np.linalg.cond(node.parents[0].value) > 1e8
    )


@pytest.mark.drawn
def test_pages_and_the_engine_say_the_same_of_arrays():
    ours = films(EACH, 5, 3)
    asked = [{"film": sent(graph, mode), "inputs": [*map(listed, inputs)]} for graph, mode, inputs in ours]
    compared, beyond, infinite = [], 0, 0
    for (graph, mode, inputs), pages in zip(ours, run(ARRAYS + TOLD, asked), strict=True):
        for given, shown in zip(inputs, pages, strict=True):
            now = replayed(graph, given)
            if isinstance(now, str):
                compared.append(((mode, given), shown, now if "singular" not in now else shown))
            elif isinstance(shown, str):  # the page says that it cannot follow
                assert "derivatives" in shown and mode != "value" or "on the way" in shown, shown
                wild = any(np.any(np.abs(x) > 100) or np.any(np.abs(x) < 1e-100) for x in now.values)
                assert wild or not all(np.all(np.isfinite(x)) for x in derivatives(now)), shown
                beyond += 1
            elif any(map(worst, now.nodes)):
                beyond += 1
            else:
                engine = engine_of(now, mode)
                infinite += not all(np.all(np.isfinite(x)) for x in now.values)
                if re.search("e−(1[3-9]|[2-9][0-9])", f"{shown['steps']}{engine['steps']}"):
                    beyond += 1  # nothing but round-off, on one side perhaps 0
                    continue
                compared += [((mode, key, listed(given)), shown[key], engine[key]) for key in engine]
    off = [(where, page, engine) for where, page, engine in compared if not same(page, engine)]
    assert not off, off[0]
    assert sum(page == engine for _, page, engine in compared) > 0.97 * len(compared)  # a last digit
    assert (
        infinite > EACH / 4
        and beyond < 5 * EACH  # of nine
        and sum(where[1] == "steps" for where, *_ in compared) > 3 * EACH
    )


def close(page, engine):
    return np.shape(page) == np.shape(engine) and np.allclose(page, engine, rtol=1e-9, atol=1e-12)


@pytest.mark.drawn
@pytest.mark.parametrize("ask", [True, "partials"])
def test_questions_about_arrays_are_asked_as_the_engine_asks_them(ask):
    """What is right, what is wrong for which reason, and all words, at other inputs."""
    ours = [one for one in films(FEW, 3) if one[1] in ("reverse", "forward")]
    asked = [{"film": sent(graph, mode, ask), "inputs": [*map(listed, inputs)]} for graph, mode, inputs in ours]
    count, wrong, noise = 0, 0, 0
    for (graph, mode, inputs), pages in zip(ours, run(ARRAYS + ASKED, asked), strict=True):
        for given, page_asks in zip(inputs, pages, strict=True):
            if isinstance(page_asks, str):
                continue
            asks = questions(Plain(graph.replay(**given), mode).steps, ask)
            for wanted, found in zip(map(list, map(chained, asks)), map(list, map(chained, page_asks)), strict=True):
                if noisy(json.dumps([wanted, found], ensure_ascii=False)):
                    noise += 1  # what is 0 on one side is 2e-16 on the other
                    continue
                for one, other in zip(wanted, found, strict=True):
                    assert close(other["right"], one["right"]) and one.keys() == other.keys() - {"moves"}
                    assert all(same(other[key], one[key]) for key in ("asks", "help")), one
                    told = [[[name, says] for _, name, says in question["wrong"]] for question in (other, one)]
                    assert same(*told), (graph, given, one["asks"], *told)
                    assert all(one[k] == other[k] for k in one.keys() - {"right", "wrong", "asks", "help", "then"})
                    count, wrong = count + 1, wrong + len(one["wrong"])
    assert count > 80 and wrong > count and noise < 0.2 * count


@pytest.mark.drawn
def test_broken_sweeps_over_arrays_are_played_as_the_engine_plays_them():
    """The rule stays broken, and all that is said of it, and of what it could have been, is said of the new numbers."""
    ours, off, count, answers = [], [], 0, set()
    for k, (graph, _, inputs) in enumerate(films(FEW, 2)):
        for text in (f"{k}", f"another {k}"):
            try:
                film = MysteryFilm(graph, text)
            except LabError:  # nothing can be broken there
                continue
            if film.tape is not None:
                answers.add(film.case.answer.name)
                ours.append((film, inputs))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("backprop_lab.film.film.in_its_widths", lambda *_: {"svg": ""})
        asked = [{"film": packed(film.data()), "inputs": [*map(listed, inputs)]} for film, inputs in ours]
        for (film, inputs), pages in zip(ours, run(ARRAYS + BROKEN, asked), strict=True):
            for given, page_says in zip(inputs, pages, strict=True):
                if isinstance(page_says, str):
                    continue
                said = broken(PlainMystery(film.graph.replay(**given), film.text, kept=film.case))
                if noisy(json.dumps([page_says, said], ensure_ascii=False)):
                    continue
                off += [
                    (film.text, key, page_says[key], said[key]) for key in said if not same(page_says[key], said[key])
                ]
                count += 1
    assert not off, off[:2]
    assert count > 12 and len(answers) > 4
