# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 2 Forward mode
#
# In the film of Gilbert Strang's lecture on backpropagation there is a moment when he has differentiated his function
# for x, by pushing numbers from left to right. He turns to y, and has to begin all over. Why? And what would it cost
# with a million variables?
#
# You push derivatives through a program by hand, build numbers that do it by themselves, and see what is wasted. Put
# your name into the third code cell: it decides which numbers you get. It takes about 45 minutes.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% tags=["setup"]
bl.seed("your name")

# %% [markdown]
# ## Use it
#
# Strang's function is F = x³ (x + 3y). At x = 2, y = 3 it is 8 · 11 = 88. Let x move to 2.001, a thousandth. c = x³
# then moves by 12 thousandths, and s = x + 3y by one. How many thousandths does F = c · s move by the movement of c
# alone, with s = 11 held still?


# %%
def strang(x, y):
    c = x**3
    s = x + 3 * y
    F = c * s
    return F


bl.guess(..., 12 * bl.grad(lambda c: c * 11)(8.0))

# %%
bl.jvp(strang, (2.0, 3.0), (1.0, 0.0))

# %% [markdown]
# And 8 more by the movement of s: 11 · 12 + 8 · 1 = 140. `bl.jvp` runs the program once with a **tangent** for each
# input: how fast it moves. Here only x moves, at rate 1. The rate of F was computed along with its value, in the same
# order, without keeping a graph. (PyTorch: `torch.func.jvp(strang, (x, y), (one, zero))`.)
#
# ## Predict
#
# Each node has two numbers now: its value, and its tangent (a dot over the name). Type each before you see it, at
# numbers of your own.

# %%
yours = bl.separating_inputs(strang, bl.seed(), unlike={"x": 2, "y": 3}, high=12, largest=3000)
bl.step(strang, **yours, mode="forward", wrt="x", predict=True)

# %% [markdown]
# ## Look
#
# Printed, a sweep has one line for each node. A tangent is the sum, over the operands, of local partial times the
# operand's tangent. Below come the sweep for x, at the lecture's numbers, and the one for y: we need **another** sweep,
# in which y moves at rate 1 and x stands still. What are the tangents of c = x³ and of s = x + 3y then?

# %%
graph = bl.trace(strang, x=2, y=3)
for_y = bl.tangent_sweep(graph, y=1.0)
bl.guess((..., ...), (for_y.result["c"], for_y.result["s"]))

# %%
print(bl.tangent_sweep(graph, x=1.0))
print()
print(bl.tangent_sweep(graph, y=1.0))

# %% [markdown]
# c does not depend on y, so its tangent is 0, and everything multiplied with it is work for nothing. Strang says that
# such zeros never get off the ground. In the player they are pale, and its costs below count them: how many of the 7
# tangents of this sweep are 0?

# %%
bl.guess(..., sum(x == 0 for x in for_y.numbers))

# %%
for name in ("x", "y"):
    sweep = bl.tangent_sweep(graph, **{name: 1.0})
    zeros = sum(x == 0 for x in sweep.numbers)
    print(f"sweep for {name}: F changes at {sweep.result['F']:g}; {zeros} of {len(sweep.numbers)} tangents are 0")
bl.step(strang, x=2, y=3, mode="forward", wrt="y", views=("table", "costs"))

# %%
# exercise: forward.2

# %% [markdown]
# ## Explain: dual numbers
#
# Write a value and its tangent as a pair (a, ȧ). A sum adds both parts. A product follows the product rule: (a, ȧ) ·
# (b, ḃ) = (ab, ȧb + aḃ). What is (4, 3) · (5, 2)? Type both parts.

# %%
bl.guess((..., ...), bl.jvp(lambda a, b: a * b, (4.0, 5.0), (3.0, 2.0)))

# %%
class Pair:
    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def __add__(self, other):
        return Pair(self.value + other.value, self.tangent + other.tangent)

    def __mul__(self, other):
        return Pair(self.value * other.value, self.tangent * other.value + self.value * other.tangent)

# %%
# exercise: forward.3

# %% [markdown]
# A class with a few such methods is all that forward mode is. Here it runs Strang's formula, with x as (1, 1) and y as
# (3, 0). The function knows nothing of pairs. What will stand in the second part?

# %%
x, y, three = Pair(1.0, 1.0), Pair(3.0), Pair(3.0)
F = x * x * x * (x + three * y)
bl.guess(..., F.tangent)

# %%
x, y, three = Pair(2.0, 1.0), Pair(3.0), Pair(3.0)
F = x * x * x * (x + three * y)
print(F.value, F.tangent)

# %% [markdown]
# Python ran the formula; the pairs carried the derivative along.
#
# `bl.jvp` takes any direction, not only an axis. The derivatives are 140 and 24. If x and y both move, at rates 1 and
# 2, how fast does F move?

# %%
bl.guess(..., bl.jvp(strang, (2.0, 3.0), (1.0, 2.0))[1])

# %%
print(bl.jvp(strang, (2.0, 3.0), (1.0, 2.0))[1], 140 * 1 + 24 * 2)

# %% [markdown]
# ## Break it
#
# Seed **all** inputs with 1 and hope for all derivatives at once. What comes out?

# %%
_, both = bl.jvp(strang, (2.0, 3.0), (1.0, 1.0))
bl.guess(..., both)

# %%
print(both)
print(bl.diagnose(graph, "x", both)[0].sentence)
c, s, c_dot, s_dot = 8.0, 11.0, 12.0, 1.0
print("right:", c_dot * s + c * s_dot, "   first half only:", c_dot * s, "   rates multiplied:", c_dot * s_dot)

# %%
# exercise: forward.7

# %% [markdown]
# It is the sum of the derivatives, and there is no way to take it apart again. The last line printed above has two
# mistakes inside one node, the product F = c · s: the first half of the product rule alone, and the product of the
# rates.
#
# And which rule is broken here? This is a sweep from the other end, which the next lesson explains. You need not know
# it to find the broken rule: press "move" beside an input, and compare.

# %%
bl.step(lambda x, y: x * y + x**2, x=3, y=5, mystery=bl.seed() + " 2")

# %% [markdown]
# ## Your own function
#
# Let x move, then y. Try a loop that multiplies by x ten times, a branch, `np.array([x, y])`. Which tangents are 0, and
# which cancel?

# %%
bl.step(lambda x, y: np.sin(x) * y + x / y, x=1, y=2, mode="forward", wrt="x")

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 2, 3 and 7 are in the text.

# %%
# exercise: forward.1

# %%
# exercise: forward.4

# %%
# exercise: forward.5

# %%
# exercise: forward.6

# %%
bl.progress("forward")

# %% [markdown]
# ## Next
#
# A training run never goes forward for its gradient: with a million weights it would take a million sweeps for one
# step.
#
# [`03_reverse_mode`](03_reverse_mode.ipynb) starts at the other end, and needs one sweep for all.
#
# **Sources.** Gilbert Strang, MIT 18.065 (2018), lecture 27, *Backpropagation: Find Partial Derivatives*. Alan
# Edelman and Steven G. Johnson, MIT 18.S096 *Matrix Calculus* (IAP 2023), lecture 8, part 2: pairs pushed along with
# the program.
#
# **Learn more.** The lecture by Edelman and Johnson is [on film](https://ocw.mit.edu/courses/18-s096-matrix-calculus-for-machine-learning-and-beyond-january-iap-2023/).
# `bl.jvp` takes arrays, lists and dicts of numbers as well.
