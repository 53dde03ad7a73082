# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 8 Layers and shapes
#
# In a net one node holds a whole array, and three rules are enough to go back through it. Shapes tell you where the
# transposes belong. The lesson takes about 45 minutes, and the exercises as long again.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% [markdown]
# ## Use it
#
# Two layers: z = W₁x + b₁, a = relu(z), τ = W₂a + b₂, and the loss J = ½(y − τ)². Step through the reverse pass. On
# each edge stands what is done to an adjoint on its way back: multiplied, put into an outer product, or sent through a
# transpose.

# %%
net = bl.examples["two-layer"]
graph = net.trace()
net.step()

# %% [markdown]
# ## Predict
#
# Now you are the reverse sweep: say whose turn it is. Where an adjoint is a single number, type it. At the arrays, say
# to yourself which **shape** comes next.

# %%
net.step(predict="sweep")

# %% [markdown]
# ## Look: every gradient has its variable's shape
#
# J is one number, so its derivative with respect to an array has one entry for each entry of the array: the **shape
# convention**. It is the reason why a step downhill can simply be subtracted.

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
# ## Explain: three rules
#
# | forward | backward | why |
# |---|---|---|
# | z = W u + b | dJ/dW = dJ/dz · uᵀ | Wᵢⱼ moves only zᵢ, and uⱼ times as fast |
# | a = σ(z) | dJ/dz = dJ/da ⊙ σ′(z) | zᵢ moves only aᵢ; ⊙ multiplies entry by entry |
# | τ = W u + b | dJ/du = Wᵀ dJ/dτ | uⱼ moves every τᵢ, Wᵢⱼ times as fast: add up over i |
#
# b is added, so it gets a copy: dJ/db = dJ/dz. Here is the whole way forward and back in NumPy. W₂ has one row, which
# the code keeps as an array with one axis, so W₂ᵀ dJ/dτ and dJ/dτ · aᵀ are products with a number.

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
# Nobody remembers where the transpose goes, and nobody has to. As columns, dJ/dz is 3 × 1 and x is 2 × 1. Four products
# of them could be meant. Which one has the shape of W₁?

# %%
z_column, x_column = z_bar[:, None], x[:, None]
pairs = {"dJ/dz · x": (z_column, x_column), "dJ/dz · xᵀ": (z_column, x_column.T)}
pairs |= {"dJ/dzᵀ · x": (z_column.T, x_column), "x · dJ/dzᵀ": (x_column, z_column.T)}
for name, (left, right) in pairs.items():
    product = (left @ right).shape if left.shape[1] == right.shape[0] else "does not fit"
    print(f"{name:10}  {left.shape} @ {right.shape}  {product}")
print("W1 has the shape", W1.shape)

# %% [markdown]
# A right shape is no proof. When W is square, W and Wᵀ both fit, and only one of them is right.
#
# ## Look: rank one
#
# dJ/dz · xᵀ is an outer product: all its rows are multiples of x. So **one example gives a weight gradient of rank
# one**. Several examples add up several of them.

# %%
print("one example:", (W1_bar + 0.0).tolist(), "rank", np.linalg.matrix_rank(W1_bar))
random = np.random.default_rng(8)
W, b, X = random.normal(size=(3, 4)), random.normal(size=3), random.normal(size=(6, 4))
for n in (1, 2, 3, 6):
    gradient = bl.grad(lambda W, n=n: np.sum(np.tanh(X[:n] @ W.T + b)))(W)
    print(n, "of the rows: rank", np.linalg.matrix_rank(gradient), "of a gradient of shape", gradient.shape)

# %% [markdown]
# ## Explain: a batch in rows
#
# With an example in each row of X, the layer is Z = X Wᵀ + b. b is added to every row: forward it is **spread out**
# over the batch, so backward it is **added up** over the batch.
#
# **Mean or sum?** It is the loss that decides, not the layer. With a mean in the loss, 1/n is in every adjoint from the
# start, and the layer adds up as before. Then a step is as long for 6 examples as for 6000.
#
# In the picture, an array that is too large for its node shows its shape.


# %%
def summed(W, b):
    Z = X @ W.T + b
    return np.sum(np.tanh(Z))


