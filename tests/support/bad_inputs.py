"""Bad inputs, as students write them: what each is told, and the advice as code where it is code.

A row of `IN_A_FUNCTION` is what stands in a function of x: an expression that is returned, or whole lines. `names` must
stand in the sentence before the advice, `advice` in it. Where the advice is code, `fixed` is the function with that
advice followed; the test runs it, and `right` is what it must give, as plain Python and NumPy. Where `fixed` is empty
and `right` is not, the advice is itself the expression to return.
"""

import re
from typing import NamedTuple

__all__ = ["CALLS", "IN_A_FUNCTION", "OWN", "PREAMBLE", "Bad"]


class Bad(NamedTuple):
    """A bad input: the code, what the sentence names, its advice, the code with the advice followed, its value."""

    code: str
    names: str
    advice: str
    right: str = ""
    fixed: str = ""
    x: str = "3.0"

    @property
    def followed(self) -> str:
        """The code with the advice followed, if that is code that can be tried."""
        return self.fixed or (re.sub(PROSE, "", self.advice) if self.right else "")


PROSE = "^(write|make it an array with|call the function with) "


# What stands before each function and each call.
PREAMBLE = """\
import array, cmath, datetime, functools, json, math, pickle, random, statistics, struct
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from math import sin
KEPT, A = [], np.arange(8.0).reshape(2, 4)
class Point:
    def __init__(self, x):
        self.x = x
def f(x):
    return x * x
def two(x, y):
    return x * y
def chained(x):
    for _ in range(60):
        x = bl.sin(x)
    return x
def nothing(x):
    x * x
def text(x):
    return "a"
def texts(x):
    return ["a", "b"]
def pair(x):
    return x, x
def vector(x):
    return x * np.ones(3)
def norm(v):
    return np.sum(v * v)
def rule(x):
    return x * x, lambda bar: 2 * x * bar
def needs(scale, x):
    return scale * x
"""

ERF = "bl.custom(math.erf, vjp=lambda t: (math.erf(t), lambda bar: 2 / math.sqrt(math.pi) * math.exp(-t * t) * bar))(x)"
ERFC = ERF.replace("erf", "erfc").replace(" 2 / ", " -2 / ").replace("(x)", "(x / 4)")
V = "np.array([1.0, 2.0, 3.0])"
HOLE = "np.array([1.0, np.nan, 2.0])"
RETURNS = f"f (line {len(PREAMBLE.splitlines()) + 1}) returns"
PLAIN, MEETS = "turns a traced value into a plain number", "needs a plain number and met a traced value"
OUTSIDE, JUMPS = "do that outside the function", "jumps from one whole number to the next"
GUARD = "choose other inputs, or guard the operation with an if"
COUNT, WHOLE = "cannot be an index, a count or a repetition", "use a plain whole number there"
ARRAY = "call the function with an array, such as np.array([1.0, 2.0])"
TABLE, WRITE_IT = "is not in the lab's table", "write it with + - * / ** @"


def _math(name: str, code: str, args: str = "x", right: str = "") -> Bad:
    """A function of the math module that has a counterpart: right is what math itself says."""
    call = f"math.{name}({args})"
    return Bad(call, f"math.{name} {PLAIN}", f"write {code}", right or call, code)


