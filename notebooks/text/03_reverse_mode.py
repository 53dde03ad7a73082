# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 3 Reverse mode
#
# Gilbert Strang draws the graph of his function on the board. Forward, he fills every box: once for x, and a second
# time for y. Then he draws the boxes for the way back, one pass for both, and the hour is over: they stay empty. What
# belongs in them? In this lesson you fill them.
#
# *Where it comes from.* The chain rule is Leibniz's. Robert Wengert wrote the first program that differentiates
# programs (1964), Seppo Linnainmaa the way back (1970), Bert Speelpenning a compiler for it (1980). David Rumelhart,
# Geoffrey Hinton and Ronald Williams put it on the map, for nets (1986). Each time it seemed obvious, with hindsight.
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
# Strang's function is F = x³ (x + 3y). At x = 1, y = 2 its parts are c = 1, s = 7, F = 7. Let x move by a thousandth.
# c moves by 3 thousandths, and s by 1. How many thousandths does F = c · s move, about?


# %%
def strang(x, y):
    c = x**3
    s = x + 3 * y
    F = c * s
    return F


bl.guess(..., round(1000 * (strang(1.001, 2) - strang(1, 2))))


# %%
def moves(x, y):
    """How far each node moves when x moves by a thousandth, in thousandths."""
    before, after = bl.trace(strang, x=x, y=y), bl.trace(strang, x=x + 0.001, y=y)
    return {name: round(1000 * (after[name].value - before[name].value), 1) for name in ("x", "c", "s", "F")}


moved = moves(1, 2)
print("thousandths:", moved)
print(f"by c alone, s held still: {7 * moved['c']:.1f}   by s alone: {1 * moved['s']:.1f}")

# %% [markdown]
# The two movements **add**, but for a little that vanishes with the step: it is the product of two small movements.
#
# ## Predict
#
# These numbers can be found from the output on, for x and y at once:
#
# * The **adjoint** of a node is the derivative of the output with respect to that node. The output's own adjoint is 1.
# * A node sends to each operand its adjoint times the **local partial** on the edge. What arrives is added up.
#
# Fill the empty boxes of the lecture: say whose turn it is, and type its number. A wrong number is no harm: the player
# says what your number is the answer to.

# %%
bl.step(strang, x=2, y=3, predict="sweep")

# %% [markdown]
# ## Look
#
# The next function is by Alan Edelman and Steven Johnson, z = 2xy + (x − 1)², at numbers of your own. The order is
# always the same: from the output, first operand first, and a node only when everything it influences is done.

# %%
edelman = bl.examples["edelman"]
edelman.step(**bl.separating_inputs(edelman.function, bl.seed(), unlike=edelman.inputs, high=12), predict=True)

# %%
graph = bl.trace(strang, x=2, y=3)
sweep = bl.adjoint_sweep(graph)
print(bl.value_and_grad(strang)(2, 3), sweep, sep="\n", end="\n\n")
print(bl.adjoint_sweep(bl.examples["edelman"].trace()))
moved = moves(2, 3)
print(f"\nthousandths: {moved}, by c alone {11 * moved['c']:.1f}, by s alone {8 * moved['s']:.1f}")
bl.step(strang, x=2, y=3)

# %% [markdown]
# Those are both sweeps, at the lectures' numbers. Every line is a product of an adjoint and a local partial, or a sum.
# Nothing else ever happens. The last line nudges x again: what arrives at x by each edge is how far F moves by it.
#
# A node is **local**. Cover the graph with your hand. Node v4 squares v3 = x − 1. It knows its operand and its own
# partial, and from above it hears one number. At x = 6 it hears 10. What does it send to v3?

# %%
bl.guess(..., bl.vjp(lambda v3: v3**2, 6.0 - 1)[1](10.0)[0])

# %% [markdown]
# It needs nothing of the rest of the graph. That is why a library can be put together from small pieces, and why this
# is all you write in PyTorch: `F.backward()`, and `x.grad` holds what arrived at x.
#
# ## Explain: four backward rules, and one more
#
# Almost every program is made of + − × ÷ and a maximum. Each has its own way to send an adjoint back. Step them one by
# one at a = 6, b = 2.

# %%
bl.step(lambda a, b: a + b, a=6, b=2, predict=True)

# %%
bl.step(lambda a, b: a - b, a=6, b=2, predict=True)

# %%
bl.step(lambda a, b: a * b, a=6, b=2, predict=True)

# %%
bl.step(lambda a, b: a / b, a=6, b=2, predict=True)

# %%
bl.step(lambda a, b: np.maximum(a, b), a=6, b=2, predict=True)

# %%
for name in ("add", "sub", "mul", "div"):
    op = bl.primitives[name]
    _, pullback = bl.vjp(op.function, 6.0, 2.0)
    print(f"{op.text}:  {op.rule}\n        {pullback(1.0)}   {pullback(10.0)}")

