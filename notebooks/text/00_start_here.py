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
# You write an ordinary Python function. The lab runs it once, remembers every operation, and draws what happened as
# a graph. Then you step: first forward, for the values, and then back, for the derivatives.
#
# Run the cells from top to bottom with **Shift+Enter**. It takes about ten minutes; four small exercises follow.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% [markdown]
# ## Use it
#
# The first example is from a lecture by Alan Edelman and Steven Johnson. It is small enough to do by hand. One call
# gives its value and its derivatives for x and for y.


# %%
def z(x, y):
    return 2 * x * y + (x - 1) ** 2


bl.value_and_grad(z)(3, 5)

# %% [markdown]
# Where do 14 and 6 come from? `bl.trace` runs the function and keeps the **graph**: one node for each input, constant
# and operation. An arrow says "is used by". Rounded nodes are inputs, dashed ones are constants, a double rim marks
# the output.

# %%
graph = bl.trace(z, x=3, y=5)
graph

# %% [markdown]
# Each node shows two numbers.
#
# * The **primal**, in blue, is the node's value.
# * The **adjoint**, in orange, is the derivative of the output with respect to this node: if the node's value grew a
#   little, how many times that much would the output grow?
#
# The slanted number on an arrow is the **local partial**: the same question for one operation alone.
#
# Printed, the graph is a table in the order in which Python computed it. This is called the *evaluation trace*.

# %%
print(graph)

# %% [markdown]
# ## Predict
#
# Click on the player below, or move to it with the Tab key. Then press the **right arrow** key.
# The left arrow goes back, **Home** and **End** jump.
#
# Before each step, guess the next number. Watch x during the reverse pass: it gets 10 first, and is 14 at the end. Why?

# %%
player = bl.step(z, x=3, y=5)
player

# %% [markdown]
# ## Look
#
# x is used twice, in `2 * x` and in `x - 1`, so two numbers arrive at x: 10 through the product and 4 through the
# square. The derivative is their **sum**. Keeping only one of them is the most common mistake in backpropagation.
#
# Here are all the steps of the reverse pass. A bar over a name means its adjoint. The constants have adjoints too: 15
# and −4. They say how much the output would change if you changed the *program*.

# %%
sweep = bl.adjoint_sweep(graph)
print(sweep)
sweep.result

# %% [markdown]
# ## Explain: two ways through the same graph
#
# The second example is from a lecture by Gilbert Strang: F = x³ (x + 3y) at x = 2, y = 3.


# %%
def strang(x, y):
    c = x**3
    s = x + 3 * y
    F = c * s
    return F


bl.step(strang, x=2, y=3)

# %% [markdown]
# **Reverse mode** starts at the output and needs one pass for both derivatives: 140 and 24.
#
# **Forward mode** starts at an input. Its numbers are called *tangents*: how fast each node moves when that input
# moves. One pass gives one derivative, so y needs a second pass: the last table has both.

# %%
bl.step(strang, x=2, y=3, mode="forward", wrt="x")

# %%
F = bl.trace(strang, x=2, y=3)
for_x = bl.tangent_sweep(F, x=1.0).result
for_y = bl.tangent_sweep(F, y=1.0).result
back = bl.adjoint_sweep(F).result
print("node   forward for x   forward for y   reverse")
for name in F.names:
    print(f"{name:4} {for_x[name]:12g} {for_y[name]:15g} {back[name]:13g}")

# %% [markdown]
# Read the row of F under "forward", and the rows of x and y under "reverse": the same 140 and 24.
#
# The third example is from Christopher Olah's article on computational graphs: e = (a + b)(b + 1) at a = 2, b = 1.
# b reaches the output along two paths. Now the player **asks** for each number before it shows it: type it, and press
# Enter. A wrong number is no harm: the player says what it is the answer to.

# %%
bl.examples["olah"].step(predict=True)

# %% [markdown]
# ## Break it
#
# Something went wrong? The lab tells you in one sentence what it was and what to write instead. Try it: Python's own
# `math.sin` needs a plain number, so the derivative would be lost on the way.

# %%
import math

try:
    bl.grad(lambda x: x * math.sin(x))(2.0)
except bl.LabError as error:
    print(error)

# %% [markdown]
# ## Your own function
#
# Change anything below: the formula, the names, the numbers. Use `if`, loops and helper functions as you like.
# `bl.sin` and `np.sin` both work, and so do `exp`, `log`, `tanh`, `sqrt`, `relu` and the rest of `bl.primitives`.


# %%
def own(x, y):
    a = np.sin(x)
    b = a / y
    return b + x


bl.step(own, x=3, y=5)

# %% [markdown]
# ## Exercises
#
# Put your name in: it decides which numbers you get, the same ones on every machine. Each exercise has three cells:
# the question, a cell for your answer, and a cell that checks it. Run all three, and try as often as you like.

# %% tags=["setup"]
bl.seed("your name")

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
# [`01_functions_are_graphs`](01_functions_are_graphs.ipynb) takes its time over the graph and the numbers on its
# arrows. But no lesson needs another one: open the one that you want.
#
# **Sources.** Alan Edelman and Steven G. Johnson, MIT 18.S096 *Matrix Calculus* (IAP 2023), lecture 8, part 2.
# Gilbert Strang, MIT 18.065 (2018), lecture 27, *Backpropagation: Find Partial Derivatives*. Christopher Olah,
# *Calculus on Computational Graphs: Backpropagation* (2015).
#
# **Learn more.** Olah's [article](https://colah.github.io/posts/2015-08-Backprop/) is the shortest way into the
# subject. The players' keys are listed when you press `?` in one.
