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


def turns_of(count):
    """Newton's loop for the root of 2, so many turns."""

    def root(x):
        for _ in range(count):
            x = x - 0.1 * (x * x - 2)
        return x

    return root


def neuron(w, x):
    s = 0.1
    for a, b in zip(w, x, strict=True):
        s = s + a * b
    return bl.tanh(s)


def wide(x1, x2):
    """A net of 2, 16, 16 and 1 neurons with its weights as constants: 949 nodes."""
    draw = random.Random(7)
    h = [x1, x2]
    for count in (16, 16, 1):
        h = [neuron([draw.uniform(-1, 1) for _ in h], h) for _ in range(count)]
    return h[0] ** 2


def chain(x):
    for k in range(30):
        x = bl.sin(x) + 0.5 if k % 2 else x * 1.1
    return x


def fan_out(x):
    used = [x * bl.sin(x), x + 1, x**2, x / 2, bl.exp(x), 3 * x, 4 * x, x - 5, 6.5 * x, x * x, 1 / x, x**3, bl.tanh(x)]
    return sum(used) + bl.cos(x) * (x + 7) / (x + 8) - (2 - x) * (x - 11)


def inputs15(a, b, c, d, e, f, g, h, i, j, k, m, n, o, p):
    return (a * b + c * d + e * f + g * h) * (i + j * k) + bl.sin(m * n) + o * p


def names_of_30(the_learning_rate_of_one_trial, another_rather_long_name_again):
    the_running_total_of_all_turns = the_learning_rate_of_one_trial * another_rather_long_name_again
    for _ in range(60):
        the_running_total_of_all_turns = the_running_total_of_all_turns * another_rather_long_name_again
        the_running_total_of_all_turns = the_running_total_of_all_turns + the_learning_rate_of_one_trial
    return the_running_total_of_all_turns


def squares(w):
    return sum((wk - 0.5) ** 2 for wk in w) / len(w)


def lists():
    """A GPT of lists: 4,064 parameters, four letters to come."""
    return bl.trace(lambda p: bl.examples.gpt.loss(p, "mia"), bl.examples.gpt.parameters())


# What a picture must hold, beside the worked examples.
LARGE = {
    "10 turns": lambda: bl.trace(turns_of(10), 1.0),
    "200 turns": lambda: bl.trace(turns_of(200), 1.0),
    "20,000 turns": lambda: bl.trace(lambda x, y: loop(x, y, 20_000), 0.5, 0.9),
    "949 nodes": lambda: bl.trace(wide, 0.5, -1.0),
    "a chain of 30": lambda: bl.trace(chain, 0.4),
    "a fan-out of 20": lambda: bl.trace(fan_out, 0.7),
    "15 inputs": lambda: bl.trace(inputs15, *(0.1 * k + 0.2 for k in range(15))),
    "names of 30 letters": lambda: bl.trace(names_of_30, 0.123456, -0.98765),
    "4,000 inputs": lambda: bl.trace(squares, [0.5 + k / 4000 for k in range(4000)]),
    "a GPT of lists": lists,
}
