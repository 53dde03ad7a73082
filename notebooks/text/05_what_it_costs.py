# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 5 What it costs
#
# Why does everybody go backwards? Because the order of the multiplications decides how many there are. In this lesson
# you count them. It takes about 45 minutes, without the last exercise, which is an extra.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% [markdown]
# ## Use it
#
# A chain of neurons with one weight each. It has as many inputs as you like; here are 100. How many operations (plus,
# times, tanh) does one evaluation take, and how many its gradient with 100 partial derivatives?


# %%
def chain(*weights):
    s = 1.0
    for w in weights:
        s = bl.tanh(w * s)
    return s


counts = bl.plots.operations(chain, 100)
print(counts)
print("reverse mode ÷ one evaluation:", counts["reverse"] / counts["evaluation"])

# %% [markdown]
# **A hundred partial derivatives for the price of three and a half evaluations.** Differences need 200 evaluations,
# and forward mode a sweep for each input. This lesson says where the difference comes from.
#
# ## Predict
#
# Two sources with the weights a and b meet; then follow the factors c and d. The derivatives are the products acd
# and bcd. How many multiplications do they take, if you begin at the sources? And if you begin at the sink? Write
# both numbers down, then step. The multiplication by the seed 1 does not count.

# %%
sink = bl.examples["sources-sink"]
sink.step(predict="sweep")

# %%
graph = sink.trace()
for name in ("x", "y"):
    print("from", name, "to the sink:", bl.tangent_sweep(graph, **{name: 1.0}).counts["multiplications"])
print("from the sink to both:", bl.adjoint_sweep(graph).counts["multiplications"])

# %% [markdown]
# 2 + 2 = **4 from the sources, 3 from the sink**. Forward mode multiplies by c and by d once for x and once more for y.
# Reverse mode multiplies d · c once, and both sources share it.
#
# ## Look
#
# One multiplication saved is not much. But let n sources meet, and let k factors follow: forward mode needs n · k
# multiplications, reverse mode (k − 1) + n.

# %%
print("   n    k   forward   n·k   reverse   (k−1)+n")
for n, k in ((2, 2), (3, 5), (10, 10), (100, 10), (10, 100), (100, 100)):
    tail = bl.examples.sources_sink(n, k).trace()
    sweeps = [bl.tangent_sweep(tail, **{source.name: 1.0}) for source in tail.inputs]
    forward = sum(sweep.counts["multiplications"] for sweep in sweeps)
    reverse = bl.adjoint_sweep(tail).counts["multiplications"]
    print(f"{n:4} {k:4} {forward:9} {n * k:5} {reverse:9} {k - 1 + n:9}")

# %% [markdown]
# Forward mode costs in proportion to the number of **inputs**, reverse mode in proportion to the number of **outputs**.
# Turn the graph round, and forward mode wins: the next cell has one input, a tail, and 100 outputs. But a loss has one
# output, and perhaps a million inputs. So the cell below it counts the chain of neurons again, with 1 to 1,000 weights;
# that takes some seconds. Both axes are logarithmic.


# %%
def spread(x):
    for _ in range(10):
        x = 0.5 * x
    return [k * x for k in range(2, 102)]


wide = bl.trace(spread, x=1.0)
rows = [bl.adjoint_sweep(wide, seed) for seed in np.eye(100).tolist()]
print("reverse:", sum(sweep.counts["multiplications"] for sweep in rows))
print("forward:", bl.tangent_sweep(wide, x=1.0).counts["multiplications"])

# %% tags=["demo"]
bl.plots.counted_costs(chain)

# %% [markdown]
# ## Explain: the cheap gradient
#
# The line of reverse mode runs parallel to that of one evaluation: a constant factor, however many inputs there are.
# Each operation of the program is one or two edges of the graph, and the sweep passes every edge once. So **if N
# operations compute a function, some constant times N compute its whole gradient.** Strang puts the factor at three to
# five; you saw 3.5 counted.
#
# And in seconds? The next cell measures on your machine, each method as a compiled program. What you see before you run
# it was measured elsewhere. A tanh takes longer than a product, so the factor is not the counted one. Forward mode and
# differences lie close together: half as many runs, each with two to three times the work.

# %% tags=["demo"]
bl.plots.timed_costs(chain)

# %% [markdown]
# ## Explain: the same in matrices
#
# Put all local partials into one matrix L: the row is the child, the column is the parent. Nodes are numbered as they
# run, so all numbers stand below the diagonal.

# %%
L = np.zeros((len(graph), len(graph)))
for edge in graph.edges:
    L[edge.child.id, edge.parent.id] += edge.child.partials[edge.slot]
moving = [node for node in graph if graph.varies[node.id]]  # without the constants
L = L[np.ix_([node.id for node in moving], [node.id for node in moving])]
print("     " + "".join(f"{node.name:>4}" for node in moving))
for i, node in enumerate(moving):
    print(f"{node.name:>4} " + "".join(f"{partial:4g}" for partial in L[i]))

# %% [markdown]
# A node's tangent is its own seed plus its **row** times the tangents before: v̇ = ẋ + L v̇, or **(I − L) v̇ = ẋ**. Solved
# from the first line down, by forward substitution, this is forward mode.
#
# An adjoint is its seed plus its **column** times the adjoints behind: v̄ = e + Lᵀ v̄, or **(I − L)ᵀ v̄ = e**. The same
# matrix, transposed, solved from the last line up: back substitution is reverse mode. The cell prints its equations in
# that order, so you can solve them by reading. In exercise 4 you write the loop.

# %%
v_dot = np.eye(len(L))[0]  # x moves
for i in range(len(L)):
    v_dot[i] += L[i] @ v_dot
