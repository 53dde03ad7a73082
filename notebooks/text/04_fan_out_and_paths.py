# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4 Fan-out and paths
#
# A value that is used twice gets two contributions, and they add up. This lesson says why: a derivative is a sum over
# paths. It takes about 45 minutes.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% [markdown]
# ## Use it
#
# Christopher Olah's example: e = (a + b)(b + 1) at a = 2, b = 1. b is used twice.

# %%
olah = bl.examples["olah"]
graph = olah.trace()
bl.value_and_grad(olah.function)(2.0, 1.0)

# %% [markdown]
# ## Predict
#
# You are the reverse sweep: say whose turn it is, and with which number. At b, a first number arrives, then a second
# one. Type their sum when the player asks.

# %%
olah.step(predict="sweep")

# %% [markdown]
# ## Look: paths
#
# From b there are two ways to e: through c = a + b, and through d = b + 1. In the player, **next path** lights them up
# one by one: along a path the local partials multiply, and the products add up. Go to the end, and compare the sum with
# the adjoint of b. Then choose another source, or another end.

# %%
olah.step(views=("paths",))

# %% [markdown]
# These are the local partials on the edges. Multiply them along each way.

# %%
for edge in graph.edges:
    print(f"∂{edge.child.label}/∂{edge.parent.label} = {edge.child.partials[edge.slot]:g}")

# %%
for path in bl.paths(graph, "b"):
    print(path)
print("sum:", sum(path.product for path in bl.paths(graph, "b")), "  sweep:", bl.adjoint_sweep(graph).result["b"])

# %% [markdown]
# 2 · 1 + 3 · 1 = 5. **The derivative is the sum over all paths of the product of the local partials.** From a there
# is one path only.

# %%
for path in bl.paths(graph, "a"):
    print(path)

# %% [markdown]
# Two edges between the same two nodes are two paths: x · x has two edges from x.

# %%
square = bl.trace(lambda x: x * x, x=3)
for path in bl.paths(square, "x"):
    print(path)

# %% [markdown]
# The same on the two other examples of the course. In `edelman`, 10 and 4 are the products along the two paths from
# x.

# %%
for name, source in (("edelman", "x"), ("strang", "x"), ("strang", "y")):
    found = list(bl.paths(bl.examples[name].trace(), source))
    print(name, source, [path.product for path in found], "→", sum(path.product for path in found))

# %% [markdown]
# ## Explain: why not add up all paths?
#
# Because there may be too many. Here is a ladder of diamonds: each one doubles the number of paths. Light up a few.

# %%
bl.examples.ladder(3).step(views=("paths",))

# %%
print("diamonds   edges   paths")
for n in (1, 2, 3, 10, 30, 100):
    ladder = bl.examples.ladder(n).trace()
    edges = sum(edge.parent.op != "constant" for edge in ladder.edges)
    print(f"{n:8} {edges:7}   {bl.count_paths(ladder, 'x')}")

# %% [markdown]
# 2ⁿ paths over 4n edges. With a hundred diamonds, no computer can walk all paths. A sweep does not walk them: it
# collects what arrives at a node **once** and passes the sum on. Work is shared by all paths through an edge. That is
# dynamic programming, and it is all that backpropagation saves.

# %%
ladder = bl.examples.ladder(30)
sweep = bl.adjoint_sweep(ladder.trace())
print("derivative", sweep.result["x"], "= 3^30 =", 3.0**30)
print("multiplications in the sweep:", sweep.counts["multiplications"])

# %% [markdown]
# Counting the paths takes one pass as well: a node has as many as its operands together.
#
# ## Reuse
#
# A value that is computed once and used twice is one node, and one piece of work. u = xy, then u + u.


# %%
def twice(x, y):
    u = x * y
    return u + u


bl.step(twice, x=3, y=5)

# %% [markdown]
# u gets 1 and 1, so its adjoint is 2. It passes this on **once**: x gets 2 · 5 = 10.
#
# ## Break it
#
# Three programmers forget the order. The first passes on what u has each time something arrives: 5 · 1, and then 5
# · 2. The second waits, and passes the full sum on once for each use. The third passes on once, when the first
# thing arrives. What does each get for x?

# %%
doubled = bl.trace(twice, x=3, y=5)
print("right:", bl.adjoint_sweep(doubled).result["x"])
for name in ("passes on at each arrival", "pulled back twice", "used before complete"):
    print(f"{name:27} {bl.wrong_turns(doubled)[name]['x']:3g}")
print(bl.diagnose(doubled, "x", 15)[0].sentence)

# %% [markdown]
# And the most frequent mistake of all: the second arrival replaces the first. On Olah's example that gives 2 or 3.

# %%
for number in (2, 3, 6):
    print(bl.diagnose(graph, "b", number)[0].sentence)

# %% [markdown]
# ## Your own function
#
# Write a function in which x is used three times. How many paths do you expect?


# %%
def mine(x, y):
    return x * (x + y) / (1 + x)


print(bl.count_paths(bl.trace(mine, x=2.0, y=1.0), "x"), "paths from x")

# %% [markdown]
# ## Exercises
#
# Put your name in: it decides which numbers you get, the same ones on every machine.

# %% tags=["setup"]
bl.seed("your name")

# %%
# exercise: fan_out.1

# %%
# exercise: fan_out.2

# %%
# exercise: fan_out.3

# %%
# exercise: fan_out.4

# %%
# exercise: fan_out.5

# %%
bl.progress("fan_out")

# %% [markdown]
# ## Next
#
# A sweep shares its work among all paths. [`05_what_it_costs`](05_what_it_costs.ipynb) counts how much that saves. And
# if you would rather write a sweep: [`08_build_your_own_engine`](08_build_your_own_engine.ipynb).
#
# **Sources.** Christopher Olah, *Calculus on Computational Graphs: Backpropagation* (2015). Alan Edelman and Steven
# G. Johnson, MIT 18.S096 *Matrix Calculus* (IAP 2023), lecture 8, part 2: the sum over all paths. Columbia applied deep
# learning slides (2019), on gradient descent and backpropagation.
#
# **Learn more.** Olah's [article](https://colah.github.io/posts/2015-08-Backprop/) is about just this: how a sum over
# exponentially many paths is factored.
