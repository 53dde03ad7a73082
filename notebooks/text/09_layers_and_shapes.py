# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 9 Layers and shapes
#
# A layer of 1000 units on 1000 inputs has a million weights. Who writes down a million derivatives? Nobody, and nobody
# has to: three rules are enough, and the shapes say where the transposes belong. You need not remember them; after this
# lesson you can find them again in a minute.
#
# Put your name into the third code cell. It takes about 45 minutes, and the exercises as long again.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% tags=["setup"]
bl.seed("your name")

# %% [markdown]
# ## Use it
#
# Two layers: z = W₁x + b₁, a = relu(z), τ = W₂a + b₂, and the loss J = ½(y − τ)². Step through the reverse pass. On
# each edge stands what is done to an adjoint on its way back: multiplied, put into an outer product, or sent through a
# transpose. x has 2 numbers and W₁ is 3 × 2: how many numbers does z have?

# %%
net = bl.examples["two-layer"]
graph = net.trace()
bl.guess(..., graph["z"].value.size)

# %%
net.step()

# %% [markdown]
# ## Predict
#
# Now you are the reverse sweep, at numbers of your own: say whose turn it is. Where an adjoint is a single number, type
# it. At the arrays, say to yourself which **shape** comes next.

# %%
yours = bl.separating_inputs(net.function, bl.seed(), like=net.inputs)
net.step(**yours, predict="sweep")

# %% [markdown]
# ## Look: every gradient has its variable's shape
#
# J is one number. Its derivative with respect to an array has one entry for each entry of the array. What are the
# shapes of W₁ and of dJ/dW₁? Type rows and columns of both, four numbers.

# %%
W1_bar = bl.adjoint_sweep(graph).result["W1"]
bl.guess((..., ...), (*graph["W1"].value.shape, *W1_bar.shape))

# %%
adjoint = bl.adjoint_sweep(graph).result
print("node  shape   of dJ/d  value                      dJ/d")
for node in graph.nodes:
    value, slope = np.asarray(node.value) + 0.0, np.asarray(adjoint[node.label]) + 0.0
    both = f"{value.shape!s:7} {slope.shape!s:8}"
    numbers = [str(x.tolist()).replace(".0", "") for x in (value, slope)]
    print(f"{node.label:5} {both} {numbers[0]:26} {numbers[1]}")
lower = {name: value - 0.01 * adjoint[name] for name, value in net.inputs.items()}
print("J before:", graph.value, "  after a small step:", round(net.function(**lower), 4))

# %% [markdown]
# This is the **shape convention**. It is the reason why a step downhill can simply be subtracted, here and in PyTorch,
# where `W.grad` has the shape of `W`.
#
# ## Explain: three rules
#
# First do it **as if all were scalars**: z = w·u + b, so dJ/dw = dJ/dz · u and dJ/du = w · dJ/dz. Then put the
# transposes where the shapes allow them.
#
# | forward | backward | why |
# |---|---|---|
# | z = W u + b | dJ/dW = dJ/dz · uᵀ | Wᵢⱼ moves only zᵢ, and uⱼ times as fast |
# | a = σ(z) | dJ/dz = dJ/da ⊙ σ′(z) | zᵢ moves only aᵢ; ⊙ multiplies entry by entry |
# | τ = W u + b | dJ/du = Wᵀ dJ/dτ | uⱼ moves every τᵢ, Wᵢⱼ times as fast: add up over i |
#
# b is added, so it gets a copy: dJ/db = dJ/dz. Try the rules: y = 3 and τ = 5, so dJ/dτ = −(y − τ) = 2, and
# W₂ = [1, 3, −1]. What is dJ/da? Type three numbers.

# %%
W2, a = net.inputs["W2"], np.array([5.0, 0.0, 0.0])  # such an a makes τ = 5
bl.guess((..., ...), bl.grad(lambda a: (3 - W2 @ a) ** 2 / 2)(a))

# %%
x, W1, b1, W2, b2, y = net.inputs.values()
z = W1 @ x + b1
a = np.maximum(z, 0)
tau = W2 @ a + b2

