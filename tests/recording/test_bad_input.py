"""Bad input is answered with one sentence: what is wrong, on which line, and what to write instead."""

import ast
import builtins
import cmath
import linecache
import math
import re
import statistics
import traceback

import numpy as np
import pytest
from support.bad_inputs import CALLS, OWN, PREAMBLE, PROSE
from support.bad_inputs import IN_A_FUNCTION as ROWS_OF_FUNCTIONS

import backprop_lab as bl

MATHS = "turns a traced value into a plain number, so the derivative would be lost"
ROUND = "leave the rounding out"
JUMPS = "jumps from one whole number to the next"
GUARD = "choose other inputs, or guard the operation with an if"
COUNT = "cannot be an index, a count or a repetition"
ARRAY = "a NumPy array of traced values would lose the derivative"

# What a student writes in a function of x, which is 3: expression, error, words in the sentence, what to write instead.
IN_A_FUNCTION = [
    ("math.sin(x)", bl.TraceError, f"math.sin {MATHS}", "write np.sin(x), which the lab can follow"),
    ("2 * math.exp(x) + 1", bl.TraceError, f"math.exp {MATHS} (line 3 of f: math.exp(x))", "write np.exp"),
    ("sin(x)", bl.TraceError, f"sin {MATHS}", "write np.sin"),
    ("math.asin(x / 4)", bl.TraceError, f"math.asin {MATHS}", "write np.arcsin"),
    ("math.fabs(x)", bl.TraceError, f"math.fabs {MATHS}", "write np.abs"),
    ("math.pow(x, 2)", bl.TraceError, f"math.pow {MATHS}", "write x**2"),
    ("math.hypot(x, 4)", bl.TraceError, f"math.hypot {MATHS}", "write np.hypot(x, 4)"),
    ("cmath.exp(x)", bl.TraceError, f"cmath.exp {MATHS}", "write np.exp"),
    ("float(x)", bl.TraceError, f"float {MATHS}", "leave float out"),
    ("complex(x)", bl.TraceError, f"complex {MATHS}", "leave complex out"),
    ("'%.2f' % x", bl.TraceError, f"a % format {MATHS}", 'write f"{x:.2f}"'),
    ("int(x)", bl.TraceError, f"int {MATHS}", ROUND),
    ("round(x)", bl.TraceError, f"round {MATHS}", ROUND),
    ("round(x, 2)", bl.TraceError, f"round {MATHS}", ROUND),
    ("math.floor(x)", bl.TraceError, f"math.floor {MATHS}", ROUND),
    ("math.ceil(x)", bl.TraceError, f"math.ceil {MATHS}", ROUND),
    ("math.trunc(x)", bl.TraceError, f"math.trunc {MATHS}", ROUND),
    ("range(x)", bl.TraceError, COUNT, "use a plain whole number there"),
    ("[1, 2, 3, 4][x]", bl.TraceError, COUNT, "use a plain whole number there"),
    ("x // 2", bl.TraceError, JUMPS, "write x / 2"),
    ("7 // x", bl.TraceError, JUMPS, "write 7 / x"),
    ("divmod(x, 2)", bl.TraceError, JUMPS, "write x / 2"),
    ("x % 2", bl.TraceError, "% jumps", "subtract the multiple yourself"),
    ("pow(x, 2, 5)", bl.TraceError, "pow with a modulus has no derivative", "write x ** n"),
    ("np.array([x, x], dtype=int)", bl.TraceError, "has no derivative", "whole numbers jump"),
    (
        "np.full(2, x, dtype=int)",
        bl.TraceError,
        "has no derivative (line 3 of f: np.full(2, x, dtype=int))",
        "whole numbers jump",
    ),
    ("np.put(np.zeros(2), 0, x)", bl.TraceError, "np.put is not in the lab's table (line 3 of f", "build a new one"),
    ("statistics.fmean([x, 2])", bl.TraceError, f"statistics.fmean {MATHS}", "write np.mean([x, 2])"),
    (
        "np.multiply.at(np.ones(2), [0, 1], x)",
        bl.TraceError,
        "np.multiply.at writes into an array",
        "write it with + - * /",
    ),
    ("np.sin(x, dtype=int)", bl.TraceError, "np.sin with dtype= is not in the lab's table", "leave it out"),
    ("x + 's'", bl.TraceError, "+ cannot combine a traced value with the text 's'", "without quotes"),
    ("'s' + x", bl.TraceError, "+ cannot combine a traced value with the text 's'", "without quotes"),
    ("x + None", bl.TraceError, "None", "check that the function which made it ends with return"),
    ("x * [1]", bl.TraceError, "* cannot combine a traced value with the list [1]", "np.array([1])"),
    ("[1] * x", bl.TraceError, "* cannot combine a traced value with the list [1]", "np.array([1])"),
    ("x ** 'n'", bl.TraceError, "the text 'n'", "without quotes"),
    ("x[0]", bl.TraceError, "one number and has no parts", "np.array([1.0, 2.0])"),
    ("len(x)", bl.TraceError, "one number and has no length", "np.array([1.0, 2.0])"),
    ("sum(x)", bl.TraceError, "cannot be looped over", "np.array([1.0, 2.0])"),
    ("[*x]", bl.TraceError, "cannot be looped over", "np.array([1.0, 2.0])"),
    ("np.log(-x)", bl.DomainError, "the argument of log must be a positive number, and here it is -3", GUARD),
    ("bl.log(x - 3)", bl.DomainError, "and here it is 0", GUARD),
    ("1 / (x - 3)", bl.DomainError, "the divisor must be a number other than 0, and here it is 0", GUARD),
    ("np.sqrt(-x)", bl.DomainError, "the argument of sqrt must be a number that is not negative", GUARD),
    ("(-x) ** 0.5", bl.DomainError, "only whole-number powers, and here it is -3 to the power 0.5", GUARD),
    ("(x - 3) ** -1", bl.DomainError, "0 has no negative power, and here it is 0 to the power -1", GUARD),
    ("(-x) ** x", bl.DomainError, "the base of a power with a variable exponent must be a positive number", GUARD),
    ("np.arcsin(x)", bl.DomainError, "the argument of arcsin must be a number from -1 to 1", GUARD),
    ("x ** 10**400", bl.DomainError, "a whole number is too large to compute with", "stay below 1.8e308"),
    ("x * 10**400", bl.DomainError, "a whole number is too large to compute with", "stay below 1.8e308"),
]


