"""The language of the table's texts, `"-y / b"` or `"T(a) @ bar"`: a few kinds of node, parsed once, and one fold.

    names_in("-y / b")                              frozenset({"y", "b"})
    renamed("-y / b", {"b": "divisor"})             "-y / divisor"

Whoever makes something of a text (a formula, its cost, Python source, …) is a `Reading`: a class with a method for each
kind of node, which gets what was made of the node's operands and says what to make of the node. `of(text)` folds:

    class Depth(Reading[int]):
        name = number = lambda self, x: 0
        minus = lambda self, x: 1 + x
        binary = lambda self, sign, a, b: 1 + max(a, b)
        call = lambda self, function, args: 1 + max(args)

    Depth().of("1 / (2 * y)")                       2

`Python` writes source with brackets where they are needed:
derive from it to write some nodes in another way.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

__all__ = [
    "ATOM", "POWER", "PRODUCT", "SUM", "Binary", "Call", "Choice", "Code", "Comparison", "Expression", "Minus", "Name",
    "Number", "Python", "Reading", "Value", "calls_in", "fit", "fold", "is_polynomial", "names_in", "parse",
    "parts", "renamed",
]  # fmt: skip

CHOICE, SUM, PRODUCT, POWER, ATOM = range(5)  # how tightly the outermost operation of an expression binds


class Name(NamedTuple):
    """An operand, a setting, or what a rule has besides: `y`, `bar`, `dot`."""

    name: str


class Number(NamedTuple):
    """A literal: a number, or True, False or None among the settings of a call."""

    value: Any


class Minus(NamedTuple):
    """`-operand`."""

    operand: Expression


class Binary(NamedTuple):
    """`left sign right`; the sign is one of `+ - * / ** @`."""

    sign: str
    left: Expression
    right: Expression


class Call(NamedTuple):
    """`function(args)`: an entry of the table, or one of its rules' helpers."""

    function: str
    args: tuple[Expression, ...]


class Choice(NamedTuple):
    """`then if test else otherwise`."""

    then: Expression
    test: Expression
    otherwise: Expression


class Comparison(NamedTuple):
    """`-0.9 < t < 0.9`, in a test: the signs stand between the parts."""

    signs: tuple[str, ...]
    parts: tuple[Expression, ...]


Expression: TypeAlias = Name | Number | Minus | Binary | Call | Choice | Comparison

