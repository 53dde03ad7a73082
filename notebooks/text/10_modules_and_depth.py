# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 10 Modules and depth
#
# `nn.Linear(784, 100)` and then `loss.backward()`: two lines of PyTorch, and a net of a hundred layers knows its
# gradient. What is inside? A `forward`, a `backward`, and a loop. You write all three in this lesson, and see what
# depth costs: memory.
#
# Put your name into the third code cell. It takes about 45 minutes, and the exercises as long again.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% tags=["setup"]
bl.seed("your name")

# %% [markdown]
# ## Use it
#
# A library of layers is a collection of **modules**. `forward` computes the result, and keeps what the way back will
# need. `backward` takes the adjoint of the result, leaves the gradients of the module's own weights, and returns the
# adjoint of the input. A layer has one row of weights, z = W u, and u = (3, 4). From above arrives z̄ = 10. What is
# dJ/dW? Type two numbers. So which array must `forward` keep?

# %%
u = np.array([3.0, 4.0])
bl.guess((..., ...), bl.vjp(lambda W: W @ u, np.ones((1, 2)))[1](np.array([10.0]))[0][0])

# %%
class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, u):
        self.u = u
        return self.W @ u + self.b

    def backward(self, bar):
        self.W_bar, self.b_bar = np.outer(bar, self.u), bar
        return self.W.T @ bar

# %% [markdown]
# Tanh has no weights. Its slope is 1 − tanh², so the **result** is what it keeps. a = 0.6, and from above arrives 10:
# what goes back?

# %%
bl.guess(..., bl.vjp(np.tanh, np.arctanh(0.6))[1](10.0)[0])

# %%
class Tanh:
    def forward(self, z):
        self.a = np.tanh(z)
        return self.a

    def backward(self, bar):
        return bar * (1 - self.a**2)


def plug(module):
    return bl.custom(module.forward, vjp=lambda u: (module.forward(u), module.backward))

# %% [markdown]
# `plug` puts a module into a graph as one node: `forward` is its value, `backward` its rule. The reverse sweep then
# calls the modules from the last to the first. Which module's `backward` runs second, in a net `first`, `squash`,
# `last`? Type its name, in quotation marks.

# %%
net = bl.examples["two-layer"]
_, W1, b1, *_, y = net.inputs.values()
order = ["first", "squash", "last"]
bl.guess(..., order[::-1][1])

# %%
first, squash, last = Linear(W1, b1), Tanh(), Linear(np.array([[1.0, 3.0, -1.0]]), np.array([1.0]))


def loss(x):
    z = plug(first)(x)
    a = plug(squash)(z)
    tau = plug(last)(a)
    return np.sum((y - tau)**2) / 2


print(str(bl.check_grad(loss, net.inputs["x"] / 10, order=1)).splitlines()[0])
bl.step(loss, x=net.inputs["x"] / 10)

# %% [markdown]
# `bl.check_grad` compares the three rules with differences, and then the whole, in forward and in reverse mode. In
# PyTorch the same module is a `torch.autograd.Function` with `forward(ctx, u)` and `backward(ctx, bar)`; what is kept
# goes into `ctx.save_for_backward(u)`.

# %%
# exercise: modules.1

# %%
# exercise: modules.5

# %% [markdown]
# ## Predict
#
# z⁽ᵏ⁾ = W⁽ᵏ⁾a⁽ᵏ⁻¹⁾ + b⁽ᵏ⁾ and a⁽ᵏ⁾ = relu(z⁽ᵏ⁾), and the last layer without relu. Here are three layers. You are the
# reverse sweep, at numbers of your own: whose turn is it?

# %%
deep = bl.examples["deep"]
yours = bl.separating_inputs(deep.function, bl.seed(), like=deep.inputs)
deep.step(**yours, predict="sweep")

# %% [markdown]
# ## Look: r layers
#
# Forward, **every z and every a is kept**, because the way back needs them. How many arrays are these for three layers,
# with x and without the last z? Count a⁽⁰⁾ = x, then z and a of two layers.

# %%
layers = len(deep.inputs["layers"])
bl.guess(..., 1 + 2 * (layers - 1))

# %%
Ws = [np.atleast_2d(weights) for weights, bias in deep.inputs["layers"]]  # the last layer's one row: a matrix, too
bs = [np.atleast_1d(bias) for weights, bias in deep.inputs["layers"]]
zs, kept = [], [deep.inputs["x"]]
for weights, bias in zip(Ws, bs, strict=True):
    zs.append(weights @ kept[-1] + bias)
    kept.append(np.maximum(zs[-1], 0))
print("z:", [z_k.tolist() for z_k in zs], "  a:", [a_k.tolist() for a_k in kept[:-1]])
deep.step()

# %% [markdown]
# Backward, the same rules go round, k = r … 1: five lines go back through a net of any depth. Before you run them: the
# last z is 3 and y is 1. What is the first adjoint, −(y − τ)?

# %%
bl.guess(..., -(deep.inputs["y"] - 3.0))

