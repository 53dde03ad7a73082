"""Hints name the number that is wrong, near misses are called so, what follows from a wrong number gets its half."""

import math
import re
import sys
from itertools import islice

import numpy as np
import pytest
from support.own_folder import own_folder  # noqa: F401
from support.places import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

import bench_exercises
from bench_exercises import mutant_hints, slips

import backprop_lab as bl
from backprop_lab.exercises.after import after_error
from backprop_lab.exercises.arrays import PredictArrays
from backprop_lab.exercises.attempt import edge_named
from backprop_lab.exercises.code import Code, Written
from backprop_lab.exercises.differ import difference
from backprop_lab.exercises.handle import Handle
from backprop_lab.exercises.hints import clues, first_about
from backprop_lab.exercises.named import FOLLOWS, Named
from backprop_lab.exercises.near import near_miss
from backprop_lab.exercises.predict import Predict

EXERCISES = list(bl.exercises.values())
PREDICTIONS = [e for e in EXERCISES if isinstance(e, Predict)]
(STRANG,) = (e for e in PREDICTIONS if e.function.__name__ == "product_of_shared")  # c, s, x, y: 11, 8, 140, 24
(LINES,) = (e for e in PREDICTIONS if e.function.__name__ == "product_and_difference")  # p, d, z: 8, 6, 24
(PARTIALS,) = (e for e in PREDICTIONS if e.function.__name__ == "square_product_quotient")


NEAR = [
    (-140, 140, "only the sign"),
    (24, 140, "another number"),
    (0.67, 2 / 3, "rounded"),
    (0.7, 2 / 3, "rounded"),
    (14, 140, "off by a factor"),
    (-6.7, -6.75, "rounded"),
    (280, 140, "off by a factor"),
    (-70, 140, "off by a factor"),
    (139, 140, "off by one"),
    (143, 140, "close"),
    (0.2, 5, "turned over"),
    (49, 7, "squared"),
    (91, 140, None),
    (0, 140, None),
    (3, 0, None),
    (1, 7, None),
]


def test_near_misses_are_called_so():
    for given, right, name in NEAR:
        near = near_miss(given, right, {"the right number for y, not for x": 24.0, "one": 1.0})
        assert (near and near.name) == name, (given, right, near)
        assert near is None or near.told(given).endswith(".")
    assert near_miss(-70, 140).told(-70) == "−70 is minus half the right number."
    assert near_miss(24, 140, {"the right number for y, not for x": 24.0}).told(24) == (
        "24 is the right number for y, not for x."
    )


def test_the_hint_names_the_number_that_slipped():
    """A third of the benchmark's, at one student's numbers."""
    found = [
        (report.about in wrong, report.score < 1.00001 - 1 / len(exercise.ask), str(report))
        for exercise in EXERCISES
        if isinstance(exercise, Named)
        for wrong, answer in islice(slips(exercise, "student 3"), 0, None, 3)
        for report in [exercise.check(answer, "student 3")]
    ]
    assert len(found) > 80 and not [told for _, lost, told in found if not lost]
    missed = [told for named, _, told in found if not named]
    assert len(missed) <= 0.1 * len(found), "\n".join(missed)


def test_code_that_is_slightly_wrong_gets_a_hint_of_its_own(monkeypatch):
    """Two mutants of each short solution; long ones have too many to make them here."""
    monkeypatch.setattr(bench_exercises, "SECONDS", 0.2)
    code = [e for e in EXERCISES if isinstance(e, Written) and len(e.solution()) < 400]
    found = [own for exercise in code for own in islice(mutant_hints(exercise, 5), 2)]
    assert len(found) > 20 and sum(found) >= 0.95 * len(found)


def test_half_an_exchange_is_none():
    report = STRANG.check({"c": 11, "s": 8, "x": 24, "y": 24})
    assert (report.about, report.hint) == ("x", "24 is the right number for y, not for x.")
    report = STRANG.check({"c": 11, "s": 8, "x": 24, "y": 140})
    assert report.wrong_turn == "inputs exchanged"