_SIGNS: Mapping[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """The expression that a text states. Raises a ValueError for what is not in the language."""
    return _from(ast.parse(text, mode="eval").body)


def _from(node: ast.expr) -> Expression:
    match node:
        case ast.Name(id=name):
            return Name(name)
        case ast.Constant(value=value):
            return Number(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Minus(_from(operand))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _SIGNS:
            return Binary(_SIGNS[type(sign)], _from(left), _from(right))
        case ast.Call(func=ast.Name(id=function), args=args, keywords=[]):
            return Call(function, tuple(map(_from, args)))
        case ast.IfExp(body=then, test=test, orelse=otherwise):
            return Choice(_from(then), _from(test), _from(otherwise))
        case ast.Compare(left=left, ops=signs, comparators=others):
            return Comparison(tuple(_SIGNS[type(sign)] for sign in signs), tuple(map(_from, (left, *others))))
    raise ValueError(f"there is no notation for {ast.unparse(node)} in the table's texts")


T = TypeVar("T")


class Reading(Generic[T]):
    """What becomes of each kind of node, given what became of its operands."""

    name: Callable[[str], T]
    number: Callable[[Any], T]
    minus: Callable[[T], T]
    binary: Callable[[str, T, T], T]  # the sign first
    call: Callable[[str, Sequence[T]], T]
    choice: Callable[[T, T, T], T]  # then, test, otherwise; all three are read
    comparison: Callable[[Sequence[str], Sequence[T]], T]  # the signs first

    def of(self, text: str) -> T:
        """What becomes of a text."""
        return fold(parse(text), self)


def fold(node: Expression, reading: Reading[T]) -> T:
    """What a reading makes of an expression, from the leaves up."""
    match node:
        case Name(name):
            return reading.name(name)
        case Number(value):
            return reading.number(value)
        case Binary(sign, left, right):
            return reading.binary(sign, fold(left, reading), fold(right, reading))
        case Call(function, args):
            return reading.call(function, [fold(x, reading) for x in args])
        case Minus(operand):
            return reading.minus(fold(operand, reading))
        case Choice(then, test, otherwise):
            return reading.choice(fold(then, reading), fold(test, reading), fold(otherwise, reading))
        case Comparison(signs, parts):
            return reading.comparison(signs, [fold(x, reading) for x in parts])


def parts(node: Expression) -> Iterator[Expression]:
    """The expression and all that it is made of."""
    yield node
    for field in node:
        for x in field if isinstance(field, tuple) and not hasattr(field, "_fields") else (field,):
            if isinstance(x, Expression):
                yield from parts(x)


@lru_cache(maxsize=4096)
def names_in(text: str) -> frozenset[str]:
    """The names of operands, settings and what else a text mentions, without those of functions."""
    return frozenset(x.name for x in parts(parse(text)) if isinstance(x, Name))


@lru_cache(maxsize=4096)
def calls_in(text: str) -> frozenset[str]:
    """The names of the functions that a text calls."""
    return frozenset(x.function for x in parts(parse(text)) if isinstance(x, Call))


@lru_cache(maxsize=4096)
def is_polynomial(text: str) -> bool:
    """Whether a text is made of sums, products and whole powers alone."""
    return all(
        x.sign in "+-*" or (x.sign == "**" and isinstance(x.right, Number))
        if isinstance(x, Binary)
        else isinstance(x, Name | Number | Minus)
        for x in parts(parse(text))
    )


class Value(Reading[Any]):
    """What an expression is worth, given its numbers and functions by name."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names = names

    def name(self, key: str) -> Any:
        return self.names[key]

    def number(self, value: Any) -> Any:
        return value

    def minus(self, operand: Any) -> Any:
        return -operand

    def binary(self, sign: str, left: Any, right: Any) -> Any:
        return _OPERATORS[sign](left, right)

    def call(self, function: str, args: Sequence[Any]) -> Any:
        return self.names[function](*args)

    def choice(self, then: Any, test: Any, otherwise: Any) -> Any:
        return then if test else otherwise


_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
    "@": operator.matmul,
}  # fmt: skip


Code: TypeAlias = tuple[str, int]  # Python source, and how tightly its outermost operation binds


def fit(code: Code, least: int) -> str:
    """The source, in brackets if it binds less tightly than its place needs."""
    return code[0] if code[1] >= least else f"({code[0]})"


class Python(Reading[Code]):
    """Python source, computed in the order in which the text is: brackets on the right also for a + (b + c)."""

    def __init__(self, names: Mapping[str, Code]) -> None:
        self.names = names

    def name(self, key: str) -> Code:
        return self.names.get(key) or (key, ATOM)

    def number(self, value: Any) -> Code:
        return repr(value), ATOM

    def minus(self, operand: Code) -> Code:
        return f"-{fit(operand, POWER)}", PRODUCT

    def binary(self, sign: str, left: Code, right: Code) -> Code:
        """Two operands around a sign, each in brackets if it binds less tightly."""
        if sign == "**":
            return f"{fit(left, ATOM)}**{fit(right, ATOM)}", POWER
        binds = SUM if sign in "+-" else PRODUCT
        return f"{fit(left, binds)} {sign} {fit(right, binds + 1)}", binds

    def call(self, function: str, args: Sequence[Code]) -> Code:
        return f"{function}({', '.join(code for code, _ in args)})", ATOM

    def choice(self, then: Code, test: Code, otherwise: Code) -> Code:
        return f"{fit(then, SUM)} if {fit(test, SUM)} else {otherwise[0]}", CHOICE

    def comparison(self, signs: Sequence[str], parts: Sequence[Code]) -> Code:
        first, *others = (fit(code, SUM) for code in parts)
        return " ".join([first, *(f"{sign} {x}" for sign, x in zip(signs, others, strict=True))]), SUM


def renamed(text: str, names: Mapping[str, str]) -> str:
    """The text with other names in it."""
    return Python({old: (new, ATOM) for old, new in names.items()}).of(text)[0]
