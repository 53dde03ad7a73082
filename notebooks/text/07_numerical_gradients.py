# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 7 Numerical gradients
#
# Somebody writes a rule for a new operation and forgets a minus. The net trains all the same: slowly, and badly. No
# error message, no warning. How does one find out? By asking the function itself: move an input a little, and look.
#
# That is a derivative without any rule. This lesson says what it costs, how far it is off, and what it is good for. Put
# your name into the third code cell: it decides which numbers you get. It takes about 45 minutes.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% tags=["setup"]
bl.seed("your name")

# %% [markdown]
# ## Use it
#
# The **central difference** goes from x − h to x + h: (f(x + h) − f(x − h)) / 2h. Here it is with h = 1e−4 on Olah's
# e = (a + b)(b + 1) at a = 2, b = 1. First be the sweep, at numbers of your own. Which of the two ways loses digits?

# %%
olah, h = bl.examples["olah"], 1e-4
e = olah.function
olah.step(**bl.separating_inputs(e, bl.seed(), unlike=olah.inputs), predict="sweep")

# %%
print("a:", (e(2 + h, 1) - e(2 - h, 1)) / (2 * h))
print("b:", (e(2, 1 + h) - e(2, 1 - h)) / (2 * h))
slopes = bl.numerical_grad(e, 2.0, 1.0)
print("bl.numerical_grad: ({:.6f}, {:.6f}),".format(*slopes), slopes.evaluations, "evaluations of e")

# %% [markdown]
# ## Predict
#
# f = x³ has the derivative 12 at x = 2. What do the two quotients say with h = 0.5, the forward one, (f(x + h) − f(x))
# / h, and the central one? 2.5³ is 15.625, and 1.5³ is 3.375. Type both.


# %%
def cube(x):
    return x * x * x


bl.guess((..., ...), ((cube(2.5) - cube(2)) / 0.5, (cube(2.5) - cube(1.5)) / 1))

# %%
print("   h   forward   central")
for h in (0.5, 0.1, 0.01):
    forward = (cube(2 + h) - cube(2)) / h
    print(f"{h:4} {forward:9.4f} {(cube(2 + h) - cube(2 - h)) / (2 * h):9.4f}")

# %%
# A quotient is the slope of a chord. Move h: the chord turns towards the tangent.
bl.plots.secant_slider(cube, 1.0)

# %% [markdown]
# ## Look: what it costs
#
# One of the two columns had an error that you can read off: h². Each number is moved alone, ahead and behind. How many
# forward passes does one gradient take with 1000 weights?

# %%
bl.guess(..., bl.numerical_grad(lambda w: np.sum(w * w), np.ones(1000)).evaluations)

# %%
def f(w):
    f.calls += 1
    return np.sum(w * w)


w = np.ones(1000)
ways = {"central differences": bl.numerical_grad, "backprop": lambda f, w: bl.grad(f)(w)}
for name, gradient in ways.items():
    f.calls = 0
    gradient(f, w)
    print(f"{name:20} forward passes: {f.calls}")

# %% [markdown]
# Backprop needs one forward pass and one reverse pass, whatever the number of weights.
#
# ## Look: the error against h
#
# A smaller h gives a better chord. Is the smallest h the best? Guess where the best h is; then move the slider from
# 1 down to 1e−16. The table shows the two values that are subtracted. (f is exp at 1, and its derivative there is e.)

# %%
bl.plots.u_curve_slider(bl.exp, 1.0)

# %%
# exercise: numerical.7

# %% [markdown]
# ## Explain: two errors
#
# * **Truncation**, on the right: a chord is not a tangent. Forward it is about h/2 · f″, slope 1 on these axes;
#   central h²/6 · f‴, slope 2. A tenth of the h makes it a tenth, or a hundredth.
# * **Round-off**, on the left: f(x + h) and f(x − h) have most of their 16 digits in common. Those cancel, and what is
#   left are the last digits, which are rounded. That error is about ε/h, where ε is the distance from 1 to the next
#   number: a tenth of the h makes it ten times larger.
#
# They balance near h = √ε forward, and near the cube root of ε for the central difference; the dashed lines say where
# for this function. h = 1e−4 is on the safe side. No h gets all digits.
#
# ## Break it
#
# The cube at 2 again, where 12 is right, from a large h to one that is far too small. What does the central difference
# say at h = 1e−17?

