"""Kinds of exercises by themselves: the student is the sweep, chooses a reason, extends a class in place."""

import re
from dataclasses import replace

import pytest
from support.own_folder import own_folder  # noqa: F401

import backprop_lab as bl
from backprop_lab.exercises.broken import LEAST
from backprop_lab.exercises.choose import Choose
from backprop_lab.exercises.code import EARLIER, Code, Part
from backprop_lab.exercises.programs import function_of, traced
from backprop_lab.exercises.sweeps import Sweep
from backprop_lab.graph.sweeps import adjoint_sweep, tangent_sweep
from backprop_lab.mistakes.mystery import PLAYED, Claim
from backprop_lab.mistakes.sweep import RIGHT, Reverse, same

PROGRAMS = ("u = x * y; v = u + x; z = v * u", "u = x + y; v = u ** 2; z = v * x", "u = x - y; v = u * u; z = v + y")
BACK = Sweep("t.1", "Back", "Go.", points=6, hints=("Begin at the end.",), programs=PROGRAMS, inputs={"x": 2, "y": 3})
ON = Sweep(
    "t.2", "On", "Go.", points=6, hints=("Begin.",), programs=PROGRAMS, inputs={"x": 2, "y": 3}, of="tangent", wrt="y"
)
WHY = Choose(
    "t.3",
    "Why",
    "Why do arrivals add?",
    points=1,
    hints=("Move x a little.", "Both ways."),
    reason="x moves F along both ways, and the movements add.",
    wrong={"Adjoints are sums.": "By which rule?", "To save a product.": "No.", "A sum is smaller.": "Than what?"},
)


def test_every_student_sweeps_over_a_graph_of_their_own():
    seen = set()
    for k in range(60):
        seed = f"student {k}"
        question = str(BACK.question(seed))
        seen.add(question)
        graph = BACK.traced(seed)
        right = {name: x for name, x in adjoint_sweep(graph).result.items() if graph[name].op != "constant"}
        assert BACK.model_answer(seed) == right and list(right) != list(BACK.model_answer(seed))
        assert BACK.check(BACK.model_answer(seed), seed).passed
        graph = ON.traced(seed)
        moved = tangent_sweep(graph, x=0.0, y=1.0).result
        assert ON.model_answer(seed) == {n: x for n, x in moved.items() if graph[n].op != "constant"}
    assert len(seen) > 25 and {text in q for q in seen for text in PROGRAMS[0].split("; ")[:1]} == {True, False}


@pytest.mark.parametrize("seed", ["", "Ada"])
def test_every_wrong_turn_of_a_sweep_is_named(seed):
    for exercise in (BACK, ON):
        for name, answer in exercise.wrong_answers(seed).items():
            report = exercise.check(answer, seed)
            assert (report.wrong_turn, report.passed) == (name, False) and report.hint[-1] in ".?", name
    assert {"everything moves", "the other input moves", "only the first operand moves"} <= ON.wrong_answers(
        seed
    ).keys()


def test_the_order_counts_and_several_are_right():
    right = BACK.model_answer("")  # z, v, u, x, y
    assert list(right) == ["z", "v", "u", "x", "y"] and BACK.check({k: right[k] for k in "zvuyx"}).points == 6
    report = BACK.check({k: right[k] for k in "zuvxy"})
    assert report.points == 5 and report.about == "the order"
    assert "v comes after u, which gets something from it" in str(report)
    tangents = ON.model_answer("")
    assert ON.check({k: tangents[k] for k in "yxuvz"}).points == 6
    assert "v comes after z, which is made of it" in str(ON.check({k: tangents[k] for k in "yxuzv"}))


def test_a_sweep_half_done_and_nothing():
    report = BACK.check({"z": 1, "v": 6, "u": 8, "x": 30, "y": 16})
    assert [item.mark for item in report.items] == ["✗", "✓", "✓", "✗", "◐", "◐"]  # y and x from the wrong u
    assert report.about == "u" and "✗ 8" in report.draw().svg
    report = BACK.check({"z": 1})
    assert report.about == "v" and "times the local partial" in report.hint and "v is missing" in str(report)
    for nothing in (None, {}, [], {"z": None}, dict.fromkeys("zvuxy", 0.0), dict.fromkeys("zvuxy")):
        report = BACK.check(nothing)
        assert report.points == 0 and report.hint, nothing
    assert BACK.check(dict.fromkeys("zvuxy", 1.0)).points == 1  # the seed is right, its place in the order counts later
    hints = {bl.hint(BACK).text for _ in range(len(BACK.clues))}
    assert len(hints) == 6 and any(text.startswith("u is used 2 times, by v and z.") for text in hints)