sweep = bl.tangent_sweep(graph, x=1.0).result
print("v_dot =", v_dot, [sweep[node.name] for node in moving] == v_dot.tolist())
for i in reversed(range(len(L))):
    terms = [f"{L[j, i]:g} · {moving[j].name}_bar" for j in range(len(L)) if L[j, i]]
    print(f"{moving[i].name}_bar = {' + '.join(terms) or 1}")
v_bar = np.linalg.solve((np.eye(len(L)) - L).T, np.eye(len(L))[-1])
sweep = bl.adjoint_sweep(graph).result
print("v_bar =", v_bar, np.allclose(v_bar, [sweep[node.name] for node in moving]))

# %% [markdown]
# Each single step is a matrix too: the identity, and in the step's own row the local partials. Nearly all of it is 0.
# Forward mode multiplies these matrices from right to left, beginning with the inputs' columns. Reverse mode multiplies
# from left to right, beginning with the output's row. The result is the same, the price is not.
#
# Step the player through its adjoints: below the matrix stands the row that comes out of each product, and at the end
# what either order costs. **triangular system** shows the other reading.

# %%
sink.step(views=("jacobian",))

# %% [markdown]
# ## Three matrices
#
# So backpropagation is a good choice of brackets. Strang's example: A is m×n, B is n×p, C is p×q. The order A(BC) takes
# npq + mnq multiplications, (AB)C takes mnp + mpq. With q = 1 that is n(m + p) against mp(n + 1).

# %%
right, left = bl.plots.chain_multiplications(1000, 1000, 1000, 1)
print(f"A(BC): {right:,}   (AB)C: {left:,}   {left / right} times as many")
small = [np.ones(sides) for sides in ((2, 3), (3, 4), (4, 5))]
for name in ("matrix-chain", "matrix-chain-left"):
    product = bl.trace(bl.examples[name].function, *small)
    print(f"{name:18} counted: {bl.value_sweep(product).counts['multiplications']}")
print("by the formulas:", bl.plots.chain_multiplications(2, 3, 4, 5))

# %% [markdown]
# Move the sliders. With a column at the right (q = 1) begin at the right: this is forward mode with one input. With a
# row at the left (m = 1), as for one output, begin at the left: this is reverse mode. When do both cost the same?

# %% tags=["demo"]
bl.plots.MatrixChain(m=1000, n=1000, p=1000, q=1, measure=True)

# %% [markdown]
# The times differ by less than the counts. In a product of two matrices each number that is fetched is used many times;
# in a matrix times a column it is used once.
#
# ## Break it
#
# One sweep gives a whole gradient, however many inputs there are. So let it differentiate a function that squares ten
# numbers, each by itself. Why does this fail?


# %%
def squares(x):
    return x * x


try:
    bl.grad(squares)(np.ones(10))
except bl.LabError as error:
    print(error)

# %% [markdown]
# A sweep back starts from **one** output, and here are ten. Their Jacobian J takes a sweep for each. What does that
# cost as n grows, and how much of it is worth having?

# %%
for n in (10, 100, 1000):
    J = bl.jacobian(squares)(np.ones(n))
    print(f"{n:6} outputs: {len(J):5} sweeps, {J.size:8} numbers, {np.count_nonzero(J):5} of them not 0")
x = np.arange(100_000.0)
print(f"{x.size:6} outputs: J would take {8 * x.size**2 / 1e9:g} GB")
_, pushed = bl.jvp(squares, (x,), (np.ones_like(x),))
print("J times a column of ones, in one sweep:", pushed[:4], "…")

# %% [markdown]
# Each output depends on one input, so J is empty but for its diagonal. The way out: do not ask for J. What one needs is
# nearly always J times a column, or a row times J, and each is one sweep. Here one column brings the whole diagonal.
#
# ## Your own function
#
# Put a function of any number of inputs in place of this one. Which operations make the factor larger? Can you get it
# above 5, or down to 1?


# %% tags=["demo"]
def mine(*x):
    s = 1.0
    for x_i in x:
        s = x_i / s
    return s


counts = bl.plots.operations(mine, 100)
print("100 partial derivatives for the price of", counts["reverse"] / counts["evaluation"], "evaluations")
bl.plots.counted_costs(mine, inputs=(1, 10, 100))

# %% [markdown]
# ## Exercises
#
# Put your name in: it decides which numbers you get, the same ones on every machine.

# %% tags=["setup"]
bl.seed("your name")

# %%
# exercise: costs.1

# %%
# exercise: order.1

# %%
# exercise: costs.2

# %%
# exercise: order.3

# %%
# exercise: costs.3

# %%
# exercise: order.4

# %%
bl.progress("costs")

# %% [markdown]
# ## Next
#
# Numerical differences are dear, and yet good for something. [`06_numerical_gradients`](06_numerical_gradients.ipynb)
# says for what.
#
# **Sources.** Gilbert Strang, MIT 18.065 (2018), lecture 27, *Backpropagation: Find Partial
# Derivatives*; book, section VII.3: the factor, and the three matrices. Alan Edelman and Steven G. Johnson, MIT 18.S096
# *Matrix Calculus* (IAP 2023), lecture 8, part 2: sources and sink, the steps as matrices. Stanford CS229 (2022),
# lecture 9, *Neural Networks 2 (backprop)*: the theorem of the cheap gradient.
#
# **Learn more.** Strang's lecture on film is [here](https://ocw.mit.edu/courses/18-065-matrix-methods-in-data-analysis-signal-processing-and-machine-learning-spring-2018/);
# `bl.plots.operations` counts any function of yours.
