"""Write numbers, names and expressions for people: plain text, MathML and LaTeX from one expression text.

    >>> render("1 / (2 * y)", PLAIN, {"y": name("v1", PLAIN)})
    '1 / (2 · v1)'
    >>> render("-y / b", LATEX)
    '-\\\\frac{y}{b}'

The table of primitives states values and partials as Python expressions; this module turns them into formulas with
the student's names or with this step's numbers in the operands' places.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from . import slots
from .expression import ATOM, POWER, PRODUCT, SUM, Reading

NUMBERED = re.compile(r"([^\W\d_]|\w*[^\W\d_](?=_))_?(\d+)")  # a name whose number is read as a subscript: v1, tau_2
OWN_RULES = {"custom_pull": "pullback", "custom_push": "pushforward"}  # of bl.custom: what its documentation calls them


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


class Token(NamedTuple):
    """A finished piece of a formula and how tightly it binds, which decides about brackets around it."""

    text: str
    binds: int = ATOM
    negative: bool | str = False  # whether it begins with a minus sign; in a template, the slot that says so
    negated: Token | None = None  # of a minus sign's token, what stands behind the sign


@lru_cache(maxsize=4096)
def _read(text: str) -> str:
    """A text without the marks of single letters, numbers and signs: a constant's name may be its number, a minus
    sign may stand alone."""
    return re.sub(r"</?m(i|n|o|row)\b[^>]*>", "", text) if "<" in text else text


DIGITS = 5  # of a number wherever it stands: in a cell, on an edge, in formulas, tables and sentences


def number(x: Any, digits: int = DIGITS) -> str:
    """A number as a person writes it: `14`, `−0.98999`, `4.54e−05`, `inf`.

    `digits` counts significant digits; `shorter` is for places that are too narrow for all of them. Whole numbers lose
    their `.0`, and below a million none of their digits; the minus sign is a real one. Of an array, the numbers if they
    are few, else the shape: `[1, 2.5]`, `3×4 numbers`.
    """
    if x.__class__ is float:
        return _float(x, digits)
    if slots.is_named(x):
        return slots.slot(slots.named(x))
    if isinstance(x, np.ndarray):
        if x.size <= (4 if x.ndim == 1 else 6) and x.ndim <= 2:
            return f"[{', '.join(shorter(part, min(digits, 4)) for part in x)}]"
        return f"{'×'.join(map(str, x.shape))} number{'s' * (x.size != 1)}"
    if isinstance(x, complex):
        sign = "−" if math.copysign(1.0, x.imag) < 0 else "+"
        return f"{number(x.real, digits)} {sign} {number(abs(x.imag), digits)}i"
    try:
        return _float(float(x), digits)
    except (TypeError, ValueError):
        return str(x)


@lru_cache(maxsize=4096)
def _float(x: float, digits: int) -> str:
    if x == 0:
        return "0"
    if x.is_integer() and abs(x) < 10 ** max(digits, 6):
        text = str(int(x))
    else:
        text = f"{x:.{digits}g}"
    return text.replace("-", "−")


def shorter(x: Any, digits: int) -> str:
    """A number where there is room for so many digits, and for one less beside a power of ten: `0.333`, `1.2e+04`.

    An entry of a matrix or of a list, a small cell of a folded graph. The page shortens by the same rule (`shorter` in
    parts.js) what grows too long for its cell when an input moves: by one digit after another.
    """
    text = number(x, digits)
    return number(x, digits - 1) if "e" in text and digits > 1 and isinstance(x, float | int) else text


class Target(NamedTuple):
    """One way to write mathematics down; `kind` is "plain", "mathml" or "latex"; `flat` has no tall fractions.

    With `slots`, what is written is a template: numbers that may change are slots (`text/slots.py`).
    """

    kind: str
    flat: bool = False
    slots: bool = False

    def figure(self, x: Any, name: str) -> Token:
        """A number that changes with the inputs, as a token; `name` is its slot's."""
        if not self.slots:
            return num(x, self)
        text, binds = slots.slot(name), SUM if isinstance(x, complex) else ATOM
        return Token(f"<mn>{text}</mn>" if self.kind == "mathml" else text, binds, name)

    def equal(self, tokens: Sequence[Token], sign: str = "=") -> str:
        """Tokens that are equal, with the sign between them; of those in a row that read the same, only the last."""
        if self.slots and len(tokens) > 1 and any(slots.OPEN in t.text for t in tokens):
            return slots.distinct(self.op(sign), [t.text for t in tokens])
        shown: list[str] = []
        for token in tokens:
            if shown and _read(token.text) == _read(shown[-1]):
                shown.pop()
            shown.append(token.text)
        return self.op(sign).join(shown)

    def keyed(self, token: Token, key: str) -> Token:
        """The token of a number, or of a letter that stands for one, with the number's key in the picture.

        `p3` is a value, `a3` an adjoint or tangent, `w4_0` a local partial. Only MathML, for the page, says so.
        """
        if self.kind != "mathml":
            return token
        tag, rest = token.text.split(">", 1)
        return Token(f'{tag} k="{key}">{rest}', token.binds, token.negative, token.negated)

    def op(self, sign: str) -> str:
        """An infix sign with its spacing."""
        if self.kind == "mathml":
            return f"<mo>{_escape(sign)}</mo>" if sign else '<mspace width="0.2em"/>'
        if self.kind == "latex":
            known = {"·": r" \cdot ", "⊙": r" \odot ", "−": " - ", "+=": r" \mathrel{+}= ", "": r"\,"}
            return known.get(sign, f" {sign} ")
        return f" {sign} " if sign else " "

    def bracket(self, token: Token) -> str:
        """The token in brackets."""
        if self.kind == "mathml":
            return f"<mrow>{self._between(token.text)}</mrow>"
        return rf"\left({token.text}\right)" if self.kind == "latex" else f"({token.text})"

    def guarded(self, token: Token) -> str:
        """The token, in brackets if it begins with a minus sign."""
        if not isinstance(token.negative, str):
            return self.bracket(token) if token.negative else token.text
        left, right = self.bracket(Token(slots.NEXT)).split(slots.NEXT)
        return slots.either(f"-{token.negative}", left) + token.text + slots.either(f"-{token.negative}", right)

    def _between(self, text: str) -> str:
        tag = "mi" if self.flat else "mo"  # what is no operator does not grow higher than its line
        return f"<{tag}>(</{tag}>{text}<{tag}>)</{tag}>"

    def minus(self, token: Token) -> str:
        return {"mathml": "<mo>−</mo>", "latex": "-"}.get(self.kind, "−") + token.text

    def derivative(self, of: Token, by: Token) -> Token:
        """The derivative of one by the other in one line, as a symbol without keys of its own."""
        if self.kind != "mathml":
            return Token(f"∂{of.text}/∂{by.text}", POWER)
        text = re.sub(' k="[^"]*"', "", f"<mi>∂</mi>{of.text}<mi>/</mi><mi>∂</mi>{by.text}")
        return Token(f"<mrow>{text}</mrow>", POWER)

    def ratio(self, top: Token, bottom: Token) -> Token:
        """A fraction, or a quotient in one line."""
        if self.kind == "mathml" and not self.flat:
            return Token(f"<mfrac><mrow>{top.text}</mrow><mrow>{bottom.text}</mrow></mfrac>", ATOM)
        if self.kind == "latex":
            return Token(rf"\frac{{{top.text}}}{{{bottom.text}}}", ATOM)
        left, right = self.fit(top, PRODUCT), self.fit(bottom, POWER, True)
        return Token(left + self.op("/") + right, PRODUCT, top.negative)

    def power(self, base: Token, exponent: Token) -> Token:
        """A power."""
        below = self.fit(base, ATOM, True)
        if self.kind == "mathml":
            return Token(f"<msup><mrow>{below}</mrow><mrow>{exponent.text}</mrow></msup>", POWER)
        if self.kind == "latex":
            return Token(f"{{{below}}}^{{{exponent.text}}}", POWER)
        if re.fullmatch(r"−?\d+", exponent.text):
            return Token(below + exponent.text.translate(SUPERSCRIPT), POWER)
        if self.slots and exponent.text == slots.slot(str(exponent.negative)):
            return Token(below + slots.raised(str(exponent.negative)), POWER)
        return Token(f"{below}^{self.fit(exponent, ATOM, True)}", POWER)

    def call(self, function: str, operands: list[Token]) -> Token:
        """A function applied to its operands; a few have notation of their own."""
        if function in OWN_RULES:  # the operands and the rule itself would say nothing more
            function, operands = OWN_RULES[function], operands[:1]
        if function == "index":
            return Token(operands[0].text + self.indexed(operands[1]))
        if function == "T":
            return self.transposed(operands[0])
        if function == "outer":  # a column times a row
            return self.infix("", operands[0], self.transposed(operands[1]), PRODUCT)
        inner = self._commas(operands)
        if function == "abs":
            bars = "<mo>|</mo>" if self.kind == "mathml" else "|"
            return Token(f"{bars}{inner}{bars}")
        if function == "sqrt" and self.kind != "plain":
            return Token(f"<msqrt>{inner}</msqrt>" if self.kind == "mathml" else rf"\sqrt{{{inner}}}")
        if function == "exp" and self.kind != "plain":
            return self.power(Token("<mi>e</mi>" if self.kind == "mathml" else "e"), operands[0])
        shown = NOTATION.get(function, function)
        if self.kind == "mathml":
            return Token(f"<mi>{shown}</mi><mo>&#x2061;</mo><mrow>{self._between(inner)}</mrow>")
        if self.kind == "latex":
            plain = "sigma" if shown == "σ" else shown if shown in LATEX_FUNCTIONS else rf"operatorname{{{shown}}}"
            return Token(rf"\{plain}\left({inner}\right)")
        return Token(f"{shown}({inner})")

    def transposed(self, token: Token) -> Token:
        """The token with a transpose's sign."""
        if self.kind == "plain":
            whole = token.text if token.binds == ATOM and not token.negative else self.bracket(token)
            return Token(f"{whole}ᵀ", POWER)
        return self.power(token, name("⊤" if self.kind == "mathml" else "T", self))

    def _commas(self, operands: list[Token]) -> str:
        comma = "<mo>,</mo>" if self.kind == "mathml" else ", "
        return comma.join(t.text for t in operands if t.text)  # a setting at its default has none

    def indexed(self, key: Token) -> str:
        return f"<mo>[</mo>{key.text}<mo>]</mo>" if self.kind == "mathml" else f"[{key.text}]"

    def fit(self, token: Token, least: int, unsigned: bool = False) -> str:
        """The token, in brackets if it binds less, or if no minus sign may stand there."""
        if token.binds < least:
            return self.bracket(token)
        return self.guarded(token) if unsigned else token.text

    def infix(self, sign: str, left: Token, right: Token, binds: int) -> Token:
        """Two operands around a sign, bracketed where precedence or a leading minus asks for it."""
        a, b = self.fit(left, binds), self.fit(right, binds + 1 if sign == "−" else binds, True)
        return Token(a + self.op(sign) + b, binds, left.negative)


