# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 14 Stochastic descent
#
# A data set has a million pictures, and the loss is the mean over all of them. One step of gradient descent looks at a
# million pictures, to move a little. Could one look at 32 of them, and move at once? The direction is then a bit wrong.
# What does that cost, and what does it gain?
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
# Three words: a **batch** is what one step looks at. One **update** is one step. An **epoch** is as many updates as are
# needed to see each example once. Here are 128 examples. How many updates has an epoch with all of them in one batch,
# with one example a batch, and with batches of 32? Type three numbers.


# %%
def line(w, x, y):
    return (w * x - y) ** 2


x, y = bl.experiments.whole_numbers(128)
sizes = (128, 1, 32)
runs = [bl.descend(line, 0.5, rate=0.005, data=(x, y), batch=size, epochs=1) for size in sizes]
bl.guess((..., ..., ...), tuple(run.updates for run in runs))

# %%
for size, run in zip(sizes, runs, strict=True):
    (_, before), (_, after) = run.losses
    print(f"batch {size:3}: {run.updates:3} updates an epoch, loss {before:.2f} → {after:5.2f}, w = {run.path[-1]:.3f}")

# %% [markdown]
# The same 128 examples, one epoch each. All together they make one careful step. One by one they make 128 hasty ones,
# and these are nearly there. The names: **batch** descent, **stochastic** descent, and **mini-batch** descent between
# them.
#
# ## Predict
#
# A batch of two examples: the loss is the mean of both squares. You are the sweep, at numbers of your own. Where does
# each example's share of the gradient show, and where are they added?


# %%
def batch_of_two(w, x, y):
    J = ((w * x - 2) ** 2 + (w * y - 5) ** 2) / 2
    return J


bl.step(batch_of_two, **bl.separating_inputs(batch_of_two, bl.seed()), predict="sweep")

# %%
# Two workers share the work: each has 64 of the 128 examples above, and computes the mean gradient of its
# own. Below are both numbers for w = 0.5. What is the mean gradient of all 128? Compute it, do not round.
shared = bl.experiments.workers(line, 0.5, (x, y), count=2)
print("the workers' gradients:", *shared.parts)
bl.guess(..., shared.whole)

# %%
# exercise: stochastic.1

# %% [markdown]
# The mean of the means is the mean, to the last digit here, as long as the shares are equal. So a step on 128 examples
# can be made by two machines, and nobody sees a difference. It is the **mean** that matters: with a sum in its place
# the batch's size would change the length of the step.
#
# ## Look: drawing with and without replacement
#
# Forget descent for a moment. Here are 100 numbers, uniform between 0 and 1, and their mean is to be found by drawing
# one after another. We take the running average. **Without replacement** each number comes once an epoch. How far from
# the mean is the running average after the first 100 draws?

# %%
drawn = bl.experiments.running_averages(count=100, epochs=4, repeats=1000, seed=0)
bl.guess(..., round(drawn.rms["without replacement"][99], 9))

# %%
# With replacement the average of 100 draws is off by the numbers' standard deviation, divided by √100.
# A standard deviation of 0.29 comes to about...
bl.guess(..., round(drawn.numbers.std(), 2) / np.sqrt(100))

# %%
print(drawn)
bl.plots.experiment(drawn)

# %% [markdown]
# The bands hold 90 % of 1,000 repeats. With replacement the distance falls as 1/√n: the power is −½. Four times the
# draws for half of the error. Without replacement it falls as 1/n, and at the end of each epoch it is 0, but for
# rounding. That is why training programs **shuffle** the data and go through them, in place of drawing each time.
#
# ## Look: good start, bad finish
#
# Back to descent, with one example a step: 20 of them, each with its own parabola, and so with a minimum of its own.
# The **region of confusion** lies between the lowest and the highest of these. A walker is to the right of the region.
# To how many of the 20 examples does it have to go left?

# %%
data = bl.experiments.least_squares(20, seed=0)
a, b = data.A[:, 0], data.b
bl.guess(..., int(np.sum(b / a < data.region[1] + 1)))


# %%
def example(w, a, b):
    return (a * w - b) ** 2 / 2


run = bl.descend(example, 4.0, rate=0.2, data=(a, b), batch=1, sampling="with replacement", steps=90)
bl.plots.region(data, run)

# %%
# Outside all agree, and w rushes in. Inside one says left, the next says right, and w never comes to rest.
# Step through it, and change the rate: what does it change, at the start and at the end?
bl.Descent(example, start=4.0, rate=0.2, steps=80, data=(list(a), list(b)), batch=1, span=(-1, 5))

# %%
# exercise: stochastic.5

# %% [markdown]
# ## Explain: the rate decides how far
#
# How large is the distance from the best point in the long run? We make 1,000 runs for each of four rates. For small
# rates theory says: the square of the distance is in proportion to the rate. So with a quarter of the rate, by what is
# the distance divided?

# %%
rates = (0.02, 0.05, 0.1, 0.2)
bl.guess(..., np.sqrt(rates[3] / rates[1]))

# %%
confused = bl.experiments.confusion(data, rates=rates, repeats=1000, seed=0)
print(confused)
bl.plots.experiment(confused)

# %% [markdown]
# A large rate starts well, a small one ends well. So begin large, and let the rate **decay**. The rate of step t is
# here 0.4 / (1 + t/20). At which step is it a tenth of 0.4?

# %%
bl.guess(..., next(t for t in range(1, 1000) if 0.4 / (1 + t / 20) <= 0.04))

