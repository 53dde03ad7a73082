# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Start here: see backpropagation
#
# A net is made of many numbers, and it learns by one question, asked again and again: *which way must each number move
# so that the error shrinks?* Backpropagation is how the answer is computed. Here you see every number of it.
#
# You write an ordinary Python function. The lab runs it, and draws what happened as a graph. Then you step: first
# forward, for the values, and then back, for the derivatives. Run the cells from top to bottom with **Shift+Enter**,
# and put your name into the third code cell: it decides which numbers you get. It takes a quarter of an hour; five
# small exercises follow.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% tags=["setup"]
bl.seed("your name")

# %% [markdown]
# ## Use it
#
# The smallest net has one number, w. It should turn 2 into 6, and its answer is w · 2. Its error is the square of what
# is missing. At w = 1 the error is 16. Must w become larger or smaller? Type `"larger"` or `"smaller"` in place of the
# dots.


# %%
def error(w):
    missing = 6 - w * 2
    return missing**2


bl.guess(..., "larger" if bl.grad(error)(1.0) < 0 else "smaller")

# %%
w = 1.0
for _ in range(4):
    value, slope = bl.value_and_grad(error)(w)
    print(f"w = {w:.4f}   error = {value:.4f}   slope = {slope:.4f}")
    w = w - 0.1 * slope

# %% [markdown]
# Each line is one step downhill: w moves against the slope, and the error shrinks. That is all of training. This course
# is about the slope, and where it comes from when there are many numbers.
#
# The next example is from a lecture by Alan Edelman and Steven Johnson. An arrow says "is used by". Rounded nodes are
# inputs, dashed ones are constants, a double rim marks the output. Click on the player, press the **right arrow** key,
# type each value before you see it, and press Enter.


# %%
def z(x, y):
    return 2 * x * y + (x - 1) ** 2


bl.step(z, x=3, y=5, mode="value", predict=True)

# %%
graph = bl.trace(z, x=3, y=5)
print(graph)

# %% [markdown]
# Printed, the graph is a table in the order in which Python computed it, the *evaluation trace*.
#
# Now let x move a little: from 3 to 3.001, a thousandth. `2 * x * y` grows by 2 · 0.001 · 5, ten thousandths. How many
# thousandths does the square (x − 1)² grow by, about? It was 2², and it is 2.001² now.

# %%
bl.guess(..., round(1000 * (z(3.001, 0) - z(3, 0))))  # with y = 0 the square is all that is left

# %%
moved = bl.trace(z, x=3.001, y=5)
for before, after in zip(graph.nodes, moved.nodes, strict=True):
    print(f"{before.label:3} {before.formula:10} moves by {1000 * (after.value - before.value):6.2f} thousandths")

# %% [markdown]
# x reaches z along two ways. One moves z by 10 thousandths, the other by 4, and the two movements **add**: z moves 14
# times as far as x. This is the derivative of z with respect to x, found without any rule.
#
# ## Predict
#
# Backpropagation finds it with rules, for all inputs at once. It starts at the output and goes back:
#
# * the **adjoint** of a node says how many times as far the output moves as this node. The output's own is 1;
# * a node sends to each operand its adjoint times the **local partial**, the slanted number on the arrow;
# * what arrives at a node is added up.
#
# Here it is at numbers of your own. A wrong number is no harm: the player says what it is the answer to.

# %%
yours = bl.separating_inputs(z, bl.seed(), unlike={"x": 3, "y": 5}, high=12)
bl.step(z, **yours, predict=True)

# %% [markdown]
# ## Look
#
# The same at the lecture's numbers comes below, without questions. A bar over a name means its adjoint. Watch x: two
# numbers arrive, and keeping only one of them is the most common mistake in backpropagation.
#
# The constants have adjoints too. At the lecture's numbers x is 3 and y is 5. The 2 in `2 * x` is sent what `2 * x`
# has, 5, times x. What is its adjoint?

