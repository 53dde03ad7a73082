# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 13 Gradient descent
#
# You stand on a hillside in thick fog. You want to go down to the valley. You cannot see it: you only feel how steep
# the ground is under your feet. So you make a step downhill, feel again, and make the next one. How long should a step
# be? Too short, and you walk for a week. Too long, and you land on the other side of the valley, higher than before.
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
# **Gradient descent** is one line: w ← w − η · ∂L/∂w. The loss L says how bad the weight w is, its derivative says
# which way is up, and the **rate** η says how far we go the other way. Here is a valley with its bottom at 3. How steep
# is it where you start? You are the sweep.


# %%
def valley(w):
    return (w - 3) ** 2


bl.step(valley, **bl.separating_inputs(valley, bl.seed(), low=-20, high=20), predict="sweep")

# %% [markdown]
# A tenth of that slope, taken away from w, is one step with η = 0.1. Steps become shorter by themselves, because the
# ground becomes flat. Now you are the walker. Drag the start, and step with →. Then make the rate larger: at which rate
# does the walker no longer come down?

# %%
bl.Descent(valley, start=0.0, rate=0.1, steps=20, span=(-5, 11))

# %% [markdown]
# ## Predict
#
# The bottom is at 3, and w − 3 is how far away we are. The slope is 2 (w − 3), so a step multiplies the distance by 1 −
# 2η. At which rate does w jump from one side to the other for ever, without coming nearer?

# %%
bl.guess(..., 2 / bl.grad(bl.grad(valley))(0.0))

# %%
for rate in (0.01, 0.1, 0.5, 0.9, 1.0, 1.1):
    run = bl.descend(valley, 0.0, rate=rate, steps=20)
    print(f"η = {rate:4}  ", " → ".join(f"{w:.4g}" for w in run.path[:4]), f"   after 20 steps {run.path[-1]:.4g}")

# %%
# exercise: descent.2

# %% [markdown]
# The walker crawls at 0.01, arrives in one step at 0.5, jumps over the bottom at 0.9, and **diverges** at 1.1. The
# border is 2 divided by the second derivative: how fast the slope changes. The sharper a valley, the shorter the steps
# must be.
#
# ## Look: the start decides
#
# Here is a landscape with two valleys. Its slope is w (w − 2) (w + 1): it is flat at −1, at 0 and at 2. The deeper
# valley is at 2. A walker starts at −0.1, with η = 0.1. Where does the walk end?


# %%
def hills(w):
    return w**4 / 4 - w**3 / 3 - w**2


bl.guess(..., round(bl.descend(hills, -0.1, rate=0.1, steps=100).path[-1], 3))

# %%
bl.Descent(hills, start=-0.1, rate=0.1, steps=40, span=(-2, 3.2), runs=[{"start": -0.1}, {"start": 0.1}])

# %% [markdown]
# Both walkers feel only the ground under their feet. One finds the **global** minimum, the other one stays in a
# **local** one. Descent finds *a* valley, not *the* valley.
#
# Far from any valley the ground may be flat: a **plateau**. The landscape −1/(1 + w²) is one hole in a plain. From 0.5
# a walker comes down in no time. Another one starts at 10, with η = 0.1, and makes 100 steps. How far does he come?
# (The slope is 2w/(1 + w²)².) Type the distance to two decimals.


# %%
def hole(w):
    return -1 / (1 + w**2)


bl.guess(..., round(10 - bl.descend(hole, 10.0, rate=0.1, steps=100).path[-1], 2))

# %% [markdown]
# ## Explain: a long valley
#
# With two weights a valley can be narrow and long: here it is 25 times as steep across as along. The rate must be below
# 2/25 = 0.08, or the walk diverges across the valley. Look at all three runs, and at their losses. Then look for a rate
# of your own that comes down in the fewest steps.


# %%
def long(x, y):
    return x**2 / 2 + 25 * y**2 / 2


bl.Descent(long, start=(-9.0, 1.2), steps=60, runs=[{"rate": 0.04}, {"rate": 0.075}, {"rate": 0.082}])

# %% [markdown]
# The ratio of the largest and the smallest curvature, 25, is the **condition number**. Descent needs about that many
# steps to make the distance e times smaller. A long valley often comes from the **inputs**: here are flats with their
# size in m² and their number of rooms, and a price to learn. If one input is 100 times as large as another one, about
# how large is the condition number?

# %%
bl.guess(..., np.linalg.cond(bl.hessian(lambda w: np.mean((np.array([100.0, 1.0]) * w) ** 2))(np.zeros(2))))

# %%
random = np.random.default_rng(0)
flats = np.stack([random.uniform(50, 200, 100), random.integers(1, 7, 100)], 1)
price = 3 * flats[:, 0] + 40 * flats[:, 1] + random.normal(0, 20, 100)
price -= price.mean()
normal = (flats - flats.mean(0)) / flats.std(0)
runs = {}
for name, x in (("as they are", flats - flats.mean(0)), ("normalised", normal)):
    curved = np.linalg.eigvalsh(2 * x.T @ x / len(x))
    runs[name] = bl.descend(lambda w, x=x: np.mean((x @ w - price) ** 2), np.zeros(2), rate=1 / curved[-1], steps=60)
    print(f"{name:12} condition {curved[-1] / curved[0]:7.1f}   loss after 60 steps {runs[name].values[-1]:.0f}")

bl.plots.losses(runs)