tau_bar = -(y - tau)          # dJ/dτ  = −(y − τ)
a_bar = W2.T * tau_bar        # dJ/da  = W₂ᵀ dJ/dτ
z_bar = a_bar * (z > 0)       # dJ/dz  = dJ/da ⊙ relu′(z)
W1_bar = np.outer(z_bar, x)   # dJ/dW₁ = dJ/dz · xᵀ
b1_bar = z_bar                # dJ/db₁ = dJ/dz
W2_bar = tau_bar * a          # dJ/dW₂ = dJ/dτ · aᵀ
b2_bar = tau_bar              # dJ/db₂ = dJ/dτ

# %% [markdown]
# That was the whole way forward and back in NumPy. W₂ has one row, which the code keeps as an array with one axis, so
# W₂ᵀ dJ/dτ and dJ/dτ · aᵀ are products with a number. Now write the first rule yourself.

# %%
# exercise: layers.3

# %%
by_hand = {"tau": tau_bar, "a": a_bar, "z": z_bar, "W1": W1_bar, "b1": b1_bar, "W2": W2_bar, "b2": b2_bar}
by_hand["x"] = W1.T @ z_bar
for name, mine in by_hand.items():
    told = "agrees" if np.array_equal(mine, adjoint[name]) else "DIFFERS"
    print(f"dJ/d{name:4}{(np.asarray(mine) + 0.0).tolist()!s:40} {told}")
engine = bl.vjp(np.tanh, z)[1](a_bar)[0]
print("with another σ, tanh:", np.allclose(a_bar * (1 - np.tanh(z) ** 2), engine))

# %% [markdown]
# ## Look: transposes, checked by shape
#
# As columns, dJ/dz is 3 × 1 and x is 2 × 1. Four products of them could be meant: dJ/dz · x, dJ/dz · xᵀ, dJ/dzᵀ · x and
# x · dJ/dzᵀ. How many of the four fit at all, and how many have the shape of W₁? Type both numbers.

# %%
z_column, x_column = z_bar[:, None], x[:, None]
pairs = {"dJ/dz · x": (z_column, x_column), "dJ/dz · xᵀ": (z_column, x_column.T)}
pairs |= {"dJ/dzᵀ · x": (z_column.T, x_column), "x · dJ/dzᵀ": (x_column, z_column.T)}
fit = {name: (left @ right).shape for name, (left, right) in pairs.items() if left.shape[1] == right.shape[0]}
bl.guess((..., ...), (len(fit), list(fit.values()).count(W1.shape)))

# %%
for name, (left, right) in pairs.items():
    print(f"{name:10}  {left.shape} @ {right.shape}  {fit.get(name, 'does not fit')}")
print("W1 has the shape", W1.shape)

# %% [markdown]
# **A right shape is no proof.** With three units above three others W is square, and Wᵀ · dJ/dτ fits as well as
# W · dJ/dτ. Only one of them is dJ/du. Decide by "who moves whom".

# %%
# exercise: layers.5

# %%
square, tau_adjoint = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 1.0])
print("Wᵀ · dJ/dτ:", square.T @ tau_adjoint, "   W · dJ/dτ:", square @ tau_adjoint)
print("the engine:", bl.grad(lambda u: np.dot(tau_adjoint, square @ u))(np.ones(2)))

# %% [markdown]
# ## Look: rank one
#
# dJ/dz · xᵀ is an outer product: all its rows are multiples of x. A gradient of shape 3 × 4 is added up over six
# examples. What is its rank for one example, and for all six?

# %%
random = np.random.default_rng(8)
W, b, X = random.normal(size=(3, 4)), random.normal(size=3), random.normal(size=(6, 4))


def gradient(n):
    return bl.grad(lambda W: np.sum(np.tanh(X[:n] @ W.T + b)))(W)


bl.guess((..., ...), [np.linalg.matrix_rank(gradient(n)) for n in (1, 6)])

# %%
print("one example:", (W1_bar + 0.0).tolist(), "rank", np.linalg.matrix_rank(W1_bar))
for n in (1, 2, 3, 6):
    print(n, "of the rows: rank", np.linalg.matrix_rank(gradient(n)), "of a gradient of shape", gradient(n).shape)