# The same in a function of x, which is np.array([1.0, 2.0, 3.0]).
IN_A_FUNCTION_OF_AN_ARRAY = [
    ("x @ np.ones(4)", bl.TraceError, "@ does not fit: x has shape (3,) and", "the two vectors need the same length"),
    (
        "A @ x",
        bl.TraceError,
        "@ does not fit: A has shape (2, 4) and x has shape (3,)",
        "as many columns as the vector has elements",
    ),
    (
        "x @ A",
        bl.TraceError,
        "@ does not fit: x has shape (3,) and A has shape (2, 4)",
        "as many rows as the vector has elements",
    ),
    ("np.outer(x, x) @ A", bl.TraceError, "has shape (3, 3) and A has shape (2, 4)", "last axis must be as long as"),
    ("x + np.ones(4)", bl.TraceError, "+ does not fit: x has shape (3,) and", "make the shapes equal, or 1 where"),
    ("np.maximum(x, A)", bl.TraceError, "x has shape (3,) and A has shape (2, 4)", "make the shapes equal"),
    (
        "np.concatenate([x, A])",
        bl.TraceError,
        "operand 1 has shape (3,) and operand 2 has shape (2, 4)",
        "make the shapes equal",
    ),
    (
        "np.stack([x, x[:2]])",
        bl.TraceError,
        "operand 1 has shape (3,) and operand 2 has shape (2,)",
        "make the shapes equal",
    ),
    ("np.where(x > 0, A, x)", bl.TraceError, "does not fit", "make the shapes equal"),
    ("x.reshape(2, 2)", bl.TraceError, "x has shape (3,)", "as many elements as the old one"),
    ("x[7]", bl.TraceError, "this index does not fit an array of shape (3,)", "inside the shape"),
    ("x[0, 1]", bl.TraceError, "this index does not fit an array of shape (3,)", "inside the shape"),
    ("x[x]", bl.TraceError, "an index must be made of plain whole numbers", "not from the traced values"),
    ("x['a']", bl.TraceError, "this index does not fit", "inside the shape"),
    (
        "x.__setitem__(0, 1.0)",
        bl.TraceError,
        "a traced array cannot be written into",
        "np.where, np.stack or np.concatenate",
    ),
    (
        "np.add(x, 1.0, out=np.empty(3))",
        bl.TraceError,
        "np.add with out= writes into an array",
        "write np.add(x, 1.0) alone",
    ),
    ("x.sort()", bl.TraceError, "no .sort with a derivative", "build a new one"),
    ("x.fill(0)", bl.TraceError, "no .fill with a derivative", "build a new one"),
    (
        "x.astype(int)",
        bl.TraceError,
        ".astype(int64) of traced numbers has no derivative",
        "leave it out, because whole numbers jump",
    ),
    (
        "1.0 if x > 0 else x",
        bl.TraceError,
        "an array of 3 comparisons is not one yes or no",
        "np.where(condition, a, b)",
    ),
    ("2.0 in x", bl.TraceError, "in asks about plain numbers", "np.any"),
    ("np.nansum(x)", bl.TraceError, "np.nansum is not in the lab's table", "write np.sum(x[~np.isnan(x)])"),
    ("np.std(x, where=x > 0)", bl.TraceError, "np.std with where= is not", "leave what is not needed out"),
    ("np.sum(x, axis=1)", bl.TraceError, "axis=1 does not fit an array of shape (3,)", "axes count from 0 to 0"),
    ("np.linalg.norm(x, 'fro', 0)", bl.TraceError, "np.linalg.norm cannot do this", "check axes, shapes and options"),
    ("np.einsum('ij->i', x)", bl.TraceError, "does not fit the shapes (3,)", "a letter for each axis"),
    ("np.einsum('i,ij', x, x)", bl.TraceError, "does not fit the shapes", "a letter for each axis"),
    (
        "np.linalg.inv(A @ A.T * x[0] * 0)",
        bl.DomainError,
        "the matrix is singular and has no inverse",
        "choose other inputs",
    ),
    (
        "np.linalg.det(np.stack([x, x]))",
        bl.TraceError,
        "np.linalg.det takes square matrices, not an array of shape (2, 3)",
        "n×n",
    ),
    (
        "np.linalg.eigvalsh(np.outer(x, A[0, :3]))",
        bl.DomainError,
        "eigvalsh and eigh take one real symmetric matrix",
        "guard the operation",
    ),
    ("x + ['a', 'b', 'c']", bl.TraceError, "cannot combine a traced value with the list", "make it an array"),
    (
        "x * np.array(['a', 'b', 'c'])",
        bl.TraceError,
        "cannot combine a traced value with an array of <U1",
        "dtype=float",
    ),
    ("np.maximum(x * 1j, 0)", bl.TraceError, "complex numbers have no order", "use np.abs(z)"),
    ("x[0] * 1j > 0", bl.TraceError, "> cannot compare complex numbers", "compare np.abs(z)"),
    ("2.0 @ x", bl.TraceError, "@ needs an array on either side", "write * for a product"),
    ("math.sin(x)", bl.TraceError, MATHS, "write np.sin"),
    ("float(x)", bl.TraceError, MATHS, "leave float out"),
]


