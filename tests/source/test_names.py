"""The names and lines of a graph's nodes are the student's own. The functions stand here as a student writes them."""
# ruff: noqa: E731

import functools
import inspect
import sys
import textwrap
import types

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab.source.functions import blocks_of

W = 0.5


def names(f, /, *args, **kwargs):
    return list(bl.trace(f, *args, **kwargs).names)


def cube(t):
    return t * t * t


def affine(t, w, b):
    product = w * t
    return product + b


def power(t, n):
    return t if n == 1 else t * power(t, n - 1)


def plain(x, y):
    c = x * y
    s = c + 1
    return s


def augmented(x):
    s = x * x
    s += x
    s *= 3
    return s


def pairs(x, y):
    a, b = x + y, x - y
    (c, d), [e] = (a * b, a / b), [a * a]
    return c + d + e


def chained(x):
    a = b = x * x
    return a + b


def walrus(x):
    return (t := x * x) + np.sin(t)


def annotated(x):
    y: float = x * 2
    return y * y


def helped(x):
    c = cube(x)
    d = affine(c, 2, 1)
    return c * d


def lambdas(x):
    sq = lambda t: t * t
    a = sq(x)
    b = (lambda t: t + 1)(a)
    return b


def looped(x):
    p = x
    for _ in range(3):
        p = p * x
    return p


def recursive(x):
    r = power(x, 4)
    return r


def comprehended(x, y):
    ws = [2, 3]
    terms = [w * v for w, v in zip(ws, (x, y), strict=True)]
    total = sum(terms)
    return total


def chosen(x):
    y = x * x if x > 0 else -x
    return y


def returned_choice(x):
    y = abs_by_hand(x)
    return y


def abs_by_hand(t):
    return t * 1 if t > 0 else -t


def attributes(x):
    o = types.SimpleNamespace()
    o.w = x * 2
    ws = [0]
    ws[0] = o.w * x
    return ws[0] + W


def named_constants(x):
    k = 3
    return k * x + W * x + k


def many(*args):
    s = args[0] * args[1]
    return s + args[2]


def keyword_only(x, *, y):
    return x * y


def any_keywords(**values):
    return values["p"] * values["q"]


def clash(x, v1):
    return (x * v1) * (x + v1)


def nested_returns(x):
    def inner(t):
        return cube(t)

    out = inner(x)
    return out


def generator_sum(x, y):
    total = sum(v * v for v in (x, y))
    return total


def unpacked(x):
    def both(t):
        return t * 2, t * 3

    a, b = both(x)
    return a * b


def numpy_named(x):
    a = np.sin(x)
    b = np.multiply(a, x)
    c = np.float64(2) * b
    d = c * np.float64(3)
    e = np.array(4.0) - d
    return -e


CASES = [
    (plain, (3, 5), ["x", "y", "c", "1", "s"]),
    (augmented, (3,), ["x", "s", "s_2", "3", "s_3"]),
    (pairs, (3, 5), ["x", "y", "a", "b", "c", "d", "e", "v1", "pairs"]),
    (chained, (3,), ["x", "a", "chained"]),
    (walrus, (3,), ["x", "t", "v1", "walrus"]),
    (annotated, (3,), ["x", "2", "y", "annotated"]),
    (helped, (3,), ["x", "v1", "c", "w", "product", "b", "d", "helped"]),
    (lambdas, (3,), ["x", "a", "1", "b"]),
    (looped, (3,), ["x", "p", "p_2", "p_3"]),
    (recursive, (3,), ["x", "v1", "v2", "r"]),
    (comprehended, (3, 5), ["x", "y", "w", "v1", "w_2", "v2", "total"]),
    (chosen, (3,), ["x", "y"]),
    (chosen, (-3,), ["x", "y"]),
    (returned_choice, (3,), ["x", "1", "y"]),
    (attributes, (3,), ["x", "2", "o.w", "ws[0]", "W", "attributes"]),
    (named_constants, (3,), ["x", "k", "v1", "W", "v2", "v3", "named_constants"]),
    (many, (1, 2, 3), ["args[0]", "args[1]", "args[2]", "s", "many"]),
    (clash, (3, 5), ["x", "v1", "v2", "v3", "clash"]),
    (nested_returns, (3,), ["x", "v1", "out"]),
    (generator_sum, (3, 5), ["x", "y", "v1", "v2", "total"]),
    (unpacked, (3,), ["x", "2", "v1", "3", "v2", "unpacked"]),
    (numpy_named, (3,), ["x", "a", "b", "2", "c", "3", "d", "4", "e", "numpy_named"]),
]


@pytest.mark.parametrize(("f", "args", "expected"), CASES, ids=[f"{f.__name__}{args}" for f, args, _ in CASES])
def test_names(f, args, expected):
    assert names(f, *args) == expected