batch = bl.adjoint_sweep(bl.trace(summed, W, b)).result
print("b: sum over the rows", np.allclose(batch["b"], batch["Z"].sum(axis=0)))
print("W: one product      ", np.allclose(batch["W"], batch["Z"].T @ X))
print("   = outer products ", np.allclose(batch["W"], sum(map(np.outer, batch["Z"], X))))
mean = bl.grad(lambda W, b: summed(W, b) / len(X), 1)(W, b)
print("b: sum", batch["b"].round(4), "  mean", mean.round(4), "  sum / mean", (batch["b"] / mean).round(4))
bl.step(summed, W=W, b=b)

# %% [markdown]
# ## Explain: a module has a forward and a backward
#
# A library of layers is a collection of **modules**. `forward` computes the result, and keeps what the way back will
# need. `backward` takes the adjoint of the result, leaves the gradients of the module's own weights, and returns the
# adjoint of the input.
#
# `plug` puts a module into a graph as one node: `forward` is its value, `backward` its rule. The reverse sweep then
# calls the modules from the last to the first. `bl.check_grad` compares the three rules with differences, and then the
# whole, in forward and in reverse mode.


# %%
class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, u):
        self.u = u
        return self.W @ u + self.b

    def backward(self, bar):
        self.W_bar, self.b_bar = np.outer(bar, self.u), bar
        return self.W.T @ bar


# %%
class Tanh:
    def forward(self, z):
        self.a = np.tanh(z)
        return self.a

    def backward(self, bar):
        return bar * (1 - self.a**2)


def plug(module):
    return bl.custom(module.forward, vjp=lambda u: (module.forward(u), module.backward))


# %%
first, squash, last = Linear(W1, b1), Tanh(), Linear(np.array([[1.0, 3.0, -1.0]]), np.array([1.0]))


def loss(x):
    z = plug(first)(x)
    a = plug(squash)(z)
    tau = plug(last)(a)
    return np.sum((y - tau)**2) / 2


print(str(bl.check_grad(loss, x / 10, order=1)).splitlines()[0])
bl.step(loss, x=x / 10)

# %% [markdown]
# ## Look: r layers
#
# z⁽ᵏ⁾ = W⁽ᵏ⁾a⁽ᵏ⁻¹⁾ + b⁽ᵏ⁾ and a⁽ᵏ⁾ = relu(z⁽ᵏ⁾), and the last layer without relu. Here r = 3.
#
# Forward, **every z and every a is kept**, because the way back needs them. Backward, the same rules go round,
# k = r … 1: five lines go back through a net of any depth.

# %%
deep = bl.examples["deep"]
Ws = [np.atleast_2d(weights) for weights, bias in deep.inputs["layers"]]  # the last layer's one row: a matrix, too
bs = [np.atleast_1d(bias) for weights, bias in deep.inputs["layers"]]
zs, kept = [], [deep.inputs["x"]]
for weights, bias in zip(Ws, bs, strict=True):
    zs.append(weights @ kept[-1] + bias)
    kept.append(np.maximum(zs[-1], 0))
print("z:", [z_k.tolist() for z_k in zs], "  a:", [a_k.tolist() for a_k in kept[:-1]])
deep.step()

# %%
bar, found = -(deep.inputs["y"] - zs[-1]), {}
for k in reversed(range(len(Ws))):
    found[k] = np.outer(bar, kept[k]), bar       # dJ/dW = dJ/dz · aᵀ and dJ/db = dJ/dz
    bar = Ws[k].T @ bar                          # dJ/da = Wᵀ dJ/dz, one layer further down
    if k > 0:
        bar = bar * (zs[k - 1] > 0)              # dJ/dz = dJ/da ⊙ relu′(z)

_, (x_bar, by_engine, _) = bl.value_and_grad(deep.function)(*deep.inputs.values())
for k, (W_bar, b_bar) in enumerate(by_engine):
    same = np.array_equal(found[k][0], np.atleast_2d(W_bar)) and np.array_equal(found[k][1], np.atleast_1d(b_bar))
    print(f"layer {k + 1}: W {found[k][0].tolist()}, b {found[k][1].tolist()}:", "agrees" if same else "DIFFERS")
print("x:", bar.tolist(), "agrees" if np.array_equal(bar, x_bar) else "DIFFERS")

