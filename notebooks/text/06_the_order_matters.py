# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 6 The order matters
#
# Three matrices are multiplied. With one pair of brackets it takes about a thousandth of a second, with the other one
# a hundred times as long, and the result is the same. Which pair is it? And what does that have to do with
# backpropagation?
#
# Put your name into the third code cell: it decides which numbers you get. The lesson takes about 45 minutes; what is
# marked *for the curious* is extra.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% tags=["setup"]
bl.seed("your name")

# %% [markdown]
# ## Use it
#
# Strang's example: A is m×n, B is n×p, C is p×q. A product of an m×n and an n×p matrix takes m·n·p multiplications. So
# A(BC) takes npq + mnq, and (AB)C takes mnp + mpq. Let m = n = p = 1000 and q = 1. How many does each order take? Type
# both numbers.

# %%
right, left = bl.plots.chain_multiplications(1000, 1000, 1000, 1)
bl.guess((..., ...), (right, left))

# %%
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
# ## Predict
#
# A sweep is such a product. Here is a small graph: two sources, a sum, two factors. Be the sweep, at numbers of your
# own.

# %%
sink = bl.examples["sources-sink"]
yours = bl.separating_inputs(sink.function, bl.seed(), unlike=sink.inputs)
sink.step(**yours, predict="sweep")

# %% [markdown]
# Put all local partials of the graph into one matrix L: the row is the child, the column is the parent. Nodes are
# numbered as they run: x, y, v1 = a·x, v2 = b·y, s = v1 + v2, t = c·s, z = d·t, with a = 2, b = 3, c = 5, d = 7.
# Type the row of s: seven numbers.

# %%
graph = sink.trace()
moving = [node for node in graph if graph.varies[node.id]]  # without the constants
place = {node.id: k for k, node in enumerate(moving)}
L = np.zeros((len(moving), len(moving)))
for edge in graph.edges:
    if edge.parent.id in place:
        L[place[edge.child.id], place[edge.parent.id]] += edge.child.partials[edge.slot]
bl.guess((..., ...), L[4])

# %%
print("     " + "".join(f"{node.name:>4}" for node in moving))
for node, row in zip(moving, L, strict=True):
    print(f"{node.name:>4} " + "".join(f"{partial:4g}" for partial in row))

# %% [markdown]
# ## Look: a sweep solves a triangular system
#
# All numbers stand below the diagonal, because a node runs after its parents. A node's tangent is its own seed plus
# its **row** times the tangents before: v̇ = ẋ + L v̇, or **(I − L) v̇ = ẋ**. Solved from the first line down, by
# forward substitution, this is forward mode. x moves at rate 1. Do it by hand: what is the tangent of z?

# %%
v_dot = np.eye(len(L))[0]  # x moves
for i in range(len(L)):
    v_dot[i] += L[i] @ v_dot
bl.guess(..., v_dot[-1])

# %% [markdown]
# An adjoint is its seed plus its **column** times the adjoints behind: v̄ = e + Lᵀ v̄, or **(I − L)ᵀ v̄ = e**. The same
# matrix, transposed, solved from the last line up: back substitution is reverse mode. Read the columns of the table:
# what is the adjoint of s, and what of y?

# %%
v_bar = np.linalg.solve((np.eye(len(L)) - L).T, np.eye(len(L))[-1])
bl.guess((..., ...), (v_bar[4], v_bar[1]))

# %%
print("v_dot =", v_dot, [bl.tangent_sweep(graph, x=1.0).result[node.name] for node in moving] == v_dot.tolist())
for i in reversed(range(len(L))):
    terms = [f"{L[j, i]:g} · {moving[j].name}_bar" for j in range(len(L)) if L[j, i]]
    print(f"{moving[i].name}_bar = {' + '.join(terms) or 1}")
sweep = bl.adjoint_sweep(graph).result
print("v_bar =", v_bar, np.allclose(v_bar, [sweep[node.name] for node in moving]))

# %% [markdown]
# The cell above prints its equations in the order in which they are solved. In the next exercise you write the loop.

# %%
# exercise: order.3

# %% [markdown]
# ## Explain: a sweep is a product of matrices
#
# Each single step is a matrix too: the identity, and in the step's own row the local partials. Nearly all of it is 0.
# Forward mode multiplies these matrices from right to left, beginning with the inputs' columns. Reverse mode multiplies
# from left to right, beginning with the output's row. The result is the same, the price is not.
#
# In the player below, step through the adjoints: below the matrix stands the row that comes out of each product, and at
# the end what either order costs. **triangular system** shows the other reading. Before each step, say which entry of
# the row will change.
#
# Many libraries speak this language. In PyTorch, `torch.autograd.functional.vjp(f, x, v)` is a row times the Jacobian,
# one reverse sweep, and `jvp` a Jacobian times a column. `loss.backward()` is the row for v = 1. This lab says `bl.vjp`
# and `bl.jvp`. f has 3 inputs and 1000 outputs, and you want all of J. How many sweeps, at least?

