# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 5 What it costs
#
# A net has a million weights, and one forward pass takes a second. If you move each weight a little, ahead and behind,
# you need two million passes for **one** gradient: 23 days. Backpropagation needs about four seconds. Where does the
# difference come from?
#
# In this lesson you count. Put your name into the third code cell: it decides which numbers you get. It takes about
# 45 minutes.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% tags=["setup"]
bl.seed("your name")

# %% [markdown]
# ## Use it
#
# A chain of neurons with one weight each, here 100 of them. One evaluation takes 200 operations: a product and a tanh
# for each weight. Reverse mode gives all 100 partial derivatives. For the price of how many evaluations, to the nearest
# whole number? Type your guess in place of the dots.


# %%
def chain(*weights):
    s = 1.0
    for w in weights:
        s = bl.tanh(w * s)
    return s


counts = bl.plots.operations(chain, 100)
bl.guess(..., round(counts["reverse"] / counts["evaluation"]))

# %%
print(counts)
print("reverse mode ÷ one evaluation:", counts["reverse"] / counts["evaluation"])

# %% [markdown]
# **A hundred partial derivatives for the price of three and a half evaluations.** Differences need 200 evaluations,
# and forward mode a sweep for each input.
#
# ## Predict
#
# Two sources with the weights a and b meet; then follow the factors c and d. The derivatives are the products acd
# and bcd. Be the sweep, from the sink: say whose turn it is, and with which number.

# %%
sink = bl.examples["sources-sink"]
sink.step(predict="sweep")

# %% [markdown]
# How many multiplications was that? And how many are there if you begin at the sources, once at x and once at y? The
# multiplication by the seed 1 does not count. Type both numbers: from the sources, from the sink.

# %%
graph = sink.trace()
sources = [bl.tangent_sweep(graph, **{name: 1.0}).counts["multiplications"] for name in ("x", "y")]
back = bl.adjoint_sweep(graph).counts["multiplications"]
bl.guess((..., ...), (sum(sources), back))

# %%
print("from x to the sink:", sources[0], "  from y to the sink:", sources[1])
print("from the sink to both:", back)

# %% [markdown]
# Forward mode multiplies by c and by d once for x and once more for y. Reverse mode multiplies d · c once, and both
# sources share it.
#
# ## Look
#
# One multiplication saved is not much. But let n = 100 sources meet, and let k = 10 factors follow. How many
# multiplications does the gradient take, from the sources and from the sink?

# %%
tail = bl.examples.sources_sink(100, 10).trace()
one = bl.tangent_sweep(tail, **{tail.input_names[0]: 1.0}).counts["multiplications"]
bl.guess((..., ...), (100 * one, bl.adjoint_sweep(tail).counts["multiplications"]))

# %%
print("   n    k   forward   n·k   reverse   (k−1)+n")
for n, k in ((2, 2), (3, 5), (10, 10), (100, 10), (10, 100), (100, 100)):
    tail = bl.examples.sources_sink(n, k).trace()
    sweeps = [bl.tangent_sweep(tail, **{source.name: 1.0}) for source in tail.inputs]
    forward = sum(sweep.counts["multiplications"] for sweep in sweeps)
    reverse = bl.adjoint_sweep(tail).counts["multiplications"]
    print(f"{n:4} {k:4} {forward:9} {n * k:5} {reverse:9} {k - 1 + n:9}")

# %% [markdown]
# Forward mode costs in proportion to the number of **inputs**, reverse mode in proportion to the number of **outputs**.
#
# Now turn the graph round: one input, a tail of ten factors, and 50 outputs with a factor each. Count again, first
# from the outputs (a sweep for each), then from the input.


# %%
def spread(x):
    for _ in range(10):
        x = 0.5 * x
    return [k * x for k in range(2, 52)]


wide = bl.trace(spread, x=1.0)
rows = [bl.adjoint_sweep(wide, seed).counts["multiplications"] for seed in np.eye(50).tolist()]
column = bl.tangent_sweep(wide, x=1.0).counts["multiplications"]
bl.guess((..., ...), (sum(rows), column))

# %%
print("reverse:", sum(rows))
print("forward:", column)

# %% [markdown]
# ## Explain: the cheap gradient
#
# But a loss has **one** output, and perhaps a million inputs. Back to the chain of neurons, now with 1000 weights: how
# many times the operations of reverse mode does forward mode need, to the nearest hundred?