# %% [markdown]
# ## Explain: a batch in rows
#
# With an example in each row of X, the layer is Z = X Wᵀ + b. X is 6 × 4, W is 3 × 4. What are the shapes of dJ/dZ and
# of dJ/db? Type three numbers.


# %%
def summed(W, b):
    Z = X @ W.T + b
    return np.sum(np.tanh(Z))


bl.guess((..., ...), (*(X @ W.T).shape, *b.shape))

# %%
batch = bl.adjoint_sweep(bl.trace(summed, W, b)).result
print("b: sum over the rows", np.allclose(batch["b"], batch["Z"].sum(axis=0)))
print("W: one product      ", np.allclose(batch["W"], batch["Z"].T @ X))
print("   = outer products ", np.allclose(batch["W"], sum(map(np.outer, batch["Z"], X))))
mean = bl.grad(lambda W, b: summed(W, b) / len(X), 1)(W, b)
print("b: sum", batch["b"].round(4), "  mean", mean.round(4), "  sum / mean", (batch["b"] / mean).round(4))
bl.step(summed, W=W, b=b)

# %% [markdown]
# b is added to every row: forward it is **spread out** over the batch, so backward it is **added up** over the batch.
#
# **Mean or sum?** It is the loss that decides, not the layer. With a mean in the loss, 1/n is in every adjoint from the
# start, and the layer adds up as before. Then a step is as long for 6 examples as for 6000.
#
# ## Break it
#
# One rule of this sweep is broken. Find out which.

# %%
net.step(mystery=bl.seed() + " 9")

# %% [markdown]
# Three mistakes. Which of them will the shapes give away?
#
# * The **transpose forgotten**: on the way back W is used as it is.
# * The **outer product forgotten**: the rule `forgot` sends dJ/dz to W as it is.
# * **Mean taken for sum** over the batch: the rule `rows` gives b the mean of what comes back.
#
# How many of the three have a right shape, so that only differences find them?

# %%
forgot = bl.custom(lambda W: W @ x, vjp=lambda W: (W @ x, lambda bar: bar))
rows = bl.custom(lambda b: X @ W.T + b, vjp=lambda b: (X @ W.T + b, lambda bar: bar.mean(axis=0)))
wrong = [lambda: bl.trace(lambda W, bar: W @ bar, W1, z_bar), lambda: bl.grad(lambda W: np.sum(forgot(W)))(W1)]
wrong, told = [*wrong, lambda: bl.grad(lambda b: np.sum(np.tanh(rows(b))))(b)], []
for attempt in wrong:
    try:
        attempt()
    except bl.LabError as error:
        told.append(str(error))
bl.guess(..., len(wrong) - len(told))

# %%
print("\n\n".join(told), end="\n\n")
print("\n".join(str(bl.check_grad(lambda b: np.sum(np.tanh(rows(b))), b, order=1)).splitlines()[:2]))

# %% [markdown]
# The first two do not fit, and each sentence has both shapes. The third has the right shape. By which factor is the
# rule's number too small, and where does that factor come from?
#
# ## Your own function
#
# Put a function of your own in place of the sine: a product of two layers, a loop over layers that share one W, a
# branch such as `np.where(Z > 0, Z, 0.1 * Z)`. What is the shape of each gradient?


# %%
def mine(W, b):
    Z = X @ W.T + b
    return np.sum(np.sin(Z))


bl.step(mine, W=W, b=b)

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 3 and 5 are in the text.

# %%
# exercise: layers.1

# %%
# exercise: layers.2

# %%
# exercise: layers.4

# %%
bl.progress("layers")

# %% [markdown]
# ## Next
#
# A training run does this for every layer and every batch: two matrix products back for each one forward, and then
# each weight takes a small step against its own entry of dJ/dW.
#
# [`10_modules_and_depth`](10_modules_and_depth.ipynb) packs the rules into modules and stacks them.
#
# **Sources.** The two-layer net, the three rules and "as if all were scalars": Stanford CS229 (2022), lecture 9,
# *Neural Networks 2 (backprop)*.
#
# **Learn more.** The notes of [CS229](https://cs229.stanford.edu/) derive the same rules entry by entry. Terence Parr
# and Jeremy Howard, [*The Matrix Calculus You Need For Deep Learning*](https://explained.ai/matrix-calculus/) (2018).
