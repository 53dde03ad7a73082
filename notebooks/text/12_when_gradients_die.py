# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 12 When gradients die
#
# A net of ten layers has been trained for an hour. The last layer has learnt a lot. The first layer has hardly moved,
# and no program has an error. For a long time this was one reason why deep nets were so hard to train. What stops the
# gradient on its way to the first layer? And what lets it through?
#
# Put your name into the third code cell: it decides which numbers you get. It takes about 45 minutes.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% tags=["setup"]
bl.seed("your name")

# %% [markdown]
# ## Use it
#
# The sigmoid, σ(z) = 1/(1 + e⁻ᶻ), was for a long time the usual activation. Its slope is y (1 − y), where y is its
# result, a number between 0 and 1. How large is the slope at most?

# %%
bl.guess(..., bl.grad(bl.sigmoid)(0.0))

# %%
for z in (0.0, 2.0, 5.0, 10.0):
    print(f"z = {z:4}   sigmoid {bl.sigmoid(z):.5f}   slope {bl.grad(bl.sigmoid)(z):.5f}")

# %% [markdown]
# Far from 0 a sigmoid is flat: it is **saturated**. Here are ten sigmoids in a row. The adjoint of the first x is a
# product of ten slopes. If each were as large as possible, a quarter, by what would 1 be divided?

# %%
bl.guess(..., bl.grad(bl.sigmoid)(0.0) ** -10)


# %%
def ten(x):
    a = x
    for _ in range(10):
        a = bl.sigmoid(a)
    return a


bl.step(ten, x=1.0)

# %%
# Step through the adjoints, from the end to the beginning: each layer takes a factor of 4 or more.
# A weight may help: σ(w·a) has the slope w · y (1 − y) by a. How large must w be, so that a layer
# loses nothing where σ is steepest?
bl.guess(..., 1 / bl.grad(bl.sigmoid)(0.0))


# %%
def slope(layer, w):
    def chain(x):
        for _ in range(10):
            x = layer(w * x)
        return x

    return bl.grad(chain)(0.5)


for name, act in (("sigmoid", bl.sigmoid), ("tanh", np.tanh), ("relu", bl.relu)):
    print(f"{name:8}", "   ".join(f"w = {w}: {slope(act, w):8.1e}" for w in (0.5, 1.0, 2.0, 4.0)))

# %% [markdown]
# A product of ten factors is almost never near 1. It **dies** or it **explodes**. Also the sigmoid with w = 4 loses:
# its results move away from the steep place. Only relu with w = 1 passes everything on.
#
# ## Predict
#
# relu has the slope 1 above 0, and 0 below. One of the two units here is off. You are the sweep, at numbers of your
# own: what passes?


# %%
def switch(x, w):
    r = bl.relu(x - w)
    s = bl.relu(w - x)
    J = x * r + w * s
    return J


bl.step(switch, **bl.separating_inputs(switch, bl.seed()), predict="sweep")

# %%
# exercise: dying.5

# %% [markdown]
# ## Look: a histogram for each layer
#
# Now a real net: ten layers of 100 units, and a batch of 50. Every layer has a bias of 0 for each unit and each
# example. Why? Because z = W a + b, so what b gets is the adjoint of z. Each weight is drawn at random, and the only
# choice is their **standard deviation**.
#
# A unit adds up 100 products. If the weights have the deviation s and the inputs have size 1, the sum has the size s ·
# √100. Which s keeps the size 1? And with relu, which sets half of its inputs to 0, so that the mean of the squares is
# halved? Type both numbers. (They are called **Glorot and Bengio's** start, for layers with as many inputs as outputs,
# and **He's** start.)

# %%
x, pull = np.random.default_rng(0).normal(size=(2, 100, 50))
bl.guess((..., ...), (1 / np.sqrt(len(x)), np.sqrt(2 / len(x))))

# %%
def z_bars(act, s):
    weights = list(s * np.random.default_rng(1).normal(size=(10, 100, 100)))

    def net(biases):
        a = x
        for W, b in zip(weights, biases, strict=True):
            a = act(W @ a + b)
        return np.sum(pull * a)

    return bl.grad(net)([np.zeros((100, 50))] * 10)


