"""Large graphs for the tests of folding: a loop, a net written with numbers and classes, flat code."""

import linecache
import random

import backprop_lab as bl


def loop(x, y, turns):
    s = x
    for _ in range(turns):
        s = s * y + x
    return s


class Neuron:
    def __init__(self, w, b, bends):
        self.w, self.b, self.bends = w, b, bends

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return bl.tanh(act) if self.bends else act


class Layer:
    def __init__(self, w, b, bends):
        self.neurons = [Neuron(wi, bi, bends) for wi, bi in zip(w, b, strict=True)]

    def __call__(self, x):
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out


class MLP:
    def __init__(self, p):
        self.layers = [Layer(w, b, k < len(p) - 1) for k, (w, b) in enumerate(p)]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def parameters(sizes):
    draw = random.Random(1)

    def numbers(count):
        return [round(draw.uniform(-1, 1), 2) for _ in range(count)]

    return [([numbers(a) for _ in range(b)], numbers(b)) for a, b in zip(sizes, sizes[1:], strict=False)]


def net(p, x1, x2):
    y = MLP(p)([x1, x2])
    loss = (y - 1.0) ** 2
    return loss


def layer(w, b, x):
    return [bl.tanh(sum(wij * xj for wij, xj in zip(wi, x, strict=True)) + bi) for wi, bi in zip(w, b, strict=True)]


def layers(w1, b1, w2, b2, x):
    h = layer(w1, b1, x)
    y = layer(w2, b2, h)
    return sum(y)


def flat(operations):
    """A function of so many lines, without a loop or a helper, in a file that the tracer can read."""
    kinds = ("bl.sin(a{p}) * y", "a{p} + x", "a{p} * a{q}", "bl.tanh(a{p})")
    lines = ["def flat(x, y):", "    a0 = x * y"]
    lines += [f"    a{k} = " + kinds[k % 4].format(p=k - 1, q=max(0, k - 3)) for k in range(1, operations)]
    lines.append(f"    return a{operations - 1}")
    name, text = f"<flat {operations}>", "\n".join(lines)
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    names = {"bl": bl}
    exec(compile(text, name, "exec"), names)
    return names["flat"]


GRAPHS = {
    "loop": lambda: bl.trace(lambda x, y: loop(x, y, 100), 0.5, 0.9),
    "net": lambda: bl.trace(net, parameters([2, 3, 3, 1]), 0.5, -0.3),
    "flat": lambda: bl.trace(flat(240), 0.5, 0.9),
}
