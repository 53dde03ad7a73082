# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 8 Build your own engine
#
# Two crescents of points in the plane, and a net that should tell them apart. How does it learn that? At the end of
# this lesson a net does, and every derivative it needs comes from **your** code: about 60 lines of Python, a complete
# reverse-mode engine. You write it in five steps, and each step is checked.
#
# Put your name into the third code cell. The reading takes half an hour. Give your engine an hour of its own, in a
# second sitting if you like.

# %% tags=["setup"]
# setup
import numpy as np

import backprop_lab as bl

# %% tags=["setup"]
bl.seed("your name")

# %% [markdown]
# ## Use it
#
# The class that you are going to build is called `Value`. It stands for a number, computes like one, and remembers what
# it was made from. Below is what your engine must find on the three examples of the lectures. First be the engine once
# more yourself, at numbers of your own.
#
# ## Predict
#
# Say whose turn it is, and with which number.

# %%
edelman = bl.examples["edelman"]
edelman.step(**bl.separating_inputs(edelman.function, bl.seed(), unlike=edelman.inputs, high=12), predict="sweep")

# %%
for name in ("edelman", "strang", "olah"):
    example = bl.examples[name]
    print(f"{name:8}", bl.value_and_grad(example.function)(*example.inputs.values()))

# %% [markdown]
# ## Look: what has to be remembered
#
# In `v2 = v1 * y` with v1 = 6 and y = 5, which two numbers must v2 remember for the way back, one for v1 and one for y?

# %%
bl.guess((..., ...), edelman.trace()["v2"].partials)

# %%
graph = bl.examples["edelman"].trace()
for node in graph.nodes:
    print(f"{node.label:3} = {node.value:3g}   {[p.label for p in node.parents]!s:13} {list(node.partials)}")

# %% [markdown]
# This is what the lab remembers of the function: for each node its operands, and the local partial for each. Your
# `Value` keeps the same three things: its number, its parents, and one partial for each parent.
#
# ## Explain: the sweep is one loop
#
# Go through that table from the last line to the first. Each node sends to each of its parents its own adjoint times
# the partial, and the parents add up what arrives. Which node sends first?

# %%
bl.guess(..., graph.outputs[0].label)

# %%
adjoint = dict.fromkeys(graph.names, 0.0)
adjoint[graph.outputs[0].name] = 1.0
for node in reversed(graph.nodes):
    for parent, partial in zip(node.parents, node.partials, strict=True):
        adjoint[parent.name] += adjoint[node.name] * partial
print(adjoint["x"], adjoint["y"])

# %% [markdown]
# ## Break it
#
# Why must adjoints **begin at 0** each time? x should hold 14. Run the loop above once more without its first line,
# with the second one kept, and it holds something else. One rule of the following sweep is broken in another way:
# which?

# %%
edelman.step(mystery=bl.seed() + " 8")

# %% [markdown]
# Why in this **order**? Because a node must not pass its adjoint on before everything has arrived. u = xy, and then
# u + u, at x = 3, y = 7. If u passes on what it has at each arrival, as recursion does, what does x get? (Below it
# comes for y = 5.)

# %%
doubled = bl.trace(lambda x, y: (lambda u: u + u)(x * y), x=3, y=5)
bl.guess(..., bl.wrong_turns(doubled.replay(y=7))["passes on at each arrival"]["x"])

# %%
for name in ("used before complete", "passes on at each arrival"):
    print(name, bl.wrong_turns(doubled)[name]["x"], "instead of", bl.adjoint_sweep(doubled).result["x"])

# %% [markdown]
# ## Exercises: build it
#
# Five steps. From the third on you write `class Value(Value):`, which extends your class in place: only the new method
# is to be written.

# %%
# exercise: engine.1

# %%
# exercise: engine.2

# %%
# exercise: engine.3

# %% [markdown]
# Why a loop, and **no recursion**? Python stops at a depth of about a thousand, and programs have loops.


# %%
def long_loop(x):
    for _ in range(20_000):
        x = x * 1.0001
    return x


print(bl.grad(long_loop)(1.0), 1.0001**20_000)

# %%
# exercise: engine.4

# %%
# exercise: engine.5

# %%
bl.progress("engine")

# %% [markdown]
# ## Train it: two moons
#
# Forty points in two crescents, with the labels 1 and −1. The net has six units. Each takes its own mixture of the two
# coordinates, cuts it off at 0, and is counted with a weight of its own; then comes one number more. How many weights
# does the net have, with three in each unit's mixture?

# %%
units, mixture = 6, 3
bl.guess(..., units * (mixture + 1) + 1)

# %% tags=["demo"]
random = np.random.default_rng(3)
turn, label = random.uniform(0, np.pi, 40), np.where(np.arange(40) % 2, 1.0, -1.0)
x = np.where(label > 0, 1 - np.cos(turn), np.cos(turn)) + random.normal(0, 0.1, 40)
y = np.where(label > 0, 0.5 - np.sin(turn), np.sin(turn)) + random.normal(0, 0.1, 40)
moons = list(zip(x.tolist(), y.tolist(), label.tolist(), strict=True))
start = np.random.default_rng(1).normal(size=25).tolist()