# %%
bl.guess(..., (cube(2 + 1e-17) - cube(2 - 1e-17)) / 2e-17)

# %%
print("      h               2 + h           central      complex step")
for h in (1, 1e-2, 1e-4, 1e-8, 1e-12, 1e-15, 1.1e-15, 1.2e-15, 1e-17):
    central = (cube(2 + h) - cube(2 - h)) / (2 * h)
    imaginary = cube(2 + 1j * h).imag / h
    print(f"{h:7g} {2 + h!r:>19} {central:17.12f} {imaginary:17.12f}")
print(f"a sweep: {bl.grad(cube)(2.0):36.12f}")
for x in (0.0, 5e-5, 2e-4):
    print(f"x = {x:<6g} central {float(bl.numerical_grad(bl.relu, x)):.2f}   sweep {bl.grad(bl.relu)(x):.2f}")
print(bl.trace(bl.relu, 0.0).notes[1].sentence)

# %% [markdown]
# Between 2 and 4 the numbers lie 4.4e−16 apart. Near 1e−15, 2 + h is rounded to one of them. At 1e−17, 2 + h is 2
# itself. The last column is a way out, the **complex step**: f(x + ih) = f(x) + ih f′(x) − …, so f′(x) is the imaginary
# part divided by h, and nothing is subtracted. **AD** takes no step at all: it multiplies local partials.
#
# A corner does harm at any h: relu has slope 0 on the left of 0 and 1 on the right, and a chord over the corner has
# something in between, as in the last lines above. And where a *sweep* is broken, differences find out. "move" beside
# an input shows one: which rule is broken here?

# %%
bl.step(e, a=2, b=3, mystery=bl.seed() + " 7")

# %% [markdown]
# ## A tool: the gradient check
#
# Differences are slow and lose digits, but they know nothing of our rules. If a rule is wrong, they disagree. Here is a
# quotient with a rule of its own (`bl.custom`), and it has a mistake. Is it in the derivative for `"a"` or for `"b"`?


# %%
def ratio(a, b):
    return a / b


def rule(a, b):
    return a / b, lambda bar: (bar / b, bar * a / b**2)


bl.guess(..., "a" if rule(3.0, 2.0)[1](1.0)[1] == bl.grad(ratio)(3.0, 2.0)[1] else "b")

# %%
import textwrap

own = bl.custom(ratio, vjp=rule)
print(bl.check_grad(own, 3.0, 2.0, modes=("reverse",), order=1))
strang = bl.examples["strang"].trace()
for typed in (140.17, 147.971):
    print(textwrap.fill(bl.diagnose(strang, "x", typed)[0].sentence, 72))

# %% [markdown]
# The minus is lost: put it back, `-bar * a / b**2`, and run both cells again: all agree. Differences see only *that*
# something is wrong. And a difference that is passed off as the derivative is given away by the size of its error:
# 140.17 and 147.971 for 140, above. Check at a few points away from corners, with inputs of ordinary size. In PyTorch
# the tool is `torch.autograd.gradcheck(own, (a, b))`.

# %%
# exercise: numerical.5

# %% [markdown]
# ## Your own function
#
# Where is the best h for a function that wiggles? Guess from ε, then run the cell. Put in a loop, a function that calls
# itself, or one with a corner, and another x: when does the best h move?


# %%
def mine(x):
    return bl.sin(20 * x) / x


eps = np.finfo(float).eps
print(f"ε = {eps:.1e}, √ε = {eps**0.5:.1e}, cube root {eps ** (1 / 3):.1e}")
bl.plots.u_curve_slider(mine, 2.0, h=1e-6)

