"""The language of the table's texts: what is parsed is what is written, and nothing else in the package parses it."""

import ast
import inspect
import re
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import backprop_lab as bl
from backprop_lab.text import expression
from backprop_lab.text.expression import SUM, Python, Reading, calls_in, names_in, parse, renamed

PACKAGE = Path(bl.__file__).parent
TEXTS = sorted(
    {
        text
        for op in bl.primitives.values()
        for text in (op.text, *op.partials, *op.exact, *op.pulls, *op.pushes, op.inline)
        if text
    }
)


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_written_again_is_the_same_program(text):
    written, binds = Python({}).of(text)
    assert ast.dump(parse(written)) == ast.dump(parse(text)) == ast.dump(ast.parse(text, mode="eval").body)


leaves = st.sampled_from(["a", "b", "y", "2", "0.5", "1j", "f(a, b)", "exp(-y)"])
texts = st.recursive(
    leaves,
    lambda inner: st.builds(
        "({})".format,
        st.one_of(
            st.builds("({}) {} ({})".format, inner, st.sampled_from(["+", "-", "*", "/", "**", "@"]), inner),
            st.builds("-({})".format, inner),
            st.builds("f({}, {})".format, inner, inner),
            st.builds("({}) if 0.0 < ({}) <= n else ({})".format, inner, inner, inner),
        ),
    ),
)


@given(texts)
def test_brackets_stand_where_the_order_needs_them(text):
    assert ast.dump(ast.parse(Python({}).of(text)[0])) == ast.dump(ast.parse(text))


def test_other_names():
    assert renamed("-y / b", {"b": "divisor"}) == "-y / divisor"
    assert renamed("a - b * c", {"b": "a", "a": "b"}) == "b - a * c"
    assert Python({"x": ("a + b", SUM)}).of("x**2")[0] == "(a + b)**2"
    assert names_in("softmax(z, axis) * p - 1") == {"z", "axis", "p"}
    assert calls_in("-tanh(x / 2) * f(y, 1 if g(n) else 0)") == {"tanh", "f", "g"}


def test_the_example_in_the_docstring():
    code = inspect.getdoc(expression).split("    class Depth", 1)[1].split("    Depth()")[0]
    space = {"Reading": Reading}
    exec(textwrap.dedent("    class Depth" + code), space)
    assert space["Depth"]().of("1 / (2 * y)") == 2


@pytest.mark.parametrize("text", ["[a, b]", "a.b", "f(*a)", "f(a=1)", "a % b", "lambda: 1", "f(1)(2)"])
def test_what_is_not_in_the_language(text):
    with pytest.raises(ValueError, match="no notation for"):
        parse(text)


# Who reads Python: the student's (`source` and what explains errors), and the text of a whole program.
READERS = {
    *("text/expression", "compiled/branch", "compiled/quick", "compiled/writer", "drawing/folding/outline"),
    *("grading/needed", "site/plain_run"),  # cells that students wrote
}
FOLDERS = ("source/", "recording/", "exercises/", "bundling/", "notebook/")


def test_no_pattern_is_looked_for_in_the_tables_texts():
    reads = re.compile(
        r"(sub|match|search|split|findall|finditer)\(.*\bop\.(text|partials|exact|pulls|pushes|inline)\b"
    )
    assert not [line for p in PACKAGE.rglob("*.py") for line in p.read_text("utf-8").split("\n") if reads.search(line)]


def test_the_tables_texts_are_parsed_in_one_place():
    paths = {p.relative_to(PACKAGE).with_suffix("").as_posix(): p.read_text("utf-8") for p in PACKAGE.rglob("*.py")}
    found = {name for name, text in paths.items() if re.search(r"^(import|from) ast\b", text, re.M)}
    assert {name for name in found if not name.startswith(FOLDERS)} == READERS