# %%
sweep = bl.adjoint_sweep(graph)
bl.guess(..., sweep.result["2"])

# %%
print(sweep)
player = bl.step(z, x=3, y=5)
player

# %% [markdown]
# An adjoint of a constant says how much the output would change if you changed the *program*.

# %%
# exercise: start.5

# %% [markdown]
# ## Explain: two ways through the same graph
#
# The second example is from a lecture by Gilbert Strang: F = x³ (x + 3y) at x = 2, y = 3. **Forward mode** starts at an
# input, here at x. Its numbers are called *tangents*: how fast each node moves when that input moves at rate 1. Type
# them.


# %%
def strang(x, y):
    c = x**3
    s = x + 3 * y
    F = c * s
    return F


bl.step(strang, x=2, y=3, mode="forward", wrt="x", predict=True)

# %% [markdown]
# One pass gives one derivative, so y needs a second pass. **Reverse mode** starts at the output and needs one pass for
# both. In PyTorch that pass is `F.backward()`, and afterwards `x.grad` and `y.grad` hold what the lab calls x̄ and ȳ.

# %%
mine = bl.separating_inputs(strang, bl.seed(), unlike={"x": 2, "y": 3}, high=12, largest=3000)
bl.step(strang, **mine, predict="sweep")

# %%
F = bl.trace(strang, x=2, y=3)
for_x, for_y = bl.tangent_sweep(F, x=1.0).result, bl.tangent_sweep(F, y=1.0).result
back = bl.adjoint_sweep(F).result
print("node   forward for x   forward for y   reverse")
for name in F.names:
    print(f"{name:4} {for_x[name]:12g} {for_y[name]:15g} {back[name]:13g}")

# %% [markdown]
# Read the row of F under "forward", and the rows of x and y under "reverse": the same 140 and 24.
#
# ## Break it
#
# This sweep back has one rule broken. Step to its end, press "move" beside an input to see how fast the output really
# follows, and choose the rule from the list.

# %%
bl.step(z, x=3, y=5, mystery=bl.seed() + " 0")

# %%
import math

try:
    bl.grad(lambda x: x * math.sin(x))(2.0)
except bl.LabError as broken:
    print(broken)

# %% [markdown]
# When something goes wrong, the lab says in one sentence what it was and what to write instead, as above: Python's own
# `math.sin` needs a plain number, so the derivative would be lost on the way.
#
# ## Your own function
#
# Change anything below: the formula, the names, the numbers. Try a loop, an `if`, a function that calls itself, or
# `np.array([x, y])`. Look for a node that is used twice: how many numbers arrive?


# %%
def own(x, y):
    a = np.sin(x)
    b = a / y
    return b + x


bl.step(own, x=3, y=5)

# %% [markdown]
# ## Exercises
#
# Each exercise has three cells: the question, a cell for your answer, and a cell that checks it. Run all three, and try
# as often as you like. The numbers are yours; they come from the name that you put in above.

# %%
# exercise: start.1

# %%
# exercise: start.2

# %%
# exercise: start.3

# %%
# exercise: start.4

# %%
bl.progress("start")

# %% [markdown]
# ## Next
#
# A training run does one pass forward and one pass back, moves every weight a little against its adjoint, and begins
# again, some thousand times.
#
# [`01_functions_are_graphs`](01_functions_are_graphs.ipynb) takes its time over the graph and the numbers on its
# arrows. But no lesson needs another one: open the one that you want.
#
# **Sources.** Alan Edelman and Steven G. Johnson, MIT 18.S096 *Matrix Calculus* (IAP 2023), lecture 8, part 2.
# Gilbert Strang, MIT 18.065 (2018), lecture 27, *Backpropagation: Find Partial Derivatives*. Christopher Olah,
# *Calculus on Computational Graphs: Backpropagation* (2015).
#
# **Learn more.** Olah's [article](https://colah.github.io/posts/2015-08-Backprop/) is the shortest way into the
# subject. The players' keys are listed when you press `?` in one.
