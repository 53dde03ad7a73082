"""Exercises of 08_build_your_own_engine: a class `Value` of about 60 lines, in five steps.

The class exists once, in `engine_value`, with all slips; each step's solution is as much of it as that step has. The
last three steps extend the class in place. A later step's class passes the earlier steps too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...catalogue.entries import examples
from ..base import Book, WrongTurn
from ..choose import Choose
from ..code import Code, Part
from ..programs import graph_of
from . import engine_programs as programs
from .engine_programs import tested
from .engine_value import step_in_place, step_text, value_class

BOOK = Book("08_build_your_own_engine")

NOT_SWAPPED = "A product's partial with respect to one factor is the OTHER factor: x · y changes with x at the rate y."
MINUS_LOST = "When y grows, x − y falls: the second partial of a difference is −1."
NO_MINUS = "The second partial of x / y has lost its minus: the quotient falls when y grows; it is −x/y²."
NO_SQUARE = "The second partial of x / y is −x/y²: the divisor is squared."
NO_EXPONENT = "The exponent has to come down as a factor: the partial of xⁿ is n·xⁿ⁻¹."
TOO_DEEP = "One call inside another for each node: Python stops that at about a thousand. Keep a list of what is still to do, and take from its end in a loop."
LAST_ARRIVAL = "What arrives at a node that is used twice is overwritten. Every arrival has to be added: +=, not =."
PULLED_TWICE = (
    "A node that is used twice is gone through once for each use, and each time it passes on all it has: for u + u "
    "with u = x · y at (3, 5), x gets 20 for 10. Go through the nodes in the reverse of order(), each once."
)
AT_EACH_ARRIVAL = (
    "Whoever gets something passes on all it has at once, and a node that is used twice does so twice: for u + u with "
    "u = x · y at (3, 5), x gets 5 and then 10, in all 15 for 10. Go through the nodes in the reverse of order(), each "
    "once, when all has arrived."
)
INPUTS_KEPT = "The intermediate nodes begin with 0, the inputs with what the last sweep left: run twice, Strang's example gives (280, 48) for (140, 24). Put 0 in every node, the inputs too."
TOO_MUCH = (
    "Small programs are right, but the work grows with the number of paths, or of inputs. One way back is enough: each "
    "node passes on once, when all that it gets has arrived."
)
INCOMPLETE = (
    "A node passes on its adjoint before all that it is owed has arrived. Go back through the nodes in the reverse of "
    "order(): there all users of a node come before it."
)
AGAIN = ("backward called again", "backward from another result")
BROKEN = (
    "each operation by itself",
    "An operation that an earlier step asked for is not right any more, and the rest stands on it. Compare its value, its "
    "parents and its partials with what that step says.",
)

BOOK.add(
    Code,
    "engine.1",
    "Build an engine: add and multiply",
    """