def test_a_sweep_may_be_typed_into_a_player():
    typed = [("z", "seed", 1.0), ("v", "contribution", 6.0), ("u", "contribution", 8.0), ("u", "sum", 14.0)]
    records = [{"node": node, "kind": kind, "number": number} for node, kind, number in typed]
    code = BACK.answer_cell(records)
    assert code == '# exercise: t.1\nt_1 = {"z": 1.0, "v": 6.0, "u": 14.0, "x": None, "y": None}'
    assert BACK.write_answer(records) == code and bl.step(BACK.traced(), predict="sweep").graph.value == 48


def test_a_sweep_over_a_function_of_one_s_own():
    def mine(a, b):
        p = a * b
        q = p + a
        return q * p

    own = BACK.on(mine, a=2, b=3)
    assert 'bl.exercises["t.1"].on(f, x=2, y=3)' in str(BACK.question()) and ".on(" not in str(own.question())
    assert "q = p + a" in str(own.question()) and "5 numbers" in str(own.question())
    right = {"mine": 1, "p": 14, "q": 6, "a": 48, "b": 28}
    assert own.check({k: right[k] for k in ("mine", "q", "p", "a", "b")}).passed
    report = bl.check(own, right)
    assert report.points == 5 and "q comes after p" in str(report) and "bl.hint" not in str(report)
    assert "t.1" not in bl.progress().best
    for bad in (lambda a: (a, 2 * a), lambda a: 3.0, lambda a: bl.trace(lambda x: x, a)):
        with pytest.raises(bl.LabError):
            BACK.on(bad, a=2)


def test_a_reason_is_chosen_by_its_letter():
    orders = {tuple(WHY.sentences(f"student {k}").values()) for k in range(100)}
    assert len(orders) > 15 and all(set(order) == {WHY.reason, *WHY.wrong} for order in orders)
    for seed in ("", "Ada", "Bo"):
        question, right = str(WHY.question(seed)), WHY.model_answer(seed)
        assert all(f"* **{letter}**: {text}" in question for letter, text in WHY.sentences(seed).items())
        for typed in (right, right.upper(), f" {right}) "):
            assert WHY.check(typed, seed).passed
        for sentence, letter in WHY.wrong_answers(seed).items():
            report = WHY.check(letter, seed)
            assert report.wrong_turn == sentence and report.hint == WHY.wrong[sentence].sentence and not report.points
    for odd, told in ((None, "nothing yet"), (2, "here is 2"), ("all", "here is all"), ("ab", "letters a, b, c, d")):
        assert told in str(WHY.check(odd)) and not WHY.check(odd).points


@pytest.mark.parametrize("id", ["fan_out.8", "breaking.6"])
def test_a_broken_rule_is_found_from_the_numbers(id):
    """On paper: of the rules that the question lists, one alone gives the numbers that it shows."""
    exercise, seen, asked = bl.exercises[id], set(), set()
    for k in range(60):
        seed = f"student {k}"
        posed, question = exercise.posed(seed), exercise.question(seed)
        sweep, text = Reverse(traced(function_of(posed.listing), **posed.inputs)), str(question)
        seen.add((posed.listing, *posed.inputs.values()))
        asked.add(posed.name)
        shown = {name: float(x.replace("−", "-")) for name, x in re.findall(r"\| (\w+) \| \S+ \| ([−\d]\S*) \|", text)}
        names = {node.name: node.id for node in sweep.graph if node.op != "constant"}
        assert shown.keys() == names.keys() and question.inputs != exercise.inputs

        def gives(claim):
            bars = sweep.run(claim.rule)[0]  # noqa: B023
            return all(same(bars[names[name]], x, 1e-3) for name, x in shown.items())  # noqa: B023

        listed = [claim for claim in PLAYED if f": {claim.says}" in text]
        assert [claim.name for claim in listed if gives(claim)] == [posed.name] and len(listed) >= LEAST
        assert not gives(Claim(RIGHT, "")), "the right sweep gives other numbers"
        report = exercise.check(exercise.model_answer(seed), seed)
        assert report.passed and report.items[0].label == "the broken rule"
        for sentence, letter in exercise.wrong_answers(seed).items():
            report = exercise.check(letter, seed)
            assert report.wrong_turn == sentence and re.match(r"Then .̄ would be \S+; it is \S+\.$", report.hint)
    assert len(seen) >= 25 and len(asked) >= 7
    assert exercise.posed("Ada") is exercise.posed("Ada") and "letters a, b, c, d" in str(exercise.check(None))
    few = replace(exercise, rules=("minus lost",))
    with pytest.raises(bl.ArgumentError, match=f"no mystery for {id}"):
        few.posed("Ada")