# %%
nets = {"sigmoid, s = 0.1": (bl.sigmoid, 0.1), "relu, s = 0.05": (bl.relu, 0.05)}
nets |= {"tanh, Glorot": (np.tanh, 1 / np.sqrt(100)), "relu, He": (bl.relu, np.sqrt(2 / 100))}
found = {name: z_bars(act, s) for name, (act, s) in nets.items()}
found["relu, s = 0.3"] = z_bars(bl.relu, 0.3)
print("size of the adjoints   layer 1   layer 4   layer 7   layer 10   are 0")
for name, by_layer in found.items():
    sizes = [np.sqrt(np.mean(z_bar**2)) for z_bar in by_layer]
    print(f"{name:20}", *(f"{sizes[k]:10.1e}" for k in (0, 3, 6, 9)), f"{np.mean(np.array(by_layer) == 0):8.0%}")

# %%
# By which factor do adjoints shrink in each layer of the relu net with s = 0.05?
# That of their squares is 100 · s² / 2.
bl.guess(..., np.sqrt(len(x) * nets["relu, s = 0.05"][1] ** 2 / 2))

# %%
bl.plots.adjoint_histograms({name: found[name] for name in nets})

# %% [markdown]
# At the left everything moves to smaller sizes, layer by layer. At the right it stays where it is. Nothing but the
# start and the activation has changed.
#
# ## Explain: three ways to keep a gradient alive
#
# **A start that fits.** The factor of one layer must be about 1 on average, as above.
#
# **A way around.** A residual layer computes a + f(a). Its slope is 1 + f′, so the 1 passes on by itself, whatever f
# does.
#
# **A loss that fits.** At the end of a net that says yes or no stands a sigmoid. It says no, z = −10, and yes is right.
# The loss (p − 1)²/2 sends (p − 1) p (1 − p) to z, which is nearly nothing. And cross-entropy, −log p? (Lesson 11: p −
# y.) About which number does it send to z?

# %%
bl.guess(..., np.round(bl.grad(lambda z: bl.softplus(-z))(-10.0)))

# %%
losses = {"square": lambda z: (bl.sigmoid(z) - 1) ** 2 / 2, "cross-entropy": lambda z: -np.log(bl.sigmoid(z))}
for name, J in losses.items():
    print(f"{name:14} loss {J(-10.0):8.4f}   adjoint of z {bl.grad(J)(-10.0):10.2e}")
for name, layer in (("ten layers", lambda a: 0.5 * np.tanh(a)), ("residual", lambda a: a + 0.5 * np.tanh(a))):
    print(f"{name:14} slope through all ten: {slope(layer, 1.0):.1e}")

# %%
# exercise: dying.2

# %% [markdown]
# ## Break it: dead units
#
# A relu unit that is off for **every** example gets no gradient, so it never comes back: it is **dead**. One step that
# is too long can do it. Here are 60 relu units that shall learn a sine, with three step sizes. How many units are dead
# after 50 steps of size 1? Guess before you run it.


# %%
def dead_after(rate, steps=50):
    random, x = np.random.default_rng(2), np.linspace(-1, 1, 40)
    w = [random.normal(0, s, 60) for s in (1, 0.5, np.sqrt(2 / 60))]
    for _ in range(steps):
        loss, bars = bl.value_and_grad(
            lambda W, b, v: np.mean((bl.relu(np.outer(x, W) + b) @ v - np.sin(3 * x)) ** 2)
        )(*w)
        w = [weights - rate * bar for weights, bar in zip(w, bars, strict=True)]
    return loss, int(np.all(np.outer(x, w[0]) + w[1] <= 0, axis=0).sum())


bl.guess(..., dead_after(1.0)[1])

# %%
for rate in (0.01, 0.1, 1.0):
    loss, dead = dead_after(rate)
    print(f"step size {rate:4}: loss {loss:.4f}, {dead} of 60 units are dead")

# %%
# With all units dead the loss stands still for ever. And which rule is broken in this sweep?
bl.step(lambda x, w: w * (w * (w * x)), x=2, w=3, mystery=bl.seed() + " 12")