def student(expression):
    """The function as the student has it in a notebook cell, three lines of it."""
    source = f"def f(x):\n    y = 2 * x  # some other line\n    return {expression}\n"
    linecache.cache["<student>"] = (len(source), None, source.splitlines(True), "<student>")
    space = {"np": np, "math": math, "bl": bl, "sin": math.sin, "cmath": cmath, "statistics": statistics}
    space["A"] = np.arange(8.0).reshape(2, 4)
    exec(compile(source, "<student>", "exec"), space)
    return space["f"]


def one_sentence(error, words, instead):
    text = str(error)
    assert words in text and instead in text, text
    assert "\n" not in text and not re.search(r"\.\s", text) and not text.endswith("."), text
    assert text.index(instead) > text.index(";"), f"the way out stands at the end: {text}"
    assert 30 < len(text) < 420 and "Traced" not in text and "0x" not in text, text
    assert error._render_traceback_() == [f"{type(error).__name__}: {text}"]


ROWS = [(e, *row, 3.0) for e, *row in IN_A_FUNCTION]
ROWS += [(e, *row, np.array([1.0, 2.0, 3.0])) for e, *row in IN_A_FUNCTION_OF_AN_ARRAY]


@pytest.mark.parametrize(("expression", "kind", "words", "instead", "x"), ROWS, ids=[e for e, *_ in ROWS])
def test_in_a_function(expression, kind, words, instead, x):
    f = student(expression)
    for run in (
        bl.trace,
        lambda f, x: bl.grad(f)(x),
        lambda f, x: bl.jvp(f, (x,), (x,)),
        lambda f, x: bl.grad(lambda y: bl.grad(f)(y))(x),
    ):
        with pytest.raises(kind) as caught:
            run(f, x)
        one_sentence(caught.value, words, instead)
        assert "(line 3 of f: " in str(caught.value)
        assert str(caught.value).count("line 3") == 1
        frames = [frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)]
        assert "<student>" in frames and (caught.value.__context__ is None or caught.value.__suppress_context__)


