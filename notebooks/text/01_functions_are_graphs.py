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
# Change one number in a spreadsheet, and a hundred cells follow, each after those that it needs. How does the sheet
# know the order? It keeps a graph: each value points to the values that are made from it. A program has the same graph
# inside, and whoever has the graph can differentiate the program.
#
# In this lesson you run a graph by hand, and meet the numbers on its edges. Put your name into the third code cell: it
# decides which numbers you get. It takes about 45 minutes.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% tags=["setup"]
bl.seed("your name")

# %% [markdown]
# ## Use it
#
# Any Python function will do. `bl.trace` runs it once and keeps every operation as a node. An arrow says "is used by".
# How many arrows leave x? Count the places in the program where x stands.


# %%
def toy(x, y):
    a = np.sin(x)
    b = a / y
    z = b + x
    return z


graph = bl.trace(toy, x=3, y=5)
bl.guess(..., len(graph.uses[0]))

# %%
print(graph)
bl.step(graph, mode="value")

# %% [markdown]
# Rounded boxes are inputs, the double rim is the output. Printed, the graph is a table in the order of execution.
# PyTorch keeps the same graph while your program runs; `z.grad_fn` is its last node, and `with torch.no_grad():` says
# that nothing is kept.
#
# ## Predict
#
# A node can run when everything that it depends on is known. Play the machine: type each value before you see it. The
# function is Christopher Olah's, e = (a + b)(b + 1), and the numbers are yours.

# %%
olah = bl.examples["olah"]
olah.step(**bl.separating_inputs(olah.function, bl.seed(), unlike=olah.inputs), mode="value", predict=True)

# %% [markdown]
# What if a node runs too early? Below you choose the order. With `["a", "z", "b"]`, z has to wait: for which node?


# %%
def run(order):
    known = {node.label: node.value for node in graph.inputs}
    for name in order:
        waits = [p.label for p in graph[name].parents if p.label not in known]
        if waits:
            return f"{name} cannot run yet: it waits for {' and '.join(waits)}"
        known[name] = graph[name].value
    return known


bl.guess(..., graph["z"].parents[0].label)

# %%
print(run(["a", "z", "b"]))
print(run(["a", "b", "z"]))

# %%
# exercise: graphs.3

# %% [markdown]
# ## Look: everything is + − × ÷
#
# Every program comes down to a short list of operations whose derivatives are known, their **local partials**. For a
# quotient a / b they are 1/b and −a/b². What are the two numbers at a = 6, b = 2?

# %%
bl.guess((..., ...), bl.grad(lambda a, b: a / b)(6, 2))

# %%
for name in ("add", "sub", "mul", "div", "square", "power", "exp", "log", "sin", "cos", "tan"):
    op = bl.primitives[name]
    print(f"{op.text:12}  {'   '.join(op.partials)}")

# %% [markdown]
# In the rules **y is the result** of the operation: for a quotient y = a / b the factor −y/b is −a/b². (A power with
# n = 0 is constant, so its slope is 0: hence the `if`.)
#
# Even the sine comes down to + − × ÷: sin x = x − x³/6 + x⁵/120 − … Cut off after a few terms, this is an ordinary
# loop, and the lab differentiates it without having been taught anything about sines. The slope of the sine at 0 is cos
# 0. What will the loop say?


# %%
def series(x, terms=11):
    total = term = x
    for k in range(1, terms):
        term = -term * x * x / ((2 * k) * (2 * k + 1))
        total = total + term
    return total


bl.guess(..., bl.grad(series)(0.0))

# %%
print(f"series:  {bl.grad(series)(0.7):.12f}   {len(bl.trace(series, x=0.7))} nodes")
print(f"bl.sin:  {bl.grad(bl.sin)(0.7):.12f}   {len(bl.trace(bl.sin, 0.7))} nodes")
by_quotient = bl.value_and_grad(lambda x: np.sin(x) / np.cos(x))
print("tan by the quotient rule", by_quotient(0.7), "  in the table", bl.value_and_grad(lambda x: np.tan(x))(0.7))
print("the secant, 1 / np.cos(x):", bl.grad(lambda x: 1 / np.cos(x))(0.7), np.sin(0.7) / np.cos(0.7) ** 2)

