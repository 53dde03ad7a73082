# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 17 Your own rules
#
# GPT's activation function asks how much of a bell-shaped curve lies to the left of a number. Sums, products and
# quotients alone cannot say that. Python asks a function that was compiled from C, and a tape sees nothing of what
# happens in there. How does a sweep get through?
#
# In this lesson you give such a function its derivative yourself, as a rule of one line. The same line makes a solver
# of a hundred steps cheap. Put your name into the third code cell: it decides which numbers you get. It takes about 45
# minutes.

# %% tags=["setup"]
# setup
import math
import textwrap

import numpy as np

import backprop_lab as bl

# %% tags=["setup"]
bl.seed("your name")

# %% [markdown]
# ## Use it
#
# The **error function** is an area under a bell: erf(x) = 2/√π times the integral of exp(−t²) from 0 to x. How fast
# does the area grow at x = 0?

# %%
bl.guess(..., 2 / math.sqrt(math.pi) * math.exp(0))

# %% [markdown]
# Here is erf as a series in plain Python, cut off after 20 terms. Nobody has told the lab what erf is. Does a sweep
# through the series find the right slope at 0.7, to ten digits? Type "yes" or "no".


# %%
def series(x, terms=20):
    total = term = x
    for k in range(1, terms):
        term = -term * x * x / k
        total = total + term / (2 * k + 1)
    return 2 / math.sqrt(math.pi) * total


bl.guess(..., "yes" if abs(bl.grad(series)(0.7) - 2 / math.sqrt(math.pi) * math.exp(-0.49)) < 1e-10 else "no")

# %%
print(f"slope of the series:  {bl.grad(series)(0.7):.12f}   {len(bl.trace(series, x=0.7))} nodes")
print(f"2/√π · exp(−x²):      {2 / math.sqrt(math.pi) * math.exp(-0.49):.12f}")
print(f"at x = 6: the series {series(6.0):.3g}, math.erf {math.erf(6.0)}")
try:
    bl.grad(lambda x: x * math.erf(x))(0.7)
except bl.LabError as error:
    print(textwrap.fill(str(error), 72))

# %% [markdown]
# AD goes through Python code without being taught. But it differentiates the *series*, which is useless at x = 6, and a
# library does not compute erf like that. The library's own function is a **black box**: it takes a plain number and
# gives one back. That is the wall, and the end of the sentence is the door: a rule.
#
# ## Predict
#
# You need not look into a black box. It is enough to say how it passes movements on. There are two ways to say it:
#
# * the **pushforward** (JVP, ChainRules' `frule`): from the tangents of the inputs to the tangent of the result;
# * the **pullback** (VJP, `rrule`): from the adjoint of the result to the adjoints of the inputs.
#
# The length of an arrow is c = √(a² + b²). Its local partials are a/c and b/c. At a = 3, b = 4, which tangent of c does
# the pushforward make of the tangents 1 and 2? And which adjoints of a and b does the pullback make of the adjoint 10?
# Type three numbers.


# %%
def length(a, b):
    return math.hypot(a, b)  # compiled


a, b, c = 3, 4, length(3, 4)
bl.guess((..., ..., ...), ((a * 1 + b * 2) / c, 10 * a / c, 10 * b / c))


# %%
def length_jvp(primals, tangents):
    (a, b), (a_dot, b_dot) = primals, tangents
    return length(a, b), (a * a_dot + b * b_dot) / length(a, b)


def length_vjp(a, b):
    return length(a, b), lambda bar: (bar * a / length(a, b), bar * b / length(a, b))


arrow = bl.custom(length, jvp=length_jvp, vjp=length_vjp)
print("pushforward of (1, 2):", bl.jvp(arrow, (3.0, 4.0), (1.0, 2.0))[1])
print("pullback of 10:       ", bl.vjp(arrow, 3.0, 4.0)[1](10.0))

