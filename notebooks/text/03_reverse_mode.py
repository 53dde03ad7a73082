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
# One pass back over the graph gives the derivative with respect to **every** input. This lesson takes about 45
# minutes.
#
# You will predict each number of a reverse sweep before you see it, learn the four backward rules, break the sweep on
# purpose, and write one of your own.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% [markdown]
# ## Use it
#
# The function is Gilbert Strang's: F = x³ (x + 3y) at x = 2, y = 3. One call gives its value and both derivatives.


# %%
def strang(x, y):
    c = x**3
    s = x + 3 * y
    F = c * s
    return F


bl.value_and_grad(strang)(2, 3)

# %% [markdown]
# 88, and the gradient (140, 24). Where do 140 and 24 come from? From a forward pass that keeps every value, and one
# pass back. That pass is all of this lesson.
#
# ## Predict
#
# The player below asks for each number **before** it shows it. Click on it, press the right arrow key, type a number,
# press Enter. Two things to know:
#
# * The **adjoint** of a node is the derivative of the output with respect to that node. The output's own adjoint is 1.
# * A node sends to each operand its adjoint times the **local partial** on the edge. What arrives is added up.
#
# A wrong number is no harm: the player says what your number is the answer to.

# %%
quiz = bl.step(strang, x=2, y=3, predict=True)
quiz

# %% [markdown]
# ## Look
#
# Here is the same sweep without questions. Watch x: first 132 arrives through c, then 8 through s, and then they are
# added. y is reached once.

# %%
bl.step(strang, x=2, y=3)

# %%
graph = bl.trace(strang, x=2, y=3)
sweep = bl.adjoint_sweep(graph)
print(sweep)

# %% [markdown]
# Every line is a product of an adjoint and a local partial, or a sum. Nothing else ever happens.
#
# The second example is by Alan Edelman and Steven Johnson: z = 2xy + (x − 1)² at x = 3, y = 5. The order is always
# the same: from the output, first operand first, and a node only when everything it influences is done.

# %%
print(bl.adjoint_sweep(bl.examples["edelman"].trace()))
bl.examples["edelman"].step()

# %% [markdown]
# The constants have adjoints too: 15 for the 2, and −4 for the 1. They say what would happen if you changed the
# program. An engine leaves them out, because nobody asks for them.
#
# ## Explain: four backward rules
#
# Almost every program is made of four operations. Each has its own way to send an adjoint back.

# %%
for name in ("add", "sub", "mul", "div"):
    op = bl.primitives[name]
    _, pullback = bl.vjp(op.function, 6.0, 2.0)
    print(f"{op.text}:  {op.rule}\n        {pullback(1.0)}   {pullback(10.0)}")

# %% [markdown]
# Below each rule stands what a = 6 and b = 2 get when the adjoint is 1, and when it is 10. Plus copies, minus copies
# and negates, times swaps the factors, divide uses 1/b and −a/b². In the rules of the lab y is always the **result** of
# the operation, so for y = a / b the factor −y/b is −a/b². Step one of them. Then put another sign in place of the `/`.

# %%
bl.step(lambda a, b: a / b, a=6, b=2, predict=True)

# %% [markdown]
# **Depends on** is for the forward pass: a node can be computed when everything it depends on is known.
# **Influences** is for the reverse pass: a node's adjoint is complete when everything it influences has reported.

#
# Click on a node in any player, and both sets light up. Here they are for s and for x.

# %%
print("s depends on ", sorted(n.label for n in graph.depends_on("s")))
print("x influences ", sorted(n.label for n in graph.influences("x")))

# %% [markdown]
# Christopher Olah's example: e = (a + b)(b + 1) at a = 2, b = 1. b influences two nodes, so two numbers arrive. Here
# are both modes on one clock: two forward sweeps, for a and for b, beside one reverse sweep.

# %%
bl.examples["olah"].step(mode="both")

# %%
e = bl.examples["olah"].trace()
print("forward for a:", bl.tangent_sweep(e, a=1.0).result["e"])
print("forward for b:", bl.tangent_sweep(e, b=1.0).result["e"])
print("reverse:", bl.adjoint_sweep(e).result["a"], bl.adjoint_sweep(e).result["b"])

# %% [markdown]
# ## Break it
#
# What if the sweep forgets one rule? Each line below is a sweep with one rule broken, on Strang's function. The right
# answer is (140, 24). Which mistake would you have made?

# %%
for name, answer in bl.wrong_turns(graph).items():
    print(f"{name:32} x: {answer['x']:9.6g}   y: {answer['y']:6.6g}")

# %% [markdown]
# Type any wrong number, and the lab says how one gets it.

# %%
for number in (132, 8, 280, 1056):
    print(bl.diagnose(graph, "x", number)[0].sentence)

# %% [markdown]
# Two of them deserve a closer look. An engine keeps the adjoints in memory and adds to them, so before a second run
# they have to be set to 0. **Run twice** in the table, 420, is what x holds if nothing is zeroed: c begins its
# second run with its old 11, and passes on 22. **Inputs not zeroed**, 280, is what x holds if the inner nodes begin
# with 0 and only the inputs keep what the first run left. The second is what training loops do: the weights keep
# it.

# %%
kept = {"x": 0.0, "y": 0.0}
for run in (1, 2):
    for name in kept:
        kept[name] += sweep.result[name]
    print("after run", run, kept)

# %% [markdown]
# 280 and 48: twice the right answer, and no error message. Each run is right, and the sums are not.
#
# ## Your own function
#
# Change one number of the program, and everything downstream changes. Strang's first try had 2y in place of 3y; put in
# what you like.

# %%
bl.value_and_grad(lambda x, y: x**3 * (x + 2 * y))(2, 3)

# %% [markdown]
# ## Exercises
#
# Put your name in: it decides which numbers you get, the same ones on every machine.

# %% tags=["setup"]
bl.seed("your name")

# %%
# exercise: reverse.1

# %% [markdown]
# You can also fill in the numbers in the player, one after the other. **You are the reverse sweep:** say whose turn it
# is, and with which number. The cell after it then writes the numbers down as ordinary code: copy that into the answer
# cell above.

# %%
player = bl.step(bl.exercises["reverse.1"].traced(), predict="sweep")
player

# %%
print(bl.exercises["reverse.1"].answer_cell(player.predictions))

# %%
# exercise: reverse.2

# %%
# exercise: reverse.3

# %%
# exercise: reverse.4

# %%
bl.progress("reverse")

# %% [markdown]
# ## Next
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
