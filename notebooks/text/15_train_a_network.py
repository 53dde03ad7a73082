# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 15 Train a network
#
# A graph, a sweep back, a step downhill, and batches: you have all the parts. Put together, they learn. How few lines
# does that take? And when a net is right on every point that it has seen, how little must a point move to fool it?
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
# The smallest thing that learns is a line: w · x + b, for points that lie near y = 2x − 1. The loss is the square of
# what it is off, averaged. Both weights start at 0. To which w will it go? Then drag the start, and change the batch's
# rate.

# %%
random = np.random.default_rng(0)
xs = random.uniform(-2, 2, 30)
ys = 2 * xs - 1 + 0.3 * random.normal(size=30)
bl.guess(..., round(np.polyfit(xs, ys, 1)[0]))


# %%
def line(w, b, x, y):
    return (w * x + b - y) ** 2


bl.Descent(line, start=(0.0, 0.0), rate=0.05, steps=60, data=(list(xs), list(ys)), batch=10)

# %% [markdown]
# ## Predict
#
# Here is one example, and a net with one unit. You are the sweep, and at the end you find four adjoints. Two of them
# are the weights': a training step uses these. The other two belong to the **data**. Nobody moves the data in training;
# but the numbers are there, and later we shall use them.


# %%
def unit(w, v, x, y):
    a = bl.relu(w * x)
    J = (v * a - y) ** 2
    return J


bl.step(unit, **bl.separating_inputs(unit, bl.seed()), predict="sweep")

# %%
# exercise: training.1

# %% [markdown]
# ## Look: a net learns
#
# Two moons, 200 points. The net has 2 inputs, two layers of 16 tanh units, and 1 output: its **score**, above 0 for one
# moon and below 0 for the other one. How many weights and biases is that?

# %%
points, labels = bl.experiments.moons(200, seed=0)
layers = bl.experiments.net((2, 16, 16, 1), seed=0)
bl.guess(..., sum(layer["W"].size + layer["b"].size for layer in layers))


# %%
def score(layers, points, activation=np.tanh):
    a = points
    for layer in layers[:-1]:
        a = activation(a @ layer["W"] + layer["b"])
    return (a @ layers[-1]["W"] + layers[-1]["b"])[:, 0]


def loss(layers, points, labels):
    return np.mean(bl.softplus(-labels * score(layers, points)))


# %% [markdown]
# The loss is log(1 + exp(−label · score)): cross-entropy for two classes (lesson 11). A net that knows nothing has the
# score 0 everywhere. What is its loss?

# %%
bl.guess(..., round(float(bl.softplus(0.0)), 3))

# %%
live = bl.plots.learning(score, points, labels, every=40)
run = bl.descend(loss, layers, "adam", rate=0.02, data=(points, labels), batch=50, epochs=40, stop=live, progress=False)
trained = run.path[-1]
print(run.sentence, f"{run.updates} updates an epoch, loss {run.losses[0][1]:.3f} → {run.losses[-1][1]:.4f}")

# %% [markdown]
# That was all: a function for the score, one for the loss, and one line for the descent. The line that is drawn is
# where the score is 0.
#
# ## Look: runs compared
#
# Three rates, one start, one order of the examples. One of them crawls, one is right, one is too large. Which rate is
# right: 0.0003, 0.02 or 100?

# %%
rates = (0.0003, 0.02, 100.0)
runs = [bl.descend(loss, layers, "adam", rate=r, data=(points, labels), batch=50, epochs=30) for r in rates]
bl.guess(..., min(zip(rates, runs, strict=True), key=lambda pair: pair[1].losses[-1][1])[0])

# %%
bl.plots.losses({f"rate {rate}": run for rate, run in zip(rates, runs, strict=True)})

# %% [markdown]
# With the rate of 100 the first step throws all weights far away: each tanh is 1 or −1, and flat. Only the last layer
# still moves, and the loss ends above its start.
#
# Now the rate stays, and the activation changes: tanh, relu, sigmoid, or none at all. Two of the four end where a
# straight line would end, at nearly 90 %. Three layers without an activation are one straight line, so that is one of
# them. Which is the other one? Type `"tanh"`, `"relu"` or `"sigmoid"`. (Lesson 12 may help.)

# %%
def with_activation(act):
    def loss_with(layers, points, labels):
        return np.mean(bl.softplus(-labels * score(layers, points, act)))

    return bl.descend(loss_with, layers, "adam", rate=0.05, data=(points, labels), batch=50, epochs=40)


kinds = {"tanh": np.tanh, "relu": bl.relu, "sigmoid": bl.sigmoid, "none": lambda z: z}
compared = {name: with_activation(act) for name, act in kinds.items()}
bl.guess(..., max(list(compared)[:3], key=lambda name: compared[name].losses[-1][1]))

# %%
for name, found in compared.items():
    right = np.mean(score(found.path[-1], points, kinds[name]) * labels > 0)
    print(f"{name:8} loss {found.losses[-1][1]:.3f}   on the right side: {right:.0%}")
bl.plots.losses(compared)