def returns(value):
    def f(x):
        return value

    return f


def no_return(x):
    x * x


def two(x, y):
    return x * y


def pair(x):
    return x, x


def with_default(x, k=2):
    return x * k


GRAPH = bl.trace(two, 3, 5)
ARRAYS = bl.trace(two, np.ones(3), 5)
PAIR = bl.trace(pair, 3)
ELSEWHERE = [
    # what a function returns
    (lambda: bl.trace(no_return, 3), bl.ArgumentError, "no_return (line", "end it with return and the number"),
    (lambda: bl.grad(no_return)(3.0), bl.ArgumentError, "returns nothing", "end it with return"),
    (
        lambda: bl.trace(returns("text"), 3),
        bl.ArgumentError,
        "returns str 'text'",
        "return a number, an array, or a tuple",
    ),
    (lambda: bl.trace(returns(True), 3), bl.ArgumentError, "yes or no has no derivative", "return the number itself"),
    (lambda: bl.trace(returns([]), 3), bl.ArgumentError, "returns an empty list", "return the number"),
    (lambda: bl.trace(returns(()), 3), bl.ArgumentError, "returns an empty tuple", "return the number"),
    (lambda: bl.grad(returns([]))(3.0), bl.ArgumentError, "returns list []", "return a number"),
    (lambda: bl.trace(returns({"a": "b"}), 3), bl.ArgumentError, "returns str 'b'", "return a number"),
    (lambda: bl.trace(returns(np.array(["a"])), 3), bl.ArgumentError, "returns ndarray", "return a number"),
    (
        lambda: bl.grad(returns(1j))(3.0),
        bl.ArgumentError,
        "returns a complex number, and a gradient needs one real number",
        "use wirtinger",
    ),
    (
        lambda: bl.grad(lambda x: x * np.ones(3))(3.0),
        bl.ArgumentError,
        "returns an array of shape (3,), and a gradient needs one real number",
        "sum it up, or use vjp or jacobian",
    ),
    (
        lambda: bl.grad(lambda x: {"a": x})(3.0),
        bl.ArgumentError,
        "returns a dict with a number, not the number",
        "return one number",
    ),
    (lambda: bl.trace(returns((1.0, "x")), 3), bl.ArgumentError, "returns str 'x'", "return a number"),
    (lambda: bl.trace(returns("z" * 1000), 3), bl.ArgumentError, "zzz...", "return a number"),
    (lambda: bl.trace(lambda x: None, 3), bl.ArgumentError, "the lambda in line", "end it with return"),
    (lambda: bl.grad(pair)(3.0), bl.ArgumentError, "returns 2 values, and a gradient needs one", "use vjp for several"),
    # arguments
    (
        lambda: bl.trace(two, 3),
        bl.ArgumentError,
        "missing a required argument: 'y'",
        "call it with a number for x and y",
    ),
    (
        lambda: bl.trace(two, 3, 5, 7),
        bl.ArgumentError,
        "too many positional arguments",
        "call it with a number for x and y",
    ),
    (
        lambda: bl.trace(two, x=3, y=5, z=7),
        bl.ArgumentError,
        "unexpected keyword argument 'z'",
        "call it with a number for x and y",
    ),
    (
        lambda: bl.trace(two, 3, x=3),
        bl.ArgumentError,
        "multiple values for argument 'x'",
        "call it with a number for x and y",
    ),
    (lambda: bl.trace(lambda: 3.0, 1), bl.ArgumentError, "too many", "call it without arguments"),
    (
        lambda: bl.trace(with_default),
        bl.ArgumentError,
        "missing a required argument: 'x'",
        "call it with a number for x",
    ),
    (lambda: bl.grad(two)(3.0), bl.ArgumentError, "missing a required argument: 'y'", "call it with"),
    (lambda: bl.jvp(two, (3.0,), (1.0,)), bl.ArgumentError, "missing a required argument: 'y'", "call it with"),
    (lambda: bl.vjp(two, 3.0, 5.0, 7.0), bl.ArgumentError, "too many positional arguments", "call it with"),
    (lambda: bl.trace(two, 3, "5"), bl.ArgumentError, "the argument y of two must be", "give a number such as 2.0"),
    (lambda: bl.trace(two, None, 5), bl.ArgumentError, "must be a number or an array, not None", "give a number"),
    (
        lambda: bl.trace(two, [3], 5),
        bl.TraceError,
        "* cannot combine a traced value with the list [3.0]",
        "make it an array",
    ),
    (lambda: bl.trace(two, ["3"], 5), bl.ArgumentError, "the argument x[0] of two", "give a number"),
    (lambda: bl.grad(two, 0)({"a": None}, 5), bl.ArgumentError, "the argument x['a'] of two", "give a number"),
    (
        lambda: bl.trace(two, np.array(["3"]), 5),
        bl.ArgumentError,
        "the argument x of two is an array of texts",
        "dtype=float",
    ),
    (lambda: bl.trace(two, np.array([None]), 5), bl.ArgumentError, "is an array of Python objects", "dtype=float"),
    (
        lambda: bl.trace(two, np.array(["2020-01-01"], dtype="M8[D]"), 5),
        bl.ArgumentError,
        "is an array of values of type datetime64",
        "dtype=float",
    ),
    (lambda: bl.trace(two, two, 5), bl.ArgumentError, "not the function two", "give a number"),
    (lambda: bl.trace(two, 10**400, 5), bl.ArgumentError, "beyond 1.8e308", "give a number"),
    (lambda: bl.grad(two)(3.0, "5"), bl.ArgumentError, "the argument y of two", "give a number"),
    (lambda: bl.jvp(two, (3.0, None), (1.0, 1.0)), bl.ArgumentError, "the argument y of two", "give a number"),
    # things that are not functions
    (lambda: bl.trace(3.0), bl.ArgumentError, "must be a function, not float 3.0", "as in f and not f(3)"),
    (lambda: bl.trace(two(3, 5), 3), bl.ArgumentError, "must be a function, not int 15", "as in f and not f(3)"),
    (lambda: bl.grad(3.0), bl.ArgumentError, "must be a function, not float 3.0", "as in f and not f(3)"),
    (lambda: bl.jvp(3.0, (1.0,), (1.0,)), bl.ArgumentError, "must be a function", "as in f and not f(3)"),
    (lambda: bl.vjp("f", 1.0), bl.ArgumentError, "must be a function, not str 'f'", "as in f and not f(3)"),
    (lambda: bl.trace(GRAPH, 3), bl.ArgumentError, "this is a graph already", "graph.replay(...)"),
    (lambda: bl.trace(min, 3), bl.ArgumentError, "min is built in", "write a def that calls it"),
    # grad and its kin
    (lambda: bl.grad(two)(x=3.0, y=5.0), bl.ArgumentError, "only arguments given by position", "write grad(f)(3.0)"),
    (lambda: bl.grad(two, 2)(3.0, 5.0), bl.ArgumentError, "argnums=2 is out of range: two was called with 2", "choose"),
    (lambda: bl.grad(two, (0, -3))(3.0, 5.0), bl.ArgumentError, "out of range", "choose among those"),
    (lambda: bl.grad(two, "x")(3.0, 5.0), bl.ArgumentError, "argnums='x' must be a position", "write argnums=0"),
    (lambda: bl.grad(two, (0, 0))(3.0, 5.0), bl.ArgumentError, "names an argument of two twice", "name each once"),
    (lambda: bl.jvp(two, 3.0, 1.0), bl.ArgumentError, "a tuple of primals", "write jvp(f, (x,), (1.0,))"),
    (lambda: bl.jvp(two, (3.0, 5.0), (1.0,)), bl.ArgumentError, "1 tangents for 2 primals", "one tangent for each"),
    (lambda: bl.jvp(two, (3.0, 5.0), (1.0, "a")), bl.ArgumentError, "tangent number 2 of two", "give a number"),
    (lambda: bl.vjp(pair, 3.0)[1](1.0), bl.ArgumentError, "pair has 2 outputs, and the pullback got 1", "one for each"),
    (lambda: bl.vjp(two, 3.0, 5.0)[1]("a"), bl.ArgumentError, "the adjoint of two must be", "give a number"),
    (lambda: bl.vjp(two, 3.0, 5.0)[1]((1.0,)), bl.ArgumentError, "not tuple (1.0,)", "give a number"),
    (
        lambda: bl.vjp(two, np.ones(3), 5.0)[1](1.0),
        bl.ArgumentError,
        "the adjoint of two has shape (), and its value has shape (3,)",
        "give one number for each",
    ),
    (
        lambda: bl.jvp(two, (np.ones(3), 5.0), (np.ones(2), 1.0)),
        bl.ArgumentError,
        "tangent number 1 of two has shape (2,), and its value has shape (3,)",
        "give one number for each",
    ),
    (
        lambda: bl.jvp(two, (3.0, 5.0), (1j, 1.0)),
        bl.ArgumentError,
        "tangent number 1 of two is complex",
        "give real numbers",
    ),
    (
        lambda: bl.jvp(lambda a, b: a[0] * b, ([3.0], 5.0), ([1.0, 2.0], 1.0)),
        bl.ArgumentError,
        "3 tangents for 2 primals",
        "one tangent for each",
    ),
    # graphs and sweeps
    (lambda: GRAPH["q"], bl.ArgumentError, "no node is called q", "the names are x, y, two"),
    (lambda: GRAPH.replay(z=3), bl.ArgumentError, "z is not an input: the inputs of this graph are x, y", "by name"),
    (lambda: GRAPH.replay(1, 2, 3), bl.ArgumentError, "replay got 3 numbers", "give one for each"),
    (lambda: GRAPH.replay(1, x=2), bl.ArgumentError, "replay got x twice", "give it once"),
    (
        lambda: ARRAYS.replay(x=np.ones(4)),
        bl.ArgumentError,
        "x has shape (4,), and the graph was traced with shape (3,)",
        "trace the function again",
    ),
    (
        lambda: ARRAYS.replay(x=1.0),
        bl.ArgumentError,
        "x has shape (), and the graph was traced with shape (3,)",
        "trace the function again",
    ),
    (
        lambda: bl.tangent_sweep(ARRAYS, x=1.0),
        bl.ArgumentError,
        "the rate of x must be an array of shape (3,)",
        "write np.ones((3,))",
    ),
    (
        lambda: bl.adjoint_sweep(ARRAYS),
        bl.ArgumentError,
        "the seed must be an array of shape (3,)",
        "write np.ones((3,))",
    ),
    (
        lambda: list(bl.paths(ARRAYS, "x")),
        bl.ArgumentError,
        "is computed from whole arrays",
        "a function of single numbers",
    ),
    (lambda: GRAPH.replay(x="a"), bl.ArgumentError, "the argument x of two", "give a number"),
    (
        lambda: bl.tangent_sweep(GRAPH, z=1.0),
        bl.ArgumentError,
        "z is not one of the inputs x, y",
        "write tangent_sweep(graph, x=1.0)",
    ),
    (
        lambda: bl.tangent_sweep(GRAPH),
        bl.ArgumentError,
        "needs to know which input moves",
        "tangent_sweep(graph, x=1.0)",
    ),
    (lambda: bl.tangent_sweep(GRAPH, 1, 2, 3), bl.ArgumentError, "3 rates are too many", "tangent_sweep(graph, x=1.0)"),
    (lambda: bl.tangent_sweep(GRAPH, x="a"), bl.ArgumentError, "the rate of x must be a number", "write 1.0"),
    (lambda: bl.adjoint_sweep(PAIR), bl.ArgumentError, "this graph has 2 outputs", "seed=(1.0, 0.0)"),
    (
        lambda: bl.adjoint_sweep(PAIR, (1.0,)),
        bl.ArgumentError,
        "2 outputs and 1 of their seeds",
        "give one seed for each",
    ),
    (lambda: bl.adjoint_sweep(GRAPH, {"x": 1.0}), bl.ArgumentError, "x is not an output", "name one of two"),
    (lambda: bl.adjoint_sweep(GRAPH, "a"), bl.ArgumentError, "the seed must be a number, not str", "write 1.0"),
    (lambda: bl.trace(two, 3, bl.grad), bl.ArgumentError, "the argument y of two", "give a number"),
]