Write a class `Value`. `Value(3.0)` keeps its number as `.data`, and `.parents`, which is empty. `+` and `*` give a new
`Value` whose `.parents` are the two operands, in order. An operand may be a plain number, on either side, as in `3 + x`
and `x * 4`: make a `Value` of it first.
""",
    points=3,
    was="07.engine.1",
    hints=(
        ("sums and products", "`x + y` calls `x.__add__(y)`, and what that returns is the result."),
        (
            "a plain number on the left",
            "`3 + x` calls `x.__radd__(3)`, because 3 does not know how to add a Value; `3 * x` calls `x.__rmul__(3)`.",
        ),
        ("a plain number on the right", "`isinstance(other, Value)` tells whether the operand is a Value already."),
        ("the parents, in order", "A result keeps (self, other) as its parents, in this order. An input has none: ()."),
    ),
    make=value_class,
    text=step_text(1),
    parts=(
        tested("sums and products", programs.data, "z = x + y", "z = x * y", "u = x * y; z = u + x"),
        tested("a plain number on the right", programs.data, "z = x + #", "z = x * #", worth=0.5),
        tested("a plain number on the left", programs.data, "z = # + x", "z = # * x", worth=0.5),
        tested(
            "the parents, in order",
            programs.parents,
            *("z = x", "z = x + y", "z = y * x", "u = x + y; z = u * u", "z = x * #"),
        ),
    ),
    wrong={
        "no number on the left": WrongTurn(
            "x + 3 works, and 3 + x does not: then Python asks the operand on the right, by __radd__ and __rmul__.",
            "no number left of + and *",
        ),
        "no number left of a sum": "3 + x does not work: 3 cannot add a Value, so Python asks x, by __radd__.",
        "no number left of a product": "3 * x does not work: 3 cannot multiply by a Value, so Python asks x, by __rmul__.",
        "no plain numbers": "A plain number has no .data. When the other operand is no Value, make one of it first.",
        "plain numbers as parents": "A plain number stands among the parents. The graph has nodes only: make a Value of it first.",
        "the result is a number": "The result is a plain number. It has to be a new Value, so that it can be added and multiplied again.",
        "parents forgotten": "The result does not remember what it was made of: its .parents are the two operands.",
        "parents swapped": "The parents are in the wrong order: the left operand, self, comes first.",
        "each parent once": WrongTurn(
            "u * u has u as a parent twice. Keep the operands in a tuple or list; a set drops the second.",
            "each parent kept once",
        ),
        "changes its operand": "The left operand itself has changed. A sum is a NEW Value; both operands stay as they are.",
        "adds where it should multiply": "The product adds its factors.",
    },
)

BOOK.add(
    Code,
    "engine.2",
    "Build an engine: local partials",
    """
Go on with your class. Add `-` and `/` (plain numbers on either side again) and `**` by a plain number. And let every
result keep `.partials`: one number for each of its parents, which says how fast the result changes with that parent
alone. A sum, difference, product or quotient is one new node with two parents; a power is one with a single parent.
""",
    points=5,
    was="07.engine.2",
    hints=(
        ("values, of all operations", "Each operator gives one new Value, made of its operands' `.data`."),
        (
            "partials of sums and products",
            "The partials of a product are easy to get wrong: which factor belongs to which parent?",
        ),
        (
            "a plain number on the left",
            "`7 - x` calls `x.__rsub__(7)`, and there 7 is on the left. `7 / x` calls `x.__rtruediv__(7)`.",
        ),
        (
            ("partials of differences and quotients", "partials of powers"),
            "The partials of x / y are 1/y and −x/y². The partial of xⁿ is n·xⁿ⁻¹. They are numbers: use `.data`.",
        ),
    ),
    make=value_class,
    text=step_text(2),
    parts=(
        tested(
            "values, of all operations",
            programs.data,
            *("z = x - y", "z = x / y", "z = x ** 3", "z = x - #", "z = x / #", "z = x + y", "z = x * y"),
        ),
        tested("a plain number on the left", programs.data, "z = # - x", "z = # / x", "z = # + x", "z = # * x"),
        tested(
            "partials of sums and products",
            programs.partials,
            *("z = x + y", "z = x * y", "z = # + x", "z = x * #", "z = # * x"),
        ),
        tested(
            "partials of differences and quotients",
            programs.partials,
            *("z = x - y", "z = x / y", "z = x - #", "z = # - x", "z = # / x"),
        ),
        tested("partials of powers", programs.partials, "z = x ** 2", "z = x ** 3", "z = y ** 4", worth=0.75),
        programs.kept(0.25),
    ),
    wrong={
        "factors not swapped": NOT_SWAPPED,
        "minus lost": MINUS_LOST,
        "quotient without minus": NO_MINUS,
        "quotient without square": NO_SQUARE,
        "treated as a product": "A quotient's partials are 1/y and −x/y²; these are a product's.",
        "power loses the exponent": NO_EXPONENT,
        "power keeps its exponent": "The exponent goes down by one: the partial of xⁿ is n·xⁿ⁻¹, not n·xⁿ.",
        "exponent without brackets": "`n * x**n - 1` takes 1 from the whole: Python does the power first. Write `n * x ** (n - 1)`.",
        "number on the wrong side": "7 − x came out as x − 7, or 7 / x as x / 7: in __rsub__ and __rtruediv__ `self` is on the right.",
        "difference the wrong way round": "7 − x came out as x − 7: in __rsub__ the other operand is on the left.",
        "quotient the wrong way round": "7 / x came out as x / 7: in __rtruediv__ the other operand is on the left.",
        "no number on the left": WrongTurn(
            "7 − x and 7 / x do not work yet: Python asks x, by __rsub__ and __rtruediv__.", "no number left of - and /"
        ),
        "made of two operations": (
            "The values are right, but x − y or x / y makes two nodes, as x + (−1)·y or x · y⁻¹. Here each operation "
            "is one node, whose parents are its operands."
        ),
        "partials are Values": "The partials are Values. They are plain numbers: take `.data`.",
        "partials forgotten": "The results have no partials yet: one number for each parent.",
    },
)

BOOK.add(
    Code,
    "engine.3",
    "Build an engine: a topological order",
    """
