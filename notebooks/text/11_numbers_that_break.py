# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 11 Numbers that break
#
# A training run goes well. The loss is 0.31, then 0.30, 0.29, and then `nan`. From here on every weight is `nan`, and a
# week of computing is lost. Where did it begin? And how does one write the loss so that it cannot happen?
#
# Put your name into the third code cell: it decides which numbers you get. It takes about 45 minutes.

# %% tags=["setup"]
# setup
import warnings

import numpy as np

import backprop_lab as bl

# %% tags=["setup"]
bl.seed("your name")
warnings.simplefilter("ignore", bl.LabWarning)  # here numbers shall break, and the pictures say where

# %% [markdown]
# ## Use it
#
# A float has 64 bits, so there is a largest one, about 1.8e308. What is larger becomes `inf`. exp(x) grows fast: what
# is the largest whole number x for which exp(x) is still an ordinary number? (The natural logarithm of 10 is about
# 2.3.)

# %%
bl.guess(..., int(np.log(np.finfo(float).max)))

# %%
print("going down:", [f"{bl.exp(x):.5g}" for x in (-1.0, -10.0, -1000.0)])
print("going up:  ", [f"{bl.exp(x):.6g}" for x in (1.0, 100.0, 1000.0)])
print("inf / inf: ", bl.exp(1000.0) / bl.exp(1000.0))

# %% [markdown]
# Three words for what can happen:
#
# * **overflow**: a number is too large and becomes `inf`;
# * **underflow**: a number is too near to 0 and becomes 0;
# * **nan**, "not a number": there is no answer, as for inf / inf, inf − inf, 0 · inf. It spreads to everything that is
#   computed from it.
#
# PyTorch's numbers have 32 bits, unless one asks for more. The largest one is about 3.4e38. (With 16 bits, which save
# memory on a graphics card, it is 65504.) Up to which whole x is exp(x) an ordinary number with 32 bits?

# %%
bl.guess(..., int(np.log(float(np.finfo(np.float32).max))))

# %% [markdown]
# ## Predict
#
# A net that tells classes apart has a **score** for each class. Softmax makes probabilities of scores: exp of each,
# divided by the sum of all. Here are two classes, and a and b are the exponentials. You are the sweep, at numbers of
# your own. Fractions such as 2/3 are welcome.


# %%
def share(a, b):
    s = a + b
    p = a / s
    return p


bl.step(share, **bl.separating_inputs(share, bl.seed()), predict="sweep")

# %% [markdown]
# ## Look: the first culprit
#
# Now with the exponentials. Both scores are 1000, so both probabilities should be 1/2. Instead p is `nan`. The node
# that is `nan` is rarely the one to blame. Which node breaks **first**? Type its name, in quotation marks.


# %%
def naive(a, b):
    ea = np.exp(a)
    eb = np.exp(b)
    p = ea / (ea + eb)
    return p


broken = bl.trace(naive, a=1000, b=1000)
bl.guess(..., broken.culprit.name)

# %%
print(broken)
for node, note in broken.notes.items():
    print(f"{note.kind:9} at {broken[node].label}: {note.sentence}")
bl.step(broken)

# %% [markdown]
# The nodes with a warning sign are those that broke, and the words beside them say how. The way back is lost, too:
# 1/inf is 0, and 0 · inf is `nan`.
#
# Why exp at all? It makes any score positive, only **differences** of scores count, and the loss will have a very
# simple gradient. Scores become large when inputs are not scaled (a pixel of 255 in place of 1), when weights grow, or
# after one step that was too long.
#
# Only differences count, so softmax of (0, log 2) is (1/3, 2/3). What is softmax of (1000, 1000 + log 2)? Type both
# numbers.

# %%
bl.guess((..., ...), bl.softmax(np.array([1000.0, 1000.0 + np.log(2)])))

# %%
# exercise: breaking.2

# %%
def naive_softmax(z):
    return np.exp(z) / np.sum(np.exp(z))


np.set_printoptions(precision=4, floatmode="fixed")
rows = [(1, 2, 3), (0, 0, 10), (-10, -5, -8), (1000, 1000), (-1000, -10, -8), (1, 1, 1), (2, 2, 2)]
for row in rows:
    for name, way in (("naive", naive_softmax), ("stable", bl.softmax)):
        p, pullback = bl.vjp(way, np.array(row, dtype=float))
        slopes = pullback(np.eye(len(row))[0])[0]
        print(f"{row!s:17} {name:7} {p!s:35} {slopes!s}")

# %% [markdown]
# Each row has the scores, p, and then the derivatives of the **first** probability by all scores: naive, as books have
# it, and stable, as the lab has it (`bl.softmax`). (1, 1, 1) and (2, 2, 2) give the same. In the row (−1000, −10, −8)
# the first probability is 0 in both: e⁻⁹⁹² is smaller than any float. Nothing is wrong with that 0, as long as nobody
# takes its logarithm.
#
# ## Explain: the largest score is taken away, and nobody notices
#
# The stable softmax computes m, the largest score, takes it away from all scores, and then goes on as before. One
# exponential is 1 now, so the sum is at least 1. m is a node of the graph, and it is used for each score. What is its
# **adjoint**, when everything has arrived?


# %%
def stable(a, b):
    m = np.maximum(a, b)
    ea, eb = np.exp(a - m), np.exp(b - m)
    p = ea / (ea + eb)
    return p


held = bl.trace(stable, a=1000, b=1003)
bl.guess(..., bl.adjoint_sweep(held).result["m"])

# %%
bl.step(held)