@pytest.mark.parametrize(
    ("run", "kind", "words", "instead"), ELSEWHERE, ids=[f"{w[:40]}-{k}" for k, (_, _, w, _) in enumerate(ELSEWHERE)]
)
def test_elsewhere(run, kind, words, instead):
    with pytest.raises(kind) as caught:
        run()
    one_sentence(caught.value, words, instead)


def test_an_ignored_argument_is_a_warning():
    with pytest.warns(bl.LabWarning) as caught:
        assert bl.trace(lambda x, y: x * 2, 3, 5).value == 6.0
    assert len(caught) == 1 and caught[0].filename == __file__
    text = str(caught[0].message)
    assert "does not use its argument y" in text and "the derivative with respect to y is 0; use y" in text

    def used_in_vain(x, y):
        y = y * 2
        return x

    with pytest.warns(bl.LabWarning, match=r"used_in_vain \(line \d+\) does not use its argument y"):
        bl.trace(used_in_vain, 3, 5)


def test_errors_are_also_the_builtin_that_fits():
    for kind, builtin in (
        (bl.ArgumentError, TypeError),
        (bl.TraceError, TypeError),
        (bl.DomainError, ValueError),
        (bl.DrawingError, RuntimeError),
    ):
        assert issubclass(kind, bl.LabError) and issubclass(kind, builtin)
    pending = list(bl.LabError.__subclasses__())
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        assert any(
            isinstance(base, type) and base.__module__ == "builtins" and base not in (Exception, BaseException, object)
            for base in kind.__mro__
            if base.__name__ in dir(builtins)
        ), kind
        assert kind.__doc__


