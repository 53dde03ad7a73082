"""Engines as students write them, for `bl.from_values`: four shapes, and thirty and more mistakes in one of them.

`ENGINE` keeps a set of parents and a closure for each operation (as micrograd does), `LOCAL` tuples of parents with
local partials and no names (as microgpt does), `SCALAR` a history, and derivatives of its leaves (as minitorch does).
A mistake is a text to look for in `ENGINE`, the text in its place, and what the lab has to say of it.
"""

from typing import NamedTuple

__all__ = ["ENGINE", "LOCAL", "MISTAKES", "PROGRAMS", "SCALAR", "Mistake", "made"]

ENGINE = """
import math

class Value:
    def __init__(self, data, parents=(), op="", label=""):
        self.data, self._prev, self._op, self.label = data, set(parents), op, label
        self.grad = 0.0
        self._backward = lambda: None

    def __repr__(self):
        return f"Value({self.data:g})"

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")
        def back():
            self.grad += out.grad
            other.grad += out.grad  # add
        out._backward = back
        return out

    def __sub__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data - other.data, (self, other), "-")
        def back():
            self.grad += out.grad
            other.grad -= out.grad  # sub
        out._backward = back
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")
        def back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._backward = back
        return out

    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data / other.data, (self, other), "/")
        def back():
            self.grad += out.grad / other.data
            other.grad += -self.data / other.data**2 * out.grad
        out._backward = back
        return out

    def __pow__(self, n):
        out = Value(self.data**n, (self,), f"**{n}")
        def back():
            self.grad += n * self.data ** (n - 1) * out.grad
        out._backward = back
        return out

    def __neg__(self):
        out = Value(-self.data, (self,), "neg")
        def back():
            self.grad -= out.grad  # neg
        out._backward = back
        return out

    def exp(self):
        out = Value(math.exp(self.data), (self,), "exp")
        def back():
            self.grad += out.data * out.grad
        out._backward = back
        return out

    def log(self):
        out = Value(math.log(self.data), (self,), "log")
        def back():
            self.grad += 1 / self.data * out.grad
        out._backward = back
        return out

    def tanh(self):
        out = Value(math.tanh(self.data), (self,), "tanh")
        def back():
            self.grad += (1 - out.data**2) * out.grad
        out._backward = back
        return out

    def sigmoid(self):
        out = Value(1 / (1 + math.exp(-self.data)), (self,), "sigmoid")
        def back():
            self.grad += out.data * (1 - out.data) * out.grad
        out._backward = back
        return out

    def relu(self):
        out = Value(max(self.data, 0.0), (self,), "ReLU")
        def back():
            self.grad += (out.data > 0) * out.grad
        out._backward = back
        return out

    __radd__, __rmul__ = __add__, __mul__

    def backward(self):
        order, seen = [], set()
        def visit(node):
            if node not in seen:
                seen.add(node)
                for parent in node._prev:
                    visit(parent)
                order.append(node)
        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            node._backward()
"""

LOCAL = """
import math

class Value:
    __slots__ = ("data", "grad", "_children", "_local_grads")

    def __init__(self, data, children=(), local_grads=()):
        self.data, self.grad, self._children, self._local_grads = data, 0, children, local_grads

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, n):
        return Value(self.data**n, (self,), (n * self.data ** (n - 1),))

    def log(self):
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def exp(self):
        return Value(math.exp(self.data), (self,), (math.exp(self.data),))

    def relu(self):
        return Value(max(0, self.data), (self,), (float(self.data > 0),))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __truediv__(self, other):
        return self * other**-1

    __radd__, __rmul__ = __add__, __mul__

    def backward(self):
        order, seen, todo = [], set(), [(self, False)]
        while todo:
            node, done = todo.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                todo += [(node, True), *((child, False) for child in node._children)]
        self.grad = 1
        for node in reversed(order):
            for child, local in zip(node._children, node._local_grads):
                child.grad += local * node.grad
"""