# %% [markdown]
# ## Look: memory, and how to trade it for time
#
# What is kept grows with the depth. `bl.checkpoint` keeps only what goes into a segment of layers, and computes its
# inside again on the way back.


# %%
def segment(weights, a):
    for W in weights:
        a = np.tanh(W @ a)
    return a


def tower(weights, a, length=None):
    part = segment if length is None else bl.checkpoint(segment)
    for k in range(0, len(weights), length or len(weights)):
        a = part(weights[k : k + (length or len(weights))], a)
    return np.sum(a**2)


# %%
def counted(depth, length=None):
    weights, start = list(random.normal(size=(depth, 5, 5)) / 2), np.ones(5)
    sweep = bl.adjoint_sweep(bl.trace(lambda weights, a: tower(weights, a, length), weights, start))
    return sweep.counts["stored"] - 25 * depth - 5, sweep.counts["multiplications"]


for depth in (1, 2, 4, 8, 16, 32):
    print(f"{depth:2} layers: {counted(depth)[0]:3} numbers stored beside the inputs")
for length in (None, 16, 8, 4, 2, 1):
    stored, products = counted(32, length)
    print(f"32 layers, segments: {length or 'none':>4}, stored: {stored:3}, multiplications back: {products}")

# %% [markdown]
# Ten numbers more for each layer. With segments of 4, about a quarter of them is held at a time, for the price of one
# more forward pass: 32 · 25 = 800 multiplications. Long segments store more, because a whole segment is there again,
# and short ones too, because of their inputs.
#
# ## Break it
#
# Three mistakes. Which of them will the shapes give away? Decide before you run the cell.
#
# * The **transpose forgotten**: on the way back W is used as it is.
# * The **outer product forgotten**: the rule `forgot` sends dJ/dz to W as it is.
# * **Mean taken for sum** over the batch: the rule `rows` gives b the mean of what comes back.

# %%
forgot = bl.custom(lambda W: W @ x, vjp=lambda W: (W @ x, lambda bar: bar))
wrong = [lambda: bl.trace(lambda W, bar: W @ bar, W1, z_bar), lambda: bl.grad(lambda W: np.sum(forgot(W)))(W1)]
for attempt in wrong:
    try:
        attempt()
    except bl.LabError as error:
        print(error, end="\n\n")
rows = bl.custom(lambda b: X @ W.T + b, vjp=lambda b: (X @ W.T + b, lambda bar: bar.mean(axis=0)))
print("\n".join(str(bl.check_grad(lambda b: np.sum(np.tanh(rows(b))), b, order=1)).splitlines()[:2]))

# %% [markdown]
# The first two do not fit, and each sentence has both shapes. The third has the right shape, so only a comparison with
# differences finds it. Explain: by which factor is the rule's number too small, and where does that factor come from?
#
# ## Your own function
#
# Go back to `summed`, and put a function of your own in place of `np.tanh`, such as `np.sin`. Run the cell again: which
# of its lines stay true? Then write it as a module beside `Tanh`, and let `bl.check_grad` look at it.
#
# ## Exercises
#
# Put your name in: it decides which numbers you get, the same ones on every machine.

# %% tags=["setup"]
bl.seed("your name")

# %%
# exercise: layers.1

# %%
# exercise: layers.2

# %%
# exercise: layers.3

# %%
# exercise: modules.1

# %%
# exercise: modules.2

# %%
# exercise: modules.3

# %%
# exercise: layers.4

# %%
bl.progress("layers")

# %% [markdown]
# ## Next
#
# Plug your `Linear` and your `Relu` into a loss, as above, with the batch X in place of x, and let `bl.check_grad` look
# at them. A library for neural networks has just that inside, made fast. In
# [`07_build_your_own_engine`](07_build_your_own_engine.ipynb) every operation on a number is such a module.
#
# **Sources.** The two-layer net, the three rules, modules and the recursion: Stanford CS229 (2022), lecture 9, *Neural
# Networks 2 (backprop)*. Checkpointing: Andreas Griewank and Andrea Walther, *Evaluating Derivatives*, chapter 12.
#
# **Learn more.** The notes of [CS229](https://cs229.stanford.edu/) derive the same rules entry by entry.
