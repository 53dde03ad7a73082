# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 16 Second order
#
# Descent goes down a narrow valley in thousands of small steps. Newton's method knows how the valley is curved, and is
# at the bottom after a few. But a net with a million weights has a million times a million second derivatives, and no
# computer can hold them. Can one have Newton's steps without them?
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
# f = x² y. Its gradient is (2xy, x²). All derivatives of the gradient together are the **Hessian** H, a matrix: its
# rows are (2y, 2x) and (2x, 0). One rarely needs H itself, but H times a vector v: how the gradient moves when one
# walks along v. At x = 2, y = 3, what is H v for v = (1, 2)? Type two numbers.


# %%
def f(x, y):
    return x**2 * y


bl.guess((..., ...), bl.hvp(f, (2.0, 3.0), (1.0, 2.0)))

# %%
H = np.array(bl.hessian(f)(2.0, 3.0))
print("the matrix:", H.tolist(), "  times (1, 2):", (H @ [1.0, 2.0]).tolist())
print("bl.hvp, without the matrix:", bl.hvp(f, (2.0, 3.0), (1.0, 2.0)))

# %% [markdown]
# ## Predict
#
# Here is the trick. ⟨∇f, v⟩ = 1 · g_x + 2 · g_y is **one number**, computed by a program: first the gradient, and then
# a sum. So it has a graph, and one sweep back gives its gradient, which is H v. You are the sweep, at numbers of your
# own. (v2 is f itself. It has no way to s, so nothing comes back to it.)


# %%
def along(x, y):
    g_x, g_y = bl.grad(f)(x, y)
    s = g_x + 2 * g_y
    return s


bl.step(along, **bl.separating_inputs(along, bl.seed()), predict="sweep")

# %%
# exercise: second.5

# %% [markdown]
# ## Look: what it costs
#
# A long valley: f(x) = Σ 100 (xₖ₊₁ − xₖ²)² + (1 − xₖ)², for L numbers. A gradient costs between two and three
# evaluations, as always. H v is a gradient of something that has a gradient in it. H needs such a pass for each of L
# rows. For L = 300, how many numbers has H?