# %% [markdown]
# Below each rule stands what a and b get when the adjoint is 1, and when it is 10. Plus copies, minus copies and
# negates, times swaps the factors, divide uses 1/b and −a/b², a maximum sends all to the larger one. In the rules y is
# the **result** of the operation, so for y = a / b the factor −y/b is −a/b².
#
# **Depends on** is for the forward pass, **influences** for the reverse pass: a node's adjoint is complete when
# everything it influences has reported. Click on a node in any player, and both sets light up. How many nodes does x
# influence in Strang's function?

# %%
bl.guess(..., len(graph.influences("x")))

# %%
print("s depends on ", sorted(n.label for n in graph.depends_on("s")))
print("x influences ", sorted(n.label for n in graph.influences("x")))

# %%
# exercise: reverse.6

# %% [markdown]
# Christopher Olah's example: e = (a + b)(b + 1) at a = 2, b = 1. Here are both modes on one clock: two forward sweeps,
# for a and for b, beside one reverse sweep.

# %%
e = bl.examples["olah"].trace()
print("forward for a:", bl.tangent_sweep(e, a=1.0).result["e"])
print("forward for b:", bl.tangent_sweep(e, b=1.0).result["e"])
print("reverse:", bl.adjoint_sweep(e).result["a"], bl.adjoint_sweep(e).result["b"])
bl.examples["olah"].step(mode="both")

# %%
# exercise: reverse.5

# %% [markdown]
# ## Break it
#
# One rule of this sweep is broken. Step to its end, press "move" beside an input, and choose the rule.

# %%
bl.step(strang, x=2, y=3, mystery=bl.seed() + " 3")

# %% [markdown]
# Below come all rules, each broken alone. Two of them deserve a closer look. An engine keeps the adjoints in memory and
# adds to them. What does x hold if the sweep is run a second time, inner nodes begin with 0, and x keeps what
# the first run left?

# %%
kept = {"x": 0.0, "y": 0.0}
bl.guess(..., 2 * sweep.result["x"])

# %%
for run in (1, 2):
    for name in kept:
        kept[name] += sweep.result[name]
    print("after run", run, kept)
for name, answer in bl.wrong_turns(graph).items():
    print(f"{name:32} x: {answer['x']:9.6g}   y: {answer['y']:6.6g}")
for name in ("keeps the first arrival", "inputs not zeroed", "multiplies the arrivals"):
    print(bl.diagnose(graph, "x", bl.wrong_turns(graph)[name]["x"])[0].sentence)

# %% [markdown]
# Twice the right answer, and no error message. It is what training loops do, where the weights keep their adjoints:
# hence `optimizer.zero_grad()` in PyTorch before each `loss.backward()`. (A second `backward()` on the same graph needs
# `retain_graph=True`: PyTorch throws the kept values away after the first.)
#
# When a number of yours is wrong, ask it how it came about:
#
# | what you see at a node | what went on | ask yourself |
# |---|---|---|
# | one of two arrivals | the other was not there yet, or was written over | who else uses this node? |
# | the product of the arrivals | the rule along a path was used across paths | do two movements add or multiply? |
# | the local partial alone | what came from above was left out | how fast does the next node move the output? |
# | a factor's own value | factors were not swapped | one apple more at six each: how much more? |
# | the right size, the wrong sign | a minus was lost | I take away more: does the rest grow? |
# | twice the right number | an earlier run was still there | what stood in memory before you began? |
#
# ## Your own function
#
# Change one number of the program, and everything downstream changes. Strang's first try had 2y in place of 3y. Try a
# loop that multiplies by x, a function that calls itself, a branch, `np.array([x, y])`: where do you expect an adjoint
# of 0?


# %%
def mine(x, y):
    return x**3 * (x + 2 * y)


print(bl.value_and_grad(mine)(2, 3))
bl.step(mine, x=2, y=3)

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 5 and 6 are in the text. If you like, fill in the numbers of the first one in a
# player, `player = bl.step(bl.exercises["reverse.1"].traced(), predict="sweep")`; then
# `print(bl.exercises["reverse.1"].answer_cell(player.predictions))` writes them down as code, to be copied.

# %%
# exercise: reverse.1

# %%
# exercise: reverse.2

# %%
# exercise: reverse.3

# %%
# exercise: reverse.4

# %%
# exercise: reverse.7

# %%
bl.progress("reverse")

# %% [markdown]
# ## Next
#
# A training run is this sweep, once for every batch: from the loss back to each weight, and then a small step.
#
# A shared node gets more than one number. [`04_fan_out_and_paths`](04_fan_out_and_paths.ipynb) asks where they come
# from.
#
# **Sources.** Gilbert Strang, MIT 18.065 (2018), lecture 27, *Backpropagation: Find Partial Derivatives*; book,
# section VII.3. Alan Edelman and Steven G. Johnson, MIT 18.S096 *Matrix Calculus* (IAP 2023), lecture 8, part 2.
# Christopher Olah, *Calculus on Computational Graphs: Backpropagation* (2015).
#
# **Learn more.** The same sweep on film: [Strang](https://ocw.mit.edu/courses/18-065-matrix-methods-in-data-analysis-signal-processing-and-machine-learning-spring-2018/),
# [Edelman and Johnson](https://ocw.mit.edu/courses/18-s096-matrix-calculus-for-machine-learning-and-beyond-january-iap-2023/).
