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
# A weight of a net acts on the loss along millions of paths, and each path contributes its share. No computer can walk
# them all. A sweep adds them all up exactly, in a fraction of a second. How is that possible?
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
# Christopher Olah's example: e = (a + b)(b + 1) at a = 2, b = 1, so c = 3, d = 2, e = 6. b is used twice. Let b move by
# a thousandth: both c and d move by a thousandth. How many thousandths does e move by c alone, and by d alone?

# %%
olah = bl.examples["olah"]
graph = olah.trace()
bl.guess((..., ...), graph["e"].partials)

# %%
moved = olah.trace(b=1.001)
for name in ("b", "c", "d", "e"):
    print(f"{name} moves by {1000 * (moved[name].value - graph[name].value):.3f} thousandths")
only_c, only_d = (3.001 * 2 - 6) * 1000, (3 * 2.001 - 6) * 1000
print(f"by c alone {only_c:.3f}, by d alone {only_d:.3f}, together {only_c + only_d:.3f}")

# %% [markdown]
# Movements along two ways add up. (The last thousandth of a thousandth is c and d moving together.)
#
# ## Predict
#
# You are the reverse sweep, at numbers of your own: say whose turn it is, and with which number. At b, a first number
# arrives, then a second one. Type their sum when the player asks.

# %%
olah.step(**bl.separating_inputs(olah.function, bl.seed(), unlike=olah.inputs), predict="sweep")

# %% [markdown]
# ## Look: paths
#
# From b there are two ways to e: through c = a + b, and through d = b + 1. Multiply the local partials along each way.
# Which two products do you get?

# %%
bl.guess((..., ...), [path.product for path in bl.paths(graph, "b")])

# %%
for edge in graph.edges:
    print(f"∂{edge.child.label}/∂{edge.parent.label} = {edge.child.partials[edge.slot]:g}")
for path in bl.paths(graph, "b"):
    print(path)
print("sum:", sum(path.product for path in bl.paths(graph, "b")))
print("sweep:", bl.value_and_grad(olah.function)(2.0, 1.0))
olah.step(views=("paths",))

# %% [markdown]
# **The derivative is the sum over all paths of the product of the local partials.** In the player, **next path** lights
# them up one by one. Choose a in place of b, too: how many paths lead from there?
#
# Two edges between the same two nodes are two paths. How many paths lead from x to x · x, and what is the product along
# each, at x = 3?

# %%
square = bl.trace(lambda x: x * x, x=3)
bl.guess((..., ...), (bl.count_paths(square, "x"), square.nodes[-1].partials[0]))

# %%
for path in [*bl.paths(graph, "a"), *bl.paths(square, "x")]:
    print(path)
for name, source in (("edelman", "x"), ("strang", "x"), ("strang", "y")):
    found = list(bl.paths(bl.examples[name].trace(), source))
    print(name, source, [path.product for path in found], "→", sum(path.product for path in found))

# %%
# exercise: fan_out.3

# %% [markdown]
# ## Explain: why not add up all paths?
#
# Because there may be too many. Here is a ladder of three diamonds: each one doubles the number of paths. How many
# paths are there with 10 diamonds? And how many edges, at 4 a diamond?

# %%
ten = bl.examples.ladder(10).trace()
bl.guess((..., ...), (bl.count_paths(ten, "x"), sum(edge.parent.op != "constant" for edge in ten.edges)))

# %%
bl.examples.ladder(3).step(views=("paths",))

# %%
# exercise: fan_out.6

# %%
print("diamonds   edges   paths")
for n in (1, 2, 3, 10, 30, 100):
    ladder = bl.examples.ladder(n).trace()
    edges = sum(edge.parent.op != "constant" for edge in ladder.edges)
    print(f"{n:8} {edges:7}   {bl.count_paths(ladder, 'x')}")

# %% [markdown]
# 2ⁿ paths over 4n edges. A sweep does not walk the paths: it collects what arrives at a node **once** and passes the
# sum on. Work is shared by all paths through an edge. That is dynamic programming, and it is all that backpropagation
# saves. How many multiplications does a sweep over 30 diamonds take, two a diamond?

# %%
ladder = bl.examples.ladder(30)
sweep = bl.adjoint_sweep(ladder.trace())
bl.guess(..., sweep.counts["multiplications"])

# %%
print("derivative", sweep.result["x"], "= 3^30 =", 3.0**30)
print("multiplications in the sweep:", sweep.counts["multiplications"])

# %% [markdown]
# Counting the paths takes one pass as well: a node has as many as its operands together.
#
# ## Reuse
#
# A value that is computed once and used twice is one node, and one piece of work. u = xy, then u + u. (In PyTorch, too:
# a tensor that is used twice is one node, and `x.grad` gets the sum.)


# %%
def twice(x, y):
    u = x * y
    return u + u


bl.step(twice, x=3, y=8, predict=True)

# %% [markdown]
# u gets 1 and 1, so its adjoint is 2. It passes this on **once**.

# %%
# exercise: fan_out.7

# %% [markdown]
# ## Break it
#
# Three programmers forget the order. The first passes on what u has each time something arrives: 5 · 1, and then 5 · 2.
# The second waits, and passes the full sum on once for each use. The third passes on once, when the first thing
# arrives. What does each get for x? Type three numbers. (The most frequent mistake of all is the second arrival that
# replaces the first: see the last lines below.) Then find the broken rule, in a player and on paper.

# %%
doubled = bl.trace(twice, x=3, y=5)
names = ("passes on at each arrival", "pulled back twice", "used before complete")
bl.guess((..., ..., ...), [bl.wrong_turns(doubled)[name]["x"] for name in names])

# %%
print("right:", bl.adjoint_sweep(doubled).result["x"])
for name in names:
    print(f"{name:27} {bl.wrong_turns(doubled)[name]['x']:3g}")
for number in (2, 3, 6):
    print(f"Olah's b, {number}: {bl.diagnose(graph, 'b', number)[0].sentence}")
print(bl.diagnose(doubled, "x", 15)[0].sentence)

# %%
bl.step(lambda a, b: (a * b + b) * (b + 1), a=2, b=3, mystery=bl.seed() + " 4")

# %%
# exercise: fan_out.8

# %% [markdown]
# ## Your own function
#
# Write a function in which x is used three times: in a loop, in a function that calls itself, twice in
# `np.array([x, x * y])`. How many paths do you expect?


# %%
def mine(x, y):
    return x * (x + y) / (1 + x)


print(bl.count_paths(bl.trace(mine, x=2.0, y=1.0), "x"), "paths from x")

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 3, 6, 7 and 8 are in the text.

# %%
# exercise: fan_out.1

# %%
# exercise: fan_out.2

# %%
# exercise: fan_out.4

# %%
# exercise: fan_out.5

# %%
bl.progress("fan_out")

# %% [markdown]
# ## Next
#
# In a training run every weight is used once for every example of the batch: its gradient is a sum of as many arrivals,
# and each of those a sum over all paths.
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
