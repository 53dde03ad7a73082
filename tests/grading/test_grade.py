"""What the grader gives is what `bl.check` gives, for all kinds of exercises, behind every fence."""

import json
import sys

import pytest
from support.graded import SEED, answer, graded, notebook

import backprop_lab as bl
from backprop_lab.exercises import base
from backprop_lab.exercises.code import Written
from backprop_lab.exercises.handle import Handle
from backprop_lab.grading import ship, wire
from backprop_lab.grading.fence import TIERS
from backprop_lab.grading.grader import Task, expected, grade, hidden_seed
from backprop_lab.grading.limits import LIMITS
from backprop_lab.grading.needed import look, needed
from backprop_lab.grading.notebooks import Notebook, parse
from backprop_lab.grading.process import Forked, Spawned

SECRET = b"a secret of the tests"
# Wrong turns overflow, here and in the students' process, where a warning is no error.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
LESSONS = sorted({exercise.notebook for exercise in bl.exercises.values()})
# One of each kind: numbers, arrays, a sweep, steps, a broken rule, a reason, functions, a class, one of one's own.
KINDS = "reverse.1 layers.1 reverse.5 descent.1 reverse.7 reverse.6 numerical.4 forward.5 graphs.4 adjoint.3".split()


@pytest.fixture(scope="module")
def started():
    """A warm process."""
    found = Forked(LIMITS)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def _named(monkeypatch):
    monkeypatch.setattr(base, "_seed", SEED)


def own(id, wrong):
    """What the exercise itself says of an answer in this process, on the inputs that the grader draws."""
    exercise = bl.exercises[id]
    answer = exercise.model_answer(SEED) if wrong is None else exercise.wrong_answers(SEED)[wrong]
    return exercise.check(answer, hidden_seed(SECRET, "ada", id) if isinstance(exercise, Written) else SEED)


def compare(started, ids, wrong):
    """A notebook with an answer to each of these exercises gets what the exercises themselves say."""
    turns = {id: wrong(bl.exercises[id]) for id in ids}
    record = graded(started, [answer(id, turn) for id, turn in turns.items()], ids, secret=SECRET)
    assert list(record["exercises"]) == [id for id in bl.exercises if id in ids]
    for id, turn in turns.items():
        found, report = record["exercises"][id], own(id, turn)
        told = id, turn, found["report"], str(report)
        assert (found["points"], found["of"]) == (report.points, report.worth), told
        assert (found["wrong_turn"], found["where"]) == (report.wrong_turn, report.where), told
        assert found["message"] == (report.hint if not report.passed else ""), told
    return record


def first_turn(exercise):
    return next(iter(exercise.wrong if isinstance(exercise, Written) else exercise.wrong_answers(SEED)))


@pytest.mark.parametrize("wrong", [lambda exercise: None, first_turn], ids=["right", "wrong"])
def test_every_kind_is_graded_as_the_notebook_checks_it(started, wrong):
    record = compare(started, KINDS, wrong)
    assert record["problems"] == [] and record["seed"] == SEED


@pytest.mark.wide
@pytest.mark.parametrize("lesson", LESSONS)
def test_all_exercises_of_a_lesson_are_right(started, lesson):
    ids = [id for id, exercise in bl.exercises.items() if exercise.notebook == lesson]
    record = graded(started, [answer(id) for id in ids], ids)
    assert record["total"] == record["of"], [f["report"] for f in record["exercises"].values() if not f["passed"]]


@pytest.mark.wide
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_wrong_turn_of_each_is_told(started, lesson):
    apart = [e for e in bl.exercises.values() if e.notebook == lesson and not getattr(e, "before", "")]
    names = [e.variable for e in apart]
    compare(started, [e.id for e in apart if names.count(e.variable) == 1], first_turn)