def test_deep_expressions_are_cut_short():
    f = student("np.log(-x * (" + " + ".join(["123456789.0"] * 40) + "))")
    with pytest.raises(bl.DomainError) as caught:
        bl.trace(f, 3.0)
    assert "..." in str(caught.value) and len(str(caught.value)) < 420


# --- the table in bad_inputs.py ---------------------------------------------------------------------------------------

HEAD = len(PREAMBLE.splitlines())


def cell(code):
    """The names that a student's cell defines, in a file of its own, so that sentences can quote its lines."""
    linecache.cache["<student>"] = (len(code), None, code.splitlines(True), "<student>")
    space = {"np": np, "bl": bl}
    exec(compile(code, "<student>", "exec"), space)
    return space


def function_of(code):
    """A function of x with this expression as its value, or with these lines in it."""
    try:
        ast.parse(code, mode="eval")
        code = f"return {code}"
    except SyntaxError:
        pass
    lines = [
        *PREAMBLE.splitlines(),
        "def f(x):",
        "    y = 2 * x  # some other line",
        *(f"    {k}" for k in code.splitlines()),
    ]
    return cell("\n".join(lines) + "\n"), len(lines)


def told(error, row, last):
    """What every sentence keeps to: one line of the student's, one advice, no name of the lab's own."""
    text = str(error)
    wrong, _, advice = text.partition("; ")
    assert row.names in wrong and row.advice in advice, text
    assert "\n" not in text and "  " not in text and not text.endswith((".", ";", ",")), text
    assert not re.search(r"\bTraced|0x|<locals>|NoValue|\.py\b|grad_of|_record|primitives\b", text), text
    assert ("guard the operation" in text) == (isinstance(error, bl.DomainError) and "1.8e308" not in text), text
    assert "; " not in advice, f"one advice: {text}"
    lines = [int(k) for k in re.findall(r"\bline (\d+)", text)]
    assert lines and all(0 < k <= last for k in lines), text