# %% [markdown]
# ## Explain: what the data's gradient is for
#
# The sweep gives the adjoints of the data, too. They say how the loss moves when a **point** moves. Somebody who wants
# the net to fail goes along that gradient: uphill. Take a score that is a plain sum of 100 inputs, with no
# weights. Each input is moved by 0.05 only, in the worst direction. By how much does the score move?

# %%
bl.guess(..., round(0.05 * np.sum(np.abs(bl.grad(np.sum)(np.ones(100)))), 6))

# %%
bars = bl.grad(lambda p: np.sum(bl.softplus(-labels * score(trained, p))))(points)
for most in (0.0, 0.1, 0.2, 0.3):
    uphill, away = points + most * np.sign(bars), random.choice((-1, 1), points.shape)
    told = [np.mean(score(trained, moved) * labels > 0) for moved in (uphill, points + most * away)]
    print(f"every coordinate moved by {most}: right are {told[0]:4.0%} (uphill), {told[1]:4.0%} (at random)")

# %% [markdown]
# The same length, and quite another effect: a picture has a million coordinates, and a step in each that nobody sees is
# enough. This is an **adversarial** nudge. A net may be right everywhere it was asked, and know little in between.
#
# ## Break it
#
# All weights and biases start at 0, in place of small random numbers. 40 epochs later, what is the loss? Think of the
# score, then of the adjoints of the first layer.

# %%
nothing = [{"W": 0 * layer["W"], "b": 0 * layer["b"]} for layer in layers]
still = bl.descend(loss, nothing, "adam", rate=0.02, data=(points, labels), batch=50, epochs=40, seed=1)
bl.guess(..., round(still.losses[-1][1], 2))

# %%
bars = bl.grad(loss, argnums=0)(nothing, points, labels)
print("largest adjoint of each layer's weights:", *(f"{np.abs(bar['W']).max():.3f}" for bar in bars))
print("and of their biases:", *(f"{np.abs(bar['b']).max():.3f}" for bar in bars))

# %%
# exercise: training.5

# %% [markdown]
# In PyTorch the same is `torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.Tanh(), …)`, an optimizer, and a loop
# with `loss.backward()` in it. For the data's gradient one writes `points.requires_grad_()` first. To look at runs,
# people write logs for TensorBoard; `run.to_tensorboard("logs/adam")` writes such a log of ours, if `pip install
# tensorboard` was done.

# %% tags=["demo"]
try:
    import torch
except ImportError:
    print("PyTorch is not installed here, so this cell did nothing.")
else:
    p, net = torch.tensor(points), [{k: torch.tensor(a[k], requires_grad=True) for k in "Wb"} for a in layers]
    optimizer = torch.optim.Adam([weight for layer in net for weight in layer.values()], lr=0.02)
    for _ in range(160):
        optimizer.zero_grad()
        torch.nn.functional.softplus(-torch.tensor(labels) * score(net, p, torch.tanh)).mean().backward()
        optimizer.step()
    print(f"right: {np.mean(score(net, p, torch.tanh).detach().numpy() * labels > 0):.0%}")

# %%
# And which rule is broken in this sweep?
bl.step(unit, w=2, v=3, x=2, y=5, mystery=bl.seed() + " 15")

# %% [markdown]
# ## Your own function
#
# Give the net other data, `bl.experiments.spiral(200)`, or points of your own; other sizes, `(2, 4, 1)` or `(2, 8, 8,
# 8, 1)`; an activation of your own, `np.sin` or `lambda z: z**2 / 10`. How few units are enough for the moons?


# %%
def mine(z):
    return np.sin(z)


small = bl.experiments.net((2, 4, 1), seed=1)
own = bl.descend(
    lambda net, p, t: np.mean(bl.softplus(-t * score(net, p, mine))), small, "adam", 0.05,
    data=(points, labels), batch=50, epochs=40,
)  # fmt: skip
print(f"right: {np.mean(score(own.path[-1], points, mine) * labels > 0):.0%}")

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 1 and 5 are in the text.

# %%
# exercise: training.2

# %%
# exercise: training.3

# %%
# exercise: training.4

# %%
# exercise: training.6

# %%
bl.progress("training")

# %% [markdown]
# ## Next
#
# You have trained a net, and you know what each number in it was for. A larger training run has more of everything, and
# nothing new: scores, a loss, a sweep, a step.
#
# So far a step knew the slope alone. [`16_second_order`](16_second_order.ipynb) asks how the slope changes, too.
#
# **Sources.** Columbia applied deep learning slides (2019): linear regression, the worked example and the homework with
# runs compared, and gradients by the inputs. The nudge: Ian Goodfellow, Jonathon Shlens and Christian Szegedy,
# *Explaining and Harnessing Adversarial Examples* (2015).
#
# **Learn more.** Their [article](https://arxiv.org/abs/1412.6572). Andrej Karpathy, [*A Recipe for Training Neural
# Networks*](https://karpathy.github.io/2019/04/25/recipe/) (2019), says what goes wrong, and in which order to look.