# %%
many = bl.plots.operations(chain, 1000)
bl.guess(..., round(many["forward"] / many["reverse"], -2))

# %% tags=["demo"]
bl.plots.counted_costs(chain)

# %%
# exercise: costs.5

# %% [markdown]
# The line of reverse mode runs parallel to that of one evaluation: a constant factor, however many inputs there are.
# Each operation of the program is one or two edges of the graph, and the sweep passes every edge once. So **if N
# operations compute a function, some constant times N compute its whole gradient.** Strang puts the factor at three to
# five; you saw 3.5 counted. In PyTorch it is the reason why `loss.backward()` takes only two or three times as long as
# the forward pass, for any number of weights.

# %%
# exercise: costs.2

# %% tags=["demo"]
bl.plots.timed_costs(chain)

# %% [markdown]
# The plot above is measured on your machine. (Before you run the cell, it shows another machine's times.) A tanh takes
# longer than a product, so the factor is not the counted one.
#
# ## Break it
#
# One rule of this sweep is broken. Find out which: step to its end, and compare each derivative with what happens if
# you move the input.

# %%
sink.step(x=2, y=3, mystery=bl.seed() + " 5")

# %% [markdown]
# Another way to break it: one sweep gives a whole gradient, so let it differentiate a function that squares ten
# numbers, each by itself. How many sweeps back would all derivatives of 37 such squares take?


# %%
def squares(x):
    return x * x


bl.guess(..., len(bl.jacobian(squares)(np.ones(37))))

# %%
try:
    bl.grad(squares)(np.ones(10))
except bl.LabError as error:
    print(error)

# %% [markdown]
# A sweep back starts from **one** output, and here are ten. Their Jacobian J takes a sweep for each. How much memory
# does J need for 100,000 squares, in gigabytes, at 8 bytes a number?

# %%
x = np.arange(100_000.0)
bl.guess(..., 8 * x.size**2 / 1e9)

# %%
for n in (10, 100, 1000):
    J = bl.jacobian(squares)(np.ones(n))
    print(f"{n:6} outputs: {len(J):5} sweeps, {J.size:8} numbers, {np.count_nonzero(J):5} of them not 0")
print(f"{x.size:6} outputs: J would take {8 * x.size**2 / 1e9:g} GB")
_, pushed = bl.jvp(squares, (x,), (np.ones_like(x),))
print("J times a column of ones, in one sweep:", pushed[:4], "…")

# %% [markdown]
# Each output depends on one input, so J is empty but for its diagonal. The way out: do not ask for J. What one needs is
# nearly always J times a column, or a row times J, and each is one sweep.
#
# ## Your own function
#
# Put a function of any number of inputs in place of this one. Try a loop in which s is used twice, or `s = s + x_i`,
# or `s = s ** x_i`. Which operations make the factor larger? Can you get it above 5, or down to 1?


# %% tags=["demo"]
def mine(*x):
    s = 1.0
    for x_i in x:
        s = x_i / s
    return s


counts = bl.plots.operations(mine, 100)
print("100 partial derivatives for the price of", counts["reverse"] / counts["evaluation"], "evaluations")
bl.plots.counted_costs(mine, inputs=(1, 10, 100))

# %% [markdown]
# ## Exercises
#
# The numbers are yours: they come from the name that you put in above. Exercises 2 and 5 are in the text.

# %%
# exercise: costs.1

# %%
# exercise: costs.3

# %%
# exercise: costs.4

# %%
bl.progress("costs")

# %% [markdown]
# ## Next
#
# When a net is trained, each step takes one gradient. That it costs as much as a few forward passes, and not as a
# million, is what makes training possible.
#
# Forward and reverse are two orders of one product. [`06_the_order_matters`](06_the_order_matters.ipynb) shows the
# product.
#
# **Sources.** Gilbert Strang, MIT 18.065 (2018), lecture 27, *Backpropagation: Find Partial Derivatives*; book,
# section VII.3: the factor. Alan Edelman and Steven G. Johnson, MIT 18.S096 *Matrix Calculus* (IAP 2023), lecture 8,
# part 2: sources and sink. Stanford CS229 (2022), lecture 9, *Neural Networks 2 (backprop)*: the theorem of the cheap
# gradient.
#
# **Learn more.** Strang's lecture on film is [here](https://ocw.mit.edu/courses/18-065-matrix-methods-in-data-analysis-signal-processing-and-machine-learning-spring-2018/);
# `bl.plots.operations` counts any function of yours.