PLAIN, MATHML, LATEX = Target("plain"), Target("mathml"), Target("latex")
INLINE = Target("mathml", flat=True)
TEMPLATE = {target: target._replace(slots=True) for target in (PLAIN, MATHML, INLINE)}
SUPERSCRIPT = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
NOTATION: dict[str, str] = {}  # functions that have another name in formulas than in code: the table says which
LATEX_FUNCTIONS = set("sin cos tan sinh cosh tanh arcsin arccos arctan exp log max min".split())


def num(x: Any, target: Target) -> Token:
    """A number as a token of a formula."""
    if isinstance(x, tuple | slice | type(...)) or x is None:
        return name(_key(x), target)
    text, binds = number(x), SUM if isinstance(x, complex) else ATOM
    negative = x.name if isinstance(x, slots.Named) else text.startswith("−")
    if target.kind == "mathml":
        return Token(f"<mn>{text}</mn>", binds, negative)
    return Token(_latex_number(text) if target.kind == "latex" else text, binds, negative)


def _key(x: Any) -> str:
    """A shape or an index as it is written: `(3, 4)`, `1:, 0`."""
    if isinstance(x, slice):
        start, stop, step = ("" if part is None else str(part) for part in (x.start, x.stop, x.step))
        return f"{start}:{stop}" + (f":{step}" if step else "")
    if isinstance(x, tuple):
        return ", ".join(map(_key, x))
    return "…" if x is ... else "None" if x is None else number(x)