Go on with your class: `class Value(Value):` extends it in place, so write only the new method. `z.order()` returns a list of all nodes that z is computed from, with z itself. Every node is in
it once, however often it is used, and only after all of its parents. Any such order is right. It has to work for a
chain of 5,000 nodes too.
""",
    points=4,
    was="07.engine.3",
    hints=(
        ("nothing used twice", "Go from z to its parents, and on. List a node when all of its parents are listed."),
        (
            "nodes that are used twice",
            "Remember which nodes you have met (`id(node)` in a set), or a node with two users comes twice.",
        ),
        (
            "a chain of 5,000",
            "For long chains use a list of what is still to do in place of recursion: put a node back, marked, below its "
            "parents; when the mark comes up again, all of its parents are done.",
        ),
        BROKEN,
    ),
    make=value_class,
    text=step_in_place(3),
    before=step_text(2),
    parts=(
        tested(
            "nothing used twice",
            programs.ordered,
            *("z = x", "u = x + y; z = u * w", "u = x / #; v = y * w; z = u - v", "u = x ** 2; z = u + #"),
        ),
        tested(
            "nodes that are used twice",
            programs.ordered,
            "z = x * x",
            "u = x + y; z = x * u",
            "u = x + y; z = u * x",
            "u = x + y; v = u * y; z = u - v",
            "u = x * y; v = u * u; p = v + u; q = x - p; z = q * v",
            worth=2,
        ),
        Part(
            "a chain of 5,000",
            programs.deep,
            lambda n, inputs: programs.right_places(n + 2 + n // 2),
            0.5,
            programs.chain_ordered,
            read=programs.chain_found,
        ),
        programs.kept(0.5),
    ),
    wrong={
        "recursion too deep": TOO_DEEP,
        "nodes twice": "A node with two users is in the list twice. Remember which nodes you have met.",
        "nodes twice, by recursion": "A node with two users is in the list twice. Remember which nodes you have met.",
        "users before parents": "The order is the wrong way round: parents come first, z comes last.",
        "in the order of meeting": (
            "The nodes are in the order in which they were met, turned round. That puts some node before one of its "
            "parents: a node may only be listed when all of its parents are."
        ),
        "by distance": (
            "The nodes are ordered by how near they are to z. A node near z may be needed by one farther away: list a "
            "node only when all of its parents are listed."
        ),
        "met, but before its parents": "Each node is listed before its parents. List it after them; to turn that list round is not enough.",
        "itself missing": "The node whose order() was called belongs in the list, at its end.",
        "inputs missing": "Nodes without parents belong in the list too: the sweep has to reach the inputs.",
    },
)

BOOK.add(
    Code,
    "engine.4",
    "Build an engine: the reverse sweep",
    """