SCALAR = """
import math

class Mul:
    def forward(a, b): return a * b
    def backward(a, b, y, d): return d * b, d * a

class Add:
    def forward(a, b): return a + b
    def backward(a, b, y, d): return d, d

class Sigmoid:
    def forward(a): return 1 / (1 + math.exp(-a))
    def backward(a, y, d): return (d * y * (1 - y),)

class Inv:
    def forward(a): return 1 / a
    def backward(a, y, d): return (-d * y * y,)

class History:
    def __init__(self, last_fn=None, inputs=()):
        self.last_fn, self.inputs = last_fn, inputs

class Scalar:
    def __init__(self, v, history=None, name=None):
        self.data, self.history, self.derivative, self.name = float(v), history or History(), None, name

    def made(kind, *inputs):
        inputs = [x if isinstance(x, Scalar) else Scalar(x) for x in inputs]
        return Scalar(kind.forward(*(x.data for x in inputs)), History(kind, inputs))

    def __add__(self, other): return Scalar.made(Add, self, other)
    def __mul__(self, other): return Scalar.made(Mul, self, other)
    def inv(self): return Scalar.made(Inv, self)
    def sigmoid(self): return Scalar.made(Sigmoid, self)

    def backward(self):
        order, seen = [], set()
        def visit(x):
            if id(x) not in seen:
                seen.add(id(x))
                for y in x.history.inputs:
                    visit(y)
                order.append(x)
        visit(self)
        bars = {id(self): 1.0}
        for x in reversed(order):
            if x.history.last_fn is None:
                x.derivative = (x.derivative or 0.0) + bars.get(id(x), 0.0)
                continue
            sent = x.history.last_fn.backward(*(y.data for y in x.history.inputs), x.data, bars[id(x)])
            for y, bar in zip(x.history.inputs, sent):
                bars[id(y)] = bars.get(id(y), 0.0) + bar
"""

PROGRAMS = {
    "mixed": """
def program():
    x, y, w = Value(1.3, label="x"), Value(0.7, label="y"), Value(-0.6, label="w")
    a = x * y
    b = a + w
    c = b.tanh()
    d = c / y
    e = d - a * w
    f = e.exp()
    g = (f + 2.5).log()
    h = -g
    k = (h * b) ** 3
    m = k.sigmoid()
    n = (m + a * a).relu()
    p = (y - x) / (e + 3.1)
    q = n * -1.7 + p**2 * f
    loss = q / 2.3 + c * h
    BACK
    return loss
""",
    "net": """
def program():
    xs = [Value(0.9), Value(-1.2)]
    ws = [[Value(0.4), Value(0.3)], [Value(-0.8), Value(0.5)], [Value(0.2), Value(-0.45)]]
    bs = [Value(0.15), Value(-0.1), Value(0.25)]
    vs = [Value(1.1), Value(-0.7), Value(0.9)]
    hidden = []
    for w, b in zip(ws, bs):
        z = w[0] * xs[0] + w[1] * xs[1] + b
        hidden.append(z.tanh())
    out = vs[0] * hidden[0] + vs[1] * hidden[1] + vs[2] * hidden[2]
    r = out.relu() + out.sigmoid() / (hidden[0].exp() + 1.5)
    err = r - 0.3 - (hidden[0] + hidden[2] + 1.0).relu() * 1.9
    loss = err**2 + (out * out) / 4.0 - (r + 2.0).log() + -(hidden[1] ** 3)
    BACK
    return loss
""",
}


class Mistake(NamedTuple):
    """A mistake in ENGINE: what is replaced by what, the name of its wrong turn, and the operation, if it is in one."""

    old: str
    new: str
    name: str
    op: str | None = None
    back: str = "loss.backward()"  # how the sweep is called