# %% [markdown]
# Each rule returns the value first, and then what it makes of the movement. One of the two is enough: `bl.custom` makes
# the other one from it, with one call for each number. In PyTorch a `torch.autograd.Function` has the methods `forward`
# for the value, `backward` for the pullback and `jvp` for the pushforward.
#
# ## Look
#
# In the graph a black box is **one** node. Be the sweep. Where it reaches c, you are the pullback. The cell after that
# asks the differences. Do so after each new rule: the lab takes what a rule says, and nobody checks it but you.


# %%
def moment(a, b):
    c = arrow(a, b)
    F = c * a
    return F


bl.step(moment, a=8, b=6, predict="sweep")

# %%
print(bl.adjoint_sweep(bl.trace(moment, a=8, b=6)))
print(bl.check_grad(moment, 8.0, 6.0, order=1))

# %%
# exercise: rules.2

# %% [markdown]
# ## Explain: the derivative of a solver
#
# Many black boxes are loops. Newton's method finds u with u² = a: it repeats until nothing changes. Whatever happens in
# the loop, the result fulfils an equation, g(u, a) = u² − a = 0. When a moves, u moves so that g **stays 0**:
#
# ∂g/∂u · du + ∂g/∂a · da = 0, so du/da = −(∂g/∂a) / (∂g/∂u).
#
# That is the **implicit function theorem**. How fast does u move with a, at a = 9?

# %%
a, u = 9, 3
bl.guess(..., 1 / (2 * u))


# %%
def newton(a, start=1.0):
    u = start
    while abs(u * u - a) > 1e-12:
        u = u - (u * u - a) / (2 * u)
    return u


def root_vjp(a):
    u = newton(a)
    return u, lambda bar: bar / (2 * u)


# %%
# A sweep through the loop has every step on its tape. How many nodes has the graph with the rule, its input included?
root = bl.custom(newton, vjp=root_vjp)
bl.guess(..., len(bl.trace(root, a=9.0)))

# %%
def steps(a, k):
    u = 1.0
    for _ in range(k):
        u = u - (u * u - a) / (2 * u)
    return u


print(f"through the loop: {bl.grad(newton)(9.0):.12f}   {len(bl.trace(newton, a=9.0))} nodes")
print(f"by the rule:      {bl.grad(root)(9.0):.12f}   {len(bl.trace(root, a=9.0))} nodes")
for k in range(1, 6):
    u, slope = bl.value_and_grad(lambda a, k=k: steps(a, k), argnums=0)(9.0)
    print(f"{k} steps: u off by {u - 3:.0e}, slope {slope - 1 / 6:.0e}, by the rule {1 / (2 * u) - 1 / 6:.0e}")

# %% [markdown]
# Both are right, and the rule does not care how long the loop was. Where the loop is stopped early, both are off, and
# the sweep through the steps is off by more: while u gets better from step to step, its slope lags behind.

# %%
# exercise: rules.1

# %% [markdown]
# ## Explain: an eigenvalue
#
# Eigenvalues come out of LAPACK, which is compiled too. Let A be symmetric, and A q = λ q with q of length 1. When A
# moves a little, so does q, but at a right angle to itself, and that makes no difference for λ: **dλ = qᵀ dA q**. For
# A = [[2, 1], [1, 2]] the largest λ is 3, with q = (1, 1)/√2. The entry A[0, 0] grows by a thousandth. By how many
# thousandths does λ grow?

# %%
q = np.array([1, 1]) / math.sqrt(2)
bl.guess(..., q[0] * 1 * q[0])


# %%
def largest(A):  # eigh looks at one half of a matrix only, so A and its transpose are mixed before
    return np.linalg.eigh((A + A.T) / 2)[0][-1]


def largest_vjp(A):
    values, vectors = np.linalg.eigh((A + A.T) / 2)
    q = vectors[:, -1]
    return values[-1], lambda bar: bar * np.outer(q, q)  # all products q[i] · q[j], in A's shape