# %%
bar, found = -(deep.inputs["y"] - zs[-1]), {}
for k in reversed(range(len(Ws))):
    found[k] = np.outer(bar, kept[k]), bar       # dJ/dW = dJ/dz · aᵀ and dJ/db = dJ/dz
    bar = Ws[k].T @ bar                          # dJ/da = Wᵀ dJ/dz, one layer further down
    if k > 0:
        bar = bar * (zs[k - 1] > 0)              # dJ/dz = dJ/da ⊙ relu′(z)

_, (x_bar, by_engine, _) = bl.value_and_grad(deep.function)(*deep.inputs.values())
for k, (W_bar, b_bar) in enumerate(by_engine):
    same = np.array_equal(found[k][0], np.atleast_2d(W_bar)) and np.array_equal(found[k][1], np.atleast_1d(b_bar))
    print(f"layer {k + 1}: W {found[k][0].tolist()}, b {found[k][1].tolist()}:", "agrees" if same else "DIFFERS")
print("x:", bar.tolist(), "agrees" if np.array_equal(bar, x_bar) else "DIFFERS")

# %%
# exercise: modules.3

# %% [markdown]
# ## Explain: memory, and how to trade it for time
#
# What is kept grows with the depth. `bl.checkpoint` keeps only what goes into a segment of layers, and computes its
# inside again on the way back. (PyTorch: `torch.utils.checkpoint.checkpoint(segment, a, use_reentrant=False)`.)
#
# Each layer has 5 units, and keeps a product and a tanh: ten numbers. One layer and the sum at the end keep 16. How
# many do 32 layers keep?

# %%
random, first_layer, each_more = np.random.default_rng(8), 16, 10
bl.guess(..., first_layer + 31 * each_more)


# %%
def segment(weights, a):
    for W in weights:
        a = np.tanh(W @ a)
    return a


def tower(weights, a, length=None):
    part = segment if length is None else bl.checkpoint(segment)
    for k in range(0, len(weights), length or len(weights)):
        a = part(weights[k : k + (length or len(weights))], a)
    return np.sum(a**2)

# %%
# exercise: modules.4


# %%
def counted(depth, length=None):
    weights, start = list(random.normal(size=(depth, 5, 5)) / 2), np.ones(5)
    sweep = bl.adjoint_sweep(bl.trace(lambda weights, a: tower(weights, a, length), weights, start))
    return sweep.counts["stored"] - 25 * depth - 5, sweep.counts["multiplications"]


for depth in (1, 2, 4, 8, 16, 32):
    print(f"{depth:2} layers: {counted(depth)[0]:3} numbers stored beside the inputs")
for length in (None, 16, 8, 4, 2, 1):
    stored, products = counted(32, length)
    print(f"32 layers, segments: {length or 'none':>4}, stored: {stored:3}, multiplications back: {products}")

# %% [markdown]
# Ten numbers more for each layer. With segments of 4, about a quarter of them is held at a time, for the price of one
# more forward pass: 32 · 25 = 800 multiplications. Long segments store more, because a whole segment is there again,
# and short ones too, because of their inputs.
#
# ## Break it
#
# One rule of this sweep is broken. Find out which.

# %%
deep.step(mystery=bl.seed() + " 10")

# %% [markdown]
# And a module that is used twice? `forward` keeps its u in one place, so the second call writes over the first. Two
# layers share W = 3: z = 3 · (3 · u). dJ/dW is 2 · 3 · u = 30 at u = 5. What does this module find for W, if z̄ = 1?


# %%
shared = Linear(np.array([[3.0]]), np.array([0.0]))
shared.forward(shared.forward(np.array([5.0])))
shared.backward(np.array([1.0]))
bl.guess(..., shared.W_bar[0, 0])

# %%
print("the module:", shared.W_bar[0, 0], "  right:", bl.grad(lambda w: w * (w * 5.0))(3.0))

# %% [markdown]
# Two rules are broken: the u of the first call is gone, and `backward` writes `W_bar` in place of adding to it. That is
# why libraries keep what they need on the tape and **add** into `W.grad`.
#
# ## Your own function
#
# Write a module of your own: another activation, a layer that adds its input to its result, a branch in `forward` that
# `backward` has to follow. `bl.check_grad` says whether it is right.


# %%
class Mine:
    def forward(self, z):
        self.z = z
        return np.sin(z)

    def backward(self, bar):
        return bar * np.cos(self.z)


print(bl.check_grad(lambda z: np.sum(plug(Mine())(z)), np.array([0.5, 1.0]), order=1))

# %% [markdown]
# ## Exercises
#
# The others are in the text. This one brings the lesson together.

# %%
# exercise: modules.2

# %%
bl.progress("modules")

# %% [markdown]
# ## Next
#
# In a training run the memory for all z and a is what fills the graphics card: it grows with the depth and with the
# batch, and not with the number of weights alone.
#
# That ends the first part of the course. What comes next is training, and it begins with what stops it:
# [`11_numbers_that_break`](11_numbers_that_break.ipynb).
#
# **Sources.** Modules and the recursion: Stanford CS229 (2022), lecture 9, *Neural Networks 2 (backprop)*.
# Checkpointing: Andreas Griewank and Andrea Walther, *Evaluating Derivatives*, chapter 12.
#
# **Learn more.** Tianqi Chen and others, [*Training Deep Nets with Sublinear Memory Cost*](https://arxiv.org/abs/1604.06174)
# (2016): segments as long as the square root of the depth.
