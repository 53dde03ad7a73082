# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1 Functions are graphs
#
# A program that computes a number is a graph: each value points to the values that were made from it. This lesson
# takes about 45 minutes. You will draw programs, run a graph by hand, and meet the numbers on its edges.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% [markdown]
# ## Use it
#
# Any Python function will do. `bl.trace` runs it once and keeps every operation.


# %%
def toy(x, y):
    a = np.sin(x)
    b = a / y
    z = b + x
    return z


graph = bl.trace(toy, x=3, y=5)
graph

# %% [markdown]
# Rounded boxes are inputs, the double rim is the output. An arrow says "is used by": x is used twice, by the sine and
# by the sum. Printed, the graph is a table in the order of execution.

# %%
print(graph)

# %% [markdown]
# ## Predict
#
# A node can run when everything that it depends on is known. Play the machine: type each value before you see it.

# %%
bl.step(lambda a, b: (a + b) * (b + 1), a=2, b=1, mode="value", predict=True)

# %% [markdown]
# What if a node runs too early? Here you choose the order. The first one fails: say why before you run the cell. Then
# try orders of your own.


# %%
def run(order):
    known = {node.label: node.value for node in graph.inputs}
    for name in order:
        waits = [p.label for p in graph[name].parents if p.label not in known]
        if waits:
            return f"{name} cannot run yet: it waits for {' and '.join(waits)}"
        known[name] = graph[name].value
    return known


print(run(["a", "z", "b"]))
print(run(["a", "b", "z"]))

# %% [markdown]
# ## Look: elementary operations
#
# Every program comes down to a short list of operations whose derivatives are known. The lab keeps them in one table.
# Each row has the operation and its **local partials**, one for each operand.

# %%
for name in ("add", "sub", "mul", "div", "square", "power", "exp", "log", "sin", "cos", "tan"):
    op = bl.primitives[name]
    print(f"{op.text:12}  {'   '.join(op.partials)}")

# %% [markdown]
# In the rules **y is the result** of the operation, whatever the variables of a program are called: for a quotient
# y = a / b the factor −y/b is −a/b².
#
# Is tan needed? It is sin over cos, and the quotient rule does the rest. The two programs agree, value and
# derivative.

# %%
by_quotient = bl.value_and_grad(lambda x: np.sin(x) / np.cos(x))
print(by_quotient(0.7))
print(bl.value_and_grad(lambda x: np.tan(x))(0.7))

# %% [markdown]
# The secant, 1/cos x, is not in the table at all. Its derivative is sin x / cos² x.

# %%
print(bl.grad(lambda x: 1 / np.cos(x))(0.7), np.sin(0.7) / np.cos(0.7) ** 2)

# %% [markdown]
# ## Explain: one step is not the whole
#
# In `toy`, z = b + x. In this **one step**, z changes as fast as x: the local partial on the edge from x to z is 1.
# But x also reaches z through a and b. The whole derivative collects everything.
#
# In the player, point at an arrow for its local partial. Then go to the end and click on x for its whole derivative.

# %%
bl.step(toy, x=3, y=5)

# %%
for edge in graph.edges:
    print(f"∂{edge.child.label}/∂{edge.parent.label} = {edge.child.partials[edge.slot]:.7f}")

# %%
value, (by_x, by_y) = bl.value_and_grad(toy)(3.0, 5.0)
print(f"the value:      z = {value:.7f}")
print(f"one step:   ∂z/∂x = {graph['z'].partials[1]:g}")
print(f"the whole:  dz/dx = {by_x:.7f} = cos(3)/5 + 1 = {np.cos(3) / 5 + 1:.7f}")
print(f"            dz/dy = {by_y:.7f} = -sin(3)/25 = {-np.sin(3) / 25:.7f}")

# %% [markdown]
# The curly ∂ is one step on one edge. The straight d is the whole truth. Whoever answers 1 for dz/dx has looked at one
# edge only, and the lab says so.

# %%
print(bl.diagnose(graph, "x", 1.0)[0].sentence)

# %% [markdown]
# ## A chain
#
# F₃(F₂(F₁(x))) has three factors, each taken at its own point: F₁′ at x, F₂′ at F₁(x), F₃′ at F₂(F₁(x)).

# %%
bl.examples["chain"].step(mode="forward", wrt="x")

# %%
chain = bl.examples["chain"].trace()
factors = [chain[name].partials[0] for name in ("u", "v", "w")]
print(factors, "product:", np.prod(factors))

# %% [markdown]
# ## Break it
#
# Here is the chain with every derivative taken at x = 4, the starting point, instead of each at its own. It is a
# formula that looks right and is not.

# %%
at_x = [1 / (2 * np.sqrt(4.0)), 3 * 4.0**2, -(4.0**-2)]
print("all at x:", np.prod(at_x), "   right:", bl.grad(bl.examples["chain"].function)(4.0))

# %% [markdown]
# ## Your own function
#
# Change anything below. `if`, loops and helper functions are followed as they run.


# %%
def mine(x, y):
    total = x
    for _ in range(2):
        total = total * y + 1
    return total if total > 0 else -total


bl.trace(mine, x=2, y=3)

# %% [markdown]
# ## Exercises
#
# Put your name in: it decides which numbers you get, the same ones on every machine.

# %% tags=["setup"]
bl.seed("your name")

# %%
# exercise: graphs.1

# %%
# exercise: graphs.2

# %%
# exercise: graphs.3

# %%
# exercise: graphs.4

# %%
bl.progress("graphs")

# %% [markdown]
# ## Next
#
# The edges carry numbers. [`02_forward_mode`](02_forward_mode.ipynb) pushes a derivative along them, from an input to
# the output.
#
# **Sources.** Alan Edelman and Steven G. Johnson, MIT 18.S096 *Matrix Calculus* (IAP 2023), lecture 8, part 2: programs
# as graphs, one step against the whole. Gilbert Strang, MIT 18.065 (2018), lecture 27, *Backpropagation: Find Partial
# Derivatives*: the elementary derivatives, the chain.
#
# **Learn more.** Both lectures are filmed: [Edelman and Johnson](https://ocw.mit.edu/courses/18-s096-matrix-calculus-for-machine-learning-and-beyond-january-iap-2023/),
# [Strang](https://ocw.mit.edu/courses/18-065-matrix-methods-in-data-analysis-signal-processing-and-machine-learning-spring-2018/).
