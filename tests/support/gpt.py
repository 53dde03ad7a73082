"""A GPT of lists of numbers, after the structure of A. Karpathy's microgpt (2026): one layer, 4 heads, 16 channels.

4,064 parameters; at four tokens its graph has some 34,000 nodes. Root-mean-square norms, keys and values in lists that
grow, attention in heads, a hidden layer of 64 with relu, skips around both, cross entropy as loss.
"""

import random

import backprop_lab as bl

CHANNELS, HEADS, LETTERS, BLOCK = 16, 4, 27, 8
EACH = CHANNELS // HEADS


def parameters(seed=42, spread=0.08):
    """The weights, as lists of rows."""
    draw = random.Random(seed)

    def matrix(rows, columns):
        return [[draw.gauss(0, spread) for _ in range(columns)] for _ in range(rows)]

    square = {name: matrix(CHANNELS, CHANNELS) for name in ("wq", "wk", "wv", "wo")}
    return {
        "wte": matrix(LETTERS, CHANNELS),
        "wpe": matrix(BLOCK, CHANNELS),
        "head": matrix(LETTERS, CHANNELS),
        **square,
        "up": matrix(4 * CHANNELS, CHANNELS),
        "down": matrix(CHANNELS, 4 * CHANNELS),
    }


def linear(x, w):
    return [sum(wi * xi for wi, xi in zip(row, x, strict=True)) for row in w]


def norm(x):
    square = sum(xi * xi for xi in x) / len(x)
    scale = (square + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def softmax(logits):
    exps = [bl.exp(x) for x in logits]
    total = sum(exps)
    return [e / total for e in exps]


def attention(x, keys, values, p):
    q = linear(x, p["wq"])
    keys.append(linear(x, p["wk"]))
    values.append(linear(x, p["wv"]))
    mixed = []
    for head in range(0, CHANNELS, EACH):
        mine = slice(head, head + EACH)
        scores = [sum(a * b for a, b in zip(q[mine], k[mine], strict=True)) / EACH**0.5 for k in keys]
        weights = softmax(scores)
        mixed += [sum(w * v[j] for w, v in zip(weights, values, strict=True)) for j in range(head, head + EACH)]
    return linear(mixed, p["wo"])


def mlp(x, p):
    hidden = [bl.relu(h) for h in linear(x, p["up"])]
    return linear(hidden, p["down"])


def embedding(token, position, p):
    return norm([a + b for a, b in zip(p["wte"][token], p["wpe"][position], strict=True)])


def gpt(tokens, p):
    keys, values, losses = [], [], []
    for position in range(len(tokens) - 1):
        x = embedding(tokens[position], position, p)
        x = [a + b for a, b in zip(x, attention(norm(x), keys, values, p), strict=True)]
        x = [a + b for a, b in zip(x, mlp(norm(x), p), strict=True)]
        logits = linear(x, p["head"])
        losses.append(-bl.log(softmax(logits)[tokens[position + 1]]))
    loss = sum(losses) / len(losses)
    return loss


def emma():
    """The loss of the letters of “.emma”, with the whole of `parameters` as inputs."""
    letters = [26, 4, 12, 12, 0]

    def loss(p):
        return gpt(letters, p)

    return loss