@pytest.mark.parametrize(
    "tier", [*(pytest.param(t, marks=pytest.mark.wide) for t in TIERS[1:-1]), TIERS[-1], "spawned"]
)
def test_every_fence_gives_the_same(started, tier):
    """Where no process can be forked each notebook gets a Python of its own."""
    cells = [
        answer("reverse.1"),
        answer("graphs.4"),
        answer("forward.5"),
    ]
    ids = ["reverse.1", "graphs.4", "forward.5"]
    other = Spawned(LIMITS) if tier == "spawned" else Forked(LIMITS, tier)
    try:
        found, strongest = graded(other, cells, ids), graded(started, cells, ids)
        assert found.pop("fence") in TIERS[TIERS.index(tier) if tier in TIERS else -1 :]
        assert strongest.pop("fence") in TIERS
        assert found["exercises"]["graphs.4"] == strongest["exercises"]["graphs.4"]
        assert found == strongest and found["total"] == found["of"]
    finally:
        other.close()


def test_a_record_can_be_made_again(started):
    """The same secret gives the same record to the byte; another one tries the code on other inputs."""
    cells, ids = [answer("reverse.3", first_turn(bl.exercises["reverse.3"]))], ["reverse.3"]
    first, again, other = (graded(started, cells, ids, secret=s) for s in (SECRET, SECRET, b"another one"))
    assert json.dumps(first) == json.dumps(again)
    assert first["secret"] != other["secret"]
    assert first["exercises"]["reverse.3"]["tried"] != other["exercises"]["reverse.3"]["tried"]


FORGED = """
import backprop_lab.grading.child as child
import backprop_lab.graph.trace as trace
said = {"uses": 2, "operations": ["add", "mul"], "outputs": 1, "needs_y": True, "paths": 2, "slope": 1.0, "value": 1.0}
child.Room.do_probe = child.Room.do_call = lambda self, *args: ["outcome", said, None, ""]
child.Room.do_apply = lambda self, *args: ["applied", said, None, "", None]
child.Room.do_trace = lambda self, *args: ["applied", %s, None, "", None]
child.Handle.run = lambda self, *args, **more: child.Outcome(said)
def used_twice(x, y):
    return x + y
"""


@pytest.mark.parametrize(
    "graph", ["[[[3, 0, 0, None, None, None]], [7], None]", "said", "[[[10**9] * 6] * 3, [0], None]"]
)
def test_what_is_measured_of_a_function_is_not_believed(started, graph):
    """Properties are measured in the grader, on a graph that is worked out anew there."""
    cell = f"# exercise: graphs.4\n{FORGED % graph}"
    found = graded(started, [cell], ["graphs.4"])["exercises"]["graphs.4"]
    assert found["points"] == 0 and (found["trouble"] or found["tried"])


COUNTED = """
calls = []
def central(f, x, h):
    f(x)
    return (f(x + h) - f(x - h)) / (2 * h)
import backprop_lab.grading.child as child
child.Room._asked = (lambda old: lambda self, number: old(self, number))(child.Room._asked)
"""


def test_calls_of_our_functions_are_counted_here(started):
    found = graded(started, [f"# exercise: numerical.3\n{COUNTED}"], ["numerical.3"])["exercises"]["numerical.3"]
    assert [item["mark"] for item in found["tried"]] == ["✓", "✗"]


CHANGED = "def clip(gradients, most):\n    gradients[0] *= 0\n    return gradients"


def test_what_is_done_to_the_arguments_is_seen(started):
    found = graded(started, [f"# exercise: dying.3\n{CHANGED}"], ["dying.3"])["exercises"]["dying.3"]
    assert found["tried"][-1]["label"].startswith("the caller's arrays") and found["tried"][-1]["mark"] == "✗"


def test_no_model_answer_goes_to_the_students_process():
    """What looks at a class goes there as code; none of it is a maker, whose text is a model answer."""
    for id, exercise in bl.exercises.items():
        for part in getattr(exercise, "parts", ()):
            if part.probe is not None:
                sent = wire.encode(ship.packed(part.probe))
                assert b"slip" not in sent and exercise.make.__name__.encode() not in sent.split(), (id, part.label)


def test_the_warm_process_knows_no_exercise():
    code = "import sys, backprop_lab.grading.warm; print([m for m in sys.modules if 'exercises.lessons' in m])"
    import subprocess

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr


CELLS = {
    "a helper, and what it needs": (
        ["k = 2", "def helper(x):\n    return k * x", "y = 1"],
        "def a(): return helper(1)",
        [0, 1],
    ),
    "what is done to a name": (["found = []", "found.append(1)", "print(found)"], "a = found", [0, 1]),
    "an attribute": (["class V: pass", "V.x = 1", "W = V"], "a = V.x", [0, 1]),
    "a module's settings": (["import sys", "sys.setrecursionlimit(99)", "import os"], "a = 1", [0, 1]),
    "a demonstration": (["import numpy as np", "x = np.sin(1)\nprint(x)", "bl.step(f)"], "a = 1", []),
    "the seed": (["import backprop_lab as bl", "bl.seed('ada')"], "a = 1", [0, 1]),
    "a name of its own": (["for a in range(3): pass", "b = a"], "def a(): return 1", []),
    "everything of a module": (["from math import *"], "a = sin(1)", [0]),
    "magics": (["%matplotlib inline\nz = 2", "!ls"], "a = z", [0]),
    "what a command prints": (["files = !ls\nz = 2", "t = %timeit -o f()"], "a = z", [0]),
    "a syntax error": (["z = = 2"], "a = 1", []),
}


@pytest.mark.parametrize(("before", "last", "run"), CELLS.values(), ids=CELLS)
def test_cells_that_an_answer_needs_are_run(before, last, run):
    cells = [look(text) for text in [*before, last]]
    assert needed(cells, [len(before)]) == [*run, len(before)]


def test_without_an_assignment_all_of_the_lesson_is_asked_for():
    found = Notebook([[1, "", ["reverse.3"]]])
    assert expected(found, ()) == [id for id in bl.exercises if id.startswith("reverse.")]
    assert expected(found, ("reverse.3", "graphs.1")) == ["graphs.1", "reverse.3"]


def test_questions_can_be_asked_while_grading(started):
    cell = "# exercise: reverse.1\nat = bl.exercises['reverse.1'].question().inputs\nbl.check('reverse.1', 1)\n"
    cell += "_, both = bl.value_and_grad(lambda x, y: x**3 * (x + 3 * y))(at['x'], at['y'])\n"
    cell += "reverse_1 = {'x': 1.0, 'y': both[1]}"
    found = graded(started, [cell], ["reverse.1"])["exercises"]["reverse.1"]
    assert found["trouble"] is None and found["answer"]["x"] == 1.0


PIECES = [None, True, 3, -(2**70), 0.1, float("inf"), "ä", [1, [2.5]], (1.0,) * 20, {"a": (1, 2), 3: None}, 1j, b"x"]


@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_plain_data_goes_over_the_wire(piece):
    frame = wire.encode(piece)
    size, header = int.from_bytes(frame[:4], "big"), int.from_bytes(frame[4:8], "big")
    found = wire.decode(frame[8:], header)
    assert size == len(frame) - 8 and found == piece and type(found) is type(piece)


BROKEN = [
    b"[",
    b'["x"]',
    b'["a", "<f8", [9]]',
    b'["a", "O", [1]]',
    b"[" * 99_999,
    b'["F", -1]',
    b'["i", "zz"]',
    b"7 7",
    b"\xff",
]
BROKEN += [
    b'["a", "<f8", [-1, 8]]',
    b'["l"]',
    b'["d", [[["l", []], 1]]]',
    b'["m", 1, 2, 3]',
    b'["i", "' + b"f" * 9999 + b'"]',
]


@pytest.mark.parametrize("header", BROKEN, ids=range(len(BROKEN)))
def test_nonsense_on_the_wire_is_refused(header):
    with pytest.raises(wire.WireError):
        wire.decode(header, len(header))


@pytest.mark.parametrize(
    "thing", [object(), print, {1, 2}, Handle(1), type("F", (float,), {})(1.0)], ids=lambda x: type(x).__name__
)
def test_objects_do_not_go_over_the_wire(thing):
    with pytest.raises(wire.WireError):
        wire.encode([thing])


def test_a_grader_whose_warm_process_has_died_says_so(started):
    other = Forked(LIMITS)
    other.process.kill()
    other.process.wait()
    with pytest.raises((bl.LabError, OSError)):
        grade(Task("ada", "ada.ipynb", notebook([answer("reverse.1")]), SECRET, ("reverse.1",)), other)
    other.close()