def test_a_wrong_turn_that_would_have_spoilt_right_numbers_comes_after_near_misses():
    """Whoever turns the difference round gets −6 and −24; with d right, −24 has only lost its sign."""
    report = LINES.check({"p": 8, "d": 6, "z": -24})
    assert (report.wrong_turn, report.hint) == ("only the sign", "−24 is right but for its sign.")
    assert LINES.check({"p": 8, "d": -6, "z": -24}).wrong_turn == "difference turned round"
    report = STRANG.check({"c": 12, "s": 8, "x": 140, "y": 24})  # 1 + 11 and 1 + 8: s would be 9
    assert report.wrong_turn == "off by one" and "arithmetic" in report.hint
    assert STRANG.check({"c": 12, "s": 9, "x": 1, "y": 1}).wrong_turn == "adds along a path"


ARRAYS = [  # of a small net's W1, whose adjoint is [[−4, −8], [0, 0]], and of b1
    ({"W1": [[-4, -8], [0, 1]]}, "[[−4, −8], [0, 1]] is right but for the entry [1, 1]."),
    ({"W1": [[-4, 8], [0, 0]]}, "[[−4, 8], [0, 0]] is right but for the entry [0, 1]: 8 is right but for its sign."),
    ({"W1": [[4, 8], [0, 0]]}, "[[4, 8], [0, 0]] is right but for its sign."),
    ({"W1": [[1, 8], [0, 0]]}, "[[1, 8], [0, 0]] is right but for 2 of its 4 entries, the first at [0, 0]."),
    ({"b1": [-8, -4]}, "[−8, −4] is right for x, not for b1."),
    ({"b2": -2}, "−2 is right but for its sign."),
]


def test_near_misses_of_arrays():
    (net,) = (e for e in EXERCISES if isinstance(e, PredictArrays) and not e.shapes)
    for wrong, told in ARRAYS:
        report = net.check(net.model_answer() | wrong)
        assert report.hint == told and {report.about} == wrong.keys(), str(report)


def test_what_follows_from_a_wrong_number_gets_its_half():
    report = STRANG.check({"c": 12, "s": 8, "x": 152, "y": 24})
    assert [item.mark for item in report.items] == ["✗", "✓", "◐", "✓"] and report.points == 2.5
    assert report.about == "c" and "◐ adjoint of x: yours 152, follows from your c: half the points" in str(report)
    assert "◐ half" in report._repr_html_() and "◐ 152" in report._repr_html_()
    report = STRANG.check({"c": 8, "s": 11, "x": 107, "y": 33})  # the whole of a wrong turn is still told
    assert report.wrong_turn == "factors not swapped" and report.points == 1.0
    assert "follows from your c and s" in str(report)
    report = LINES.check({"p": 6, "d": 4, "z": 16})
    assert report.points == pytest.approx(2 * (0 + FOLLOWS + FOLLOWS) / 3, abs=1e-3)


def test_what_anybody_could_write_does_not_follow():
    for exercise in PREDICTIONS:
        for x in (0.0, 1.0, 7.0, -3.0):
            report = exercise.check(dict.fromkeys(exercise.ask, x))
            assert not any(item.source for item in report.items), (exercise.id, x)
        report = exercise.check(dict.fromkeys(exercise.ask, 0.0) | {exercise.ask[0]: 1e6})
        assert report.score <= sum(x == 0 for x in exercise.model_answer().values()) / len(exercise.ask)


@pytest.mark.parametrize("seed", ["", "student 5"])
def test_a_wrong_number_never_brings_more_than_the_right_one(seed):
    """For each name in turn: made wrong, with all that follows from it worked out rightly from there."""
    followed = 0
    for exercise in PREDICTIONS:
        inputs, right = exercise.draw(seed), exercise.model_answer(seed)
        for name in exercise.ask:
            wrong = right | {name: right[name] * 1.5 + 5}
            answer = {k: wrong[k] if k == name else x for k, x in wrong.items()}
            for later in exercise.ask:  # each from those before it
                answer[later] = (
                    answer[name] if later == name else exercise.followed(inputs, answer).get(later, answer[later])
                )
            report = exercise.check(answer, seed)
            changed = [k for k in exercise.ask if not exercise.same(answer[k], right[k])]
            followed += len(changed) > 1
            nothing = sum(k != name and answer[k] == 0 for k in changed)  # a 0 is what anybody could write
            lost = 1 + nothing + (len(changed) - 1 - nothing) * FOLLOWS
            assert report.score == pytest.approx(1 - lost / len(exercise.ask), abs=1e-6), (exercise.id, name)
            assert report.about == name, (exercise.id, name, str(report))
    assert followed > 20


