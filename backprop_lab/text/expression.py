"""The language of the table's texts, `"-y / b"` or `"T(a) @ bar"`: nodes of `ast`, parsed once, and one fold.

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

`Python` writes source with brackets where they are needed: derive from it to write some nodes in another way.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeAlias, TypeVar

CHOICE, SUM, PRODUCT, POWER, ATOM = range(5)  # how tightly the outermost operation of an expression binds
_SIGNS: dict[type[ast.AST], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_SIGNS |= {ast.MatMult: "@", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_NODES = (ast.Name, ast.Load, ast.Constant, ast.USub, ast.UnaryOp, ast.BinOp, ast.Call, ast.IfExp, ast.Compare)
_LANGUAGE = (*_NODES, *_SIGNS)


@lru_cache(maxsize=4096)
def parse(text: str) -> ast.expr:
    """The expression that a text states. Raises a ValueError for what is not in the language."""
    root = ast.parse(text, mode="eval").body
    for node in ast.walk(root):
        if not isinstance(node, _LANGUAGE) or isinstance(node, ast.Call) and not isinstance(node.func, ast.Name):
            raise ValueError(f"there is no notation for {text} in the table's texts")
    return root


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


def fold(node: ast.expr, reading: Reading[T]) -> T:
    """What a reading makes of an expression, from the leaves up."""
    if isinstance(node, ast.Name):  # the frequent ones first: programs are written of many
        return reading.name(node.id)
    if isinstance(node, ast.BinOp):
        return reading.binary(_SIGNS[type(node.op)], fold(node.left, reading), fold(node.right, reading))
    match node:
        case ast.Constant(value):
            return reading.number(value)
        case ast.Call(ast.Name(function), args):
            return reading.call(function, [fold(x, reading) for x in args])
        case ast.UnaryOp(_, operand):
            return reading.minus(fold(operand, reading))
        case ast.IfExp(test, then, otherwise):
            return reading.choice(fold(then, reading), fold(test, reading), fold(otherwise, reading))
        case ast.Compare(first, signs, others):
            return reading.comparison([_SIGNS[type(x)] for x in signs], [fold(x, reading) for x in (first, *others)])
    raise AssertionError(node)  # `parse` lets nothing else through


def outermost(text: str) -> str:
    """The sign, or the function, that comes last when a text is computed: `*`, `tanh`; nothing for a name."""
    match parse(text):
        case ast.BinOp(_, sign, _):
            return _SIGNS[type(sign)]
        case ast.Call(ast.Name(function)):
            return function
    return ""


@lru_cache(maxsize=4096)
def names_in(text: str) -> frozenset[str]:
    """The names of operands, settings and what else a text mentions, without those of functions."""
    nodes = list(ast.walk(parse(text)))
    functions = [x.func for x in nodes if isinstance(x, ast.Call)]
    return frozenset(x.id for x in nodes if isinstance(x, ast.Name) and x not in functions)


@lru_cache(maxsize=4096)
def calls_in(text: str) -> frozenset[str]:
    """The names of the functions that a text calls."""
    return frozenset(ast.unparse(x.func) for x in ast.walk(parse(text)) if isinstance(x, ast.Call))


def is_polynomial(text: str) -> bool:
    """Whether a text is made of sums, products and whole powers alone."""
    nodes = list(ast.walk(parse(text)))
    exponents = [x.right for x in nodes if isinstance(x, ast.BinOp) and isinstance(x.op, ast.Pow)]
    others = ast.Div | ast.MatMult | ast.Call | ast.IfExp
    return all(isinstance(x, ast.Constant) for x in exponents) and not any(isinstance(x, others) for x in nodes)


def operations(root: ast.AST, apart: Sequence[str] = ()) -> Iterator[str]:
    """The sign or the function of each operation; not of those on literals and on names in `apart` alone."""
    for node in ast.walk(root):
        match node:
            case ast.Call():
                yield ast.unparse(node.func)
            case ast.BinOp(_, sign, _) if any(isinstance(x, ast.Name) and x.id not in apart for x in ast.walk(node)):
                yield _SIGNS[type(sign)]


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


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_OPERATORS |= {"/": operator.truediv, "**": operator.pow, "@": operator.matmul}


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


class _Settled(Python):
    """Source in which operations on numbers alone are carried out."""

    def binary(self, sign: str, left: Code, right: Code) -> Code:
        match sign, left[0], right[0]:
            case ("**", _, "1"):
                return left
            case ("**", _, "0"):
                return self.number(1)
            case ("*", "1", _):
                return right
            case ("*", "-1", _):
                return self.minus(right)
        try:
            return self.number(_OPERATORS[sign](float(left[0]), float(right[0])))
        except ValueError:  # a name among them
            return super().binary(sign, left, right)

    def number(self, value: Any) -> Code:
        return (repr(int(value)) if value == int(value) else repr(value)), ATOM

    def choice(self, then: Code, test: Code, otherwise: Code) -> Code:
        return then if float(test[0]) else otherwise


@lru_cache(maxsize=4096)
def with_settings(text: str, settings: tuple[tuple[str, float], ...]) -> str:
    """The text with numbers for its settings, worked out as far as numbers go: `3 * x**2` for `n * x**(n - 1)`."""
    settled = _Settled({})
    settled.names = {name: settled.number(value) for name, value in settings}
    return settled.of(text)[0]


def renamed(text: str, names: Mapping[str, str]) -> str:
    """The text with other names in it."""
    return Python({old: (new, ATOM) for old, new in names.items()}).of(text)[0]