Go on with your class, in place: every node gets `.grad`, its adjoint, which is 0 at first (`grad = 0.0` in the class). `z.backward()` puts 1 into `z.grad`
and goes back through `order()`: each node adds its adjoint times its partial to each of its parents. Afterwards all
nodes, inputs and intermediate ones, hold their adjoints.
""",
    points=5,
    was="07.engine.4",
    hints=(
        ("one operation", "Which adjoint is known at the beginning? How fast does z change with itself?"),
        (
            ("several operations", "a node with two users"),
            "Take the nodes in reversed(self.order()): a node is complete when all of its users have passed on theirs.",
        ),
        (
            ("one operation", "several operations"),
            "`for parent, partial in zip(node.parents, node.partials)`: what is added to `parent.grad`?",
        ),
        (
            ("a chain of 5,000", "a ladder with 2⁵⁰ paths"),
            "One turn for each node, in a loop. A call inside a call for each node goes too deep, and one for each path "
            "never ends.",
        ),
        BROKEN,
    ),
    make=value_class,
    text=step_in_place(4),
    before=step_text(3),
    parts=(
        tested(
            "one operation",
            programs.grads,
            *("z = x + y", "z = x * y", "z = x - y", "z = x / y", "z = x ** 3", "z = # - x"),
        ),
        tested(
            "several operations",
            programs.grads,
            *("u = x * y; v = u - w; z = v ** 2", "u = x / y; v = # * u; z = v * w"),
        ),
        tested(
            "a node with two users",
            programs.grads,
            *("u = x * y; z = u + x", "u = x + y; v = u * y; z = v - u", "u = x - y; v = u ** 2; z = u * v"),
            worth=1.5,
        ),
        Part("a chain of 5,000", programs.deep, programs.right_chain_grads, 0.75, programs.chain_grads, seconds=1.0),
        programs.laddered(0.5),
        programs.kept(0.25),
    ),
    late=TOO_MUCH,
    wrong={
        "keeps the last arrival": LAST_ARRIVAL,
        "factors not swapped": NOT_SWAPPED,
        "minus lost": MINUS_LOST,
        "quotient without minus": NO_MINUS,
        "quotient without square": NO_SQUARE,
        "power loses the exponent": NO_EXPONENT,
        "seed forgotten": "Every adjoint is 0, because nothing was there to pass on: the sweep starts with z.grad = 1.",
        "seeded with the value": "The sweep starts with z's own value. How fast does z change with itself? By 1.",
        "forward order": "Only z's parents have got anything: the sweep starts at z, and goes back through ALL nodes to the inputs.",
        "first partial for all": "All parents get the first partial. Each has its own: go through both together, with `zip(node.parents, node.partials)`.",
        "upstream factor lost": "The partials alone are added. Each has to be multiplied by the adjoint of the node that passes it on.",
        "a reused node pulled back twice": PULLED_TWICE,
        "passes on at each arrival": AT_EACH_ARRIVAL,
        "passed on before it is complete": INCOMPLETE,
        "passed on before it is complete, from the end": INCOMPLETE,
        "recursion too deep": TOO_DEEP,
    },
)


def _example(name: str, program: str) -> tuple[tuple[Any, ...], dict[str, float]]:
    """The catalogue's example as a case, and its figures."""
    example = examples[name]
    figures = dict(zip(example.inputs, example.expected["gradient"], strict=True))
    return (program, dict(example.inputs)), {"value": example.expected["value"]} | figures


EXAMPLES: Mapping[str, tuple[tuple[Any, ...], dict[str, float]]] = {
    case[0]: (case, figures)
    for case, figures in (
        _example("edelman", "z = 2 * x * y + (x - 1) ** 2"),
        _example("strang", "c = x ** 3; s = x + 3 * y; F = c * s"),
        _example("olah", "c = a + b; d = b + 1; e = c * d"),
    )
}

