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
# Carry two numbers instead of one: the value, and how fast it changes. This lesson takes about 45 minutes. You will
# push derivatives through a program by hand, build dual numbers, and see what forward mode wastes.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% [markdown]
# ## Use it
#
# Strang's function, F = x³ (x + 3y), at x = 2, y = 3. `bl.jvp` runs it once with a **tangent** for each input: how
# fast the input moves. Here only x moves, at rate 1.


# %%
def strang(x, y):
    c = x**3
    s = x + 3 * y
    F = c * s
    return F


bl.jvp(strang, (2.0, 3.0), (1.0, 0.0))

# %% [markdown]
# 88, and its rate of change 140. The rate was computed along with the value, in the same order, without keeping a
# graph.
#
# ## Predict
#
# Each node has two numbers now: its value, and its tangent (a dot over the name). Type each before you see it.

# %%
bl.step(strang, x=2, y=3, mode="forward", wrt="x", predict=True)

# %% [markdown]
# ## Look
#
# Printed, one line a node. A tangent is the sum, over the operands, of local partial times the operand's tangent.

# %%
graph = bl.trace(strang, x=2, y=3)
print(bl.tangent_sweep(graph, x=1.0))

# %% [markdown]
# That was the derivative for x: ċ = 12, ṡ = 1, Ḟ = 8·1 + 11·12 = 140. For y we need **another** sweep.

# %%
print(bl.tangent_sweep(graph, y=1.0))

# %% [markdown]
# Look at the first lines: c does not depend on y, so its tangent is 0, and everything multiplied with it is work for
# nothing. Strang says that such zeros never get off the ground. In the player they are pale, and its costs below
# count them.

# %%
bl.step(strang, x=2, y=3, mode="forward", wrt="y", views=("table", "costs"))

# %%
for name in ("x", "y"):
    sweep = bl.tangent_sweep(graph, **{name: 1.0})
    zeros = sum(x == 0 for x in sweep.numbers)
    print(f"sweep for {name}: F changes at {sweep.result['F']:g}; {zeros} of {len(sweep.numbers)} tangents are 0")

# %% [markdown]
# One sweep for each input. With a thousand inputs that is a thousand sweeps. Reverse mode will need one.
#
# ## Explain: dual numbers
#
# Write a value and its tangent as a pair (a, ȧ). A sum adds both parts. A product follows the product rule: (a, ȧ) ·
# (b, ḃ) = (ab, ȧb + aḃ). A class can do this for every operation; that is all that forward mode is.


# %%
class Pair:
    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def __add__(self, other):
        return Pair(self.value + other.value, self.tangent + other.tangent)

    def __mul__(self, other):
        return Pair(self.value * other.value, self.tangent * other.value + self.value * other.tangent)


# %%
x, y, three = Pair(2.0, 1.0), Pair(3.0), Pair(3.0)
F = x * x * x * (x + three * y)
print(F.value, F.tangent)

# %% [markdown]
# The same 140. Python ran the formula; the pairs carried the derivative along.
#
# `bl.jvp` takes any direction, not only an axis. If x and y both move, at rates 1 and 2, F moves at 140 · 1 + 24 · 2.

# %%
print(bl.jvp(strang, (2.0, 3.0), (1.0, 2.0))[1], 140 * 1 + 24 * 2)

# %% [markdown]
# ## Break it
#
# Seed **all** inputs with 1 and hope for all derivatives at once. What comes out?

# %%
_, both = bl.jvp(strang, (2.0, 3.0), (1.0, 1.0))
print(both)
print(bl.diagnose(graph, "x", both)[0].sentence)

# %% [markdown]
# 164 is 140 + 24: the sum of the derivatives, and no way to take it apart again.
#
# Another way to break it: forget one half of the product rule.

# %%
c, s, c_dot, s_dot = 8.0, 11.0, 12.0, 1.0
print("right:", c_dot * s + c * s_dot, "   first half only:", c_dot * s, "   rates multiplied:", c_dot * s_dot)

# %% [markdown]
# ## Your own function

# %%
bl.step(lambda x, y: np.sin(x) * y + x / y, x=1, y=2, mode="forward", wrt="x")

# %% [markdown]
# ## Exercises
#
# Put your name in: it decides which numbers you get, the same ones on every machine.

# %% tags=["setup"]
bl.seed("your name")

# %%
# exercise: forward.1

# %%
# exercise: forward.2

# %%
# exercise: forward.3

# %%
# exercise: forward.4

# %%
# exercise: forward.5

# %%
bl.progress("forward")

# %% [markdown]
# ## Next
#
# Forward mode needs a sweep for each input. [`03_reverse_mode`](03_reverse_mode.ipynb) starts at the other end, and
# needs one for all.
#
# **Sources.** Gilbert Strang, MIT 18.065 (2018), lecture 27, *Backpropagation: Find Partial Derivatives*. Alan
# Edelman and Steven G. Johnson, MIT 18.S096 *Matrix Calculus* (IAP 2023), lecture 8, part 2: pairs pushed along with
# the program.
#
# **Learn more.** The lecture by Edelman and Johnson is [on film](https://ocw.mit.edu/courses/18-s096-matrix-calculus-for-machine-learning-and-beyond-january-iap-2023/).
# `bl.jvp` takes arrays, lists and dicts of numbers as well.
