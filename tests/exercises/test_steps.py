"""The exercise kinds about an optimiser's first steps: their numbers, with wrong turns, and which rule is broken."""

import re

import pytest
from support.own_folder import own_folder  # noqa: F401

import backprop_lab as bl
from backprop_lab.descent.mistakes import MISSTEPS
from backprop_lab.exercises.base import Book
from backprop_lab.exercises.broken import LEAST
from backprop_lab.exercises.programs import function_of
from backprop_lab.exercises.steps import Steps
from backprop_lab.mistakes.sweep import same


def bowl(w):
    return (w - 1) ** 2


def valley(x, y):
    return x**2 + 3 * y**2


def miss(w, x, y):
    return (w * x - y) ** 2


RATES = {"rate": (0.125, 0.25, 0.5), "gamma": (0.25, 0.5, 0.75), "beta1": (0.5, 0.75), "beta2": (0.75, 0.875)}
FIRST = {"w": 5.0, "rate": 0.5}
KINDS = {
    "momentum": (bowl, ("v_1", "w_1", "v_2", "w_2"), {**FIRST, "rate": 0.25, "gamma": 0.25}, {}),
    "nesterov": (bowl, ("v_1", "w_1", "v_2", "w_2"), {**FIRST, "rate": 0.25, "gamma": 0.25}, {}),
    "adam": (bowl, ("mhat_1", "vhat_1", "w_1"), {**FIRST, "beta1": 0.5, "beta2": 0.75}, {}),
    "adagrad": (bowl, ("s_1", "w_1", "s_2", "w_2"), FIRST, {"low": 3}),
    "sgd": (valley, ("x_1", "y_1"), {"x": 4.0, "y": 3.0, "rate": 0.125}, {}),
    "batch": (miss, ("g_1", "w_1", "w_2"), {"w": 2.0, "rate": 0.125}, {"data": {"x": [1, 2], "y": [3, 8]}}),
    "decay": (bowl, ("w_1", "w_2"), {**FIRST, "rate": 0.25}, {"schedule": "rate / (1 + t)"}),
}


def make(key):
    function, ask, inputs, more = KINDS[key]
    hints = [(name, f"How does {name} come about?") for name in ask]
    method = key if key not in ("batch", "decay") else "sgd"
    choices = {name: x for name, x in RATES.items() if name in inputs}
    kind = {
        "points": 2,
        "hints": hints,
        "function": function,
        "ask": ask,
        "inputs": inputs,
        "choices": choices,
        "method": method,
    }
    return Book("13_steps").add(Steps, "steps.1", "Steps", "Make the first steps.", **kind, **more)


@pytest.mark.parametrize("key", KINDS)
def test_right_and_wrong_answers(key):
    exercise = make(key)
    for seed in ("", "Ada", "Bo"):
        right = exercise.model_answer(seed)
        assert exercise.check(right, seed).passed
        wrong = exercise.wrong_answers(seed)
        assert len(wrong) >= 4 and wrong.keys() >= exercise.wrong.keys()
        for name, answer in wrong.items():
            report = exercise.check(answer, seed)
            assert report.wrong_turn == name and report.score < 1, (name, report.wrong_turn)
            assert report.hint.startswith("This is what comes out when") and report.hint.endswith(".")
    question = str(exercise.question())
    assert "η = " in question and "← w − " in question and "def " in question


def test_what_follows_from_a_slip_and_what_is_another_number():
    exercise = make("momentum")
    right = exercise.model_answer()
    assert right == {"v_1": 2.0, "w_1": 3.0, "v_2": 1.5, "w_2": 1.5}
    report = exercise.check({"v_1": 2.25, "w_1": 2.75, "v_2": 1.4375, "w_2": 1.3125})
    assert [item.mark for item in report.items] == ["✗", "◐", "◐", "◐"] and report.about == "v_1"
    report = exercise.check(right | {"v_1": 8.0})
    assert report.hint == "8 is right for g_1, not for v_1."
    report = exercise.check(right | {"w_2": 3.0})
    assert report.hint == "3 is right for w_1, one step too few."


def test_sentences_of_one_s_own_and_turns_that_are_not_meant():
    function, ask, inputs, _ = KINDS["momentum"]
    own = {
        "wrong": {"step uphill": "Downhill, please.", "nothing at all": "Do something."},
        "slipped": lambda **inputs: {"nothing at all": {"w_1": inputs["w"], "w_2": inputs["w"]}},
        "without": ("rate forgotten",),
    }
    kind = {"points": 2, "hints": [], "function": function, "ask": ask, "inputs": inputs, "method": "momentum"}
    exercise = Book("13_steps").add(Steps, "steps.2", "Steps", "Steps.", **kind, **own)
    assert "rate forgotten" not in exercise.wrong
    for name, sentence in own["wrong"].items():
        report = exercise.check(exercise.wrong_answers()[name])
        assert (report.wrong_turn, report.hint) == (name, sentence)


def by_hand(slope, w, rate, gamma, broken):
    """Two steps with momentum, with one rule broken: by arithmetic, without the table of methods."""
    v, found, first = 0.0, [], slope(w)
    for _ in (1, 2):
        ahead = w - gamma * v if broken == "gradient at the new point" else w
        g = first if broken == "gradient of the start" else slope(ahead)
        old = {"state not carried over": 0.0, "old part not damped": v, "momentum's sign": -gamma * v}
        push = g if broken == "rate forgotten" else rate * g
        new = old.get(broken, gamma * v) + push
        used = v if broken == "moves before the velocity is renewed" else new
        used = rate * used if broken == "rate applied twice" else used
        w = -used if broken == "step for the point" else w + used if broken == "step uphill" else w - used
        v = new
        found += [g, v, w]
    return found


def test_a_broken_optimiser_is_found_from_the_numbers():
    """Of the rules that the question lists, one alone gives the numbers that it shows."""
    exercise, seen, asked = bl.exercises["training.6"], set(), set()
    for k in range(60):
        seed = f"student {k}"
        posed, text = exercise.posed(seed), str(exercise.question(seed))
        slope = bl.grad(function_of(posed.listing))
        rows = [re.findall(rf"\| {stem} \| (\S+) \| (\S+) \|", text)[0] for stem in "gvw"]
        shown = [float(row[t].replace("−", "-")) for t in (0, 1) for row in rows]

        def gives(broken):
            walked = by_hand(slope, *posed.inputs.values(), broken)  # noqa: B023
            return all(same(x, y, 1e-3) for x, y in zip(walked, shown, strict=True))  # noqa: B023

        listed = [turn.name for turn in MISSTEPS if turn.told(bl.methods["momentum"])[1:] in text]
        assert [name for name in ("", *listed) if gives(name)] == [posed.name]
        assert exercise.check(exercise.model_answer(seed), seed).passed and len(posed.refuted) >= LEAST - 1
        for sentence, letter in exercise.wrong_answers(seed).items():
            hint = exercise.check(letter, seed).hint
            assert sentence in text and re.match(r"Then [gvw]_[12] would be \S+; it is \S+\.$", hint), hint
        seen.add((posed.listing, *posed.inputs.values()))
        asked.add(posed.name)
    assert len(seen) >= 25 and asked == set(exercise.rules)
