# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 7 Build your own engine
#
# About 60 lines of Python are a complete reverse-mode engine. You write them in five steps, and each step is checked.
# Take an hour and a half.

# %% tags=["setup"]
import importlib.util
import subprocess
import sys

if importlib.util.find_spec("backprop_lab") is None:  # on Colab, say
    got = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "backprop-lab"])
    if got.returncode:
        print("The package backprop-lab could not be installed. Check the network, then run this cell again.")

import numpy as np

import backprop_lab as bl

# %% [markdown]
# ## Use it: what you are going to build
#
# The class is called `Value`. It stands for a number, computes like one, and remembers what it was made from. At the
# end your engine gives the figures of the three lectures:

# %%
for name in ("edelman", "strang", "olah"):
    example = bl.examples[name]
    print(f"{name:8}", bl.value_and_grad(example.function)(*example.inputs.values()))

# %% [markdown]
# ## Look: what has to be remembered
#
# Here is what the lab remembers of `edelman`: for each node its operands, and the local partial for each. Your
# `Value` keeps the same three things: its number, its parents, and one partial for each parent.

# %%
graph = bl.examples["edelman"].trace()
for node in graph.nodes:
    print(f"{node.label:3} = {node.value:3g}   {[p.label for p in node.parents]!s:13} {list(node.partials)}")

# %%
graph

# %% [markdown]
# ## Predict
#
# One more time by hand, before a program does it for you.

# %%
bl.examples["edelman"].step(predict=True)

# %% [markdown]
# ## Build it
#
# Put your name in: it decides which numbers you get, the same ones on every machine.

# %% tags=["setup"]
bl.seed("your name")

# %%
# exercise: 07.engine.1

# %%
# exercise: 07.engine.2

# %%
# exercise: 07.engine.3

# %%
# exercise: 07.engine.4

# %%
# exercise: 07.engine.5

# %%
bl.progress("07")

# %% [markdown]
# ## Break it
#
# Why an **order** at all? Because a node must not pass its adjoint on before everything has arrived. Here is what
# goes wrong in u + u, and in Strang's function, when a node is used too early.

# %%
doubled = bl.trace(lambda x, y: (lambda u: u + u)(x * y), x=3, y=5)
print(bl.wrong_turns(doubled)["used before complete"], "instead of", bl.adjoint_sweep(doubled).result["x"])

# %% [markdown]
# Why **no recursion**? Python stops at a depth of about a thousand, and programs have loops.


# %%
def long_loop(x):
    for _ in range(20_000):
        x = x * 1.0001
    return x


print(bl.grad(long_loop)(1.0), 1.0001**20_000)

# %% [markdown]
# ## Explain: what the lab's engine does beyond yours
#
# * It is faster, because it writes records on a tape instead of making linked objects, and because its passes are
#   written out from the table of operations.
# * Its rules are made of its own operations, so it differentiates its own derivatives.

# %%
print(bl.grad(lambda x: bl.grad(lambda t: t**3)(x))(2.0), "= 6x at 2")

# %% [markdown]
# * It takes NumPy's arrays: one node for a whole layer.

# %%
W, x = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, -1.0])
print(bl.grad(lambda W: np.sum(np.tanh(W @ x)))(W))

# %% [markdown]
# * It can write the whole sweep down as a plain program, without any engine in it.

# %%
print(bl.compile(bl.examples["edelman"].function, 3.0, 5.0).source)

# %% [markdown]
# ## Next
#
# That program is what backpropagation amounts to: the right multiplications in the right order.
#
# **Sources.** The idea of a small engine as a lesson is Andrej Karpathy's, *micrograd* (2020). The examples are by
# Alan Edelman and Steven G. Johnson, MIT 18.S096 (2023), Gilbert Strang, MIT 18.065 (2018), and Christopher Olah
# (2015).
