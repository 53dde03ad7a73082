# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 18 Complex numbers
#
# Radios, scanners and quantum computers are described by complex numbers, and some nets have complex weights. Ask two
# libraries for the gradient of the same real function at the same complex number. JAX and PyTorch give two different
# answers: the imaginary parts have opposite signs. Both libraries are tested every day. Which one is right?
#
# Put your name into the third code cell: it decides which numbers you get. It takes about 45 minutes. (Python writes
# 3 + 4i as `3 + 4j`.)

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% tags=["setup"]
bl.seed("your name")

# %% [markdown]
# ## Use it
#
# f(z) = |z|², the squared length of z, is x² + y² for z = x + iy. At z = 3 + 4i: let the real part grow by a
# thousandth. By how many thousandths does f grow, about? And if the imaginary part grows by a thousandth? Type two
# numbers.


# %%
def size(z):
    return np.abs(z) ** 2


x, y = 3, 4
bl.guess((..., ...), (2 * x, 2 * y))

# %%
for name, dz in (("real", 0.001), ("imaginary", 0.001j)):
    print(f"the {name} part moves: f grows by {1000 * (size(3 + 4j + dz) - size(3 + 4j)):.3f} thousandths")

# %% [markdown]
# ## Predict
#
# A complex number is a pair of real ones, and nothing is new. Here is f = |z²|² in pairs: z² = u + iv with u = x² − y²
# and v = 2xy. Be the sweep at x = 3, y = 1.


# %%
def pair(x, y):
    u = x**2 - y**2
    v = 2 * x * y
    f = u**2 + v**2
    return f


bl.step(pair, x=3, y=1, predict="sweep")

# %% [markdown]
# The lab takes complex numbers as they are, too. Its gradient puts both derivatives into one complex number,
# **df/dx − i · df/dy**. What does it say for this f at z = 3 + i? Type one complex number.


# %%
def fourth(z):
    return np.abs(z**2) ** 2


bl.guess(..., bl.grad(fourth)(3 + 1j))

# %%
print("in pairs:", bl.grad(pair)(3.0, 1.0), "  as one number:", np.round(bl.grad(fourth)(3 + 1j), 9))

# %% [markdown]
# ## Look: two partials
#
# A warning first. Books write z̄ for the **conjugate** x − iy, and this lab writes z̄ for the **adjoint** of z. In this
# lesson the conjugate is z\*, and a bar is the adjoint as always.
#
# Let w = z\*. Then |z|² = z · w, a product of two factors. At z = 3 + 4i, and with 1 arriving at the product, what does
# it send to z, and what to w? Type two complex numbers.

# %%
z = 3 + 4j
bl.guess((..., ...), (np.conj(z), z))


# %%
def product(z):
    w = np.conj(z)
    f = z * w
    return f


bl.step(product, z=3 + 4j)

# %% [markdown]
# These two numbers are the **Wirtinger partials**: ∂f/∂z, as if z\* stood still, and ∂f/∂z\*, as if z did. Together
# they say how f follows any small step: df = ∂f/∂z · dz + ∂f/∂z\* · dz\*. Here that is z\* dz + z dz\*. Take dz =
# 0.001 (1 + 2i). By how many thousandths does f grow, about?

# %%
dz = 1 + 2j
bl.guess(..., 2 * (np.conj(z) * dz).real)

# %%
by_z, by_conj = bl.wirtinger(product, 3 + 4j)
dz = 0.001 * (1 + 2j)
print("∂f/∂z =", by_z, "  ∂f/∂z* =", by_conj)
print(f"df = {1000 * (by_z * dz + by_conj * np.conj(dz)).real:.3f} thousandths")
print(f"moved: {1000 * (product(3 + 4j + dz) - product(3 + 4j)).real:.3f} thousandths")

# %%
# exercise: complex.1

# %% [markdown]
# ## Explain: functions that know no conjugate
#
# A function made of z alone, without z\*, has ∂f/∂z\* = 0 everywhere. It is called **analytic**, and ∂f/∂z is its
# derivative as you know it: 2z for z². Of the seven functions below, how many are analytic?

# %%
functions = {"z²": lambda z: z**2, "exp z": lambda z: np.exp(z), "1 / z": lambda z: 1 / z}
functions |= {"z*": lambda z: np.conj(z), "Re z": lambda z: np.real(z), "|z|": lambda z: np.abs(z)}
functions |= {"|z|²": lambda z: z * np.conj(z)}
bl.guess(..., sum(bl.wirtinger(f, 3 + 4j)[1] == 0 for f in functions.values()))

# %%
print("         ∂f/∂z              ∂f/∂z*")
for name, f in functions.items():
    print(f"{name:6}", *(f"{partial:18.3f}" for partial in bl.wirtinger(f, 3 + 4j)))

