"""What an operation is stands in its row: nobody else keeps a list of operations, but asks the entries."""

import ast
from pathlib import Path

import pytest

import backprop_lab as bl
from backprop_lab.table.table import BY_CODE, primitives
from backprop_lab.text.expression import is_polynomial

PACKAGE = Path(bl.__file__).parent
# The lists that stay, by file and by what they begin with, and why.
ALLOWED = {
    ("catalogue/entries", "sin"): "the functions that the examples call",
    ("catalogue/gpt", "exp"): "the functions that it calls",
    ("mistakes/array_table", "matvec"): "wrong rules, map by map: what a misconception sends is no fact on the map",
    ("others/aten", "exp"): "PyTorch's names, where they are ours, too",
    ("others/aten", "log_softmax"): "the same, of those that take an axis",
    ("others/jaxprs", "relu"): "functions of JAX's own library that stand in a program as calls",
    ("others/lax", "exp"): "JAX's names, where they are ours, too",
    ("others/operations", "add"): "what commutes in somebody else's engine",
    ("others/operations", "neg"): "what engines write a difference with",
    ("others/operations", "sum"): "operations of any number of operands that engines have",
    ("others/partials", "add"): "wrong rules: what a misconception sends is no fact on the operation",
    ("others/partials", "power"): "the same",
    ("recording/traced", "power"): "the entries that the operators of a traced value record by name",
}


def lists(text):
    """The collections of two or more names of operations, and nothing else, in a module: their first names."""
    for node in ast.walk(ast.parse(text)):
        items = []
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            items = node.elts
        elif isinstance(node, ast.Dict):
            items = node.keys
        elif isinstance(node, ast.MatchOr):
            items = [pattern.value for pattern in node.patterns if isinstance(pattern, ast.MatchValue)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            items = [ast.Constant(word) for word in node.value.split()]
        items = [x.elts[0] if isinstance(x, ast.Tuple) and x.elts else x for x in items]  # of keys such as ("dot", 0)
        words = [x.value if isinstance(x, ast.Constant) else None for x in items]
        if len(words) > 1 and all(isinstance(word, str) and word in primitives for word in words):
            yield words[0]


def test_nobody_outside_the_table_keeps_a_list_of_operations():
    paths = {p.relative_to(PACKAGE).with_suffix("").as_posix(): p for p in PACKAGE.rglob("*.py")}
    found = {(name, first) for name, p in paths.items() for first in lists(p.read_text("utf-8"))}
    assert {pair for pair in found if not pair[0].startswith("table/")} == set(ALLOWED)


SAMPLES = [
    'x in ("dot", "matvec")',
    '{"mul": 1, "dot": 0}',
    '"mul dot".split()',
    'RULES = {("matvec", 1): f, ("dot", 0): g}',
    'match op:\n  case "stack" | "dot": pass',
    'y = [*"ab", ["sin", "dot"]]',
]


@pytest.mark.parametrize("text", SAMPLES)
def test_such_a_list_would_be_found(text):
    assert list(lists(text)) and not list(lists(text.replace("dot", "other")))


def test_families_and_facts():
    assert {op.name for op in BY_CODE if is_polynomial(op.text)} == {"mul", "add", "sub", "neg", "square"}
    assert {op.name for op in BY_CODE if op.sign == "@"} == {"dot", "matvec", "vecmat", "matmul"}
    assert all(op.vanishes in ("anywhere", "never", "where an operand does") for op in BY_CODE)
    assert primitives["power"].raised_to((2.0, 3)) == 3 and primitives["pow"].raised_to((2.0, 0.5)) == 0.5
    assert primitives["cbrt"].raised_to((8.0,)) == 1 / 3 and primitives["sin"].raised_to((8.0,)) == 1.0
    assert (
        primitives["matmul"].label(0, {"b": "W1"}) == "· W1ᵀ" and primitives["inv"].label(0, {"y": "m"}) == "−mᵀ · mᵀ"
    )