# Each block: the name and, where it is one's alone, the operation; what is replaced (-) by what (+). A third part of
# the head is another way to call the sweep.
WRITTEN = """
minus lost | sub
- other.grad -= out.grad  # sub
+ other.grad += out.grad

minus lost | neg
- self.grad -= out.grad  # neg
+ self.grad += out.grad

minus lost | div
- += -self.data / other.data**2
+ += self.data / other.data**2

wrong sign | add
- other.grad += out.grad  # add
+ other.grad -= out.grad

plus for minus | tanh
- (1 - out.data**2)
+ (1 + out.data**2)

factors not swapped | mul
- self.grad += other.data * out.grad
-             other.grad += self.data * out.grad
+ self.grad += self.data * out.grad
+             other.grad += other.data * out.grad

partials swapped | div
- self.grad += out.grad / other.data
-             other.grad += -self.data / other.data**2 * out.grad
+ other.grad += out.grad / other.data
+             self.grad += -self.data / other.data**2 * out.grad

both to one operand | mul
- other.grad += self.data * out.grad
+ self.grad += self.data * out.grad

sends nothing | mul
- other.grad += self.data * out.grad
+ pass

quotient without square | div
- -self.data / other.data**2
+ -self.data / other.data

numerator lost | div
- -self.data / other.data**2
+ -1 / other.data**2

whole-number division | div
- += out.grad / other.data
+ += out.grad // other.data

exponent lost | power
- n * self.data ** (n - 1)
+ self.data ** (n - 1)

exponent not lowered | power
- n * self.data ** (n - 1)
+ n * self.data**n

square lost | tanh
- (1 - out.data**2)
+ (1 - out.data)

taken at the operand | tanh
- (1 - out.data**2)
+ (1 - self.data**2)

a factor lost | sigmoid
- out.data * (1 - out.data) * out.grad
+ (1 - out.data) * out.grad

taken at the operand | sigmoid
- out.data * (1 - out.data) * out.grad
+ self.data * (1 - self.data) * out.grad

taken at the operand | exp
- self.grad += out.data * out.grad
+ self.grad += self.data * out.grad

slope at the output | log
- 1 / self.data * out.grad
+ 1 / out.data * out.grad

another function's rule | log
- 1 / self.data * out.grad
+ self.data * out.grad

gated by the gradient | relu
- (out.data > 0) * out.grad
+ out.grad * (out.grad > 0)

upstream factor lost | exp
- self.grad += out.data * out.grad
+ self.grad += out.data

added instead of multiplied | tanh
- (1 - out.data**2) * out.grad
+ (1 - out.data**2) + out.grad

local partial lost | log
- self.grad += 1 / self.data * out.grad
+ self.grad += out.grad

own gradient for the result's | exp
- self.grad += out.data * out.grad
+ self.grad += out.data * self.grad

assigned instead of added
- grad +=
+ grad =

assigned instead of added | mul
- self.grad += other.data * out.grad
+ self.grad = other.data * out.grad

assigned instead of added | tanh
- self.grad += (1 - out.data**2)
+ self.grad = (1 - out.data**2)

stale numbers | mul
- (self, other), "*")
-         def back():
-             self.grad += other.data * out.grad
-             other.grad += self.data * out.grad
+ (self, other), "*")
+         Value.kept = self.data, other.data
+         def back():
+             self.grad += Value.kept[1] * out.grad
+             other.grad += Value.kept[0] * out.grad

order not reversed
- reversed(order)
+ order

not seeded
- self.grad = 1.0
+ pass

seeded with the value
- self.grad = 1.0
+ self.grad = self.data

wrong seed
- self.grad = 1.0
+ self.grad = 2.0

not zeroed | | loss.backward(); loss.backward()

nothing goes back
-                 order.append(node)
+

no topological order
-                 for parent in node._prev:
-                     visit(parent)
-                 order.append(node)
+                 order.insert(0, node)
+                 for parent in node._prev:
+                     visit(parent)

no topological order
-         visit(self)
-
+         order = [self]
+         for node in order:
+             order += [p for p in node._prev if p not in order]
+         order.reverse()
+

recursion
-         visit(self)
-         self.grad = 1.0
-         for node in reversed(order):
-             node._backward()
+         self.grad = 1.0
+         def go(node):
+             node._backward()
+             for parent in node._prev:
+                 go(parent)
+         go(self)

detached | sub
- (self, other), "-")
+ (self,), "-")

detached | div
- (self, other), "/")
+ (other,), "/")

precedence | power
- n * self.data ** (n - 1) * out.grad
+ (n * self.data**n - 1) * out.grad

two times for squared | div
- -self.data / other.data**2 * out.grad
+ -self.data / other.data * 2 * out.grad

two times for squared | tanh
- (1 - out.data**2)
+ (1 - out.data * 2)

partials swapped | sub
- self.grad += out.grad
-             other.grad -= out.grad  # sub
+ self.grad -= out.grad
+             other.grad += out.grad  # sub

sends nothing | neg
- self.grad -= out.grad  # neg
+ pass

own gradient for the result's | mul
- self.grad += other.data * out.grad
+ self.grad += other.data * self.grad

function for its slope | mul
- self.grad += other.data * out.grad
+ self.grad += out.data * out.grad

wrong rule | log
- 1 / self.data * out.grad
+ 1 / (self.data * math.log(10)) * out.grad

wrong rule | mul
- self.grad += other.data * out.grad
+ self.grad += abs(other.data * out.grad)

not zeroed | | PART.backward(); loss.backward()

not zeroed | | loss.backward(); PART.backward()

cleared after use
-             node._backward()
+             node._backward()
+             node.grad = node.grad if node is self or not node._prev else 0.0

equal numbers taken for one node
- if node not in seen:
-                 seen.add(node)
+ if node.data not in seen:
+                 seen.add(node.data)

recursion
- if node not in seen:
+ if True:

one parent visited
- for parent in node._prev:
+ for parent in list(node._prev)[:1]:

ends too early
- reversed(order)
+ list(reversed(order))[:6]
"""


def _mistakes(text):
    for block in text.strip().split("\n\n"):
        head, *rows = block.split("\n")
        name, op, back = ([part.strip() for part in head.split("|")] + ["", ""])[:3]
        old, new = ("\n".join(row[2:] for row in rows if row[0] == sign) for sign in "-+")
        yield Mistake(old, new, name, op or None, back or "loss.backward()")


MISTAKES = list(_mistakes(WRITTEN))


def made(source=ENGINE, program="mixed", back="loss.backward()"):
    """The function of a program on an engine, with lines of its own."""
    import linecache

    text = source + PROGRAMS[program].replace("BACK", back).replace("PART", "out" if program == "net" else "c")
    name = f"<an engine {abs(hash(text))}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    space = {"__name__": "engine"}
    exec(compile(text, name, "exec"), space)
    return space["program"]
