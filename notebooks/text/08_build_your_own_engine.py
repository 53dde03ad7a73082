# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 8 Build your own engine
#
# About 60 lines of Python are a complete reverse-mode engine. You write them in five steps, and each step is checked.
# The reading takes half an hour. Give your engine an hour of its own, in a second sitting if you like.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% [markdown]
# ## Use it
#
# The class that you are going to build is called `Value`. It stands for a number, computes like one, and remembers what
# it was made from. At the end your engine gives the figures of the three lectures:

# %%
for name in ("edelman", "strang", "olah"):
    example = bl.examples[name]
    print(f"{name:8}", bl.value_and_grad(example.function)(*example.inputs.values()))

# %% [markdown]
# ## Predict
#
# One more time by hand, before a program does it for you. You are the reverse sweep: say whose turn it is, and with
# which number.

# %%
bl.examples["edelman"].step(predict="sweep")

# %% [markdown]
# ## Look: what has to be remembered
#
# Here is what the lab remembers of this function: for each node its operands, and the local partial for each. Your
# `Value` keeps the same three things: its number, its parents, and one partial for each parent.

# %%
graph = bl.examples["edelman"].trace()
for node in graph.nodes:
    print(f"{node.label:3} = {node.value:3g}   {[p.label for p in node.parents]!s:13} {list(node.partials)}")

# %% [markdown]
# ## Explain: the sweep is one loop
#
# That table is all that a sweep needs. Go through it from the last line to the first. Each node sends to each of its
# parents its own adjoint times the partial, and the parents add up what arrives.

# %%
adjoint = dict.fromkeys(graph.names, 0.0)
adjoint[graph.outputs[0].name] = 1.0
for node in reversed(graph.nodes):
    for parent, partial in zip(node.parents, node.partials, strict=True):
        adjoint[parent.name] += adjoint[node.name] * partial
print(adjoint["x"], adjoint["y"])

# %% [markdown]
# ## Break it
#
# Why in this **order**? Because a node must not pass its adjoint on before everything has arrived. u = xy, and then
# u + u. If u passes on what arrived first, and only then, x gets 5. If it passes on what it has at each arrival, as
# recursion does, x gets 5 and then 10.

# %%
doubled = bl.trace(lambda x, y: (lambda u: u + u)(x * y), x=3, y=5)
for name in ("used before complete", "passes on at each arrival"):
    print(name, bl.wrong_turns(doubled)[name]["x"], "instead of", bl.adjoint_sweep(doubled).result["x"])

# %% [markdown]
# Why a loop, and **no recursion**? Python stops at a depth of about a thousand, and programs have loops.


# %%
def long_loop(x):
    for _ in range(20_000):
        x = x * 1.0001
    return x


print(bl.grad(long_loop)(1.0), 1.0001**20_000)

# %% [markdown]
# Why must adjoints **begin at 0** each time? Run the loop above once more without its first two lines, and explain
# what you see.
#
# ## Exercises: build it
#
# Put your name in: it decides which numbers you get, the same ones on every machine.

# %% tags=["setup"]
bl.seed("your name")

# %%
# exercise: engine.1

# %%
# exercise: engine.2

# %%
# exercise: engine.3

# %%
# exercise: engine.4

# %%
# exercise: engine.5

# %%
bl.progress("engine")

# %% [markdown]
# ## Next: what the lab's engine does beyond yours
#
# It is faster, because it writes records on a tape instead of making linked objects, and because its passes are written
# out from the table of operations. It takes NumPy's arrays: one node for a whole layer. And it can write a whole sweep
# down as a plain program, without any engine in it.

# %%
W, x = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, -1.0])
print(bl.grad(lambda W: np.sum(np.tanh(W @ x)))(W), end="\n\n")
print(bl.compile(bl.examples["edelman"].function, 3.0, 5.0).source)

# %% [markdown]
# Its rules are made of its own operations, so it differentiates its own derivatives. For one number that is the second
# derivative. For L numbers there are L² second derivatives, the **Hessian** H, and one rarely needs them all. H times a
# vector v is the gradient of one number, ⟨∇f, v⟩. So it costs a few evaluations, whatever L is.


# %%
def energy(x):
    return np.sum(np.cosh(x)) + np.sum((x[1:] - x[:-1]) ** 2)


x, v = np.linspace(-1, 1, 100), np.cos(np.arange(100.0))
product = bl.grad(lambda x: np.dot(bl.grad(energy)(x), v))(x)
print("gradient of ⟨∇f, v⟩, as H times v:", np.allclose(product, bl.hessian(energy)(x) @ v))
print("and as bl.hvp:", np.allclose(product, bl.hvp(energy, (x,), (v,))))
print("one number:", bl.grad(lambda x: bl.grad(lambda t: t**3)(x))(2.0), "= 6x at 2")

# %% [markdown]
# How much is saved? The plot is measured on your machine. (Before you run the cell, it shows another machine's times.)

# %% tags=["demo"]
bl.plots.timed_hessian(energy)

# %% [markdown]
# What it is good for: **Newton's method** goes from x to x + p, where H p = −∇f. *Conjugate gradients* find p from
# products of H with vectors alone. Here are a thousand unknowns, and no matrix anywhere.

# %%
x = np.linspace(-2, 2, 1000)
for step in range(1, 5):
    slope, p, products = bl.grad(energy)(x), np.zeros(1000), 0
    r = d = -slope
    while r @ r > 1e-8 * (slope @ slope):
        Hd = bl.hvp(energy, (x,), (d,))
        p, old, products = p + (r @ r) / (d @ Hd) * d, r, products + 1
        r = r - (r @ r) / (d @ Hd) * Hd
        d = r + (r @ r) / (old @ old) * d
    x = x + p
    print(f"step {step}: {products} products with H, then |∇f| = {np.linalg.norm(bl.grad(energy)(x)):.0e}")

# %% [markdown]
# A plain program, the right multiplications in the right order: that is what backpropagation amounts to. In
# [`09_layers_and_shapes`](09_layers_and_shapes.ipynb) a node holds a whole layer.
#
# **Sources.** The idea of a small engine as a lesson is Andrej Karpathy's, *micrograd* (2020). The examples are by
# Alan Edelman and Steven G. Johnson, MIT 18.S096 (IAP 2023), lecture 8, part 2, Gilbert Strang, MIT 18.065 (2018),
# lecture 27, and Christopher Olah (2015). The Hessian times a vector: Stanford CS229 (2022), lecture 9, *Neural
# Networks 2 (backprop)*.
#
# **Learn more.** Read [micrograd](https://github.com/karpathy/micrograd) beside your engine, and this lab's
# `backprop_lab/derivatives/passes.py` beside both.