# %% [markdown]
# Some units were off from the start, by chance. (A *leaky* relu, max(z, 0.01 z), keeps a small slope below 0, so that a
# unit can come back.)
#
# ## Look: gradients that explode, and clipping
#
# The same weight twenty times in a row, as in a net that reads a sentence word by word: a = w²⁰. At w = 1.5, by how
# much is da/dw larger than 1? It is 20 · w¹⁹; 1.5¹⁹ is about 2217.

# %%
bl.guess(..., bl.grad(lambda w: w**20)(1.5))

# %%
def wall(w):
    return (w**20 - 1) ** 2


for name, most in (("no clipping", np.inf), ("clipped to 1", 1.0)):
    w, walk = 1.5, [1.5]
    while len(walk) < 61 and abs(w) < 1e6:
        bar = bl.grad(wall)(w)
        w -= 0.01 * bar * min(1.0, most / max(abs(bar), 1e-300))
        walk.append(w)
    print(f"{name:13}", " → ".join(f"{w:.4g}" for w in walk[:4]), f"   after {len(walk) - 1} of 60 steps: {w:.4g}")

# %% [markdown]
# **Clipping** keeps the direction of a gradient and limits its length. PyTorch has
# `torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)`, between `loss.backward()` and `optimizer.step()`. Its layers
# start with a standard deviation of 1/√(3n), if one says nothing. For a deep net of relus, is that too small, right, or
# too large? Type `"too small"`, `"right"` or `"too large"`. The cell below shows it where PyTorch is installed.
# (PyTorch has `kaiming_normal_` for He's start.)

# %%
bl.guess(..., "too small" if 1 / np.sqrt(3 * len(x)) < np.sqrt(2 / len(x)) else "too large")

# %% tags=["demo"]
try:
    import torch
except ImportError:
    print("PyTorch is not installed here, so this cell did nothing.")
else:
    for start in ("as it comes", "He"):
        layers, a = [torch.nn.Linear(100, 100) for _ in range(10)], torch.randn(50, 100)
        for layer in layers:
            layer.weight.data *= np.sqrt(6) if start == "He" else 1  # from 1/√(3n) to √(2/n)
            a = torch.relu(layer(a))
        a.sum().backward()
        print(start, *(f"  layer {k}: {layers[k - 1].weight.grad.std().item():.0e}" for k in (1, 4, 7, 10)))

# %% [markdown]
# ## Your own function
#
# Put in an activation and a start of your own, and look at its histograms: a leaky relu, `np.sin`, a saturated tanh
# with s = 1, a residual layer `lambda z: z + np.tanh(z)`. Can you find a start that keeps a sigmoid alive?


# %%
def mine(z):
    return np.maximum(z, 0.01 * z)


bl.plots.adjoint_histograms({"mine": z_bars(mine, 0.14)})

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 2 and 5 are in the text.

# %%
# exercise: dying.1

# %%
# exercise: dying.3

# %%
# exercise: dying.4

# %%
bl.progress("dying")

# %% [markdown]
# ## Next
#
# A training run can only move weights whose gradient arrives: so before it begins, look at the histogram of the first
# step, and change the start or the activation if one layer is silent.
#
# The gradient is there. Which way to go with it, and how far? [`13_gradient_descent`](13_gradient_descent.ipynb) is
# about that.
#
# **Sources.** Columbia applied deep learning slides (2019), and their readings: Xavier Glorot and Yoshua Bengio,
# *Understanding the difficulty of training deep feedforward neural networks* (2010); Andrej Karpathy, *Yes you should
# understand backprop* (2016). The start for relus: Kaiming He and others, *Delving Deep into Rectifiers* (2015).
# Clipping: Razvan Pascanu, Tomas Mikolov and Yoshua Bengio, *On the difficulty of training recurrent neural networks*
# (2013).
#
# **Learn more.** Glorot and Bengio's [article](https://proceedings.mlr.press/v9/glorot10a.html) has such histograms of
# real nets. Kaiming He and others, [*Deep Residual Learning for Image Recognition*](https://arxiv.org/abs/1512.03385)
# (2015), is the way around.
