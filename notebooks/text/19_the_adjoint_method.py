# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 19 The adjoint method
#
# A net of 1,000 wires carries a current. How would the voltage at one knot change if this wire were a little thicker,
# or that one? One could try them all: 1,000 wires, 1,000 experiments. An engineer makes **two** and knows the answer
# for every wire. What is the second one?
#
# Weather forecasts, wings of aeroplanes and nets with layers that solve equations get their gradients in this way. Put
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
# The smallest net: ground — wire 1 — knot 1 — wire 2 — knot 2. A current of 1 goes in at knot 2 and leaves at the
# ground. Wire k conducts with p[k], and the voltage over it is the current through it divided by p[k]. The wires
# conduct with 2 and 4, and the ground has voltage 0. Which voltages do the knots 1 and 2 have?

# %%
wires = np.array([[1.0, 0.0], [-1.0, 1.0]])  # a row for each wire: wires @ u are the voltages over them
current, p = np.array([0.0, 1.0]), np.array([2.0, 4.0])
bl.guess((..., ...), (1 / p[0], 1 / p[0] + 1 / p[1]))


# %%
def voltages(p):
    A = wires.T @ (p[:, None] * wires)  # what flows out of each knot is A @ u
    return np.linalg.solve(A, current)


print("A =", (wires.T @ np.diag(p) @ wires).tolist(), "  u =", voltages(p))

# %% [markdown]
# So the voltages u solve an equation, **A(p) u = b**, and we look at one number made of them, g(u). Here g is the
# voltage of knot 1, 1/p[0]. What is the gradient of g, with respect to p[0] and p[1]?

# %%
bl.guess((..., ...), (-1 / p[0] ** 2, 0 * p[1]))

# %%
print("gradient:      ", bl.grad(lambda p: voltages(p)[0])(p).round(9) + 0.0)
print("by differences:", np.round(bl.numerical_grad(lambda p: voltages(p)[0], p), 6) + 0.0)

# %% [markdown]
# ## Predict
#
# Where does the sweep get this from? Take a system that can be solved by hand, one equation after the other: p·u = 6,
# then u + q·v = 8, and g = u · v. Be the sweep.


# %%
def program(p, q):
    u = 6 / p
    v = (8 - u) / q
    g = u * v
    return g


bl.step(program, p=3, q=2, predict="sweep")

# %% [markdown]
# ## Look
#
# You went from the last equation back to the first. That is how one solves a system too, with the **transposed**
# matrix. In matrix form:
#
# A = [[p, 0], [1, q]], u = [2, 3], and g starts the sweep with its own partials, ∂g/∂u = [3, 2]. Solve Aᵀ λ = [3, 2].

# %%
A, u, by_u = np.array([[3.0, 0.0], [1.0, 2.0]]), np.array([2.0, 3.0]), np.array([3.0, 2.0])
bl.guess((..., ...), np.linalg.solve(A.T, by_u))

# %%
lam = np.linalg.solve(A.T, by_u)
print("λ =", lam, "  −λ · u, entry by entry:", -lam * u, "  the sweep:", bl.grad(program)(3.0, 2.0))
print(bl.primitives["solve"].rule)

# %%
# exercise: adjoint.1

# %% [markdown]
# ## Explain: one solve for all
#
# λ is what arrived at the two right sides, 6 and 8. It is the **adjoint** solution, and the method has its name from
# it. Why does it give all derivatives? When a parameter moves, A moves by dA, and A u = b has to stay true: dA u + A du
# = 0. So
#
# dg = g′ · du = − g′ · A⁻¹ · (dA u)
#
# with g′ = ∂g/∂u, a row. Three factors, and two orders, as with all products of matrices (lesson 6). From the right:
# A⁻¹ · (dA u), a solve for each parameter. From the left: λᵀ = g′ · A⁻¹ first, **one** solve, and it serves all
# parameters, because none of them is in it. Then dg = −λᵀ dA u.
#
# How many solves does each order take for 1,000 parameters? Count the one for u as well. Type two numbers.

# %%
many = 1000
bl.guess((..., ...), (1 + many, 1 + 1))

# %%
# exercise: adjoint.2

# %% [markdown]
# Now a large net: 15 by 35 knots, and 1,000 wires between neighbours. The current goes in at the lower right corner and
# leaves at the upper left. We look at the voltage of one knot in between.
#
# A = Bᵀ P B, with the conductances p on the diagonal of P. So dg = −λᵀ dA u = −(B λ)ᵀ dP (B u): each wire has a
# derivative of its own, **minus the voltage over it in u, times the voltage over it in λ**. And λ solves the same net
# (A is its own transpose) with the current put in at the knot that we look at: that is the second experiment.
#
# Over some wire there are 0.5 volts in the first experiment and −0.125 in the second. What is its derivative?

# %%
first_volts, second_volts = 0.5, -0.125
bl.guess(..., -first_volts * second_volts)


# %%
knot = np.arange(15 * 35).reshape(15, 35)
side, down = (knot[:, :-1], knot[:, 1:]), (knot[:-1], knot[1:])
first, second = (np.concatenate([side[k].ravel(), down[k].ravel()]) for k in (0, 1))
each = np.eye(15 * 35)
B = (each[second] - each[first])[:, 1:]  # knot 0 is the ground, and has voltage 0
b, look = each[knot[-1, -1], 1:], each[knot[3, 25], 1:]
p = np.random.default_rng(0).uniform(0.5, 2.0, len(B))