BOOK.add(
    Code,
    "engine.5",
    "Build an engine: reuse, and the figures of the lectures",
    """
Finish your class: write `backward` once more, in place. It has to be right when a node is used twice, even twice by the same operation, as in `x * x`.
Calling `z.backward()` again gives the same adjoints, and a sweep from another result that shares nodes with z gives
that result's own: begin each sweep with 0 in every node that it will visit. Then your engine reproduces the worked
examples of Edelman and Johnson, Strang, and Olah, and agrees with the lab's on expressions that you have not seen.
""",
    points=6,
    was="07.engine.5",
    hints=(
        (
            AGAIN,
            "What stands in `.grad` when a second sweep begins? And what is left of z's 1, if the zeros come after it?",
        ),
        (AGAIN, "Before the seed, go once through `order()` and put 0 in every node, the intermediate ones too."),
        ("twice in one operation", "`x * x` has x as its parent twice: both times something arrives."),
        (
            ("diamonds", "drawn expressions"),
            "In a diamond a node has two users. It passes on once, when both have passed on theirs: reversed(order()).",
        ),
        ("the figures of the lectures", "Try them one by one: Olah's has sums and a product only."),
        BROKEN,
    ),
    make=value_class,
    text=step_in_place(5),
    before=step_text(4),
    parts=(
        tested(
            "twice in one operation",
            programs.grads,
            *("z = x * x", "z = x + x", "u = x * y; z = u + u", "u = x - y; v = u * u; z = v * v"),
        ),
        tested(
            "diamonds",
            programs.grads,
            "u = x * y; p = u + x; q = u - y; z = p * q",
            "u = x + y; p = u * u; q = p / u; z = p * q",
            "u = x - y; p = u ** 2; q = u * p; r = q + u; z = r * p",
        ),
        tested(
            "backward called again",
            programs.grads_of_the_second,
            *("z = x * y", "u = x * y; z = u * x", "u = x + y; p = u ** 2; z = p - u"),
        ),
        Part(
            "backward from another result",
            lambda random: [
                (*case, "u") for case in programs.cases("u = x * y; z = u * x", "u = x / y; z = u + y")(random)
            ],
            lambda program, inputs, other: programs.right_grads(program.split("; ")[0], inputs),
            probe=programs.grads_of_another,
        ),
        Part(
            "the figures of the lectures",
            lambda random: [case for case, _ in EXAMPLES.values()],
            lambda program, inputs: EXAMPLES[program][1],
            probe=programs.figures,
        ),
        Part("drawn expressions", programs.drawn, programs.right_both, 0.5, programs.grads, graph=graph_of),
        programs.laddered(0.25),
        programs.kept(0.25),
    ),
    late=TOO_MUCH,
    wrong={
        "nothing zeroed": "The second sweep adds to what the first one left. Begin with 0 in every node that the sweep will visit.",
        "only inputs zeroed": "The inputs begin with 0, the intermediate nodes with what the last sweep left. Put 0 in every node.",
        "inputs not zeroed": INPUTS_KEPT,
        "seed added": "The seed is added to what z.grad held before, and nothing was zeroed. Put 0 in every node, then 1 in z.",
        "keeps the last arrival": LAST_ARRIVAL,
        "each parent once": WrongTurn(
            "x * x has x as its parent twice, and twice something arrives. A dict or set of the parents keeps one.",
            "each parent pulled back once",
        ),
        "a reused node pulled back twice": PULLED_TWICE,
        "passes on at each arrival": AT_EACH_ARRIVAL,
        "passed on before it is complete": INCOMPLETE,
        "passed on before it is complete, from the end": INCOMPLETE,
        "factors not swapped": NOT_SWAPPED,
        "minus lost": MINUS_LOST,
        "quotient without minus": NO_MINUS,
        "quotient without square": NO_SQUARE,
        "power loses the exponent": NO_EXPONENT,
        "seeded with the value": "The sweep starts with z's own value. How fast does z change with itself? By 1.",
    },
)

BOOK.add(
    Choose,
    "engine.6",
    "Why does backward begin at 0?",
    """
In each step of the training the graph is a new one, and yet `backward` first sets adjoints to 0. Which sentence is the reason?
""",
    points=1,
    hints=(
        "Which objects of one step are there in the next step as well?",
        "What would such an object hold, after a second `backward` that only adds?",
    ),
    reason="The weights are the same objects in every step, and would still hold what the step before has added.",
    wrong={
        "A new Value holds some random number as its adjoint.": "A new `Value` begins with 0. Which objects are not new in the second step?",
        "The inner nodes are used again in the next step.": "They are made by each forward pass, and then forgotten. Which nodes stay?",
        "The loss would not have the adjoint 1 otherwise.": "The loss is new in each step, and its 1 is put there in any case.",
    },
)