def test_every_hint_can_be_reached():
    for exercise in EXERCISES:
        report = exercise.check(None)
        many = len(exercise.clues)
        assert report.more == many and f'bl.hint("{exercise.id}")' in str(report)
        assert f"<code>bl.hint(&quot;{exercise.id}&quot;)</code>" in report._repr_html_()
        exercise._pace.told.clear()
        told = [bl.hint(exercise.id) for _ in range(many)]
        assert {hint.text for hint in told} == {clue.text for clue in exercise.clues}
        assert [(hint.number, hint.of) for hint in told] == [(k + 1, many) for k in range(many)]
        assert report.next_hint().number == 1  # and again
    with pytest.raises(bl.ArgumentError, match="there is no exercise nothing"):
        bl.hint("nothing")


def test_every_number_that_is_asked_for_has_a_hint_of_its_own():
    for exercise in EXERCISES:
        if isinstance(exercise, Named):
            about = [name for clue in exercise.clues for name in clue.about]
            assert set(about) == set(exercise.ask), exercise.id


def test_hints_on_code_are_about_its_parts():
    for exercise in EXERCISES:
        if isinstance(exercise, Written):
            parts = [*getattr(exercise, "parts", ()), *getattr(exercise, "properties", ())]
            known = {name for part in parts for name in (part.label, *getattr(part, "names", ()))}
            assert known >= {name for clue in exercise.clues for name in clue.about}, exercise.id


DIFFERENCES = [
    ([([1.0, 2.0], [1.0, -2.0])], ("the primal", "the tangent"), ("the tangent", "−2 is right but for its sign.")),
    ([([1.0, 2.0], [1.0, 5.0])], ("the primal", "the tangent"), ("the tangent", "5 came, and 2 was expected.")),
    ([(3.0, 6.0), (5.0, 10.0)], (), ("", "6 is twice the right number, in each of the 2 cases that are wrong.")),
    (
        [([1.0, 2.0], [-1.0, -2.0]), ([0.0, 2.0], [0.0, -2.0])],
        (),
        ("", "At [0]: −1 is right but for its sign, in each of the 2 cases that are wrong."),
    ),
    ([(3.0, 6.0), (5.0, 11.0)], (), ("", "6 came, and 3 was expected.")),
    ([([1.0, 2.0], [1.0])], (), ("", "1 part came, where 2 are expected.")),
    ([([1.0, [2.0, 3.0]], [1.0, 2.0])], (), ("", "At [1]: 2 came, one thing, where 2 are expected.")),
    ([({"x": 1.0, "y": 2.0}, {"x": 1.0})], (), ("", "'y' is missing.")),
    ([({"x": 1.0}, {"x": 1.0, "y": 2.0})], (), ("", "'y' does not belong there.")),
    ([({"x": 1.0, "u =": 4.0}, {"x": 1.0, "u =": 7.0})], (), ("", "At u (its value): 7 came, and 4 was expected.")),
    ([(np.eye(2), np.zeros((2, 2)))], (), ("", "At [0, 0]: 0 came, and 1 was expected.")),
    ([(np.eye(2), np.zeros(2))], (), ("", "[0, 0] came, and [[1, 0], [0, 1]] was expected.")),
    ([(("forward", 3), ("reverse", 3))], ("the mode",), ("the mode", "reverse came, and forward was expected.")),
    ([(3.0, math.nan)], (), ("", "No number came, but nan: something like 0/0 or inf − inf went before.")),
    ([(3.0, None)], (), ("", "Nothing is returned. Does every way through the function end in a `return`?")),
    (
        [({"x": 3.0}, {"x": None})],
        (),
        ("", "At x: nothing is returned. Does every way through the function end in a `return`?"),
    ),
]