# %% [markdown]
# ## Four strategies
#
# A net with 13 weights should go through ten points. Four ways to lower its loss: guess at random; go down a numerical
# gradient; work the gradient out with pencil and paper; backprop. Every strategy may spend 10,400 passes. A guess takes
# 1, backprop 2, one forward and one reverse, and so does the formula by hand.

# %%
x = np.linspace(-1, 1, 10)
y = np.sin(3 * x)


def loss(p):
    hidden = np.tanh(x[:, None] * p[:4] + p[4:8])
    return np.mean((hidden @ p[8:12] + p[12] - y) ** 2)

# %%
# exercise: numerical.2

# %%
def by_hand(p):
    hidden = np.tanh(x[:, None] * p[:4] + p[4:8])
    r = 2 * (hidden @ p[8:12] + p[12] - y) / len(x)
    inner = r[:, None] * p[8:12] * (1 - hidden**2)
    return np.concatenate([x @ inner, inner.sum(0), r @ hidden, [r.sum()]])


start = np.random.default_rng(1).normal(size=13)
print("by hand as by differences:", np.allclose(by_hand(start), bl.numerical_grad(loss, start)))
print("by hand as by backprop:   ", np.allclose(by_hand(start), bl.grad(loss)(start)))

# %%
def descend(gradient, cost):
    p, run = start, [(1, loss(start))]
    for k in range(cost, passes + 1, cost):
        p = p - 0.1 * gradient(p)
        run.append((k, float(loss(p))))
    return run


passes, each = 10_400, bl.numerical_grad(loss, start).evaluations

# %%
# How many passes does one numerical gradient take, with 13 weights? And how many steps do 10,400 passes allow it, and
# how many do they allow backprop?
bl.guess((..., ..., ...), (each, passes // each, passes // 2))

# %%
rng = np.random.default_rng(0)
best = np.minimum.accumulate([loss(start), *(loss(rng.normal(size=13)) for _ in range(passes - 1))])
program = bl.compile(loss, start)  # bl.grad(loss), recorded once and not for each step
runs = {
    "random guess": list(enumerate(best, start=1)),
    "numerical": descend(lambda p: bl.numerical_grad(loss, p), each),
    "analytic": descend(by_hand, 2),
    "backprop": descend(lambda p: program.value_and_grad(p)[1], 2),
}
for (name, run), cost in zip(runs.items(), (1, each, 2, 2), strict=True):
    print(f"{name:13} {cost:2} passes a try or step, {passes // cost:6} of them, loss {run[-1][1]:.1g}")
bl.plots.strategies(runs)

# %% [markdown]
# Numerical and backprop walk the same way; one pays 26 passes for a step, the other 2. By hand costs no more than
# backprop, but somebody's afternoon, and when the net changes one begins again.
#
# ## Exercises
#
# The numbers are yours. Exercises 2, 5 and 7 are in the text.

# %%
# exercise: numerical.1

# %%
# exercise: numerical.3

# %%
# exercise: numerical.4

# %%
# exercise: numerical.6

# %%
bl.progress("numerical")

# %% [markdown]
# ## Next
#
# No training run uses differences. But every library's tests do, for each operation: a training run rests on rules that
# were checked once.
#
# You have a tool that finds wrong rules. In [`08_build_your_own_engine`](08_build_your_own_engine.ipynb) you write the
# rules, and an engine around them.
#
# **Sources.** Columbia applied deep learning slides (2019), on gradient descent and backpropagation: the central
# difference, its cost, the four strategies. Christopher Olah, *Calculus on Computational Graphs: Backpropagation*
# (2015). Gilbert Strang, MIT 18.065 (2018), lecture 27. The complex step is from James Lyness and Cleve Moler,
# *Numerical Differentiation of Analytic Functions* (1967); William Squire and George Trapp made it known with
# *Using Complex Variables to Estimate Derivatives of Real Functions* (1998).
#
# **Learn more.** Every book on numerical analysis has a chapter on numerical differentiation, and on how to choose h.
# `help(bl.check_grad)` says what is compared with what.