IN_A_FUNCTION = [
    # --- lists and places that do not fit, and methods with arguments
    Bad(
        "np.array([[x, x], [x]])",
        "an array needs rows of one length, and the lengths of these are 2 and 1",
        "make them equally long",
        "9.0",
        "np.array([[x, x], [x, 0.0]]).sum()",
    ),
    Bad("np.array([x, [x, x]])", "the lengths of these are a number and 2", "make them equally long"),
    Bad("np.arange(0, 1, x)", "np.arange turns", "write x * np.arange(4)", "np.arange(0, 1, 0.25)", x="0.25"),
    Bad("np.arange(x)", "np.arange turns", "write np.arange(3)", "np.arange(x)"),
    Bad("np.arange(0, 2 * x)", "np.arange turns", "as in 0.5 * np.arange(4)"),
    Bad(
        "o = np.zeros((2, 2))\no[0, 1] = x\nreturn o.sum()",
        "o holds plain numbers",
        "o = o.tolist(), with o[i][j] in place of o[i, j]",
        "3.0",
        "np.array([[0.0, x], [0.0, 0.0]]).sum()",
    ),
    Bad("x[0][0]", "a traced value is one number and has no parts", "write x[0]", "1.0", x=V),
    Bad("x.view(-1)", "an array has no .view here", "write x.reshape(-1)", V, x=V),
    Bad("x.view(3, 1)", "an array has no .view here", "write x.reshape(3, 1)", "[[1.0], [2.0], [3.0]]", x=V),
    Bad(
        "x.permute(2, 0, 1)",
        "an array has no .permute here",
        "write np.transpose(x, (2, 0, 1))",
        "np.ones((3, 1, 2))",
        x="np.ones((1, 2, 3))",
    ),
    Bad("x.size()", "x.size is no function here", "write x.shape", x=V),
    Bad("x.T()", "x.T is no function here", "write x.T", "np.ones((3, 2))", x="np.ones((2, 3))"),
    Bad("x.sum", "returns the function sum", "return a number", x=V),
    Bad(
        "np.max(x, 0, 0)", "np.max with out= writes into an array", "write np.max(x, 0) alone", "3.0", "np.max(x, 0)", V
    ),
    Bad("np.concatenate(x, x)", "np.concatenate takes a list of arrays", "write np.concatenate([a, b])", x=V),
    Bad(
        "np.linalg.solve(x, np.ones(3))",
        "np.linalg.solve does not fit: x has shape (2, 2)",
        "as many rows as the matrix",
        x="np.eye(2)",
    ),
    Bad("bl.softmax(x, axis=3)", "bl.softmax does not fit", "check its shape and the axes", x=V),
    Bad(
        "np.einsum('ij,jk', x)",
        "does not fit the shapes (2, 2)",
        "write a part between commas for each array: 1 is given",
        x="np.eye(2)",
    ),
    Bad(
        "np.einsum('i->j', x)",
        "does not fit the shapes (3,)",
        "use letters of the arrays after the arrow, where j is none",
        x=V,
    ),
    Bad(
        "np.einsum('ii', x)",
        "does not fit the shapes (2, 3)",
        "use one letter only for axes of one length",
        x="np.ones((2, 3))",
    ),
    Bad("bl.grad(x)", "must be a function, not a traced value", "as in f and not f(3)"),
    # --- the math module
    *(_math(n, f"np.{n}(x)") for n in "sin cos tan sinh cosh tanh exp expm1 log log2 log10 log1p sqrt".split()),
    _math("cbrt", "np.cbrt(x)", right="3 ** (1 / 3)"),
    _math("exp2", "np.exp2(x)", right="8.0"),
    _math("asin", "np.arcsin(x / 4)", "x / 4"),
    _math("acos", "np.arccos(x / 4)", "x / 4"),
    _math("atan", "np.arctan(x)"),
    _math("atan2", "np.arctan2(x, 2)", "x, 2"),
    _math("asinh", "np.arcsinh(x)"),
    _math("acosh", "np.arccosh(x)"),
    _math("atanh", "np.arctanh(x / 4)", "x / 4"),
    _math("fabs", "np.abs(-x)", "-x"),
    _math("pow", "x**2", "x, 2"),
    _math("pow", "(x + 1)**(2 * x)", "x + 1, 2 * x"),
    _math("hypot", "np.hypot(x, 4)", "x, 4"),
    _math("dist", "np.linalg.norm(np.array([x]) - np.array([2]))", "[x], [2]"),
    _math("degrees", "x * 180 / math.pi"),
    _math("radians", "2 * x * math.pi / 180", "2 * x"),
    _math("copysign", "np.abs(x) * np.sign(-2)", "x, -2"),
    _math("ldexp", "x * 2.0**2", "x, 2"),
    _math("fsum", "sum([x, 2 * x])", "[x, 2 * x]"),
    _math("log", "np.log(x) / np.log(2)", "x, 2"),
    Bad(
        "math.isclose(x, 3) * x", f"math.isclose {PLAIN}", "write abs(x - 3) < 1e-09", "3.0", "(abs(x - 3) < 1e-09) * x"
    ),
    Bad("math.isnan(x) + x", f"math.isnan {PLAIN}", "write x != x", "3.0", "(x != x) + x"),
    Bad("math.isinf(x) + x", f"math.isinf {PLAIN}", "write abs(x) == math.inf", "3.0", "(abs(x) == math.inf) + x"),
    Bad("math.isfinite(x) * x", f"math.isfinite {PLAIN}", "write abs(x) < math.inf", "3.0", "(abs(x) < math.inf) * x"),
    Bad(
        "math.erf(x)",
        f"math.erf {PLAIN}",
        f"give it its derivative, as in {ERF}",
        "math.erf(x)",
        ERF,
    ),
    Bad(
        "math.erfc(x / 4)",
        f"math.erfc {PLAIN}",
        ERFC,
        "math.erfc(x / 4)",
        ERFC,
    ),
    *(
        Bad(f"math.{n}(x)", f"math.{n} {PLAIN}", "leave the rounding out", "3.0", "x")
        for n in ("floor", "ceil", "trunc")
    ),
    *(
        Bad(f"math.{n}(x)", f"math.{n} {PLAIN}", "write the formula itself")
        for n in ("frexp", "modf", "gamma", "lgamma", "ulp")
    ),
    *(
        Bad(f"math.{n}(x, 2)", f"math.{n} {PLAIN}", "write the formula itself")
        for n in ("fmod", "remainder", "nextafter")
    ),
    *(Bad(f"math.{n}(x)", COUNT, WHOLE, f"float(math.{n}(3))", f"math.{n}(3) * x / 3") for n in ("factorial", "isqrt")),
    *(
        Bad(f"math.{n}(x, 2)", COUNT, WHOLE, f"float(math.{n}(3, 2))", f"math.{n}(3, 2) * x / 3")
        for n in ("comb", "perm", "gcd", "lcm")
    ),
    Bad("sin(x)", f"sin {PLAIN}", "write np.sin(x)", "np.sin(x)"),
    Bad("2 * math.exp(x) + 1", f"math.exp {PLAIN}", "write np.exp(x)", "2 * math.exp(x) + 1", "2 * np.exp(x) + 1"),
    Bad("math.sin(\n        2 * x\n    )", f"math.sin {PLAIN}", "write np.sin(2 * x)", "np.sin(6.0)"),
    Bad(
        "sum(map(math.sin, [x, x]))",
        PLAIN,
        "write np.sin in place of math.sin",
        "2 * np.sin(3)",
        "sum(map(np.sin, [x, x]))",
    ),
    Bad(
        "(lambda t:\n        math.cos(t))(x)",
        f"math.cos {PLAIN}",
        "write np.cos(t)",
        "np.cos(3)",
        "(lambda t: np.cos(t))(x)",
    ),
    Bad("cmath.exp(x)", f"cmath.exp {PLAIN}", "write np.exp(x)", "np.exp(3)"),
    # --- operators and built-ins
    Bad("x ^ 2", "^ is exclusive or", "write x**2", "9.0"),
    Bad("2 ^ x", "^ is exclusive or", "write 2**x", "8.0"),
    Bad("(x + 1) ^ (2 * x)", "^ is exclusive or", "write (x + 1)**(2 * x)", "4.0**6"),
    Bad("x ^ 2", "^ is exclusive or", "write x**2", "np.array([1.0, 4.0, 9.0])", x=V),
    Bad("x ^= 2\nreturn x", "^ is exclusive or", "write x**2", "9.0"),
    Bad("x << 1", "<< shifts the bits", "write x * 2**1", "6.0"),
    Bad("x >> 1", ">> shifts the bits", "write x / 2**1", "1.5"),
    Bad("1 << x", "<< shifts the bits", "write 1 * 2**x", "8.0"),
    Bad("~x", "~ is for truth values", "write - for its opposite", "-3.0", "-x"),
    Bad(
        "x if x > 0 & x < 9 else -x",
        "& is for truth values",
        "as in (x > 0) & (x < 1)",
        "3.0",
        "x if (x > 0) & (x < 9) else -x",
    ),
    Bad("x | 1", "| is for truth values", "as in (x > 0) | (x < 1)", "3.0", "x if (x > 0) | (x < 1) else -x"),
    Bad("x // 2", f"// {JUMPS}", "write x / 2", "1.5"),
    Bad("7 // x", f"// {JUMPS}", "write 7 / x", "7 / 3"),
    Bad("x //= 2\nreturn x", f"// {JUMPS}", "write x / 2", "1.5"),
    Bad("x // 2", f"// {JUMPS}", "write x / 2", "np.array([0.5, 1.0, 1.5])", x=V),
    Bad("divmod(x, 2)[0]", f"divmod {JUMPS}", "write x / 2", "1.5"),
    Bad("x % 2", "% jumps", "subtract the multiple yourself, here x - 1 * 2", "1.0", "x - 1 * 2"),
    Bad("7 % x", "% jumps", "here 7 - 2 * x", "1.0", "7 - 2 * x"),
    Bad("x % 2", "% jumps", "subtract the multiples yourself", x=V),
    Bad("x @ 2", "@ needs an array on either side", "write * for a product", "6.0", "x * 2"),
    Bad("2 @ x", "@ needs an array on either side", "write * for a product", "6.0", "2 * x"),
    Bad("pow(x, 2, 5)", "pow with a modulus", "write x ** n"),
    Bad("pow(2, x, 5)", "pow with a modulus", "write 2**x", "8.0"),
    Bad("round(x)", f"round {PLAIN}", "leave the rounding out", "3.0", "x"),
    Bad("round(x, 1)", f"round {PLAIN}", "leave the rounding out", "3.0", "x"),
    Bad("int(x)", f"int {PLAIN}", "leave the rounding out", "3.0", "x"),
    Bad("float(2 * x)", f"float {PLAIN}", "leave float out and write 2 * x", "6.0", "2 * x"),
    Bad("complex(x)", f"complex {PLAIN}", "leave complex out and write x", "3.0", "x"),
    Bad("sum(x for _ in range(x))", COUNT, WHOLE, "9.0", "sum(x for _ in range(3))"),
    Bad("[1, 2, 3, 4][x]", COUNT, WHOLE, "12.0", "[1, 2, 3, 4][3] * x"),
    Bad("'abc'[x]", COUNT, WHOLE),
    Bad("chr(x)", COUNT, WHOLE),
    Bad("hex(x)", COUNT, WHOLE),
    Bad("x < 'a'", "< cannot combine a traced value with the text 'a'", "use the number without quotes"),
    Bad(
        "x > None",
        "> cannot combine a traced value with None",
        "check that the function which made it ends with return",
    ),
    Bad(
        "x >= [1, 2]", ">= cannot combine a traced value with the list [1, 2]", "make it an array with np.array([1, 2])"
    ),
    Bad("x + 's'", "+ cannot combine a traced value with the text 's'", "use the number without quotes"),
    Bad(
        "'3' * x", "* cannot combine a traced value with the text '3'", "use the number without quotes", "9.0", "3 * x"
    ),
    Bad("x ** 'n'", "** cannot combine a traced value with the text 'n'", "use the number without quotes"),
    Bad(
        "x + None",
        "+ cannot combine a traced value with None",
        "check that the function which made it ends with return",
    ),
    Bad(
        "x * [1, 2]",
        "* cannot combine a traced value with the list [1, 2]",
        "make it an array with np.array([1, 2])",
        "np.array([3.0, 6.0])",
        "x * np.array([1, 2])",
    ),
    Bad(
        "h = [1]\nh += x\nreturn h",
        "+ cannot combine a traced value with the list [1]",
        "make it an array with np.array([1])",
        "np.array([4.0])",
        "np.array([1]) + x",
    ),
    Bad(
        "x * {'w': 2}", "* cannot combine a traced value with the dict {'w': 2}", "take one of its values, as in p['w']"
    ),
    Bad("x - {1}", "- cannot combine a traced value with the set {1}", "use a number on either side"),
    Bad(
        "Decimal(2) * x",
        "something of type Decimal",
        "make that a number, with float(Decimal(2))",
        "6.0",
        "float(Decimal(2)) * x",
    ),
    Bad("x * Point(2)", "something of type Point", "make that a number"),
    Bad("len(x)", "one number and has no length", ARRAY),
    Bad("sum(x)", "one number and cannot be looped over", ARRAY),
    Bad("max(x)", "one number and cannot be looped over", ARRAY),
    Bad("for i in x:\n    pass\nreturn x", "one number and cannot be looped over", ARRAY),
    Bad("a, b = x\nreturn a", "one number and cannot be looped over or unpacked", ARRAY),
    Bad("x[0]", "one number and has no parts", ARRAY),
    Bad("x[0] = 1\nreturn x", "x is one number, and its parts cannot be written", ARRAY),
    Bad("del x[0]\nreturn x", "x is one number, and its parts cannot be written or deleted", ARRAY),
    Bad("next(x)", "x is a number and holds nothing to go through", ARRAY),
    Bad("2 in x", "x is a number and holds nothing to go through", ARRAY),
    Bad("x(2)", "x is a number and cannot be called", "write x * 2", "6.0"),
    Bad("y(x + 1)", "y is a number and cannot be called", "write y * (x + 1)", "24.0"),
    Bad(
        "c = 2.0\nreturn c(x + 1)",
        "c is a number and cannot be called",
        "write c * (x + 1)",
        "8.0",
        "c = 2.0\nreturn c * (x + 1)",
    ),
    Bad(
        "with x:\n    pass\nreturn x", "with opens a file or the like, and x is a number", "leave with out", "3.0", "x"
    ),
    Bad(
        "async def g():\n    return await x\nreturn g().send(None)",
        "await waits for another task, and x is a number",
        "leave await out",
        "3.0",
        "x",
    ),
    Bad(
        "a, b = x\nreturn a",
        "x has 3 parts, and here are 2 names",
        "write 3 names on the left",
        "1.0",
        "a, b, c = x\nreturn a",
        V,
    ),
    Bad("{3.0: 1}[x]", "a traced value is no key of this dict", "look up by a text or a plain number"),
    Bad("f(x)", "f calls itself too often for Python, or without end", "end it with an if"),
    Bad("f(x - 1)", "f calls itself too often for Python, or without end", "end it with an if"),
    # --- texts
    Bad("'%.3f' % x", "a % format", 'write f"{x:.3f}"', "3.0", 'print(f"{x:.3f}")\nreturn x'),
    Bad(
        "print('loss: %.2f' % (x * x))\nreturn x",
        "a % format",
        'write f"loss: {x * x:.2f}"',
        "3.0",
        'print(f"loss: {x * x:.2f}")\nreturn x',
    ),
    Bad(
        "print('%d and %s' % (x, 2))\nreturn x",
        "a % format",
        'write f"{x:.0f} and {2}"',
        "3.0",
        'print(f"{x:.0f} and {2}")\nreturn x',
    ),
    Bad(
        "print(f'{x:5d}')\nreturn x",
        "the format 5d is not for floats",
        "write :5.0f in its place",
        "3.0",
        "print(f'{x:5.0f}')\nreturn x",
    ),
    Bad(
        "print(f'{x:.2f}')\nreturn x",
        "the format .2f is for one number, and this is an array",
        "leave :.2f out",
        "np.array([1.0, 2.0, 3.0])",
        "print(f'{x}')\nreturn x",
        V,
    ),
    Bad("json.dumps(x)", f"json.dumps {MEETS}", OUTSIDE, "3.0", "x"),
    Bad("json.dumps({'a': x})", f"json.dumps {MEETS}", OUTSIDE, "3.0", "x"),
    Bad(
        "pickle.dumps(x)",
        "lives only during the call that made it",
        "pickle the graph, or the numbers that the function returns",
    ),
    Bad("struct.pack('d', x)", f"struct.pack {MEETS}", OUTSIDE),
    Bad("open(x)", f"open {MEETS}", OUTSIDE),
    Bad("datetime.timedelta(x)", f"datetime.timedelta {MEETS}", OUTSIDE),
    Bad("bytes(x)", "x is a number and has no bytes", OUTSIDE),
    Bad("eval(x)", f"eval {MEETS}", OUTSIDE),
    # --- other types of numbers, chance, statistics
    Bad("Decimal(x)", f"Decimal {MEETS}", "leave Decimal out and write x", "3.0", "x"),
    Bad("Fraction(2 * x)", f"Fraction {MEETS}", "leave Fraction out and write 2 * x", "6.0", "2 * x"),
    Bad("np.float64(x)", f"np.float64 {PLAIN}", "leave np.float64 out and write x", "3.0", "x"),
    Bad("np.float32(x * x)", f"np.float32 {PLAIN}", "leave np.float32 out and write x * x", "9.0", "x * x"),
    Bad("np.int64(x)", f"np.int64 {PLAIN}", "leave np.int64 out and write x", "3.0", "x"),
    Bad("random.randint(1, x)", f"random.randint {PLAIN}", "draw the number outside the function"),
    Bad("random.seed(x)\nreturn x", f"random.seed {MEETS}", "draw the number outside the function"),
    Bad("np.random.normal(x, 1)", "np.random.normal draws plain numbers", "draw the numbers outside the function"),
    Bad("np.random.default_rng(0).normal(x)", "normal draws plain numbers", "draw the numbers outside the function"),
    Bad("statistics.mean([x, 2])", f"statistics.mean {MEETS}", "write np.mean([x, 2])", "2.5"),
    Bad("statistics.fmean([x, 2])", f"statistics.fmean {PLAIN}", "write np.mean([x, 2])", "2.5"),
    Bad(
        "statistics.stdev([x, 2])",
        f"statistics.stdev {MEETS}",
        "write np.std([x, 2], ddof=1)",
        "np.std([3, 2], ddof=1)",
    ),
    Bad("statistics.variance([x, 2])", f"statistics.variance {MEETS}", "write np.var([x, 2], ddof=1)", "0.5"),
    Bad(
        "functools.reduce(lambda a, b: a + b, x)",
        "functools.reduce goes through a list or an array, and this is one number",
        ARRAY,
    ),
    # --- a traced number written into an array
    Bad(
        "o = np.zeros(2)\no[0] = x\nreturn o[0]",
        "o holds plain numbers and cannot take a traced value",
        "make it a list, o = [0.0] * 2, and an array at the end with np.array(o)",
        "3.0",
        "o = [0.0] * 2\no[0] = x\no = np.array(o)\nreturn o[0]",
    ),
    Bad(
        "o = np.zeros(3)\nfor i in range(3):\n    o[i] = x[i] ** 2\nreturn o.sum()",
        "o holds plain numbers",
        "make it a list, o = [0.0] * 3, and an array at the end with np.array(o)",
        "14.0",
        "o = [0.0] * 3\nfor i in range(3):\n    o[i] = x[i] ** 2\no = np.array(o)\nreturn o.sum()",
        V,
    ),
    Bad(
        "o = np.zeros(2)\no[1] += x\nreturn o[1]",
        "o holds plain numbers",
        "make it a list, o = [0.0] * 2",
        "3.0",
        "o = [0.0] * 2\no[1] += x\nreturn o[1]",
    ),
    Bad(
        "o = np.zeros(3)\no[:] = x\nreturn o.sum()",
        "o holds plain numbers and cannot take a traced value",
        "make it a list",
        x=V,
    ),
    Bad(
        "o = np.ones(2)\no += x\nreturn o",
        "o += x writes into an array",
        "write o = o + x",
        "np.array([4.0, 4.0])",
        "o = np.ones(2)\no = o + x\nreturn o",
    ),
    Bad(
        "h = np.ones(3)\nh /= x\nreturn h",
        "h /= x writes into an array",
        "write h = h / x",
        "1 / np.array([1.0, 2.0, 3.0])",
        "h = np.ones(3)\nh = h / x\nreturn h",
        V,
    ),
    Bad(
        "h = np.ones(3)\nh *= 2 + x\nreturn h",
        "h *= 2 + x writes into an array",
        "write h = h * (2 + x)",
        "np.array([3.0, 4.0, 5.0])",
        "h = np.ones(3)\nh = h * (2 + x)\nreturn h",
        V,
    ),
    Bad(
        "h = np.ones(2)\nh **= x\nreturn h",
        "h **= x writes into an array",
        "write h = h**x",
        "np.ones(2)",
        "h = np.ones(2)\nh = h**x\nreturn h",
    ),
    Bad("o = np.zeros(2)\no.fill(x)\nreturn o", "o.fill", "write the formula itself"),
    Bad("o = np.zeros(2)\nnp.put(o, 0, x)\nreturn o", "np.put", "build a new one with np.where or np.stack"),
    Bad("o = np.zeros(2)\nnp.copyto(o, x)\nreturn o", "np.copyto", "build a new one with np.where or np.stack"),
    Bad(
        "np.add(x, 1, out=np.zeros(3))",
        "np.add with out= writes into an array",
        "write np.add(x, 1) alone",
        "np.array([2.0, 3.0, 4.0])",
        "np.add(x, 1)",
        V,
    ),
    Bad(
        "x[0] = 1.0\nreturn x.sum()",
        "a traced array cannot be written into",
        "build the new array with np.where, np.stack or np.concatenate",
        "6.0",
        "np.concatenate([np.array([1.0]), x[1:]]).sum()",
        V,
    ),
    Bad("del x[0]\nreturn x.sum()", "x is an array that the reverse sweep needs as it is", "build a new one", x=V),
    Bad(
        "x.y = 2\nreturn x",
        "x is a number here, and nothing can be stored in its .y",
        "keep that in a variable of its own",
    ),
    # --- NumPy: shapes, axes, options, what jumps, what is not there
    Bad("np.floor(x)", "np.floor", "leave the rounding out", "3.0", "x"),
    Bad("np.round(x)", "np.round", "leave the rounding out", "3.0", "x"),
    Bad("np.rint(x)", "np.rint", "leave the rounding out", "3.0", "x"),
    Bad("np.floor_divide(x, 2)", "np.floor_divide", "write x / 2", "1.5"),
    Bad("np.bitwise_xor(x, 2)", "np.bitwise_xor", "write x**2", "9.0"),
    Bad("np.left_shift(x, 1)", "np.left_shift", "write x * 2**1", "6.0"),
    Bad("np.mod(x, 2)", "np.remainder", "subtract the multiples yourself"),
    Bad("np.copysign(x, 2)", "np.copysign", "write np.abs(x) * np.sign(2)", "3.0"),
    *(
        Bad(f"np.nan{n}(x)", f"np.nan{n} {TABLE}", f"write np.{n}(x[~np.isnan(x)])", right, x=HOLE)
        for n, right in zip(
            "sum mean max min prod std var median".split(), "3 1.5 2 1 2 0.5 0.25 1.5".split(), strict=True
        )
    ),
    Bad(
        "np.nansum(x, axis=0)",
        "np.nansum",
        "np.where(np.isnan(x), 0.0, x)",
        "3.0",
        "np.sum(np.where(np.isnan(x), 0.0, x), axis=0)",
        HOLE,
    ),
    Bad("np.unique(x)", "np.unique", "write np.sort(x)", V, x=V),
    Bad("np.unique(x, return_counts=True)", "np.unique", "it jumps, so compute it outside", x=V),
    Bad("np.partition(x, 1)", "np.partition", "write np.sort(x)", V, x=V),
    Bad(
        "np.insert(x, 1, x[0])",
        f"np.insert {TABLE}",
        "write np.concatenate([x[:1], np.ravel(x[0]), x[1:]])",
        "[1.0, 1.0, 2.0, 3.0]",
        x=V,
    ),
    Bad(
        "np.correlate(x, np.array([1.0, 2.0]))",
        "np.correlate",
        "write np.convolve(x, np.array([1.0, 2.0])[::-1], 'valid')",
        "[5.0, 8.0]",
        x=V,
    ),
    Bad(
        "np.piecewise(x, [x < 2, x >= 2], [lambda t: -t, lambda t: t])",
        "np.piecewise",
        "write np.where(condition, a, b)",
        "[-1.0, 2.0, 3.0]",
        "np.where(x < 2, -x, x)",
        V,
    ),
    Bad(
        "np.fromiter((k * x for k in range(3)), float)",
        "np.fromiter",
        "write np.array(list((k * x for k in range(3))))",
        "[0.0, 3.0, 6.0]",
    ),
    Bad("sum(v for v in np.nditer(x))", "np.nditer", "go through np.ravel(x)", "6.0", "sum(v for v in np.ravel(x))", V),
    Bad(
        "sum(v for v in x.flat)",
        "an array has no .flat here",
        "write np.ravel(x)",
        "6.0",
        "sum(v for v in np.ravel(x))",
        V,
    ),
    Bad(
        "np.vectorize(math.sin)(x)",
        f"math.sin {PLAIN}",
        "write np.sin in place of math.sin",
        f"np.sin({V})",
        "np.vectorize(np.sin)(x)",
        V,
    ),
    Bad(
        "sorted(x, key=math.cos)[0]",
        f"math.cos {PLAIN}",
        "write np.cos in place of math.cos",
        "3.0",
        "sorted(x, key=np.cos)[0]",
        V,
    ),
    Bad("x.round(2)", "an array has no .round here", "leave the rounding out", V, "x", V),
    Bad("x.view(float)", "an array has no .view here", "use it as the array that it is", V, "x", V),
    Bad(
        "x.at[0].set(1.0)",
        "an array has no .at here",
        "build the new array, with np.where",
        "[1.0, 2.0, 3.0]",
        "np.where(np.arange(3) == 0, 1.0, x)",
        V,
    ),
    Bad("np.random.permutation(x)", f"np.random.permutation {TABLE}", "draw the numbers outside the function", x=V),
    Bad("np.roll([1, 2], x)", f"np.roll {PLAIN}", WHOLE),
    Bad("np.arange(5)[x]", COUNT, WHOLE),
    Bad("abs(complex(x, 4))", f"complex {PLAIN}", "write x + 1j * 4", "5.0", "abs(x + 1j * 4)"),
    Bad("float(str(x)) * x", MEETS, "compute with the number, not with its text", "9.0", "x * x"),
    Bad(
        "np.linalg.eigh(x)[0]",
        "eigvalsh and eigh take one real symmetric matrix",
        GUARD,
        x="np.array([[1.0, 2.0], [0.0, 1.0]])",
    ),
    Bad("np.linalg.pinv(np.outer(x, x))", f"np.linalg.pinv {TABLE}", WRITE_IT, x=V),
    Bad("np.linalg.qr(np.outer(x, x))", f"np.linalg.qr {TABLE}", WRITE_IT, x=V),
    Bad("np.svd(x)", "NumPy has no np.svd", "write np.linalg.svd(x)", x=V),
    Bad("np.linalg.vector_norm(x)", f"np.linalg.vector_norm {TABLE}", "write np.linalg.norm(x)", "math.sqrt(14)", x=V),
    Bad("np.norm(x)", "NumPy has no np.norm", "write np.linalg.norm(x)", "math.sqrt(14)", x=V),
    Bad(
        "np.inv(np.eye(3) * x)",
        "NumPy has no np.inv",
        "write np.linalg.inv(np.eye(3) * x)",
        "np.linalg.inv(np.diag([1.0, 2, 3]))",
        x=V,
    ),
    Bad("np.relu(x)", "NumPy has no np.relu", "write bl.relu(x)", "3.0"),
    Bad("np.sigmoid(x)", "NumPy has no np.sigmoid", "write bl.sigmoid(x)", "1 / (1 + np.exp(-3))"),
    Bad(
        "np.softmax(x)",
        "NumPy has no np.softmax",
        "write bl.softmax(x)",
        "np.exp([1.0, 2, 3]) / np.sum(np.exp([1.0, 2, 3]))",
        x=V,
    ),
    Bad("np.sin(x, x, x)", "np.sin does not work here", "see what it takes with help(np.sin)"),
    Bad("np.maximum(x)", "np.maximum does not work here", "see what it takes with help(np.maximum)"),
    Bad("np.exp(x, foo=1)", "np.exp does not work here", "see what it takes with help(np.exp)"),
    Bad("np.zeros(x)", "np.zeros needs plain whole numbers for a shape", WHOLE, "np.full(3, 3.0)", "np.zeros(3) + x"),
    Bad("np.concatenate(x)", "np.concatenate takes a list of arrays", "write np.concatenate([x, x])", x="3.0"),
    Bad("np.sin(x, dtype=int)", "np.sin with dtype=", "leave it out", "np.sin(3.0)", "np.sin(x)"),
    Bad("np.array([x, x], dtype=int)", "has no derivative", "leave it out", "np.array([3.0, 3.0])", "np.array([x, x])"),
    Bad("x.astype(int)", "astype(int64)", "leave it out", "np.array([1.0, 2.0, 3.0])", "x", V),
    Bad(
        "np.sum(x, axis=1)",
        "axis=1 does not fit an array of shape (3,)",
        "axes count from 0 to 0",
        "6.0",
        "np.sum(x, axis=0)",
        V,
    ),
    Bad("np.mean(x, axis=(0, 1))", "axis=(0, 1) does not fit an array of shape (3,)", "axes count from 0 to 0", x=V),
    Bad(
        "x @ np.ones(4)",
        "@ does not fit: x has shape (3,) and",
        "the two vectors need the same length",
        "6.0",
        "x @ np.ones(3)",
        V,
    ),
    Bad(
        "A @ x",
        "@ does not fit: A has shape (2, 4) and x has shape (3,)",
        "the matrix needs as many columns as the vector has elements",
        x=V,
    ),
    Bad(
        "np.dot(x, A)",
        "np.dot does not fit: x has shape (3,) and A has shape (2, 4)",
        "as many rows as the vector has elements",
        x=V,
    ),
    Bad(
        "x + np.ones(4)",
        "+ does not fit: x has shape (3,) and",
        "make the shapes equal, or 1 where numbers are to be repeated",
        "np.array([2.0, 3, 4])",
        "x + np.ones(3)",
        V,
    ),
    Bad(
        "np.maximum(x, A)",
        "np.maximum does not fit: x has shape (3,) and A has shape (2, 4)",
        "make the shapes equal",
        x=V,
    ),
    Bad("np.concatenate([x, A])", "np.concatenate does not fit", "make the shapes equal", x=V),
    Bad("np.stack([x, x[:2]])", "np.stack does not fit", "make the shapes equal", x=V),
    Bad("np.hstack(x, 2 * x)", "np.hstack takes a list of arrays", "write np.hstack([x, 2 * x])", x=V),
    Bad("np.hstack([x, A])", "np.hstack", "make the shapes equal", x=V),
    Bad("np.where(x > 0, A, x)", "np.where does not fit", "make the shapes equal", x=V),
    Bad(
        "x.reshape(2, 2)",
        "x has shape (3,)",
        "the new shape needs as many elements as the old one",
        "np.array([[1.0], [2], [3]])",
        "x.reshape(3, 1)",
        V,
    ),
    Bad(
        "np.swapaxes(x, 0, 1)", "np.swapaxes cannot do this with the shape (3,)", "check axes, shapes and options", x=V
    ),
    Bad("np.diag(x)", "np.diag", "check axes, shapes and options"),
    Bad("np.trace(x)", "of a matrix, and this is an array of shape (3,)", "write np.sum", "6.0", "np.sum(x)", V),
    Bad("x.trace()", "the trace is the sum along the diagonal", "write np.sum", "6.0", "np.sum(x)", V),
    Bad("np.linalg.trace(2 * x)", "of a matrix, and this is a number", "write np.sum", "6.0", "np.sum(2 * x)"),
    Bad("np.linalg.inv(x)", "np.linalg.inv takes square matrices, not an array of shape (3,)", "n×n", x=V),
    Bad("np.linalg.solve(A, x)", "np.linalg.solve", "n×n", x=V),
    Bad(
        "np.einsum('ij->i', x)",
        "does not fit the shapes (3,)",
        "write a letter for each axis",
        "np.array([1.0, 2, 3])",
        "np.einsum('i->i', x)",
        V,
    ),
    Bad(
        "np.min(x[:0])",
        "np.min does not fit: x[:0] has shape (0,)",
        "give it an array with numbers in it",
        "1.0",
        "np.min(x[:1])",
        V,
    ),
    Bad("x[7]", "this index does not fit an array of shape (3,)", "inside the shape", "3.0", "x[2]", V),
    Bad("x['a']", "this index does not fit an array of shape (3,)", "inside the shape", x=V),
    Bad("x[x]", "an index must be made of plain whole numbers", "not from the traced values", x=V),
    Bad(
        "1.0 if x > 0 else x",
        "an array of 3 comparisons is not one yes or no",
        "write np.where(condition, a, b)",
        "np.ones(3)",
        "np.where(x > 0, 1.0, x)",
        V,
    ),
    Bad(
        "2.0 in x",
        "in asks about plain numbers",
        "write np.any(x == number)",
        "np.array([1.0, 2.0, 3.0])",
        "x if np.any(x == 2.0) else -x",
        V,
    ),
    Bad(
        "x.append(4)",
        "an array has no .append",
        "keep the values in a list and make it an array at the end, with np.array(values)",
        x=V,
    ),
    Bad("x.sort()", "no .sort", "build a new one", x=V),
    Bad("x * np.array(['a', 'b', 'c'])", "* cannot combine a traced value with an array of <U1", "dtype=float", x=V),
    Bad(
        "np.maximum(x * 1j, 0)",
        "complex numbers have no order",
        "use np.abs(z), z.real or z.imag",
        "np.array([1.0, 2, 3])",
        "np.maximum(np.abs(x * 1j), 0)",
        V,
    ),
    Bad("x * 1j > 0", "complex numbers", "compare np.abs(z) or z.real"),
    # --- leaving a domain: the only place for the guard
    *(
        Bad(code, f"the argument of {name} must be", GUARD)
        for code, name in {
            "np.log(-x)": "log",
            "bl.log(x - 3)": "log",
            "np.sqrt(-x)": "sqrt",
            "np.arcsin(x)": "arcsin",
        }.items()
    ),
    Bad("1 / (x - 3)", "the divisor must be a number other than 0", GUARD, "1.0", "1 / (x - 3) if x != 3 else x - 2"),
    Bad("(-x) ** 0.5", "a negative number has only whole-number powers", GUARD),
    Bad("(x - 3) ** -1", "0 has no negative power", GUARD),
    Bad("x * 10**400", "a whole number is too large to compute with", "stay below 1.8e308"),
    # --- methods and names of other engines
    *(
        Bad(f"x.{n}()", f"a number has no .{n}", f"write np.{n}(x)", f"np.{n}(3.0)", f"np.{n}(x)")
        for n in "tanh exp log sqrt sin cos square".split()
    ),
    Bad("x.relu()", "a number has no .relu", "write bl.relu(x)", "3.0"),
    Bad("x.sigmoid()", "a number has no .sigmoid", "write bl.sigmoid(x)", "1 / (1 + np.exp(-3))"),
    Bad("x.pow(2)", "a number has no .pow", "write x**2", "9.0"),
    Bad("(x + 1).pow(2)", "a number has no .pow", "write (x + 1)**2", "16.0"),
    Bad("x.abs()", "a number has no .abs", "write abs(x)", "3.0"),
    Bad("x.clamp(0, 1)", "a number has no .clamp", "write np.clip(x, 0, 1)", "1.0"),
    Bad("x.norm()", "an array has no .norm", "write np.linalg.norm(x)", "math.sqrt(14)", x=V),
    Bad("x.matmul(x)", "an array has no .matmul", "write x @ x", "14.0", x=V),
    Bad("x.add_(1)", "a number has no .add_", "write x + 1", "4.0"),
    Bad("x.unsqueeze(0)", "an array has no .unsqueeze", "write np.expand_dims(x, 0)", "np.array([[1.0, 2, 3]])", x=V),
    Bad("x.dim() * x", "an array has no .dim", "write x.ndim", "np.array([1.0, 2, 3])", "x.ndim * x", V),
    *(Bad(f"x.{n}()", f"a number has no .{n}", "write x", "3.0") for n in ("detach", "clone", "numpy", "cpu", "float")),
    Bad("x.data", "a number has no .data", "write x", "3.0"),
    Bad("x.value * 2", "a number has no .value", "write x", "6.0", "x * 2"),
    *(Bad(f"x.{n}", f"a number has no .{n}", "use it as the number that it is") for n in ("id", "tape")),
    *(
        Bad(f"x.{n}", f"a number has no .{n.rstrip('()')}", "write bl.grad(f)(3.0)")
        for n in ("backward()", "grad", "requires_grad", "zero_grad()", "_backward()")
    ),
    Bad("x._prev", "a number has no ._prev", "use it as the number that it is"),
    Bad("x.foo", "a number has no .foo", "use it as the number that it is"),
    Bad(
        "np.erf(x)",
        "NumPy has no np.erf",
        f"give it its derivative, as in {ERF}",
        "math.erf(x)",
        ERF,
    ),
    Bad("np.fsum([x, x])", "NumPy has no np.fsum", "write sum([x, x])", "6.0"),
    Bad("np.gamma(x)", "NumPy has no np.gamma", "write the formula itself"),
    *(
        Bad(f"np.sum(np.{n}([])) * x", f"np.{n} was given an empty list", "put an array into it")
        for n in ("stack", "concatenate", "vstack")
    ),
    Bad("torch.tanh(x)", "there is no torch here", "write np.tanh(x)", "np.tanh(3)"),
    Bad("torch.tensor([x, 2.0])", "there is no torch here", "write np.array([x, 2.0])", "np.array([3.0, 2.0])"),
    Bad("torch.nn.functional.relu(x)", "there is no torch here", "write bl.relu(x)", "3.0"),
    Bad(
        "F.softmax(x)",
        "there is no F here",
        "write bl.softmax(x)",
        "np.exp([1.0, 2, 3]) / np.sum(np.exp([1.0, 2, 3]))",
        x=V,
    ),
    Bad("jnp.sin(2 * x)", "there is no jnp here", "write np.sin(2 * x)", "np.sin(6)"),
    Bad("tf.pow(x, 2)", "there is no tf here", "write np.power(x, 2)", "9.0"),
    Bad("Value(x) * 2", "there is no Value here", "write x", "6.0", "x * 2"),
    Bad("torch.no_grad()", "there is no torch here", "write the function with NumPy's functions"),
    Bad("bl.asin(x / 4)", "backprop_lab has no asin", "write bl.arcsin(a)", "np.arcsin(0.75)", "bl.arcsin(x / 4)"),
    Bad("bl.sine(x)", "backprop_lab has no sine", "dir(backprop_lab) lists what there is"),
    # --- what a function returns, keeps and is made of
    Bad("x * x\nreturn", f"{RETURNS} nothing", "end it with return"),
    Bad("if x > 5:\n    return x", f"{RETURNS} nothing", "end it with return"),
    Bad("'text'", f"{RETURNS} str 'text'", "return a number"),
    Bad("f'{x}'", f"{RETURNS} str", "return a number"),
    Bad("x > 2", f"{RETURNS} True, and yes or no has no derivative", "return the number itself", "3.0", "x"),
    Bad("(t for t in [x])", f"{RETURNS} a generator", "return a number"),
    Bad("yield x", f"{RETURNS} a generator", "return a number"),
    Bad("lambda t: x", f"{RETURNS} the function <lambda>", "return a number"),
    Bad("Point(x)", f"{RETURNS} an object of type Point", "return a number"),
    Bad("x.__class__", f"{RETURNS} the type of a traced value", "return a number"),
    Bad("np", f"{RETURNS} the module numpy", "return a number"),
    Bad("{x}", f"{RETURNS} set", "return a number"),
    Bad(
        "sum(t * x for t in [1, 'a'])",
        "* cannot combine a traced value with the text 'a'",
        "use the number without quotes",
    ),
    Bad("Point(x).x(2)", "is a number and cannot be called", "write Point(x).x * 2", "6.0"),
]