# %%
inputs, outputs = 3, 1000
bl.guess(..., min(inputs, outputs))

# %%
sink.step(views=("jacobian",))

# %%
# exercise: order.5

# %% [markdown]
# ## Look: the Hessian times a vector, for the curious
#
# L numbers have L² second derivatives, the **Hessian** H, and one rarely needs them all. H times a vector v is the
# gradient of one number, ⟨∇f, v⟩: the right order again. How many numbers does H have for L = 100?


# %%
def energy(x):
    return np.sum(np.cosh(x)) + np.sum((x[1:] - x[:-1]) ** 2)


x, v = np.linspace(-1, 1, 100), np.cos(np.arange(100.0))
bl.guess(..., bl.hessian(energy)(x).size)

# %%
product = bl.grad(lambda x: np.dot(bl.grad(energy)(x), v))(x)
print("gradient of ⟨∇f, v⟩, as H times v:", np.allclose(product, bl.hessian(energy)(x) @ v))
print("and as bl.hvp:", np.allclose(product, bl.hvp(energy, (x,), (v,))))
print("one number:", bl.grad(lambda x: bl.grad(lambda t: t**3)(x))(2.0), "= 6x at 2")

# %%
# exercise: order.2

# %% tags=["demo"]
bl.plots.timed_hessian(energy)

# %% [markdown]
# What it is good for: **Newton's method** goes from x to x + p, where H p = −∇f. *Conjugate gradients* find p from
# products of H with vectors alone. Here are a thousand unknowns, and a thousand products would give H column by column.
# Does one step below take `"fewer"` products than that, or `"more"`?


# %%
def newton(x):
    slope, p, products = bl.grad(energy)(x), np.zeros(x.size), 0
    r = d = -slope
    while r @ r > 1e-8 * (slope @ slope):
        Hd = bl.hvp(energy, (x,), (d,))
        p, old, products = p + (r @ r) / (d @ Hd) * d, r, products + 1
        r = r - (r @ r) / (d @ Hd) * Hd
        d = r + (r @ r) / (old @ old) * d
    return x + p, products


bl.guess(..., "fewer" if newton(np.linspace(-2, 2, 1000))[1] < 1000 else "more")

# %%
x = np.linspace(-2, 2, 1000)
for step in range(1, 5):
    x, products = newton(x)
    print(f"step {step}: {products} products with H, then |∇f| = {np.linalg.norm(bl.grad(energy)(x)):.0e}")

# %% [markdown]
# ## Break it
#
# One rule of this sweep is broken. Find out which.

# %%
sink.step(x=2, y=3, mystery=bl.seed() + " 6")

# %% [markdown]
# ## Your own function
#
# Put in a function of your own, and look at it as a matrix: one that uses x twice, a long chain, one with
# `np.array([x, y])`. Which of them has many numbers in a row, which many in a column?


# %%
def mine(x, y):
    s = x * y
    return s * s + x


bl.step(mine, x=2, y=3, views=("jacobian",))

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 2, 3 and 5 are in the text; the last one is for the curious.

# %%
# exercise: order.1

# %%
# exercise: order.4

# %%
bl.progress("order")

# %% [markdown]
# ## Next
#
# A training run has one loss and many weights: one row at the left, so it begins at the left, every time. A reverse
# sweep is nothing else.
#
# [`07_numerical_gradients`](07_numerical_gradients.ipynb) gets along without any rule, and pays for it.
#
# **Sources.** Gilbert Strang, MIT 18.065 (2018), lecture 27; book, section VII.3: the three matrices. Alan Edelman and
# Steven G. Johnson, MIT 18.S096 *Matrix Calculus* (IAP 2023), lecture 8, part 2: the steps as matrices. The Hessian
# times a vector: Stanford CS229 (2022), lecture 9, *Neural Networks 2 (backprop)*.
#
# **Learn more.** Andreas Griewank and Andrea Walther, *Evaluating Derivatives*, chapters 2 and 3, write both sweeps as
# triangular systems. Barak Pearlmutter,
# [*Fast exact multiplication by the Hessian*](https://doi.org/10.1162/neco.1994.6.1.147) (1994).