def _latex_number(text: str) -> str:
    text = text.replace("−", "-").replace("inf", r"\infty")
    return re.sub(r"e([+-]?)0*(\d+)$", lambda m: rf" \times 10^{{{m[1].replace('+', '')}{m[2]}}}", text)


def in_words(things: Sequence[str]) -> str:
    """Things in a sentence: `x, y and z`."""
    return " and ".join(filter(None, (", ".join(things[:-1]), *things[-1:])))


def listed(tokens: list[Token], target: Target) -> Token:
    """Several operands as one: `[a, b, c]`, or only the first ones if there are many."""
    shown = tokens if len(tokens) <= 4 else [*tokens[:2], name("…", target), tokens[-1]]
    comma = "<mo>,</mo>" if target.kind == "mathml" else ", "
    text = comma.join(t.text for t in shown)
    return Token(f"<mrow><mo>[</mo>{text}<mo>]</mo></mrow>" if target.kind == "mathml" else f"[{text}]")


@lru_cache(maxsize=4096)
def name(text: str, target: Target) -> Token:
    """A student's name as a token: escaped, never markup. In MathML the 1 of v1 is a subscript."""
    if target.kind == "mathml":
        if numbered := NUMBERED.fullmatch(text):
            return Token(f"<msub><mi>{numbered[1]}</mi><mn>{numbered[2]}</mn></msub>")
        return Token(f"<mi>{_escape(text)}</mi>")
    if target.kind == "latex":
        return Token(_latex_name(text))
    return Token(text)