# --- a class that is extended in place --------------------------------------------------------------------------------

BOX = """
class Box:
    def __init__(self, x):
        self.x = x
    def double(self):
        return Box(2 * self.x)
"""
FOUR = """
class Box(Box):
    def four(self):
        ### BEGIN SOLUTION
        return self.double().double()
        ### END SOLUTION
"""


def boxes(slip=""):
    class Box:
        def __init__(self, x):
            self.x = x

        def double(self):
            return Box(2 * self.x)

        def four(self):
            ### BEGIN SOLUTION
            return Box(self.x + 4) if slip == "adds" else self.double().double()
            ### END SOLUTION

    return Box


def four_of(Box, x):
    return Box(x).four().x


GROWS = Code(
    "t.4",
    "Four",
    "Go.",
    points=2,
    hints=("Twice.",),
    make=boxes,
    text=FOUR,
    before=BOX,
    parts=(Part("four", lambda random: [(3.0,), (5.0,)], lambda x: 4 * x, probe=four_of),),
    wrong={"adds": "Not four more."},
)
WAYS = {  # the steps of a class, and what they bring
    "right": (BOX, FOUR, 2, False),
    "whole, pasted": (BOX + FOUR.replace("(Box)", "").replace("    def four", BOX[11:] + "    def four"), "", 2, False),
    "a mistake before": (BOX.replace("2 *", "3 *"), FOUR, 2, True),
    "another one, and run twice": (BOX.replace("Box(2 *", "int(2 *"), FOUR + FOUR, 2, True),
    "a mistake before, and other ways": (
        BOX.replace("2 *", "3 *"),
        FOUR.replace("self.double().double()", "super().double().same(1).double()")
        + "    @staticmethod\n    def one(x, *, k=1):\n        return Box(x * k)\n"
        + "    def same(self, k):\n        return Box.one(self.x, k=k)\n",
        2,
        True,
    ),
    "a mistake now": (BOX, FOUR.replace("()\n        ### END", "\n        ### END"), 0, False),
    "mistakes before and now": (BOX.replace("2 *", "3 *"), FOUR.replace("self.double()", "self"), 0, False),
    "nothing now": (BOX.replace("2 *", "3 *"), "class Box(Box):\n    pass\n", 0, False),
    "nothing now, after a mistake": (
        BOX.replace("2 *", "3 *"),
        FOUR.replace("return self.double().double()", "..."),
        0,
        False,
    ),
    "nothing at all": ("class Box:\n    pass\n", "class Box(Box):\n    def four(self):\n        ...\n", 0, False),
    "pasted, with the mistake": (BOX.replace("2 *", "3 *").rstrip() + "\n" + FOUR.partition(":\n")[2], "", 0, False),
}


def test_a_class_is_extended_in_place_and_a_mistake_costs_once():
    assert GROWS.check(GROWS.model_answer()).passed and not GROWS.check(GROWS.wrong_answers()["adds"]).passed
    for way, (before, text, points, aided) in WAYS.items():
        space = {}
        exec(before + text, space)
        report = GROWS.check(space["Box"])
        assert (report.points, report.remark == EARLIER) == (points, aided), (way, str(report))
        assert report.passed == (points == 2) and (EARLIER in str(report)) == aided
        assert ("Box does nothing yet" in str(report)) == way.startswith("nothing"), "nothing is not a mistake"
