# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 20 Step a GPT
#
# A machine reads a text letter by letter and says what comes next: that is all that a chat program does, some words at
# a time. It has a thousand billion weights. Yours has a few thousand, the same parts, and every number of it can be
# looked at. When it is surprised by the letter that comes, how does it know **which** of its numbers should change?
#
# You will follow one gradient step from the loss to one number of one letter. Put your name into the third code cell:
# it decides which numbers you get. It takes about 45 minutes.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% tags=["setup"]
bl.seed("your name")

# %% [markdown]
# ## Use it
#
# The net learns to invent first names. A name stands between two points, `.mia.`, and at each place the net gives a
# **share** to each of 27 signs, the point and a to z. The shares add up to 1. Its **surprise** is −log of the share
# that the right sign had, and the loss is the mean surprise. A net that knows nothing gives all signs the same share.
# What is its surprise?

# %%
gpt = bl.examples.gpt
bl.guess(..., round(np.log(len(gpt.LETTERS)), 4))

# %%
p = gpt.parameters()
print("names that it learns from:", *gpt.NAMES[:9], "…")
print(f"its loss for jo is {gpt.loss(p, 'jo'):.4f}")
print("names that it invents:    ", *(gpt.sample(p, seed) for seed in range(8)))

# %% [markdown]
# Each sign is a row of 16 numbers, its **embedding**, and each place is one, too. All other weights are rows of 16
# numbers as well. Here is how many rows there are. How many numbers does the net have?

# %%
print({part: len(rows) for part, rows in p.items()})
bl.guess(..., sum(rows.size for rows in gpt.arrays(p).values()))

# %% [markdown]
# ## Predict
#
# The heart of it is **attention**: a place looks at the earlier ones, gives each of them a score, and makes shares of
# the scores, by softmax. With these shares it mixes what the places have to offer. Here are two places; a and b are e
# to the power of their scores. Be the sweep. Exercise 1 is a GPT of one channel: there a letter stands at two places.


# %%
def attend(a, b, v0, v1):
    total = a + b
    share = a / total
    mixed = share * (v0 - v1) + v1
    return mixed


bl.step(attend, **bl.separating_inputs(attend, bl.seed()), predict="sweep")

# %%
# exercise: gpt.1

# %% [markdown]
# ## Look: the whole net
#
# Now the real one, for the name jo. It is made of helpers that call each other: a place, in it a block, in that four
# heads, in each of them a dot product for each score. Press <kbd>/</kbd>, type `s17` for `score_17` or `lj0` for the
# first number of the letter j, and press <kbd>Enter</kbd>: what is around it opens. <kbd>l</kbd> shows the way on which
# most of its adjoint comes, <kbd>End</kbd> goes to the end of the sweep.
#
# At each place, every row but those of `letter` and `place` is multiplied with something, number by number. How many
# products is that, at each of the three places?

# %%
bl.guess(..., sum(rows.size for part, rows in gpt.arrays(p).items() if part not in ("letter", "place")))


# %%
def loss(p):
    return gpt.loss(p, "jo")


bl.step(loss, p)

# %%
# In `letter` each of the 27 signs has a row. In how many of these rows is anything but 0, after the sweep?
bars = bl.grad(loss)(p)
bl.guess(..., sum(any(row) for row in bars["letter"].values()))

# %%
for part in ("letter", "next"):
    print(f"{part:6}", *(f"{sign} {np.linalg.norm(bars[part][sign]):.3f}" for sign in ".joaz"))

# %%
# exercise: gpt.5

# %% [markdown]
# ## Explain: from the loss to one number of j
#
# The sweep starts with 1 at the loss. The loss is the mean of three surprises, so each gets 1/3. From there to the
# scores of the 27 signs it goes through a logarithm and a softmax, and both together are simple (lesson 11): each
# sign's score gets its share, and the right one's gets **its share − 1**. All of that times 1/3. At the second place j
# is read, and o is right. If o has a share of 1/27 there, what does o's score get?

# %%
share_of_o, places = 1 / len(gpt.LETTERS), 3
bl.guess(..., (share_of_o - 1) / places)

# %%
x, y = gpt.one_hot("jo")
at_j = bl.grad(gpt.array_surprise, argnums=0)(gpt.array_scores(gpt.arrays(p), x), y)[1]
print("what the scores get where j is read:", *(f"{sign} {at_j[gpt.LETTERS.index(sign)]:.4f} " for sign in "oja."))

# %% [markdown]
# The scores are dot products of what the place has found out with the rows of `next`, so it goes on to that, past the
# hidden units and through them, past the attention and through it, through a norm (exercise 2), to the sum of two
# embeddings: the place's and the letter's.
#
# j is read at place 1. What it is there goes to place 1 itself, and to places behind it, which look back by attention.
# The three surprises have places 0, 1 and 2. From which of the three does **nothing** come to the row of j?


# %%
def surprise(p, place):
    keys, values = [], []
    for at, read in enumerate(".jo"[: place + 1]):
        shares = gpt.shares(read, at, p, keys, values)
    return -bl.log(shares["jo."[place]]) / 3


parts = [bl.grad(lambda p, at=at: surprise(p, at))(p)["letter"]["j"][0] for at in range(3)]
bl.guess(..., parts.index(min(parts, key=abs)))

# %%
for place, bar in enumerate(parts):
    print(f"from the surprise at place {place}: {bar:9.6f}")
print(f"added up: {sum(parts):.6f}, by the sweep: {bars['letter']['j'][0]:.6f}")