def _latex_name(text: str) -> str:
    if re.fullmatch(r"−?\d[\d.]*(e[+−]?\d+)?", text):  # a constant's name may be its number
        return _latex_number(text)
    if numbered := NUMBERED.fullmatch(text):
        return f"{_latex_name(numbered[1])}_{{{numbered[2]}}}"
    text = " ".join(text.split())  # an empty line would end the formula
    text = re.sub(r"([\\{}$&#%_^~])", lambda m: rf"\{m[1]}" if m[1] in "{}$&#%_" else rf"\char`\{m[1]}", text)
    text = text.replace("\\char`\\\\", r"\backslash ")  # TeX's letters have a quotation mark at its place
    return text if len(text) == 1 else rf"\mathrm{{{text}}}"


@lru_cache(maxsize=4096)
def adjoint(text: str, target: Target) -> Token:
    """The name with a bar: the derivative of the output with respect to this node."""
    if target.kind == "mathml":
        # The page rules a line over the whole name: an accent does not stretch without a mathematical font.
        return Token(re.sub(r"^<\w+", r'\g<0> class="bl-over"', name(text, target).text))
    if target.kind == "latex":
        return Token(_latex_marked(text, "bar", "overline"))
    return Token(_marked(text, "\u0304", "\u0305"))


@lru_cache(maxsize=4096)
def tangent(text: str, target: Target) -> Token:
    """The name with a dot: the derivative of this node with respect to the chosen input."""
    if target.kind == "mathml":
        base, low = _numbered(text)  # the dot of v1 stands on the letter
        dotted = f'<mover accent="true"><mi>{_escape(base)}</mi><mo>˙</mo></mover>'
        return Token(f"<msub>{dotted}<mn>{low}</mn></msub>" if low else dotted)
    if target.kind == "latex":
        return Token(_latex_marked(text, "dot", "dot"))
    return Token(_marked(text, "\u0307", "\u0307"))


def _numbered(text: str) -> tuple[str, str]:
    """A name without the number that is read as its subscript, and the number: `v` and `1`, `tau` and `2`."""
    found = NUMBERED.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


def _latex_marked(text: str, short: str, long: str) -> str:
    """A name with a mark on it, not on its subscript; `short` is the mark of one letter."""
    base, low = _numbered(text)
    return rf"\{short if len(base) == 1 else long}{{{_latex_name(base)}}}" + (f"_{{{low}}}" if low else "")