# %% [markdown]
# Look at the last three rows, where f is real: there the second partial is the conjugate of the first. So df is the sum
# of a number and its conjugate, **twice the real part**:
#
# df = 2 Re(∂f/∂z · dz) for real f.
#
# The lab's gradient is g = 2 ∂f/∂z, so that df = Re(g · dz). It is what JAX gives. PyTorch gives the conjugate,
# 2 ∂f/∂z\*: after `f.backward()`, `z.grad` is a *direction*, the one in which f grows fastest. What does PyTorch say
# for |z|² at 3 + 4i?

# %%
bl.guess(..., np.conj(bl.grad(size)(3 + 4j)))

# %% [markdown]
# So both are right: one says what to multiply dz by, the other where to go. Downhill is dz = −η g\*, for then df =
# Re(−η g g\*) = −η |g|². With JAX and with the lab you take the conjugate, with PyTorch it is in `z.grad` already. One
# step from 3 + 4i on |z|² with η = 0.1: where do you arrive?

# %%
bl.guess(..., 3 + 4j - 0.1 * np.conj(bl.grad(size)(3 + 4j)))


# %%
def walk(f, z, rate, steps, direction=np.conj):
    path = [z]
    for _ in range(steps):
        z = z - rate * direction(bl.grad(f)(z))
        path.append(z)
    return path


print("PyTorch's gradient:", np.conj(bl.grad(size)(3 + 4j)), "  a step:", walk(size, 3 + 4j, 0.1, 1)[-1])

# %%
# exercise: complex.2

# %% [markdown]
# ## Break it
#
# Somebody moves a program from PyTorch to JAX and does not take the conjugate: z − 0.1 · g from 5 − 3i on |z|². Where
# does the step lead?

# %%
bl.guess(..., 5 - 3j - 0.1 * bl.grad(size)(5 - 3j))


# %%
def well(z):
    return np.abs(z**2 + 1) ** 2  # 0 where z² = −1


print("|z|² with the conjugate:   ", *(f"{size(z):6.1f}" for z in walk(size, 3 + 4j, 0.1, 6)))
print("|z|² without the conjugate:", *(f"{size(z):6.1f}" for z in walk(size, 3 + 4j, 0.1, 6, lambda g: g)))
paths = {"z − η g*": walk(well, 1 + 0.5j, 0.05, 40), "z − η g": walk(well, 1 + 0.5j, 0.05, 40, lambda g: g)}
bl.plots.plane(well, paths, title="|z² + 1|²")

# %% [markdown]
# Without the conjugate one goes down along the real axis and **up** along the imaginary one. On |z|² that diverges. On
# |z² + 1|² it looks well-behaved and stops at 0, where f is 1 and the gradient is 0: a saddle. No message tells you.
#
# The pairs of real numbers once more, and one rule is broken. Which?

# %%
bl.step(pair, x=3, y=1, mystery=bl.seed() + " 18")

# %% [markdown]
# ## Your own function
#
# A radio hears a signal that was weakened and turned on its way: each number was multiplied by one unknown complex
# number. Descent finds it. Change the noise, the rate, the loss. What if the loss were |w · sent − heard|, without the
# square?

# %%
random = np.random.default_rng(0)
sent = random.choice([1, 1j, -1, -1j], 50)
heard = (0.5 - 0.8j) * sent + 0.05 * (random.normal(size=50) + 1j * random.normal(size=50))


def loss(w):
    return np.mean(np.abs(w * sent - heard) ** 2)


print([complex(np.round(w, 3)) for w in walk(loss, 1 + 0j, 0.2, 20)[::5]])

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 1 and 2 are in the text.

# %%
# exercise: complex.3

# %%
# exercise: complex.4

# %%
# exercise: complex.5

# %%
# exercise: complex.6

# %%
bl.progress("complex")

# %% [markdown]
# ## Next
#
# A training run with complex weights is the run that you know, with one conjugate in the step; whoever trains with such
# weights looks up first which of the two gradients the library gives.
#
# In [`19_the_adjoint_method`](19_the_adjoint_method.ipynb) a net is a net of wires, and one more solve gives all
# derivatives.
#
# **Sources.** Alan Edelman and Steven G. Johnson, MIT 18.S096 *Matrix Calculus* (IAP 2023), lecture 8: complex inputs,
# and df for f = z z̄. The partials are Wilhelm Wirtinger's (1927); engineers call this CR calculus, after Ken
# Kreutz-Delgado, *The Complex Gradient Operator and the CR-Calculus* (2009).
#
# **Learn more.** The documentation of PyTorch, *Autograd for Complex Numbers*, and of JAX, *Complex numbers and
# differentiation*, each explain their choice.