# %%
def solve(A, right):
    counted.append(1 if right.ndim == 1 else right.shape[1])  # each column on the right is one solve
    return np.linalg.solve(A, right)


counted = []
A = B.T @ (p[:, None] * B)
u = solve(A, b)
lam = solve(A.T, look)
by_adjoint = -(B @ lam) * (B @ u)
print("the adjoint method:", sum(counted), "solves for", len(by_adjoint), "derivatives")

# %%
# By central differences, each wire's p is moved alone, ahead and behind. How many solves would that be?
bl.guess(..., 2 * len(p))


# %%
def voltage(p):
    return np.dot(look, np.linalg.solve(B.T @ (p[:, None] * B), b))


counted.clear()
by_forward = look @ solve(A, np.column_stack([b, -B.T * (B @ u)]))[:, 1:]  # u once more, and a column for each wire
h, d = 1e-4, np.random.default_rng(1).normal(size=len(p))  # all wires at once, in a random direction
print("wire after wire:", sum(counted), "solves; the same:", np.allclose(by_forward, by_adjoint))
print(f"differences: {(voltage(p + h * d) - voltage(p - h * d)) / (2 * h):.6f}, adjoint: {by_adjoint @ d:.6f}")
print("bl.grad, through np.linalg.solve: the same:", np.allclose(bl.grad(voltage)(p), by_adjoint))

# %%
# What if g is the power that the net takes, b · u? Its partials are b. How many solves in all, u included, will do?
by_power = -(B @ u) * (B @ u)
bl.guess(..., 1 if np.allclose(bl.grad(lambda p: b @ np.linalg.solve(B.T @ (p[:, None] * B), b))(p), by_power) else 2)

# %%
matters = (np.abs(each[first]) + np.abs(each[second])).T @ np.abs(by_adjoint)  # at each knot, its wires together
pictures = {"voltages u": np.append(0, u), "second experiment, λ": np.append(0, lam)}
pictures["what wires matter, log10"] = np.log10(matters)
bl.plots.fields({name: x.reshape(15, 35) for name, x in pictures.items()})

# %% [markdown]
# The ground is at the upper left, where the voltages are 0. What matters are the wires over which **both** experiments
# have a voltage: most at the ground, which both currents go to, and least in the two corners that both pass by. For the
# power, λ is u itself, so the first solve is all: each wire's derivative is minus the square of its voltage.
#
# ## Break it
#
# Somebody forgets the transpose and solves A λ = g′. For the nets above nobody notices, because A is its own transpose.
# Take a system by hand, A = [[5, 0], [1, 2]], u = [2, 3], g′ = [3, 2]. What comes out for −λ · u, entry by entry?

# %%
by_hand = np.array([[5.0, 0.0], [1.0, 2.0]])
bl.guess((..., ...), -np.linalg.solve(by_hand, by_u) * np.array([2.0, 3.0]))

# %%
print("without the transpose:", -np.linalg.solve(by_hand, by_u) * np.array([2.0, 3.0]))
print("with it:              ", -np.linalg.solve(by_hand.T, by_u) * np.array([2.0, 3.0]))
bl.step(program, p=3, q=2, mystery=bl.seed() + " 19")

# %% [markdown]
# In the player another rule is broken: which?
#
# ## Your own function
#
# Look at another knot, put the current in elsewhere, or make the best wire twice as good. Does the voltage change as
# much as its derivative says? And which wire would you replace if the power is to fall?

# %%
best = np.argmax(np.abs(by_adjoint))
better = p.copy()
better[best] *= 1.1
print(f"wire {best}, between the knots {first[best]} and {second[best]}: derivative {by_adjoint[best]:.4f}")
print(f"says {by_adjoint[best] * 0.1 * p[best]:.5f}, and the voltage moves by {voltage(better) - voltage(p):.5f}")

# %% [markdown]
# ## Exercises
#
# The numbers are yours. Exercises 1 and 2 are in the text. PyTorch's line for all of this is
# `torch.linalg.solve(A, b)`: after `g.backward()`, `p.grad` holds what the adjoint method gives.

# %%
# exercise: adjoint.3

# %%
# exercise: adjoint.4

# %%
# exercise: adjoint.5

# %%
bl.progress("adjoint")

# %% [markdown]
# ## Next
#
# Equations that are not linear, f(u, p) = 0, need nothing new: A is ∂f/∂u then, as in
# [`17_your_own_rules`](17_your_own_rules.ipynb), and one more *linear* solve gives all derivatives.
#
# Backpropagation is the adjoint method for a system that is triangular, because each node needs earlier ones only: one
# pass forward, one pass back, however many weights there are. That is a training run.
#
# The last lesson, [`20_step_a_gpt`](20_step_a_gpt.ipynb), follows one step of it through a whole GPT.
#
# **Sources.** Gilbert Strang, MIT 18.065 (2018), lecture 27 and book, section VII.3, whose third example is the adjoint
# method. Alan Edelman and Steven G. Johnson, MIT 18.S096 *Matrix Calculus* (IAP 2023), on the order of the factors.
#
# **Learn more.** Steven G. Johnson, *Notes on Adjoint Methods for 18.335* (2006), in a few pages. Michael Giles and
# Niles Pierce, *An Introduction to the Adjoint Approach to Design* (2000): wings. Ricky Chen and others, *Neural
# Ordinary Differential Equations* (2018): nets.