def _marked(text: str, single: str, each: str) -> str:
    """Put a combining mark on a name: on the letter of x, v1; on every character of a longer word, not on its number.

    Fonts set a mark on a digit beside it, so a constant's number gets a word: `adj(2)`.
    """
    if not text[:1].isalpha():
        return f"adj({text})" if single == "\u0304" else f"tan({text})"
    if len(text) == 1 or re.fullmatch(r"[^\W\d_][\d_]*", text):
        return text[0] + single + text[1:]
    base, _ = _numbered(text)
    return "".join(c + each for c in base) + text[len(base) :]


@lru_cache(maxsize=4096)
def partial(of: str, to: str, target: Target) -> Token:
    """The local partial of one node with respect to another, as a symbol."""
    top, bottom = name(of, target), name(to, target)
    if target.kind == "mathml":
        return Token(f"<mfrac><mrow><mo>∂</mo>{top.text}</mrow><mrow><mo>∂</mo>{bottom.text}</mrow></mfrac>")
    if target.kind == "latex":
        return Token(rf"\frac{{\partial {top.text}}}{{\partial {bottom.text}}}")
    return Token(f"∂{top.text}/∂{bottom.text}", POWER)


class _Formula(Reading[Token]):
    """Writes an expression in a target, with tokens in place of names; names without a token stay as they are."""

    def __init__(self, target: Target, operands: Mapping[str, Token]) -> None:
        self.target, self.operands = target, operands

    def name(self, key: str) -> Token:
        return self.operands.get(key) or name(key, self.target)

    def number(self, value: Any) -> Token:
        # True in the table's texts is a setting: a bare 1 would be read as an axis.
        return name(f"keepdims={value}", self.target) if isinstance(value, bool) else num(value, self.target)

    def minus(self, operand: Token) -> Token:
        shown = Token(self.target.fit(operand, PRODUCT, True))
        return Token(self.target.minus(shown), PRODUCT, True, operand)

    def binary(self, sign: str, left: Token, right: Token) -> Token:
        if sign == "/" and left.negated is not None:  # the sign stands before the fraction
            return self.minus(self.target.ratio(left.negated, right))
        if sign in _INFIX:
            return self.target.infix(_INFIX[sign], left, right, SUM if sign in "+-" else PRODUCT)
        return self.target.ratio(left, right) if sign == "/" else self.target.power(left, right)

    def call(self, function: str, args: Sequence[Token]) -> Token:
        return self.target.call(function, list(args))

    def choice(self, then: Token, test: Token, otherwise: Token) -> Token:
        return then  # "n * x**(n-1) if n else 0": the exception at n = 0 is not worth a formula


_INFIX = {"+": "+", "-": "−", "*": "·", "@": "@"}


def token_of(text: str, target: Target, operands: Mapping[str, Token] | None = None) -> Token:
    """As `render`, but a token that can go into a larger formula."""
    tokens = (operands or {}).values()
    reads = target.kind == "latex" or target.kind == "plain" and "**" in text  # a power looks at its exponent's letters
    if reads or any(not t.text or t.negated is not None for t in tokens):
        return _Formula(target, operands or {}).of(text)
    shapes = tuple((key, t.binds, t.negative) for key, t in (operands or {}).items())
    return _filled(_template(text, target, shapes), dict(enumerate((t.text for t in tokens), HOLE)))


HOLE = 0xE000  # in a template, the first of the signs that stand for operands; no font has them


@lru_cache(maxsize=4096)
def _template(text: str, target: Target, shapes: tuple[tuple[str, int, bool | str], ...]) -> Token:
    """A text in a target for all operands that bind alike: what it looks like depends on nothing else of them."""
    holes = {key: Token(chr(HOLE + k), binds, negative) for k, (key, binds, negative) in enumerate(shapes)}
    return _Formula(target, holes).of(text)


def _filled(template: Token, texts: dict[int, str]) -> Token:
    negated = template.negated and _filled(template.negated, texts)
    return Token(template.text.translate(texts), template.binds, template.negative, negated)


def render(text: str, target: Target, operands: Mapping[str, Token] | None = None) -> str:
    """Write an expression text in a target, with the given tokens in place of its names.

    Names without a token stay as they are. Source of the notation: ordinary mathematical typesetting.
    """
    return token_of(text, target, operands).text