# %% [markdown]
# What arrives at m cancels: if all scores move by the same, p stands still. So libraries do not even send anything back
# through the maximum.
#
# ## Look: cross-entropy, three ways
#
# The loss of a classifier is −Σ y log p: y is 1 for the right class and 0 for the others. Three ways to write it:
#
# 1. **plain**: softmax, logarithm, sum;
# 2. **clipped**: the same, with max(p, ε) in the logarithm, ε = 1e−4, so that log 0 cannot happen;
# 3. **fused**: from the scores at once, log(Σ eᶻ) − z at the right class. Its gradient by the scores is **p − y**.
#
# The scores are (1, 2, 3), and the first class is the right one: p₁ is 0.0900, as above. What is the loss's derivative
# by the first score?

# %%
y = np.array([1.0, 0.0, 0.0])
bl.guess(..., bl.grad(lambda z: bl.cross_entropy(z, y))(np.array([1.0, 2.0, 3.0]))[0])


# %%
def plain(z):
    return -np.sum(y * np.log(naive_softmax(z)))


def clipped(z):
    return -np.sum(y * np.log(np.maximum(bl.softmax(z), 1e-4)))


def fused(z):
    return bl.cross_entropy(z, y)


# %%
# exercise: breaking.5

# %%
for scores in ((1, 2, 3), (-1000, -10, -8), (0, -1000, -1000)):
    for way in (plain, clipped, fused):
        loss, by_scores = bl.value_and_grad(way)(np.array(scores, dtype=float))
        print(f"{scores!s:17} {way.__name__:8} loss {loss + 0.0:9.4f}   gradient {by_scores + 0.0}")
print("the clipped loss stops at −log ε =", f"{-np.log(1e-4):.4f}")
bl.step(clipped, z=np.array([-1000.0, -10.0, -8.0]))

# %% [markdown]
# With good scores all three agree. In the second row the net is as wrong as it can be. The plain loss is infinite. The
# clipped one looks well, and its gradient is **0**: whoever needs to learn most learns nothing. The fused one has a
# loss and a gradient. In the third row the net is *right*, and the plain loss is `nan` all the same: 0 · log 0 is 0 ·
# inf.
#
# ## Break it
#
# One rule of this sweep is broken. Find out which.

# %%
bl.step(share, a=2, b=3, mystery=bl.seed() + " 11")

# %% [markdown]
# And a repair that does not repair. log(1 + eˣ) is called softplus. What is its **slope** at 800, by calculus?

# %%
bl.guess(..., bl.grad(bl.softplus)(800.0))

# %%
print("plain:      ", bl.value_and_grad(lambda x: np.log(1 + np.exp(x)))(800.0))
print("bl.softplus:", bl.value_and_grad(bl.softplus)(800.0))

# %% [markdown]
# Many people write `where(x > 700, x, log(1 + exp(x)))`. The value is right then. But in PyTorch the slope is `nan`:
# the branch that was not chosen gets the adjoint 0, and sends 0 · inf back. Make the input small **before** exp, inside
# the branch, not after it. (This lab sends nothing to a number that was not read, so it says 1.)
#
# To find the first culprit there, write `torch.autograd.set_detect_anomaly(True)`. And
# `torch.nn.functional.cross_entropy(z, k)` takes **scores**, not probabilities: it is the fused one. A softmax before
# it is a mistake that gives no error message. A net is quite sure and right: its probabilities are (1, 0, 0). Somebody
# takes these for scores. The loss should be 0. What is it? (e is 2.718.)

# %%
bl.guess(..., fused(np.array([1.0, 0.0, 0.0])))

# %% tags=["demo"]
try:
    import torch
except ImportError:
    print("PyTorch is not installed here, so this cell did nothing.")
else:
    x, z = torch.tensor(800.0, requires_grad=True), torch.tensor([[-1000.0, -10.0, -8.0]], requires_grad=True)
    torch.where(x > 700, x, torch.log(1 + torch.exp(x))).backward()
    torch.nn.functional.cross_entropy(z, torch.tensor([0])).backward()
    print("slope at 800:", x.grad.item(), "  cross-entropy's gradient:", z.grad)

# %% [markdown]
# ## Your own function
#
# Put in a formula of your own that is right on paper, and numbers at which it breaks: √(x² + y²) at 1e200, the variance
# as a mean of squares less the square of the mean, a product of a thousand probabilities. Which node is the first? Then
# write it so that it holds.


# %%
def mine(x, y):
    return np.sqrt(x**2 + y**2)


graph = bl.trace(mine, x=3e200, y=4e200)
print("first culprit:", graph.culprit.label if graph.culprit else "none", "   result:", graph.value)
graph

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 2 and 5 are in the text.

# %%
# exercise: breaking.1

# %%
# exercise: breaking.3

# %%
# exercise: breaking.4

# %%
# exercise: breaking.6

# %%
bl.progress("breaking")

# %% [markdown]
# ## Next
#
# A training run lives as long as all its numbers are numbers: so its loss takes the scores themselves, and never a
# probability that may have become 0.
#
# Numbers that are too small do harm long before they are 0. [`12_when_gradients_die`](12_when_gradients_die.ipynb)
# looks at gradients that shrink from layer to layer.
#
# **Sources.** Columbia applied deep learning slides (2019): underflow, overflow, softmax and cross-entropy with their
# numbers, and the clipping. What floats can hold: the standard IEEE 754.
#
# **Learn more.** David Goldberg, [*What Every Computer Scientist Should Know About Floating-Point
# Arithmetic*](https://doi.org/10.1145/103162.103163) (1991). Pierre Blanchard, Desmond Higham and Nicholas Higham,
# [*Accurately computing the log-sum-exp and softmax functions*](https://doi.org/10.1093/imanum/draa038) (2021).