def test_in_what_a_result_differs():
    for pairs, names, told in DIFFERENCES:
        assert difference(pairs, 1e-6, names) == told


def test_after_an_error_there_is_something_to_look_for():
    """Each kind of error as Python words it today."""
    space = {"np": np, "n": None, "xs": [1.0], "x": 1.0, "A": np.eye(2)}
    seen = set()
    texts = """nothing; xs[1]; A[0, 0, 0]; A[A]; {}['k']; n + 1; n.x; xs.y; 1 / 0; x(1); x[0]; sum(x); len(x); range(x);
        (lambda a: a)(); xs + x; np.eye(2) @ np.eye(3); math.exp(1e4)"""
    for text in map(str.strip, texts.split(";")):
        outcome = Handle(lambda text=text: eval(text, {"math": math}, space)).call()
        assert outcome.trouble and after_error(outcome.trouble), text
        seen.add(after_error(outcome.trouble))
    assert len(seen) > 12


def test_wrong_code_is_told_where_and_what_to_look_for():
    exercise = next(e for e in EXERCISES if isinstance(e, Code) and e.variable == "dual_mul")
    report = exercise.check(lambda a, b: (a[0] * b[0], 7.0))
    assert report.about == "the tangent" and report.hint.startswith("7 came, and ") and "product rule" in report.hint
    report = exercise.check(lambda a, b: (a[0] * b[0], nothing))  # noqa: F821
    assert report.hint == after_error("NameError: ") and "spelled" in report.hint
    report = exercise.check(lambda a, b: (a[0] * b[0], a))
    assert report.hint.startswith("(") and "product rule" in report.hint


def test_hints_about_what_is_wrong_come_first():
    declared = ("Of all.", ("x", "Of x."), (("x", "y"), "Of both."))
    assert [clue.text for clue in first_about(clues(declared), "y")] == ["Of both.", "Of all.", "Of x."]
    hint = bl.hint(STRANG)
    assert str(hint) == repr(hint) and re.match(r"Hint \d of \d", str(hint)) and "role" in hint._repr_html_()


def test_arrays_are_shown_on_their_graph():
    (net,) = (e for e in EXERCISES if isinstance(e, PredictArrays) and not e.shapes)
    report = net.check(net.model_answer() | {"W2": [6, 1], "tau": 3, "x": [1, 2, 3], "b2": None})
    marks = repr(report.draw())
    assert marks == "<attempt: ✗ tau, ✗ W2, ? b2, ✓ a, ✓ z, ✓ W1, ✓ b1, ✗ x>"
    assert "✗ [6, 1]" in report.draw().svg and "✓ 2×2" in net.show(net.model_answer()).svg


def test_the_report_shows_the_answer_on_its_graph():
    report = STRANG.check({"c": 11, "s": 8, "x": 132})
    page = report._repr_html_()
    assert "<svg" in page or "data:image/svg" in page
    assert report.draw().__repr__() == "<attempt: ✓ c, ✓ s, ✗ x, ? y>"
    counts = next(e for e in PREDICTIONS if "n" in e.ask)  # what is not asked for would tell what is
    n, svg = counts.model_answer()["n"], counts.check({"n": 3}).draw().svg
    assert "✗ 3" in svg and f">{n:g}<" not in svg and f">{n - 4:g}<" not in svg
    assert STRANG.check({}).draw is None and STRANG.check(3).draw is None  # nothing to show
    assert "svg" not in STRANG.check(STRANG.model_answer())._repr_html_()
    assert "2x" not in PARTIALS.check({"x->s": 1}).draw().svg  # the rules are not given away either
    graph = PARTIALS.traced()
    assert all(edge_named(graph, name) for name in PARTIALS.ask) and PARTIALS.check({"x->s": 1}).draw is not None