# %% [markdown]
# Your engine needs no new rule: relu is an ordinary `if`, because a program is traced as it runs. The loss is 0 for a
# point whose score is on the right side by 1 or more. Else it is the square of what is missing. A point with label −1
# has the score 0.5: what is missing?

# %%
wanted, found = -1, 0.5
bl.guess(..., 1 - wanted * found)


# %% tags=["demo"]
def relu(v):
    return v if v.data > 0 else v * 0.0


def score(w, x, y):
    total = w[24]
    for k in range(0, 24, 4):
        total = total + w[k + 3] * relu(w[k] * x + w[k + 1] * y + w[k + 2])
    return total


# %%
# One step downhill: w has the adjoint −3 and the step size is 0.2. By how much does w change?
slope, rate = -3, 0.2
bl.guess(..., -rate * slope)

# %% tags=["demo"]
Number = Value if bl.check("engine.5", Value).passed else bl.exercises["engine.5"].model_answer()
w, losses = [Number(v) for v in start], []
for _ in range(120):
    loss = 0.0
    for a, b, sign in moons:
        missing = relu(1.0 - sign * score(w, a, b))
        loss = loss + missing * missing * (1 / len(moons))
    loss.backward()
    losses.append(loss.data)
    for v in w:
        v.data = v.data - 0.2 * v.grad

# %% tags=["demo"]
try:
    import torch
except ImportError:
    torch = None
bl.plots.boundary(lambda a, b: score(w, a, b).data, np.column_stack([x, y]), label, losses)

# %%
# exercise: engine.6

# %%
# PyTorch's `J.backward()` adds to what is in `.grad`. After three times, with no step and no zero_grad between, how
# many times too large is each gradient?
kept = 0
for _ in range(3):
    kept += 1
bl.guess(..., kept)

# %% [markdown]
# That was `Value`: yours, if it passes step 5, else the lab's stands in until it does. The same ten lines in PyTorch
# follow, from the same start, so the loss at the end is the same; they run where it is installed. One line has no
# counterpart in yours, `optimizer.zero_grad()`: your `backward` begins with 0, and PyTorch's **adds** to what is there,
# so that several batches can share one step.
#
# Change something in your training: a rate of 0.02, or of 2; another start; a smooth unit, `v * v`, in place of the
# cut-off. When does the loss crawl, when does it jump, and what becomes of the line?

# %% tags=["demo"]
if torch is not None:
    (x, y, sign), v = torch.tensor(moons).T, torch.tensor(start, requires_grad=True)
    optimizer = torch.optim.SGD([v], lr=0.2)
    for _ in range(120):
        optimizer.zero_grad()
        across, up, more, weight = v[:24].reshape(6, 4).T
        scores = torch.relu(torch.outer(x, across) + torch.outer(y, up) + more) @ weight + v[24]
        J = torch.relu(1 - sign * scores).square().mean()
        J.backward()
        optimizer.step()
    print("loss at the end:", round(J.item(), 4), "  by Value:", round(losses[-1], 4))

# %% [markdown]
# ## Next: what the lab's engine does beyond yours
#
# It is faster, because it writes records on a tape instead of making linked objects. It takes NumPy's arrays: one node
# for a whole layer. And it can write a whole sweep down as a plain program, without any engine in it.
#
# It can also look into yours: `bl.from_values(z)` reads the graph that your objects made and steps through it, your
# gradients beside its own. Where one is wrong, `compare` says which is the first, and what mistake gives all of them.

# %% tags=["demo"]
W, x = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, -1.0])
print(bl.grad(lambda W: np.sum(np.tanh(W @ x)))(W), end="\n\n")
print(bl.compile(bl.examples["edelman"].function, 3.0, 5.0).source)
x, y = Number(3.0), Number(5.0)
z = 2 * x * y + (x - 1) * (x - 1)
z.backward()
read = bl.from_values(z)
print(read.compare())
bl.step(read)

# %% [markdown]
# A plain program, the right multiplications in the right order: that is what backpropagation amounts to. A training run
# is your loop, with larger layers and more steps. In [`09_layers_and_shapes`](09_layers_and_shapes.ipynb) a node holds
# a whole layer.
#
# **Sources.** The idea of a small engine as a lesson, and of two moons for it, is Andrej Karpathy's, *micrograd*
# (2020). The examples are by Alan Edelman and Steven G. Johnson, MIT 18.S096 (IAP 2023), lecture 8, part 2, Gilbert
# Strang, MIT 18.065 (2018), lecture 27, and Christopher Olah (2015).
#
# **Learn more.** Read [micrograd](https://github.com/karpathy/micrograd) beside your engine, and this lab's
# `backprop_lab/derivatives/passes.py` beside both.