def test_names_of_keyword_arguments():
    assert names(keyword_only, 3, y=5) == ["x", "y", "keyword_only"]
    assert names(any_keywords, p=3, q=5) == ["p", "q", "any_keywords"]
    assert names(lambda x, f: x * f, x=3, f=5) == ["x", "f", "v1"]
    assert names(lambda x, self, graph, args: x * self * graph * args, x=1, self=2, graph=3, args=4)[:4] == [
        "x",
        "self",
        "graph",
        "args",
    ]


def test_every_line_is_the_one_that_computed_the_node():
    first = plain.__code__.co_firstlineno
    assert [n.line for n in bl.trace(plain, 3, 5)] == [None, None, first + 1, first + 2, first + 2]
    first = looped.__code__.co_firstlineno
    assert [n.line for n in bl.trace(looped, 3)][1:] == [first + 3] * 3
    helper = cube.__code__.co_firstlineno + 1
    assert bl.trace(helped, 3)["c"].line == helper  # where it was computed, under the name that it got


def test_blocks_show_the_functions_that_computed_something():
    blocks = bl.trace(helped, 3).blocks
    assert [b.name for b in blocks] == ["helped", "cube", "affine"]
    assert blocks[1].lines == ("def cube(t):", "    return t * t * t")
    assert blocks[1].first == cube.__code__.co_firstlineno and blocks[0].filename == __file__
    assert [b.name for b in bl.trace(lambdas, 3).blocks] == ["lambdas"]  # its lambdas are inside it


def decorated(f):
    return f


class Sourced:
    @decorated
    @decorated
    def method(self, x):
        """Says so.

        And so.
        """
        return x * 2

    async def later(self, x):
        return [t for t in (x, 2 * x) if t]


def generator(x):
    y = sum(t * x for t in (1.0, 2.0))
    if y > 0:
        return y
    # the end
    return -y


@pytest.mark.parametrize("f", [Sourced.method, Sourced.later, generator, helped])
def test_lines_of_a_function_are_those_that_inspect_finds(f):
    lines, first = inspect.getsourcelines(f)
    (block,) = blocks_of([f.__code__])
    assert block.first == first and "\n".join(block.lines) == textwrap.dedent("".join(lines)).rstrip()
    inner = [code for code in f.__code__.co_consts if inspect.iscode(code)]
    assert all(blocks_of([code])[0].lines == block.lines for code in inner)


def test_a_function_without_source_gets_plain_names():
    space = {}
    exec("def f(x, y):\n    c = x * y\n    s = 2 * c\n    return s - c\n", space)
    graph = bl.trace(space["f"], 3, 5)
    assert list(graph.names) == ["x", "y", "v1", "2", "v2", "f"]
    assert graph.blocks == [] and [n.line for n in graph][2:] == [2, 3, 3, 4] and "v1" in str(graph)


def test_what_exec_runs_is_not_taken_for_the_lines_of_python_c(monkeypatch):
    import linecache

    text = "import backprop_lab\nexec(code)\nwrong = 1\n"  # as Python 3.13 keeps it
    monkeypatch.setitem(linecache.cache, "<string>", (len(text), None, text.splitlines(True), "<string>"))
    test_a_function_without_source_gets_plain_names()


def test_a_notebook_cell_that_is_run_again_with_the_same_file_name():
    import linecache

    def cell(source):
        linecache.cache["<cell 1>"] = (len(source), None, source.splitlines(True), "<cell 1>")
        space = {}
        exec(compile(source, "<cell 1>", "exec"), space)
        return space["f"]

    assert names(cell("def f(x):\n    a = x * x\n    return a\n"), 3) == ["x", "a"]
    assert names(cell("def f(x):\n    b = x * x\n    return b\n"), 3) == ["x", "b"]
    assert names(cell("def f(x):\n\n    a, c = 1, x * x\n    return c\n"), 3) == ["x", "c"]


def test_a_module_that_is_edited_and_loaded_again(tmp_path, monkeypatch):
    import importlib

    file = tmp_path / "edited_module.py"
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    file.write_text("def f(x):\n    first = x * x\n    return first\n")
    import edited_module

    assert names(edited_module.f, 3) == ["x", "first"]
    file.write_text("# a new line\n\ndef f(x):\n    second = x * x * x\n    return second\n")
    importlib.reload(edited_module)
    assert names(edited_module.f, 3) == ["x", "v1", "second"]
    assert bl.trace(edited_module.f, 3).blocks[0].lines[1].strip() == "second = x * x * x"