FUNCTION, NUMBER = "the first argument must be a function", "must be a number or an array"
NAME, GIVE = "write the function's name without calling it, as in f and not f(3)", "give a number such as 2.0"
CALL, LIST, ONE = "call it with a number for x", "x is a list here, [1.0, 2.0], and no array", "np.array([1.0, 2.0])"
NORM, KEYWORD = "v is a list here, [1.0, 2.0], and no array", "got an unexpected keyword argument"
SIX = ("6.0", "bl.grad(f)(3.0)")

CALLS = [
    # --- the result in place of the function, and what is no function
    *(
        Bad(f"bl.{n}(f(3.0))", f"{FUNCTION}, not float 9.0", NAME, right, fixed)
        for n, right, fixed in (
            ("grad", *SIX),
            ("value_and_grad", "(9.0, 6.0)", "bl.value_and_grad(f)(3.0)"),
            ("jacobian", "6.0", "bl.jacobian(f)(3.0)"),
            ("hessian", "2.0", "bl.hessian(f)(3.0)"),
            ("checkpoint", "6.0", "bl.grad(bl.checkpoint(f))(3.0)"),
            ("trace", "9.0", "bl.trace(f, 3.0).value"),
            ("step", "9.0", "bl.step(f, 3.0).graph.value"),
            ("compile", "9.0", "bl.compile(f, 3.0).value(3.0)"),
            ("check_grad", "True", "bl.check_grad(f, 3.0).passed"),
        )
    ),
    *(
        Bad(f"bl.{n}(f(3.0), 3.0)", f"{FUNCTION}, not float 9.0", NAME)
        for n in ("vjp", "trace", "compile", "numerical_grad", "wirtinger", "check_grad")
    ),
    Bad("bl.jvp(f(3.0), (3.0,), (1.0,))", f"{FUNCTION}, not float 9.0", NAME),
    Bad("bl.hvp(f(3.0), (3.0,), (1.0,))", f"{FUNCTION}, not float 9.0", NAME),
    Bad("bl.grad(bl.grad(f)(3.0))", f"{FUNCTION}, not float 6.0", NAME, "2.0", "bl.grad(bl.grad(f))(3.0)"),
    Bad("bl.grad('f')", f"{FUNCTION}, not str 'f'", NAME),
    Bad("bl.grad(None)", f"{FUNCTION}, not None", NAME),
    Bad("bl.trace(bl.trace(f, 3.0), 3.0)", "this is a graph already", "use it as it is"),
    Bad("bl.trace(max, 3.0, 4.0)", "max is built in", "write a def that calls it"),
    # --- calls that Python cannot match
    *(
        Bad(f"bl.{n}()", f"{n} missing 1 required argument: 'f'", f"write {fixed}", right, fixed)
        for n, fixed, right in (
            ("grad", "bl.grad(f)(3.0)", "6.0"),
            ("jacobian", "bl.jacobian(f)(3.0)", "6.0"),
            ("hessian", "bl.hessian(f)(3.0)", "2.0"),
            ("vjp", "bl.vjp(f, 3.0)", ""),
            ("trace", "bl.trace(f, 3.0)", ""),
            ("step", "bl.step(f, 3.0)", ""),
            ("compile", "bl.compile(f, 3.0)", ""),
            ("checkpoint", "bl.checkpoint(f)", ""),
            ("custom", "bl.custom(f, vjp=rule)", ""),
        )
    ),
    Bad("bl.jvp(f)", "jvp missing 2 required arguments", "write bl.jvp(f, (3.0,), (1.0,))", "(9.0, 6.0)"),
    Bad("bl.hvp(f, (3.0,))", "hvp missing 1 required argument: 'vectors'", "write bl.hvp(f, (3.0,), (1.0,))", "2.0"),
    Bad("bl.grad(f, wrt='x')(3.0)", f"grad {KEYWORD} 'wrt'", "write bl.grad(f, argnums=0)(3.0)", "6.0"),
    Bad("bl.grad(f, argnum=0)(3.0)", f"grad {KEYWORD} 'argnum'", "write bl.grad(f, argnums=0)(3.0)", "6.0"),
    Bad(
        "bl.jacobian(f, argnums=0)", f"jacobian {KEYWORD} 'argnums'", 'write bl.jacobian(f, mode="forward")(3.0)', "6.0"
    ),
    Bad("bl.hessian(f, mode='forward')", f"hessian {KEYWORD} 'mode'", "write bl.hessian(f)(3.0)", "2.0"),
    Bad("bl.hessian(f, 3.0)", "hessian takes 1 argument but 2 were given", "write bl.hessian(f)(3.0)", "2.0"),
    Bad("bl.jvp(f, (3.0,), tangent=(1.0,))", f"jvp {KEYWORD} 'tangent'", "write bl.jvp(f, (3.0,), (1.0,))"),
    Bad("bl.vjp(f, x=3.0)", f"vjp {KEYWORD} 'x'", "write bl.vjp(f, 3.0)"),
    Bad("bl.checkpoint(f, every=2)", f"checkpoint {KEYWORD} 'every'", "write bl.checkpoint(f)"),
    Bad("bl.checkpoint(f, 3.0)", "checkpoint takes 1 argument but 2 were given", "write bl.checkpoint(f)"),
    Bad(
        "bl.custom(f, rule)",
        "custom takes 1 argument but 2 were given",
        "write bl.custom(f, vjp=rule)",
        "6.0",
        "bl.grad(bl.custom(f, vjp=rule))(3.0)",
    ),
    Bad(
        "bl.custom(f, grad=rule)",
        f"custom {KEYWORD} 'grad'",
        "write bl.custom(f, vjp=rule)",
        "6.0",
        "bl.grad(bl.custom(f, vjp=rule))(3.0)",
    ),
    Bad(
        "bl.check_grad(f, 3.0, h=1e-4)",
        f"check_grad {KEYWORD} 'h'",
        'write bl.check_grad(f, 3.0, modes=("reverse",), order=1)',
        "True",
        'bl.check_grad(f, 3.0, modes=("reverse",), order=1).passed',
    ),
    Bad(
        "bl.numerical_grad(f, 3.0, eps=1e-5)",
        f"numerical_grad {KEYWORD} 'eps'",
        "write bl.numerical_grad(f, 3.0, h=1e-4)",
        "6.0",
    ),
    Bad("bl.wirtinger(f)", "wirtinger missing 1 required argument: 'z'", "write bl.wirtinger(f, 1 + 2j)"),
    Bad("bl.jacobian(f)(x=3.0)", f"{KEYWORD} 'x'", "write the arguments by position"),
    Bad(
        "bl.vjp(f, 3.0)[1]()",
        "pullback missing 1 required argument",
        "write pullback(1.0)",
        "(6.0,)",
        "bl.vjp(f, 3.0)[1](1.0)",
    ),
    Bad(
        "bl.vjp(f, 3.0)[1](1.0, 2.0)",
        "pullback takes 1 argument but 2 were given",
        "write pullback(1.0)",
        "(6.0,)",
        "bl.vjp(f, 3.0)[1](1.0)",
    ),
    Bad("bl.grad(f)()", "f takes (x): missing a required argument: 'x'", CALL, *SIX),
    Bad("bl.grad(f)(3.0, 4.0)", "f takes (x): too many positional arguments", CALL, *SIX),
    Bad("bl.grad(f)(3.0, y=1)", "f takes (x): got an unexpected keyword argument 'y'", CALL, *SIX),
    Bad("bl.grad(f)(x=3.0)", "only arguments given by position are differentiated", "write grad(f)(3.0)", *SIX),
    Bad(
        "bl.grad(two)(3.0)",
        "two takes (x, y): missing a required argument: 'y'",
        "call it with a number for x and y",
        "(4.0, 3.0)",
        "bl.grad(two)(3.0, 4.0)",
    ),
    Bad(
        "bl.grad(two)([3.0, 4.0])",
        "two takes (x, y): missing a required argument: 'y'",
        "call it with a number for x and y",
    ),
    Bad(
        "bl.grad(lambda x, y: x)(1.0)",
        "takes (x, y): missing a required argument: 'y'",
        "call it with a number for x and y",
    ),
    Bad("bl.step(f, y=3.0)", "f takes (x): missing a required argument: 'x'", CALL),
    Bad("bl.step(f, 3.0, speed=2)", "f takes (x): got an unexpected keyword argument 'speed'", CALL),
    Bad("bl.trace(f)", "f takes (x): missing a required argument: 'x'", CALL),
    Bad("bl.compile(f)", "f takes (x): missing a required argument: 'x'", CALL),
    # --- arguments
    *(
        Bad(f"bl.grad(f)({x})", f"the argument x of f {NUMBER}, not {said}", GIVE, *SIX)
        for x, said in (
            ("'3'", "str '3'"),
            ("None", "None"),
            ("f", "the function f"),
            ("range(3)", "range range(0, 3)"),
            ("{1, 2}", "set {1, 2}"),
            ("math", "the module math"),
        )
    ),
    Bad("bl.trace(f, '3')", f"the argument x of f {NUMBER}, not str '3'", GIVE),
    Bad("bl.hessian(f)('3')", f"the argument x of f {NUMBER}", GIVE, "2.0", "bl.hessian(f)(3.0)"),
    Bad("bl.jacobian(f)([1.0, 'a'])", f"the argument x[1] of f {NUMBER}, not str 'a'", GIVE),
    Bad("bl.grad(f)(np.array(['a']))", "the argument x of f is an array of texts", "dtype=float"),
    Bad("bl.grad(f)(3 + 0j)", "returns a complex number, and a gradient needs one real number", "use wirtinger"),
    Bad(
        "bl.grad(f)(np.ones(2))",
        "returns an array of shape (2,), and a gradient needs one real number",
        "sum it up",
        "np.full(2, 2.0)",
        "bl.grad(lambda x: np.sum(f(x)))(np.ones(2))",
    ),
    Bad(
        "bl.grad(f)([1.0, 2.0])",
        LIST,
        f"call the function with {ONE}",
        "np.diag([2.0, 4.0])",
        "bl.jacobian(f)(np.array([1.0, 2.0]))",
    ),
    Bad(
        "bl.grad(norm)([1.0, 2.0])",
        NORM,
        f"call the function with {ONE}",
        "np.array([2.0, 4.0])",
        "bl.grad(norm)(np.array([1.0, 2.0]))",
    ),
    Bad(
        "bl.grad(norm)((1.0, 2.0))",
        "v is a tuple here, [1.0, 2.0], and no array",
        f"call the function with {ONE}",
        "np.array([2.0, 4.0])",
        "bl.grad(norm)(np.array([1.0, 2.0]))",
    ),
    *(
        Bad(
            f"bl.grad(lambda v: {code})([1.0, 2.0])",
            NORM,
            f"call the function with {ONE}",
            right,
            f"bl.grad(lambda v: {code})(np.array([1.0, 2.0]))",
        )
        for code, right in (
            ("v @ v", "np.array([2.0, 4.0])"),
            ("(v ** 2).sum()", "np.array([2.0, 4.0])"),
            ("v.sum()", "np.ones(2)"),
            ("np.sum(v - 1)", "np.ones(2)"),
            ("np.sum(-v)", "-np.ones(2)"),
            ("np.sum(abs(v))", "np.ones(2)"),
            ("np.sum(v / 2)", "np.full(2, 0.5)"),
            ("v.T @ v", "np.array([2.0, 4.0])"),
        )
    ),
    Bad(
        "bl.grad(lambda v: v[0, 1])([[1.0, 2.0]])",
        "v is a list here, [[1.0, 2.0]], and no array",
        "call the function with np.array([[1.0, 2.0]])",
        "np.array([[0.0, 1.0]])",
        "bl.grad(lambda v: v[0, 1])(np.array([[1.0, 2.0]]))",
    ),
    Bad(
        "bl.grad(lambda v: math.sin(v))([1.0])",
        "v is a list here, [1.0], and no array",
        "call the function with np.array([1.0])",
    ),
    Bad("bl.grad(lambda v: v[2])([1.0])", "v has 1 parts here, and this one is not among them", "count from 0 to 0"),
    Bad(
        "bl.grad(lambda p: p * 2)({'w': 1.0})",
        "p is a dict here, {'w': 1.0}, and not a number",
        "take one of its values, as in p['w']",
        "{'w': 2.0}",
        "bl.grad(lambda p: p['w'] * 2)({'w': 1.0})",
    ),
    Bad(
        "bl.grad(lambda p: p.w * 2)({'w': 1.0})",
        "p is a dict here",
        "take one of its values, as in p['w']",
        "{'w': 2.0}",
        "bl.grad(lambda p: p['w'] * 2)({'w': 1.0})",
    ),
    Bad(
        "bl.jvp(norm, ([1.0, 2.0],), ([1.0, 0.0],))",
        NORM,
        f"call the function with {ONE}",
        "(5.0, 2.0)",
        "bl.jvp(norm, (np.array([1.0, 2.0]),), (np.array([1.0, 0.0]),))",
    ),
    Bad("bl.trace(f, [])", "x is a list here, [], and no array", f"call the function with {ONE}"),
    Bad("bl.numerical_grad(f, [1.0, 2.0])", "x is a list here", "call the function with np.array("),
    # --- which arguments, which mode, which options
    Bad(
        "bl.grad(f, 3.0)",
        "argnums=3.0 must be a position",
        "write argnums=0 for the first argument",
        "6.0",
        "bl.grad(f, argnums=0)(3.0)",
    ),
    Bad(
        "bl.grad(two, 'y')(3.0, 4.0)",
        "argnums='y' must be a position",
        "write argnums=1 for the argument y",
        "3.0",
        "bl.grad(two, argnums=1)(3.0, 4.0)",
    ),
    Bad(
        "bl.grad(f, argnums=5)(3.0)",
        "argnums=5 is out of range: f was called with 1 positional argument",
        "choose among those",
        "6.0",
        "bl.grad(f, argnums=0)(3.0)",
    ),
    Bad(
        "bl.grad(two, (0, 0))(3.0, 4.0)",
        "argnums=(0, 0) names an argument of two twice",
        "name each once",
        "(4.0, 3.0)",
        "bl.grad(two, (0, 1))(3.0, 4.0)",
    ),
    Bad("bl.compile(f, 3.0, argnums='x')", "argnums='x' must be a position", "write argnums=0 for the argument x"),
    Bad("bl.jacobian(f, 3.0)", "mode=3.0 is no mode", "write bl.jacobian(f)(3.0)", "6.0"),
    Bad(
        "bl.jacobian(f, mode='fwd')",
        "there is no mode 'fwd'",
        'write mode="forward"',
        "6.0",
        'bl.jacobian(f, mode="forward")(3.0)',
    ),
    Bad(
        "bl.jacobian(f, mode='backward')",
        "there is no mode 'backward'",
        'write mode="reverse"',
        "6.0",
        'bl.jacobian(f, mode="reverse")(3.0)',
    ),
    Bad("bl.jacobian(f)()", "no arguments for f were given", "write jacobian(f)(3.0)", "6.0", "bl.jacobian(f)(3.0)"),
    Bad(
        "bl.step(f, 3.0, mode='rev')",
        "there is no mode 'rev'",
        'write mode="reverse"',
        "9.0",
        'bl.step(f, 3.0, mode="reverse").graph.value',
    ),
    Bad(
        "bl.step(f, 3.0, mode='fwd')",
        "there is no mode 'fwd'",
        'write mode="forward"',
        "9.0",
        'bl.step(f, 3.0, mode="forward").graph.value',
    ),
    Bad(
        "bl.step(two, 3.0, 4.0, mode='forward', wrt='z')",
        "wrt='z' is not one of the inputs x, y",
        'write wrt="x"',
        "12.0",
        'bl.step(two, 3.0, 4.0, mode="forward", wrt="x").graph.value',
    ),
    Bad(
        "bl.step(f, 3.0, wrt='x')",
        "wrt='x' is for a forward sweep alone",
        'write mode="forward"',
        "9.0",
        'bl.step(f, 3.0, wrt="x", mode="forward").graph.value',
    ),
    Bad(
        "bl.step(f, 3.0, predict='yes')",
        'predict=\'yes\' is neither True nor "sweep" nor "partials"',
        "write predict=True",
        "9.0",
        "bl.step(f, 3.0, predict=True).graph.value",
    ),
    Bad(
        "bl.step(f, 3.0, views=1)",
        "views=1 is no list of views",
        'write views=("paths",)',
        "9.0",
        'bl.step(f, 3.0, views=("paths",)).graph.value',
    ),
    Bad("bl.step(f, 3.0, open='turn 3')", "open='turn 3' is no list of parts", 'write open=["turn 3"]'),
    Bad(
        "bl.step(f, 3.0, open=['turn 3'])",
        "open=['turn 3'] has no place here, because the whole graph is shown",
        "leave open out",
        "9.0",
        "bl.step(f, 3.0).graph.value",
    ),
    Bad("bl.step(chained, 3.0, open=['turn 33'])", "this graph has no part 'turn 33'", "write open=['turn "),
    Bad("bl.step(f, 3.0, views=('tabel',))", "there is no view 'tabel'", 'write views=("paths",)'),
    Bad(
        "bl.step(f, 3.0, output='q')",
        "there is no node 'q' to be the output",
        "name one of x, f",
        "9.0",
        "bl.step(f, 3.0, output='f').graph.value",
    ),
    Bad(
        "bl.step(f, 3.0, seed='a')",
        "the seed must be a number, not str 'a'",
        "write 1.0",
        "9.0",
        "bl.step(f, 3.0, seed=1.0).graph.value",
    ),
    Bad("bl.step(pair, 3.0)", "the function returns 2 numbers", "return that one alone"),
    Bad("bl.step(f, 3.0).save(3)", "the file must be a name, not int 3", 'write save("slide.svg")'),
    Bad("bl.step(f, 3.0).save('f.xyz')", "f.xyz has no ending that says what to save", "the endings are .svg"),
    Bad("bl.hvp(f, 3.0, 1.0)", "hvp takes a tuple of primals", "write hvp(f, (2.0, 3.0), (1.0, 0.0))"),
    Bad("bl.jvp(f, 3.0, 1.0)", "jvp takes a tuple of primals and a tuple of tangents", "write jvp(f, (x,), (1.0,))"),
    Bad(
        "bl.jvp(f, (3.0,), (1.0, 1.0))",
        "jvp got 2 tangents for 1 primals",
        "give one tangent for each primal",
        "(9.0, 6.0)",
        "bl.jvp(f, (3.0,), (1.0,))",
    ),
    Bad("bl.jvp(f, (3.0,), ('a',))", f"tangent number 1 of f {NUMBER}, not str 'a'", GIVE),
    Bad(
        "bl.jvp(norm, (np.ones(2),), (np.ones(3),))",
        "tangent number 1 of norm has shape (3,), and its value has shape (2,)",
        "give one number for each number of the value",
    ),
    Bad("bl.vjp(f, 3.0)[1]('a')", f"the adjoint of f {NUMBER}, not str 'a'", GIVE),
    Bad(
        "bl.vjp(pair, 3.0)[1](1.0)",
        "pair has 2 outputs, and the pullback got 1 adjoint",
        "give one for each",
        "(2.0,)",
        "bl.vjp(pair, 3.0)[1]((1.0, 1.0))",
    ),
    Bad(
        "bl.check_grad(f, 3.0, order=3)",
        "order=3 must be 1 or 2",
        "write order=2",
        "True",
        "bl.check_grad(f, 3.0, order=2).passed",
    ),
    Bad(
        "bl.check_grad(f, 3.0, modes=('backward',))",
        "modes=('backward',)",
        'write modes=("forward", "reverse")',
        "True",
        'bl.check_grad(f, 3.0, modes=("forward", "reverse")).passed',
    ),
    Bad(
        "bl.check_grad(f, 3.0, modes=1)",
        "modes=1 must be a tuple of modes",
        'write modes=("reverse",)',
        "True",
        'bl.check_grad(f, 3.0, modes=("reverse",)).passed',
    ),
    *(
        Bad(
            f"bl.numerical_grad(f, 3.0, h={h})",
            f"h must be a positive number, and here it is {h}",
            "write h=1e-4",
            "6.0",
            "bl.numerical_grad(f, 3.0, h=1e-4)",
        )
        for h in ("0", "-1", "'a'", "None", "[1]")
    ),
    Bad(
        "bl.separating_inputs(f, 'Ada', low=5, high=1)",
        "low and high must be whole numbers in order, not 5 and 1",
        "write low=1, high=9",
    ),
    Bad("bl.separating_inputs(f, 'Ada', largest='a')", "largest must be a number, not 'a'", "write largest=1000.0"),
    Bad("bl.separating_inputs(f, 'Ada', ask='q')", "q is not an input", "ask for one of x"),
    # --- custom rules and checkpoints
    Bad("bl.custom(f)", "a custom f needs a rule", "give jvp= or vjp="),
    Bad("bl.custom(f, vjp=3.0)", "vjp= must be a function, not float", "write a def and give its name"),
    Bad(
        "bl.grad(bl.custom(f, vjp=f))(3.0)",
        "f's vjp rule must return (value, pullback)",
        "return the value and a function from its adjoint",
        "6.0",
        "bl.grad(bl.custom(f, vjp=rule))(3.0)",
    ),
    Bad(
        "bl.grad(bl.custom(f, vjp=lambda x: (x, lambda b: None)))(3.0)",
        "adjoint number 1 of f's vjp rule is NoneType None, and no number",
        "return a number or an array",
    ),
    Bad(
        "bl.grad(bl.custom(f, vjp=lambda x: (x, lambda b: 'a')))(3.0)",
        "adjoint number 1 of f's vjp rule is str 'a', and no number",
        "return a number or an array",
    ),
    Bad(
        "bl.grad(bl.custom(f, vjp=lambda x: (x, lambda b: (b, b))))(3.0)",
        "the pullback of f's vjp rule returns 2 adjoints for 1 arguments",
        "return a tuple with one for each",
    ),
    Bad(
        "bl.grad(bl.custom(f, vjp=lambda: 1.0))(3.0)",
        "f's rule takes 0 positional arguments but 1 was given",
        "write it to be called as vjp(x)",
    ),
    Bad(
        "bl.jvp(bl.custom(f, jvp=lambda x: 1.0), (3.0,), (1.0,))",
        "f's rule takes 1 positional argument but 2 were given",
        "write it to be called as jvp(primals, tangents)",
    ),
    Bad(
        "bl.grad(bl.custom(f, vjp=lambda x: (x, lambda: 1.0)))(3.0)",
        "f's rule takes 0 positional arguments but 1 was given",
        "write it to be called as pullback(adjoint)",
    ),
    Bad("bl.compile(f, 3.0).value()", "the program takes one number (x), not 0", "write program.value(x)"),
    Bad("bl.grad(lambda x: {x})(3.0)", "returns set {3}", "return a number, an array, or a tuple"),
    Bad("bl.grad(bl.custom(f, jvp=lambda x, t: 1.0))(3.0)", "f's jvp rule must return (value, tangent)", "return both"),
    Bad("bl.grad(bl.custom(nothing, vjp=rule))(3.0)", "nothing (line", "end it with return"),
    Bad("bl.grad(lambda x: bl.custom(f, vjp=rule)(x, 1.0))(3.0)", "f takes (x): too many positional arguments", CALL),
    Bad(
        "bl.grad(bl.checkpoint(two))(3.0)",
        "two takes (x, y): missing a required argument: 'y'",
        "call it with a number for x and y",
    ),
    Bad(
        "bl.grad(lambda x: bl.checkpoint(f)(x=x))(3.0)",
        f"{KEYWORD} 'x'",
        "write the arguments by position",
        "6.0",
        "bl.grad(lambda x: bl.checkpoint(f)(x))(3.0)",
    ),
    Bad("bl.grad(bl.checkpoint(nothing))(3.0)", "nothing returns nothing", "end it with return"),
    Bad(
        "bl.grad(lambda x: bl.checkpoint(lambda y: y * x)(x))(3.0)",
        "reaches for a traced value that is not one of its arguments",
        "give everything that is to be differentiated as an argument",
        "6.0",
        "bl.grad(lambda x: bl.checkpoint(lambda y, z: y * z)(x, x))(3.0)",
    ),
    # --- values that are kept, and threads
    Bad(
        "[bl.grad(lambda x: KEPT.append(x) or x)(3.0), bl.grad(lambda x: KEPT[-1] * x)(2.0)]",
        "this uses a traced value from an earlier call",
        "pass it on as an argument or a result",
    ),
    Bad(
        "[bl.grad(lambda x: KEPT.append(x) or x)(3.0), bl.grad(f)(KEPT[-1])]",
        "this uses a traced value from an earlier call",
        "pass it on as an argument or a result",
    ),
    Bad("bl.grad(lambda x: ThreadPoolExecutor(1).submit(math.sin, x).result())(3.0)", "plain number", "write"),
    # --- what functions return
    *(
        Bad(f"bl.{n}", "nothing (line", "end it with return and the number to differentiate")
        for n in (
            "grad(nothing)(3.0)",
            "trace(nothing, 3.0)",
            "jacobian(nothing)(3.0)",
            "vjp(nothing, 3.0)",
            "compile(nothing, 3.0)",
            "step(nothing, 3.0)",
        )
    ),
    *(Bad(f"bl.{n}(nothing, 3.0)", "nothing (line", "end it with return") for n in ("numerical_grad",)),
    Bad("bl.check_grad(nothing, 3.0)", "nothing returns nothing", "end it with return"),
    *(
        Bad(f"bl.{n}", "text (line", "return a number")
        for n in ("grad(text)(3.0)", "trace(text, 3.0)", "numerical_grad(text, 3.0)", "compile(text, 3.0)")
    ),
    Bad("bl.trace(texts, 3.0)", "texts (line", "return a number"),
    Bad("bl.grad(pair)(3.0)", "returns 2 values, and a gradient needs one", "use vjp for several"),
    Bad(
        "bl.check_grad(vector, 3.0)",
        "vector returns an array of shape (3,)",
        "sum it up",
        "True",
        "bl.check_grad(lambda x: np.sum(vector(x)), 3.0).passed",
    ),
    Bad("bl.compile(pair, 3.0).value_and_grad(3.0)", "pair returns several numbers", "return that one alone"),
    # --- graphs
    *(
        Bad(f"bl.{n}(f)", "this takes a graph, and the function f is none", f"write bl.{n}(bl.trace(f, 3.0)")
        for n in ("value_sweep", "tangent_sweep", "adjoint_sweep", "wrong_turns")
    ),
    Bad(
        "bl.paths(f, 'x')",
        "this takes a graph, and the function f is none",
        'write bl.paths(bl.trace(f, 3.0), "x")',
        "2",
        'len(list(bl.paths(bl.trace(f, 3.0), "x")))',
    ),
    Bad(
        "bl.count_paths(3.0, 'x')",
        "this takes a graph, and float 3.0 is none",
        'write bl.count_paths(bl.trace(f, 3.0), "x")',
        "2",
    ),
    Bad("bl.trace(f, 3.0)['q']", "no node is called q", "the names are x, f", "9.0", "bl.trace(f, 3.0)['f'].value"),
    Bad(
        "bl.trace(f, 3.0)[99]", "there is no node 99", "the numbers go from 0 to 1", "9.0", "bl.trace(f, 3.0)[1].value"
    ),
    Bad(
        "bl.trace(f, 3.0).replay(z=1)",
        "z is not an input",
        "give their new numbers by name",
        "16.0",
        "bl.trace(f, 3.0).replay(x=4).value",
    ),
    Bad(
        "bl.trace(f, 3.0).grad",
        "a graph has no .grad",
        "write bl.adjoint_sweep(graph)",
        "6.0",
        "bl.adjoint_sweep(bl.trace(f, 3.0)).result['x']",
    ),
    Bad("bl.trace(f, 3.0).foo", "a graph has no .foo", "dir(graph) lists what it has"),
    Bad(
        "bl.trace(f, 3.0)(4.0)",
        "a graph is no function",
        "write graph.replay(x=3.0)",
        "9.0",
        "(graph := bl.trace(f, 4.0), graph.replay(x=3.0).value)[1]",
    ),
    Bad(
        "bl.compile(f, 3.0)(4.0)",
        "a program is no function",
        "write program.value(3.0)",
        "16.0",
        "bl.compile(f, 3.0).value(4.0)",
    ),
    Bad(
        "bl.adjoint_sweep(bl.trace(f, 3.0))('x')",
        "a sweep is no function",
        "write sweep.result",
        "6.0",
        "bl.adjoint_sweep(bl.trace(f, 3.0)).result['x']",
    ),
    Bad(
        "bl.compile(f, 3.0).grad(3.0)",
        "a program has no .grad",
        "write program.value_and_grad(3.0)",
        "(9.0, 6.0)",
        "bl.compile(f, 3.0).value_and_grad(3.0)",
    ),
    Bad(
        "bl.adjoint_sweep(bl.trace(f, 3.0)).adjoint",
        "a sweep has no .adjoint",
        "write sweep.result",
        "{'x': 6.0, 'f': 1.0}",
        "bl.adjoint_sweep(bl.trace(f, 3.0)).result",
    ),
    Bad(
        "bl.adjoint_sweep(bl.trace(f, 3.0))['x']",
        "a sweep's steps are counted, and 'x' is no number",
        "write sweep.result['x']",
        "6.0",
        "bl.adjoint_sweep(bl.trace(f, 3.0)).result['x']",
    ),
    Bad(
        "bl.tangent_sweep(bl.trace(f, 3.0))",
        "a tangent sweep needs to know which input moves",
        "write tangent_sweep(graph, x=1.0)",
    ),
    Bad(
        "bl.tangent_sweep(bl.trace(f, 3.0), z=1.0)", "z is not one of the inputs x", "write tangent_sweep(graph, x=1.0)"
    ),
    Bad("bl.adjoint_sweep(bl.trace(f, 3.0), 'a')", "the seed must be a number, not str 'a'", "write 1.0"),
    Bad("bl.diagnose(bl.trace(f, 3.0), 'x', 'a')", "the answer must be a number, not str 'a'", "write 14.0"),
    Bad(
        "bl.diagnose(bl.trace(f, 3.0), 'x', 1.0, digits='a')",
        "digits must be a whole number, not 'a'",
        "write digits=4",
    ),
    # --- the lab's own functions and names
    *(
        Bad(f"bl.{n}({x})", f"{n} takes numbers and arrays, not {said}", GIVE)
        for n, x, said in (
            ("sin", "'a'", "str 'a'"),
            ("sin", "None", "None"),
            ("relu", "'a'", "str 'a'"),
            ("sigmoid", "None", "None"),
            ("softmax", "'a'", "str 'a'"),
        )
    ),
    Bad("bl.maximum(1)", "maximum takes 2 arguments, not 1", "write bl.maximum(a, b)"),
    Bad("bl.log(-1)", "the argument of log must be a positive number, and here it is -1", GUARD),
    *(
        Bad(f"bl.{n}(f)", f"backprop_lab has no {n}", "write bl.grad(f)(3.0)", *SIX)
        for n in ("gradient", "backward", "Tensor", "Value")
    ),
    Bad("bl.plot(f)", "backprop_lab has no plot", "write bl.step(f, 3.0)", "9.0", "bl.step(f, 3.0).graph.value"),
    Bad("bl.jit(f)", "backprop_lab has no jit", "write bl.compile(f, 3.0)", "9.0", "bl.compile(f, 3.0).value(3.0)"),
    Bad("bl.examples['edleman']", "no example is called edleman", "there are edelman"),
]

# What is the student's own passes unchanged: the code in a function of x, and the error.
OWN = [
    ("raise ValueError('no')", ValueError),
    ("assert x > 5, 'too small'", AssertionError),
    ("return [1, 2][5] * x", IndexError),
    ("return {}['k'] * x", KeyError),
    ("return 1 / 0 * x", ZeroDivisionError),
    ("return int('a') * x", ValueError),
    ("return undefined * x", NameError),
    ("return needs(x)", TypeError),
    ("return Point(x)[0]", TypeError),
    ("return Point(x).y", AttributeError),
    ("return math.sqrt(-1) * x", ValueError),
    ("import nope", ImportError),
    ("return np.foo(x)", AttributeError),
]