# %% [markdown]
# The same slope, with one node in place of many. That is why a library has a table: it saves work, and it is exact
# where a series is cut off. (A library's sine is not its Taylor series, either.) So tan is in the table, and the secant
# is not; both are right.

# %%
# exercise: graphs.2

# %% [markdown]
# ## Explain: one step is not the whole
#
# In `toy`, z = b + x. The **local partial** on the edge from x to z says how fast z moves with x in this **one step**.
# What is it?

# %%
bl.guess(..., graph["z"].partials[1])

# %%
value, (by_x, by_y) = bl.value_and_grad(toy)(3.0, 5.0)
print(f"the value:      z = {value:.7f}")
print(f"one step:   ∂z/∂x = {graph['z'].partials[1]:g}")
print(f"the whole:  dz/dx = {by_x:.7f} = cos(3)/5 + 1 = {np.cos(3) / 5 + 1:.7f}")
print(f"            dz/dy = {by_y:.7f} = -sin(3)/25 = {-np.sin(3) / 25:.7f}")

# %%
# exercise: graphs.5

# %% [markdown]
# x also reaches z through a and b. The whole derivative collects everything. In this course the curly ∂ is one step
# on one edge, and the straight d is the whole truth. That is our convention: calculus books write ∂ for both.
#
# The player asks for the partials on the edges, at numbers of your own. Then click on x for its whole derivative.

# %%
bl.step(toy, **bl.separating_inputs(toy, bl.seed(), unlike={"x": 3, "y": 5}), predict="partials")

# %%
for edge in graph.edges:
    print(f"∂{edge.child.label}/∂{edge.parent.label} = {edge.child.partials[edge.slot]:.7f}")
print(bl.diagnose(graph, "x", 1.0)[0].sentence)
bl.step(toy, x=3, y=5)

# %% [markdown]
# If you answer 1 for dz/dx, you have looked at one edge only, and the lab says so.
#
# ## A chain
#
# F₃(F₂(F₁(x))) has three factors, each taken at its own point: F₁′ at x, F₂′ at F₁(x), F₃′ at F₂(F₁(x)). Here x is 4,
# then come a square root, a cube, and 1 divided by it. Type the tangents: each is the one before, times the factor.

# %%
bl.examples["chain"].step(mode="forward", wrt="x", predict=True)

# %%
chain = bl.examples["chain"].trace()
factors = [chain[name].partials[0] for name in ("u", "v", "w")]
print(factors, "product:", np.prod(factors))

# %% [markdown]
# ## Break it
#
# What if every derivative is taken at x = 4, the starting point, instead of each at its own? It is a formula that looks
# right. The cube's slope would be 3 · 4², where it should be 3 · 2². How many times too large is that factor?

# %%
slope = bl.grad(lambda u: u**3)
bl.guess(..., slope(4.0) / slope(2.0))

# %%
at_x = [1 / (2 * np.sqrt(4.0)), 3 * 4.0**2, -(4.0**-2)]
print("all at x:", np.prod(at_x), "   right:", bl.grad(bl.examples["chain"].function)(4.0))

# %% [markdown]
# The lab can break a rule, too. This player goes back over a chain, from the output, with one rule broken. Its numbers
# are derivatives of the output; press "move" beside x, and choose the rule.

# %%
bl.step(lambda x, y: (x * y + 3) ** 2 / y, x=2, y=3, mystery=bl.seed() + " 1")

# %% [markdown]
# ## Your own function
#
# Change anything below: a branch that depends on x, a function that calls itself, `np.array([x, y])`. How many nodes
# will it have? Which of your lines leave no node?


# %%
def mine(x, y):
    total = x
    for _ in range(2):
        total = total * y + 1
    return total if total > 0 else -total


bl.step(mine, x=2, y=3, mode="value")

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 2, 3 and 5 are in the text.

# %%
# exercise: graphs.1

# %%
# exercise: graphs.4

# %%
bl.progress("graphs")

# %% [markdown]
# ## Next
#
# A training run builds such a graph at every step, runs it, goes back over it, and throws it away.
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