def test_what_the_grader_cannot_look_at_costs_nobody_else(started, monkeypatch):
    def fails(self, answer, seed):
        raise ZeroDivisionError

    monkeypatch.setattr(type(bl.exercises["reverse.3"]), "check", fails)
    record = graded(started, [answer("reverse.3"), answer("reverse.1")], ["reverse.1", "reverse.3"])
    found = record["exercises"]
    assert (found["reverse.1"]["points"], found["reverse.3"]["points"]) == (4.0, 0.0)
    assert "could not be looked at" in found["reverse.3"]["trouble"] and "look yourself" in record["problems"][0]


# Records of a traced function that were never made: a product of all pairs, a sum over a square, many copies.
LARGE = {
    "pairs": "[[-1, 0, 0, None, None, None], [-2, 0, 0, None, None, np.ones(60_000)], [OUTER, 1, 1, None, None, None]]",
    "a square": "[[-1, 0, 0, None, None, None], [SPREAD, 0, 0, None, (10**5, 10**5), None]]",
    "copies": "[[-1, 0, 0, None, None, None]] + [[SPREAD, 0, 0, None, (10**6,), None]] * 99",
}
FORGES = """
import gc
from backprop_lab.grading import child
from backprop_lab.table.table import primitives
OUTER, SPREAD = primitives["outer"].code, primitives["broadcast_to"].code
room = next(x for x in gc.get_objects() if type(x) is child.Room)
room.do_trace = lambda *given: ["applied", [{}, [1], None], None, "", None]
"""


@pytest.mark.parametrize("records", LARGE.values(), ids=LARGE)
def test_records_that_would_take_the_graders_memory_are_refused(started, records):
    cells = [answer("start.3") + FORGES.format(records), answer("reverse.1")]
    found = graded(started, cells, ["start.3", "reverse.1"])["exercises"]
    assert found["reverse.1"]["points"] == 4.0
    assert found["start.3"]["points"] == 0.0 and "too large, or too many" in found["start.3"]["report"]


COUNTS = """
import gc
from backprop_lab.grading import child
room = next(x for x in gc.get_objects() if type(x) is child.Room)
room.do_probe = lambda *given: ["outcome", {}, None, ""]
"""
RIGHT_COUNTS = {"nodes": 7502, "more than once": 0, "missing": 0, "not part of it": 0, "before a parent": 0}
ANOTHER_GRAPH = {"values": [1.0] * 4, "parents": [[1], [2], [3], []], "order": [3, 2, 1, 0]}
GOES_ROUND = {"values": [1.0] * 4, "parents": [[1], [0], [], []], "order": [3, 2, 1, 0]}


@pytest.mark.parametrize("forged", [RIGHT_COUNTS, ANOTHER_GRAPH, GOES_ROUND], ids=["counts", "graph", "circle"])
def test_an_order_is_counted_by_the_grader(started, forged):
    """Counts that are written down, or an order of another graph, bring nothing."""
    cells = [answer("engine.2"), answer("engine.3") + COUNTS.format(forged)]
    found = graded(started, cells, ["engine.3"])["exercises"]["engine.3"]
    assert found["points"] == 0.0 and not found["passed"], found["report"]


def test_windows_line_ends_do_not_hide_an_exercise():
    data = {"cells": [{"cell_type": "code", "source": "# exercise: reverse.1\r\nreverse_1 = 1\r\n"}]}
    assert parse(json.dumps(data).encode(), bl.exercises).ids == ["reverse.1"]


def test_where_no_process_can_be_started_no_folder_is_left(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError):
        Forked(LIMITS)
    assert not list(tmp_path.iterdir())


def test_the_old_format_is_read():
    data = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["# exercise: reverse.1\n", "reverse_1 = 1"]}]}]}
    assert parse(json.dumps(data).encode(), bl.exercises).cells == [
        [1, "# exercise: reverse.1\nreverse_1 = 1", ["reverse.1"]]
    ]


@pytest.mark.parametrize("id", ["reverse.5", "reverse.7"])
def test_an_exercise_forgets_what_it_drew_for_a_large_class(id):
    """Else the grader's memory would grow with every student who has numbers of their own."""
    posed = bl.exercises[id]._posed
    posed.clear()
    posed.update({f"somebody {k}": None for k in range(base.KEPT + 1)})
    bl.exercises[id].posed("ada")
    assert "ada" in posed and len(posed) <= base.KEPT
