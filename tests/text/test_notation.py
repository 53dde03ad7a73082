"""Numbers, names and formulas as people write them, in three notations."""

import math
import re
import xml.etree.ElementTree as ElementTree

import pytest

from backprop_lab.table.table import primitives
from backprop_lab.text.notation import LATEX, MATHML, PLAIN, adjoint, name, num, number, partial, render, tangent

NUMBERS = [
    (14.0, "14"),
    (-4.0, "−4"),
    (0.0, "0"),
    (-0.0, "0"),
    (0.1 + 0.2, "0.3"),
    (-0.98999249, "−0.98999"),
    (4.54e-05, "4.54e−05"),
    (2.688e43, "2.688e+43"),
    (math.inf, "inf"),
    (-math.inf, "−inf"),
    (math.nan, "nan"),
    (1e6, "1e+06"),
    (123456.0, "123456"),
    (3, "3"),
    (3 - 4j, "3 − 4i"),
    (True, "1"),
]


@pytest.mark.parametrize(("x", "text"), NUMBERS, ids=[text for _, text in NUMBERS])
def test_number(x, text):
    assert number(x) == text


RENDERED = [
    ("a * b", "a · b", r"a \cdot b"),
    ("(a + b) * c", "(a + b) · c", r"\left(a + b\right) \cdot c"),
    ("a - (b - c)", "a − (b − c)", r"a - \left(b - c\right)"),
    ("a - (b + c)", "a − (b + c)", r"a - \left(b + c\right)"),
    ("a - b - c", "a − b − c", "a - b - c"),
    ("-a", "−a", "-a"),
    ("-(a + b)", "−(a + b)", r"-\left(a + b\right)"),
    ("-y / b", "−y / b", r"-\frac{y}{b}"),
    ("1 / (2 * y)", "1 / (2 · y)", r"\frac{1}{2 \cdot y}"),
    ("a / b / c", "a / b / c", r"\frac{\frac{a}{b}}{c}"),
    ("x**2", "x²", "{x}^{2}"),
    ("x**-1", "x⁻¹", "{x}^{-1}"),
    ("(-x)**2", "(−x)²", r"{\left(-x\right)}^{2}"),
    ("(x**2)**3", "(x²)³", r"{\left({x}^{2}\right)}^{3}"),
    ("(a + b)**n", "(a + b)^n", r"{\left(a + b\right)}^{n}"),
    ("exp(x)", "exp(x)", "{e}^{x}"),
    ("sqrt(x)", "sqrt(x)", r"\sqrt{x}"),
    ("abs(x)", "|x|", "|x|"),
    ("sigmoid(x)", "σ(x)", r"\sigma\left(x\right)"),
    ("maximum(a, b)", "max(a, b)", r"\max\left(a, b\right)"),
    ("cbrt(x)", "cbrt(x)", r"\operatorname{cbrt}\left(x\right)"),
]


@pytest.mark.parametrize(("text", "plain", "latex"), RENDERED, ids=[text for text, _, _ in RENDERED])
def test_render(text, plain, latex):
    assert render(text, PLAIN) == plain
    assert render(text, LATEX) == latex
    ElementTree.fromstring(f"<math>{render(text, MATHML)}</math>")


def test_numbers_in_formulas_are_bracketed_where_they_are_negative():
    minus = {"a": num(-2.0, PLAIN), "b": num(-3.0, PLAIN)}
    assert render("a * b", PLAIN, minus) == "−2 · (−3)"
    assert render("a + b", PLAIN, minus) == "−2 + (−3)"
    assert render("a - b", PLAIN, minus) == "−2 − (−3)"
    assert render("a**b", PLAIN, minus) == "(−2)⁻³"
    assert render("-a", PLAIN, minus) == "−(−2)"
    assert render("a / b", PLAIN, minus) == "−2 / (−3)"
    assert render("a**b", PLAIN, {"b": num(-0.5, PLAIN)}) == "a^(−0.5)"


@pytest.mark.parametrize("op", primitives.values(), ids=lambda op: op.name)
def test_every_text_of_the_table_is_well_formed_in_mathml(op):
    for text in (op.text, *op.partials):
        ElementTree.fromstring(f"<math>{render(text, MATHML)}</math>")
        assert "*" not in render(text, PLAIN)


HOSTILE = ["<script>alert(1)</script>", 'a&b"', "{x}_^\\", "w[0]", "self.w", "日本", "α", "x" * 200, "%#$~"]


@pytest.mark.parametrize("text", HOSTILE)
def test_names_are_never_markup(text):
    for make in (name, adjoint, tangent):
        root = ElementTree.fromstring(f"<math>{make(text, MATHML).text}</math>")
        assert "".join(root.itertext()).replace("˙", "") == text
    root = ElementTree.fromstring(f"<math>{partial(text, text, MATHML).text}</math>")
    assert "".join(root.itertext()).replace("∂", "") == 2 * text
    latex = re.sub(r"\\char`\\.|\\[{}$&#%_]", "", name(text, LATEX).text)  # what is escaped is not markup
    latex = re.sub(r"_\{\d+\}$", "", latex)  # nor is the number of v1
    assert latex.count("{") == latex.count("}") and not re.search(r"[$&#%_^~]", latex)


def test_bars_and_dots():
    assert adjoint("x", PLAIN).text == "x\u0304" and tangent("x", PLAIN).text == "x\u0307"
    assert adjoint("v12", PLAIN).text == "v\u030412"
    assert adjoint("loss", PLAIN).text == "l\u0305o\u0305s\u0305s\u0305"
    assert adjoint("x", LATEX).text == r"\bar{x}" and adjoint("loss", LATEX).text == r"\overline{\mathrm{loss}}"
    assert adjoint("tau_2", PLAIN).text == "t\u0305a\u0305u\u0305_2" and adjoint("a_2", LATEX).text == r"\bar{a}_{2}"
    assert tangent("tau_2", LATEX).text == r"\dot{\mathrm{tau}}_{2}" and name("v1", LATEX).text == "v_{1}"
    assert name("a_2", MATHML).text == "<msub><mi>a</mi><mn>2</mn></msub>" and "msub" not in name("x1_2", MATHML).text
    assert partial("z", "x", LATEX).text == r"\frac{\partial z}{\partial x}"


def test_numbers_in_latex():
    assert num(4.54e-05, LATEX).text == r"4.54 \times 10^{-5}"
    assert num(-math.inf, LATEX).text == r"-\infty"


def test_what_has_no_notation_says_so():
    with pytest.raises(ValueError, match="no notation for"):
        render("[a, b]", PLAIN)