# %%
def valley(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


bl.guess(..., bl.hessian(valley)(np.zeros(300)).size)

# %%
print("    L   gradient   H times v         H    (in evaluations of f)")
for L in (10, 30, 100, 300, 1000):
    count = bl.plots.second_operations(valley, L)
    units = [count[name] / count["evaluation"] for name in ("gradient", "product", "hessian")]
    print(f"{L:5} {units[0]:10.2f} {units[1]:11.2f} {units[2]:9,.0f}")
bl.plots.timed_hessian(valley)

# %%
# The plot is measured here and now. The whole H takes L passes over the gradient: one for each row.
# A net has 10,000 weights, and one pass takes a second. How many hours does H take?
passes, seconds = 10_000, 1
bl.guess(..., passes * seconds / 3600)

# %% [markdown]
# ## Explain: how long may a step be?
#
# Near a minimum a loss is nearly a bowl. Its most curved direction is that of the largest **eigenvalue** of H, called
# λ. Products with H find it: multiply any v by H again and again, and it turns into that direction (*power iteration*).
# Below it is done for a least-squares loss with 50 weights.
#
# Along that direction the bowl is λ z²/2. The slope is λ z, and a step of descent goes from z to z − η λ z. If η is too
# large, the step lands on the other side, farther up. Let λ be 50. What is the longest η for which z does not grow?

# %%
bl.guess(..., max(eta for eta in np.arange(100) / 1000 if abs(1 - eta * 50) <= 1))

# %%
random = np.random.default_rng(0)
X = random.normal(size=(200, 50)) * np.geomspace(1, 30, 50)  # the inputs are not scaled
target = X @ (random.normal(size=50) / np.geomspace(1, 30, 50))


def square(w):
    return np.mean((X @ w - target) ** 2) / 2


w, v = np.zeros(50), np.ones(50)
for _ in range(100):
    v = bl.hvp(square, (w,), (v / np.linalg.norm(v),))

# %%
longest = 2 / np.linalg.norm(v)
# The longest step is 2/λ. Which descent will fall: with 0.99 of it, or with 1.01 of it? Type the number.
bl.guess(..., max(share for share in (0.99, 1.01) if abs(1 - share * longest * 2 / longest) < 1))

# %%
program = bl.compile(square, w)
for share in (0.5, 0.99, 1.01, 1.1):
    walk = w
    for _ in range(300):
        walk = walk - share * longest * program.value_and_grad(walk)[1]
    print(f"{share:4} of 2/λ: loss {square(w):.3g} → {square(walk):.3g}")

# %% [markdown]
# ## Newton's step
#
# Newton goes from x to x + p, where **H p = −∇f**: there the slope would be 0, if the loss were a bowl. With many
# weights that is a linear system. **Conjugate gradients** solve it with products H d alone: you write them in the
# exercise.
#
# With one number it is a division. f = 5 (x − 3)² has the slope 10 (x − 3). From x = 10, where does one Newton step
# lead?

# %%
def bowl(x):
    return 5 * (x - 3) ** 2


bl.guess(..., 10 - bl.grad(bowl)(10.0) / bl.hessian(bowl)(10.0))

# %%
# exercise: second.3

# %%
y = np.sign(target + 0.5 * random.normal(size=200))  # two classes


def loss(w):  # cross-entropy, with a little weight decay
    return np.mean(bl.softplus(-y * (X @ w))) + 5e-4 * np.sum(w**2)


# All weights are 0 at first, so each of the two classes has the probability 1/2. What is the loss?
bl.guess(..., loss(np.zeros(50)))


# %%
def newton_step(w):
    slope, p, products = bl.grad(loss)(w), 0 * w, 0
    r = d = -slope
    while r @ r > 0.01 * (slope @ slope):  # one need not solve for all digits
        Hd = bl.hvp(loss, (w,), (d,))
        p, old, products = p + (r @ r) / (d @ Hd) * d, r, products + 1
        r = r - (r @ r) / (d @ Hd) * Hd
        d = r + (r @ r) / (old @ old) * d
    return w + p, 2 + 4 * products  # passes: 2 for a gradient, and about 4 for a product


# %%
w, newton = np.zeros(50), [(1, loss(np.zeros(50)))]
for _ in range(12):
    w, passes = newton_step(w)
    newton.append((newton[-1][0] + passes, loss(w)))
w, descent, program = np.zeros(50), [newton[0]], bl.compile(loss, w)
while descent[-1][0] < newton[-2][0]:
    w = w - 0.1 * program.value_and_grad(w)[1]  # of 0.05, 0.1 and 0.2 the best one
    descent.append((2 * len(descent), loss(w)))
lowest = newton.pop()[1]
print(f"Newton {len(newton) - 1} steps, descent {len(descent) - 1} steps, lowest loss {lowest:.5f}")
bl.plots.strategies({n: [(k, x - lowest) for k, x in r] for n, r in (("descent", descent), ("Newton–CG", newton))})

# %%
# exercise: second.2

# %% [markdown]
# The plot shows how far the loss is above its lowest value, against the passes. Descent jumps at first, because 0.1 is
# longer than 2/λ there; shorter steps are quieter, and slower. Newton needs no step size, and the nearer it comes, the
# more digits each step wins.
#
# ## Break it
#
# Newton looks for a place where the slope is 0. f = cos x has a top at 0 and a bottom at π. From x = 0.5, where do
# Newton's steps lead? Type `"top"` or `"bottom"`.

# %%
bl.guess(..., "top" if bl.hessian(np.cos)(0.5) < 0 else "bottom")

# %%
x = 0.5
for step in range(1, 4):
    slope, curvature = bl.grad(np.cos)(x), bl.hessian(np.cos)(x)
    x = x - slope / curvature
    print(f"step {step}: slope {slope:9.6f}, curvature {curvature:9.6f}, then x = {x:9.6f} and f = {np.cos(x):.6f}")

# %%
# Up it goes: the curvature is negative. Who uses Newton looks at d · H d, and stops where it is not positive.
# Here is another sweep, over a recorded gradient. Which rule is broken?
bl.step(along, x=2, y=3, mystery=bl.seed() + " 16")

# %% [markdown]
# ## Look: the gradient of the gradient's length
#
# A gradient is a program, so any function of it can be differentiated. Its squared length, ‖∇f‖², is g_x² + g_y². For f
# = x² y at (2, 3) the gradient is (12, 4), and H has the rows (6, 4) and (4, 0). What is the gradient of the squared
# length? (It is 2 H ∇f.)


# %%
def length(x, y):
    g_x, g_y = bl.grad(f)(x, y)
    s = g_x**2 + g_y**2
    return s


bl.guess((..., ...), bl.grad(length)(2.0, 3.0))

# %%
print("‖∇f‖² and its gradient:", bl.value_and_grad(length)(2.0, 3.0))
bl.step(length, x=2, y=3)

# %% [markdown]
# **What for?** *Meta-learning*: choose a start w such that **one step later** the loss is small. The loss after the
# step, L(w − η ∇L(w)), is a function of w with a gradient in it. For L = w² and η = 0.1 it is (0.8 w)². What is its
# derivative by the start, at w = 5?
#
# In PyTorch a gradient stays differentiable with `torch.autograd.grad(y, x, create_graph=True)`. The cell below does
# ‖∇f‖² with it, where PyTorch is installed.

# %%
bl.guess(..., bl.grad(lambda w: (w - 0.1 * bl.grad(lambda w: w**2)(w)) ** 2)(5.0))

# %% tags=["demo"]
print("after one step, by the start:", bl.grad(lambda w: (w - 0.1 * bl.grad(lambda w: w**2)(w)) ** 2)(5.0))
try:
    import torch
except ImportError:
    print("PyTorch is not installed here, so the rest of this cell did nothing.")
else:
    at = torch.tensor([2.0, 3.0], requires_grad=True)
    (slopes,) = torch.autograd.grad(at[0] ** 2 * at[1], at, create_graph=True)
    (slopes @ slopes).backward()
    print("PyTorch:", at.grad)

# %% [markdown]
# ## Your own function
#
# Put in a function of your own: one with a loop, one with `np.exp`. Look at the graph of its gradient, and at H v in
# the player. How much larger is it than the graph of the function?


# %%
def mine(x, y):
    return np.sin(x * y) + x


print(len(bl.trace(mine, x=1.0, y=2.0)), "nodes, and with the gradient recorded:")
bl.step(lambda x, y: bl.grad(mine)(x, y)[0], x=1.0, y=2.0)

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 2, 3 and 5 are in the text.

# %%
# exercise: second.1

# %%
# exercise: second.4

# %%
bl.progress("second")

# %% [markdown]
# ## Next
#
# A training run rarely builds H. But it may ask for a few products with it: to see how long a step can be, to take
# Newton's step, or to train through a step of training.
#
# All of this works because each rule is made of operations that have rules themselves.
# [`17_your_own_rules`](17_your_own_rules.ipynb) adds new ones.
#
# **Sources.** The Hessian times a vector, and a function of a gradient: Stanford CS229 (2022), lecture 9, *Neural
# Networks 2 (backprop)*. Conjugate gradients are by Magnus Hestenes and Eduard Stiefel (1952).
#
# **Learn more.** Barak Pearlmutter, [*Fast exact multiplication by the
# Hessian*](https://doi.org/10.1162/neco.1994.6.1.147) (1994). James Martens, *Deep learning via Hessian-free
# optimization* (2010), trains nets with Newton–CG. Chelsea Finn, Pieter Abbeel and Sergey Levine, [*Model-Agnostic
# Meta-Learning*](https://arxiv.org/abs/1703.03400) (2017). Jorge Nocedal and Stephen Wright, *Numerical Optimization*,
# second edition (2006), chapter 7.