# %%
for words, schedule in (("stays", ""), ("decays", "rate / (1 + t / 20)")):
    ends = [
        bl.descend(example, 4.0, rate=0.4, data=(a, b), batch=1, epochs=20, seed=k, schedule=schedule).path[-1]
        for k in range(10)
    ]
    print(f"the rate {words:6}: on average {np.mean(np.abs(ends - data.best)):.4f} from the best point, 10 seeds")

# %% [markdown]
# There is another way out: stop in time. **Early stopping** keeps some data aside, the validation data, and looks at
# their loss after each epoch. Here a curve with twelve weights is fitted to 12 noisy points, too few for so many. While
# the loss on the 12 points falls and falls, what does the loss on the other points do at last? Type `"falls"` or
# `"rises"`.

# %%
random = np.random.default_rng(2)
t = np.concatenate([np.linspace(-1, 1, 12), random.uniform(-1, 1, 40)])
powers, noisy = np.stack([t**k for k in range(12)], 1), np.sin(3 * t) + 0.5 * random.normal(size=52)
fit = bl.descend(
    lambda w, x, y: (x @ w - y) ** 2, np.zeros(12), "adam", rate=0.2, data=(powers[:12], noisy[:12]), batch=4,
    epochs=400, validation=(powers[12:], noisy[12:]), patience=400,
)  # fmt: skip
aside = [loss for _, loss in fit.checks]
bl.guess(..., "rises" if aside[-1] > 1.1 * min(aside) else "falls")

# %%
for k in (0, int(np.argmin(aside)), len(aside) - 1):
    print(f"epoch {k:3}: loss on the 12 points {fit.losses[k][1]:.3f}, on the validation data {aside[k]:.3f}")

# %% [markdown]
# ## Break it: what the theorem assumes
#
# A theorem says how far the loss is above its minimum on average, before each step. It is about a loss that curves up
# everywhere, as ours does. It assumes: the slope does not change too fast (**Lipschitz**, with a constant L), the
# samples are **unbiased**, their **variance** has a bound, and the **rate** is small enough. Each of the four can be
# broken. If only the lowest quarter of the examples is ever drawn, which assumption is that? Type `"Lipschitz"`,
# `"bias"`, `"variance"` or `"rate"`.

# %%
bl.guess(..., next(key for key, words in bl.experiments.BROKEN.items() if "ever drawn" in words))

# %%
for broken in bl.experiments.BROKEN:
    found = bl.experiments.theorem(broken, data, repeats=1000, seed=0)
    fails = "the bound holds" if found.holds else f"the bound fails from step {found.fails_at} on"
    print(f"{broken or 'nothing':9} is broken: {fails}")
bl.plots.experiment(bl.experiments.theorem("bias", data, repeats=1000, seed=0))

# %% [markdown]
# In PyTorch a `DataLoader(data, batch_size=32, shuffle=True)` draws without replacement, and losses are means:
# `loss.backward()` on a batch gives the mean gradient. Its last batch of an epoch may be smaller, if one does not write
# `drop_last=True`.

# %%
# And which rule is broken in this sweep, of the loss of one example?
bl.step(lambda w, a, b: (a * w - b) ** 2 / 2, w=4, a=3, b=5, mystery=bl.seed() + " 14")

# %% tags=["demo"]
try:
    import torch
except ImportError:
    print("PyTorch is not installed here, so this cell did nothing.")
else:
    w = torch.tensor(0.5, requires_grad=True, dtype=torch.float64)
    tx, ty = torch.tensor(x), torch.tensor(y)
    ((w * tx - ty) ** 2).mean().backward()
    print("PyTorch's mean gradient of all 128:", w.grad.item(), "  ours:", shared.whole)

# %% [markdown]
# ## Your own function
#
# Write a loss of your own for one example, and data: a line with a weight and a bias, as here; a wave, `np.sin(w * a)`;
# `abs(w * a - b)`, whose slope never becomes small. How do the batch's size and the rate change the end of the walk?


# %%
def mine(w, c, a, b):
    return (w * a + c - b) ** 2 / 2


bl.Descent(mine, start=(-2.0, 3.0), rate=0.2, steps=80, data=(list(a), list(b)), batch=1)

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 1 and 5 are in the text.

# %%
# exercise: stochastic.2

# %%
# exercise: stochastic.3

# %%
# exercise: stochastic.4

# %%
bl.progress("stochastic")

# %% [markdown]
# ## Next
#
# A training run is stochastic: it shuffles, takes a batch, makes a step, and goes on. When its loss shakes and does not
# fall any more, it is time for a smaller rate, or to stop.
#
# Now there is all that it takes to train a net. [`15_train_a_network`](15_train_a_network.ipynb) does it.
#
# **Sources.** Gilbert Strang, MIT 18.065 (2018), with Suvrit Sra's lecture on stochastic descent: sampling, the region
# of confusion, and what the theorem assumes. Columbia applied deep learning slides (2019): batches and updates. The
# theorem as in Léon Bottou, Frank Curtis and Jorge Nocedal, *Optimization Methods for Large-Scale Machine Learning*
# (2018), section 4.2, theorem 4.6.
#
# **Learn more.** Their [article](https://arxiv.org/abs/1606.04838) reads well. Herbert Robbins and Sutton Monro, [*A
# Stochastic Approximation Method*](https://doi.org/10.1214/aoms/1177729586) (1951), is where it began.