# %%
A, top = np.array([[2.0, 1.0], [1.0, 2.0]]), bl.custom(largest, vjp=largest_vjp)
print(f"moved: {(largest(A + np.diag([0.001, 0])) - largest(A)) / 0.001:.4f}")
print("rule: ", bl.grad(top)(A).round(12).tolist())
print("table:", bl.grad(lambda A: np.linalg.eigvalsh(A)[-1])(A).round(12).tolist(), "which has this rule already")
print(bl.check_grad(top, A, order=1))

# %%
# exercise: rules.4

# %% [markdown]
# ## Break it
#
# Three ways to get it wrong. **One**: bisection finds √9 between 0 and 9. It asks on which side the root lies, and
# halves. The value is right to the last digit. What does a sweep through this loop say? (On this run, every number is a
# fixed part of a.)


# %%
def bisection(a):
    low, high = 0.0 * a, a
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if middle * middle < a else (low, middle)
    return middle


bl.guess(..., bisection(9) / 9)

# %%
print("bisection:", bisection(9.0), " its sweep:", bl.grad(bisection)(9.0), " right:", 1 / 6)
found = bl.custom(bisection, vjp=root_vjp)
print("with the rule:", bl.grad(found)(9.0))

# %% [markdown]
# The root is 9 · (1/3), so the sweep says 1/3. It is right about the run and knows nothing of the branches that would
# have gone the other way. **Two**: Newton's method started at the root itself, `newton(9.0, start=3.0)`. What does a
# sweep find? (**Three** is for you to find: below is one step of Newton's method, in a sweep with a broken rule.)


# %%
bl.guess(..., bl.grad(lambda a: newton(a, start=3.0))(9.0))

# %%
print("start at the root:", bl.grad(lambda a: newton(a, start=3.0))(9.0))
bl.step(lambda a, u: (u + a / u) / 2, a=6, u=2, mystery=bl.seed() + " 17")

# %% [markdown]
# ## Your own function
#
# A sensor was measured at four places; in between, NumPy draws straight lines. Change the table, or write a rule for
# another black box, and check it away from the corners.


# %%
place, height = np.array([0.0, 1.0, 2.0, 4.0]), np.array([0.0, 3.0, 4.0, 4.5])


def sensor_vjp(x):
    k = np.searchsorted(place, x) - 1
    slope = (height[k + 1] - height[k]) / (place[k + 1] - place[k])
    return float(np.interp(x, place, height)), lambda bar: bar * slope


sensor = bl.custom(lambda x: float(np.interp(x, place, height)), vjp=sensor_vjp)
print(bl.check_grad(lambda x: sensor(x) ** 2, 1.5, order=1))

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 1, 2 and 4 are in the text.

# %%
# exercise: rules.3

# %%
# exercise: rules.5

# %%
# exercise: rules.6

# %%
bl.progress("rules")

# %% [markdown]
# ## Next
#
# Each operation in a training run has such a rule, and somebody wrote and checked it once. Some are wrong on purpose: a
# net with rounded weights is trained with the rule that rounding passes everything on, because its true slope is 0.
#
# In [`18_complex_numbers`](18_complex_numbers.ipynb) a number has two parts, and a function two partials.
#
# **Sources.** Alan Edelman and Steven G. Johnson, MIT 18.S096 *Matrix Calculus* (IAP 2023), lecture 8: pushforward and
# pullback, functions that AD cannot look into, dλ = qᵀ dA q. The names frule and rrule are those of ChainRules, for
# Julia. The gelu is by Dan Hendrycks and Kevin Gimpel, *Gaussian Error Linear Units* (2016).
#
# **Learn more.** Andreas Griewank and Andrea Walther, *Evaluating Derivatives* (2008), chapter 15, on loops that
# converge. Yoshua Bengio, Nicholas Léonard and Aaron Courville, *Estimating or Propagating Gradients Through Stochastic
# Neurons for Conditional Computation* (2013): the rule that is wrong on purpose.