def test_functions_that_are_not_plain_functions():
    class Layer:
        w = 2.0

        def __call__(self, x):
            h = self.w * x
            return h

        def forward(self, x):
            out = self(x)
            return out

        @staticmethod
        def square(x):
            s = x * x
            return s

        @classmethod
        def scale(cls, x):
            k = cls.w * x
            return k

    @functools.wraps(plain)
    def wrapped(*args):
        return plain(*args)

    assert names(Layer(), 3) == ["x", "self.w", "h"]
    assert names(Layer().forward, 3) == ["x", "self.w", "h"]
    assert names(Layer.square, 3) == ["x", "s"]
    assert names(Layer.scale, 3) == ["x", "cls.w", "k"]
    assert names(functools.partial(plain, y=2), x=3)[0] == "x"
    assert names(functools.partial(plain, 3), 4)[0] == "y"
    assert names(wrapped, 3, 5) == ["x", "y", "c", "1", "s"]
    assert [b.name for b in bl.trace(Layer(), 3).blocks] == ["__call__"]
    assert repr(bl.trace(functools.partial(plain, 3), 4)).startswith("<Graph of plain")


def test_library_code_has_no_lines_of_its_own():
    """What a library's code computes stands at the student's line that called it."""
    import colorsys
    import statistics

    def f(r, g, b):
        y = colorsys.rgb_to_yiq(r, g, b)[0]
        return y

    graph = bl.trace(f, 0.1, 0.2, 0.3)
    line = f.__code__.co_firstlineno + 1
    assert {n.line for n in graph.nodes[3:]} == {line}
    assert [b.name for b in graph.blocks] == ["f"]
    assert names(bl.tanh, 3) == ["x", "tanh"]  # not the name of a variable of whoever called trace
    assert statistics is not None


def test_the_traced_function_is_the_labs_own():
    gradient, here = bl.trace(bl.grad(lambda x: x * x * x), 3), sys._getframe().f_lineno
    assert gradient.value == 27 and gradient["x"].op == "input"
    assert {n.line for n in gradient} == {None, here}  # the lambda's line; the reverse pass has none
    assert len(gradient) == 7  # no 0 + …, no 1 · …: the reverse pass records only what is computed


def test_constants_are_shared_by_place_or_by_name():
    def f(x):
        for _ in range(5):
            x = 2 * x + W
        return x * 2 + W

    ops = [n.name for n in bl.trace(f, 3) if n.op == "constant"]
    assert ops == ["2", "W", "2_2"]  # the 2 of the loop is one node; W is one variable; the other 2 stands elsewhere

    def changing(x):
        for k in (1, 2, 1):
            x = x * k
        return x

    assert [n.label for n in bl.trace(changing, 3) if n.op == "constant"] == ["k", "k_2"]
    assert len([n for n in bl.trace(lambda x: x * 0.0 + x * -0.0, 3.0) if n.op == "constant"]) == 2


def test_names_are_unique_whatever_the_student_calls_things():
    def f(s, s_2, v1):
        s = s * s_2
        s = s * v1
        s_3 = s + s
        s = s_3 * s
        return s * s

    found = names(f, 1, 2, 3)
    assert len(set(found)) == len(found)
    assert found[:3] == ["s", "s_2", "v1"]


def test_long_expressions_do_not_exhaust_the_stack():
    """A formula of a thousand terms on one line: Python's parser can, and so can the lab."""
    lines = "def f(x):\n    total = " + " + ".join(["x * 2"] * 1000) + "\n    return total\n"
    import linecache

    linecache.cache["<long>"] = (len(lines), None, lines.splitlines(True), "<long>")
    space = {}
    exec(compile(lines, "<long>", "exec"), space)
    graph = bl.trace(space["f"], 1.0)
    assert graph.value == 2000 and graph.names[-1] == "total"
    lines = lines.replace("x * 2", "x / 0")
    linecache.cache["<long>"] = (len(lines), None, lines.splitlines(True), "<long>")
    exec(compile(lines, "<long>", "exec"), space)
    with pytest.raises(bl.DomainError, match="line 2 of f"):
        bl.trace(space["f"], 1.0)


def test_deep_recursion_of_the_students_own():
    def down(x, n):
        return x if n == 0 else down(x * 1.01, n - 1)

    def f(x):
        y = down(x, 400)
        return y

    assert len(bl.trace(f, 1.0)) == 402
    with pytest.raises(RecursionError):
        bl.trace(lambda x: down(x, 100_000), 1.0)


def test_source_without_a_matching_file():
    """Whatever the file says by now, tracing works; names are found or they are v1, v2 …"""
    code = compile(
        textwrap.dedent("""
        def f(x):
            c = x * x
            return c + 1
    """),
        "/nowhere/at/all.py",
        "exec",
    )
    space = {}
    exec(code, space)
    assert names(space["f"], 3) == ["x", "v1", "1", "f"]