def equal(a, b):
    if isinstance(b, dict):
        return a.keys() == b.keys() and all(equal(a[k], b[k]) for k in b)
    if isinstance(b, tuple):
        return len(a) == len(b) and all(map(equal, a, b))
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-6, atol=1e-9)


WORDS = (  # advice that is a scheme or a word, not the line to write
    "np.where(condition, a, b)",
    "np.any(x == number)",
    "bl.arcsin(a)",
    "a letter",
    'the function"s name',
    "pullback(1.0)",
    "the arguments by position",
    ":5.0f",
    "*",
    "3 names",
    "bl.adjoint_sweep(graph)",
    "program.",
    "sweep.",
    "the function with NumPy's functions",
)


def follows(row):
    """Whether the code that the sentence advises is what the row tries."""
    code = re.sub(PROSE, "", row.advice)
    prose = code == row.advice
    code = re.split(" for | in place of | alone", code)[0].replace("'", '"')
    return prose or code.startswith(WORDS) or code in row.fixed.replace("'", '"')


@pytest.mark.parametrize(
    "row", ROWS_OF_FUNCTIONS, ids=[f"{row.code.splitlines()[0]}-{k}" for k, row in enumerate(ROWS_OF_FUNCTIONS)]
)
def test_bad_input_in_a_function(row):
    space, last = function_of(row.code)
    with pytest.raises(bl.LabError) as caught:
        bl.grad(space["f"])(eval(row.x, space))
    told(caught.value, row, last)
    if row.followed:
        space, _ = function_of(row.followed)
        x, right = eval(row.x, space), eval(row.right, space | {"x": 3.0})
        assert equal(bl.vjp(space["f"], x)[0], right), row.followed
        assert equal(bl.jacobian(space["f"])(x), bl.jacobian(space["f"], mode="forward")(x))


@pytest.mark.parametrize("row", CALLS, ids=[row.code for row in CALLS])
def test_bad_call(row):
    space = cell(f"{PREAMBLE}def go():\n    answer = {row.code}\n    return answer\n")
    with pytest.raises(bl.LabError) as caught:
        space["go"]()
    told(caught.value, row, HEAD + 3)
    if row.followed:
        answer = eval(row.followed, space)
        assert not row.right or equal(answer, eval(row.right, space)), row.followed


def test_the_advice_that_is_code_is_tried():
    rows = [*ROWS_OF_FUNCTIONS, *CALLS]
    assert len(rows) >= 400 and sum(bool(row.followed) for row in rows) >= 200
    assert not [row for row in rows if row.fixed and not follows(row)]


@pytest.mark.parametrize(("code", "kind"), OWN, ids=[code for code, _ in OWN])
def test_errors_of_the_students_own_pass_unchanged(code, kind):
    space, _ = function_of(code)
    for run in (bl.grad(space["f"]), lambda x: bl.trace(space["f"], x)):
        with pytest.raises(kind) as caught:
            run(3.0)
        assert not isinstance(caught.value, bl.LabError)