# %%
# exercise: gpt.2

# %%
# Now the step: each number goes a little against its adjoint. The rate is 1. What is the first number of j afterwards?
rate = 1.0
print("it is", round(p["letter"]["j"][0], 4), "and its adjoint", round(bars["letter"]["j"][0], 4))
bl.guess(..., p["letter"]["j"][0] - rate * bars["letter"]["j"][0])

# %%
before, slopes = gpt.arrays(p), gpt.arrays(bars)
length = sum(np.sum(bar**2) for bar in slopes.values())
for rate in (0.01, 0.1, 1.0):
    after = gpt.lists({part: before[part] - rate * slopes[part] for part in before})
    print(f"rate {rate:4}: loss {loss(p):.4f} → {loss(after):.4f}   by the slopes: {loss(p) - rate * length:.4f}")

# %% [markdown]
# One number of j has heard of its own place and of what a later place made of it: arrivals add, as everywhere. All
# 4,064 numbers moved, each by its own adjoint, and the name jo surprises the net less. The slopes promise the squares
# of all adjoints, times the rate; for a small rate that is what comes.
#
# ## Look: the same on arrays, and trained
#
# On lists each product is a node. On arrays a node is a whole matrix product. There are always 8 places then, with
# zeros behind the name's end. `x @ query.T`, a matrix of 8 by 16 times one of 16 by 16, is one node. How many products
# of numbers are in it?

# %%
bl.guess(..., gpt.PLACES * gpt.CHANNELS * gpt.CHANNELS)

# %%
program = bl.compile(gpt.array_loss, before, *gpt.one_hot("jo"), argnums=0)
value, found = program.value_and_grad(before, *gpt.one_hot("jo"))
same = all(np.allclose(found[part], slopes[part], rtol=1e-9, atol=1e-14) for part in found)
print(f"loss {value:.4f}, all adjoints as on lists: {same}, lines of the program: {len(program.source.splitlines())}")

# %%
# Now it is trained: 84 names, 12 of them a step, 20 times all of them. How many steps is that?
batch, epochs = 12, 20
bl.guess(..., len(gpt.NAMES) // batch * epochs)

# %%
x, y = gpt.one_hot(*gpt.NAMES)
run = bl.descend(gpt.array_loss, before, "adam", 0.01, data=(x, y), batch=batch, epochs=epochs, progress=False)
trained = gpt.lists(run.path[-1])
drawn = [gpt.sample(trained, seed) for seed in range(8)]
print(f"loss of all names {run.losses[0][1]:.2f} → {run.losses[-1][1]:.2f}")
print("names that it invents now:", *drawn, f"  ({sum(name in gpt.NAMES for name in drawn)} of these it has read)")
bl.plots.losses({"adam, 12 names a step": run})

# %% [markdown]
# Nothing is new in it but the size. In PyTorch the loop is `cross_entropy(scores, right)`, `loss.backward()`,
# `optimizer.step()`, and the table of letters is `torch.nn.Embedding(27, 16)`.
#
# ## Break it
#
# The letter m, number 13, stands twice in "emma". Its row has to get what comes from both places. Somebody writes it
# in one line of NumPy: `table_bar[letters] += bars`. Say, 2 comes from one place and 3 from the other. What does the
# row hold after this line?

# %%
table_bar, letters, arrived = np.zeros(27), [13, 13], np.array([2.0, 3.0])
table_bar[letters] += arrived
bl.guess(..., table_bar[13])

# %%
right = bl.grad(lambda table: np.sum(table[letters] * arrived))(np.zeros(27))
print("by the line:", table_bar[13], "  by the sweep:", right[13])

# %%
# exercise: gpt.3

# %%
# And which rule is broken in this sweep?
bl.step(attend, a=3, b=2, v0=4, v1=7, mystery=bl.seed() + " 20")

# %% [markdown]
# ## Your own function
#
# Take a name of your own (a to z, at most seven letters): which of its letters surprises the trained net most? Then
# step through your name: `bl.step(lambda p: gpt.loss(p, "ida"), trained)`. Whose adjoints are the largest now?

# %%
name, keys, values = "ida", [], []
for place, (read, right) in enumerate(zip("." + name, name + ".", strict=True)):
    found = gpt.shares(read, place, trained, keys, values)
    best = max(found, key=found.get)
    print(f"{read} → {right}: share {found[right]:.3f}, surprise {-np.log(found[right]):.2f}; most likely is {best}")

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 1, 2, 3 and 5 are in the text.

# %%
# exercise: gpt.4

# %%
bl.progress("gpt")

# %% [markdown]
# ## Next
#
# This was the last lesson for now. From here to a net that you have heard of, nothing changes but the size: more
# channels, more blocks, words for letters, a large part of all that was ever written for 84 names.
#
# A training run of it is what you have stepped through, some million times: shares, a surprise, one sweep back, and
# each number goes a little against its own adjoint.
#
# **Sources.** Andrej Karpathy, *microgpt* (2026): a whole GPT on a list of scalars, in one file. The idea, the sizes
# and the norm are from there; the code and the names are the lab's own. Ashish Vaswani and others, *Attention Is All
# You Need* (2017).
#
# **Learn more.** Read `backprop_lab/catalogue/gpt.py`, from `dot` to `loss`, beside
# [microgpt](https://karpathy.github.io/2026/02/12/microgpt/). Biao Zhang and Rico Sennrich, *Root Mean Square Layer
# Normalization* (2019), is about the norm of exercise 2.