# %% [markdown]
# Take away the mean, and divide by the standard deviation: **normalised** inputs make a round valley. It is the
# cheapest trick there is.
#
# ## Look: momentum
#
# A ball does not stop where the ground is flat: it keeps its speed. **Momentum** has a velocity v, and each step keeps
# a part γ of it: v ← γ · v + η · g, then w ← w − v. On a slope that is the same everywhere, with γ = 0.8, the velocity
# grows up to how many times η · g?

# %%
ball = bl.descend(lambda w: w, 0.0, "momentum", rate=1.0, gamma=0.8, steps=200)
bl.guess(..., round(ball.states[-1]["v"]))

# %%
bl.Descent(long, start=(-9.0, 1.2), rate=0.02, steps=60, runs=["sgd", {"method": "momentum", "rate": 0.02}])

# %%
# exercise: descent.1

# %% [markdown]
# ## Look: a race
#
# The other methods give each weight a rate of its own: they divide by the size of its earlier gradients.
# `print(bl.methods["adam"])` shows Adam's lines. Its first step is the same for small and for large gradients. Here the
# gradient is 1000, and η = 0.3. How long is Adam's first step?
#
# Then nine methods race on the long valley, each with a rate that suits it. Do not read the table as a list of winners:
# other rates and other surfaces give another order.

# %%
bl.guess(..., round(-bl.descend(lambda w: 1000 * w, 0.0, "adam", rate=0.3, steps=1).path[-1], 6))

# %%
rates = {"sgd": 0.04, "momentum": 0.02, "nesterov": 0.02, "adagrad": 1.0, "rmsprop": 0.2, "adadelta": 1.0}
rates |= {"adam": 0.5, "adamax": 0.5, "nadam": 0.5}
race = {bl.methods[name].title: bl.descend(long, (-9.0, 1.2), name, rate=rate) for name, rate in rates.items()}
for name, run in race.items():
    early, late = run.values[30], run.values[100]
    print(f"{name:18} η = {run.settings['rate']:<5g} loss {early:.1e} after 30 steps, {late:.1e} after 100")

# %%
# exercise: descent.5

# %% [markdown]
# ## Break it
#
# A walk needs a gradient, and that comes from a sweep. Suppose that a rule of the sweep is broken, and the derivative
# by y comes out twice too large. Does the walk still come down to the bottom? Type `"yes"` or `"no"`.


# %%
def banana(x, y):
    return (1 - x) ** 2 + 10 * (y - x**2) ** 2


def walk_with(factor, x=-1.2, y=1.4):
    for _ in range(2000):
        gx, gy = bl.grad(banana)(x, y)
        x, y = x - 0.01 * gx, y - 0.01 * factor * gy
    return banana(x, y) if abs(y) < 1e6 else np.inf


bl.guess(..., "yes" if walk_with(2) < 1e-3 else "no")

# %%
for factor in (1, 2, 0.5, 0, -1):
    print(f"the derivative by y, times {factor:4}: loss after 2000 steps {walk_with(factor):.2g}")

# %% [markdown]
# Many wrong gradients still go downhill, only not straight. So such a mistake is not seen in the loss: check gradients
# (lesson 7). In PyTorch a step has three lines: `optimizer.zero_grad()`, `loss.backward()`, `optimizer.step()`. Its
# momentum multiplies by the rate at the end: v ← γ · v + g, then w ← w − η · v. While the rate stays the same, the
# points are the same as ours.

# %%
# And which rule is broken in this sweep?
bl.step(banana, x=2, y=5, mystery=bl.seed() + " 13")

# %% tags=["demo"]
try:
    import torch
except ImportError:
    print("PyTorch is not installed here, so this cell did nothing.")
else:
    w = torch.tensor(0.0, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.02, momentum=0.9)
    for _ in range(3):
        optimizer.zero_grad()
        valley(w).backward()
        optimizer.step()
    print(w.item(), bl.descend(valley, 0.0, "momentum", rate=0.02, gamma=0.9, steps=3).path[-1])

# %% [markdown]
# ## Your own function
#
# Write a landscape of your own, of one number or of two: a valley with a kink, `abs(x) + y**2`, waves, `np.sin(x) *
# np.cos(y)`, a loop that adds up ten cosines. This one is Rosenbrock's banana. Drag the start over the whole map,
# choose other methods, and change their rates. Which one comes down in the fewest steps?


# %%
def mine(x, y):
    return banana(x, y)


bl.Descent(mine, start=(-1.2, 1.4), steps=100, runs=["sgd", "momentum", "adam"])

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 1, 2 and 5 are in the text.

# %%
# exercise: descent.3

# %%
# exercise: descent.4

# %%
bl.progress("descent")

# %% [markdown]
# ## Next
#
# A training run is a walk like these, with a million weights in place of two: so normalise the inputs, look for the
# largest rate that does not diverge, and start there.
#
# The loss of a real run is a mean over thousands of examples. Must each step look at all of them?
# [`14_stochastic_descent`](14_stochastic_descent.ipynb) takes a few at a time.
#
# **Sources.** Columbia applied deep learning slides (2019): the walker, rates, minima, normalised inputs, momentum, and
# the methods of the race. `bl.methods[...]` names the article of each one.
#
# **Learn more.** Gabriel Goh, [*Why Momentum Really Works*](https://distill.pub/2017/momentum/) (2017), with pictures
# that move. Sebastian Ruder, [*An overview of gradient descent optimization
# algorithms*](https://arxiv.org/abs/1609.04747) (2016).
