"""What the lessons say of PyTorch is so, where it is installed: the lines that they quote are run.

PyTorch is no dependency. Where some environment has it beside the lab's own, `python -m pytest` of that one runs these.
"""

import re
import warnings

import numpy as np
import pytest
from support.places import ROOT

import backprop_lab as bl

torch = pytest.importorskip("torch", reason="PyTorch is not installed here")


def text_of(lesson):
    (path,) = (ROOT / "notebooks/text").glob(f"{lesson}_*.py")
    return re.sub(r"\n# ", " ", path.read_text("utf-8"))


def quoted(lesson, line):
    """The line, which the lesson has in backticks or in a cell."""
    assert line in text_of(lesson), f"lesson {lesson} does not quote {line}"
    return line


def run(lesson, line, **names):
    """What the line gives, with these names."""
    return eval(quoted(lesson, line), {"torch": torch} | names)


def leaf(x):
    return torch.tensor(x, dtype=torch.double, requires_grad=True)


def strang(x, y):
    return x**3 * (x + 3 * y)


def test_backward_fills_grad_and_adds():
    x, y = leaf(2.0), leaf(3.0)
    F = strang(x, y)
    for lesson, line in (("00", "F.backward()"), ("03", "F.backward()"), ("05", "loss.backward()")):
        quoted(lesson, line)
    F.backward(retain_graph=True)
    assert (x.grad.item(), y.grad.item()) == (140, 24)
    F.backward()
    assert x.grad.item() == 280, quoted("03", "optimizer.zero_grad()")
    with pytest.raises(RuntimeError, match="second time"):
        F.backward()
    assert quoted("03", "retain_graph=True") and quoted("04", "x.grad")
    u = (x := leaf(3.0)) * 5
    (u + u).backward()
    assert x.grad.item() == 10


def test_the_graph_is_kept_unless_told_otherwise():
    x, y = leaf(3.0), leaf(5.0)
    assert "Add" in run("01", "z.grad_fn", z=torch.sin(x) / y + x).name()
    assert quoted("01", "with torch.no_grad():")
    with torch.no_grad():
        assert (x * y).grad_fn is None


def test_products_with_the_jacobian():
    names = {"x": 2.0, "y": 3.0, "one": 1.0, "zero": 0.0}
    tensors = {name: torch.tensor(x, dtype=torch.double) for name, x in names.items()}
    with warnings.catch_warnings():  # PyTorch warns of itself
        warnings.simplefilter("ignore")
        both = run("02", "torch.func.jvp(strang, (x, y), (one, zero))", strang=strang, **tensors)
    assert [t.item() for t in both] == [88, 140]
    names = {"f": lambda x: x * x, "x": torch.tensor([1.0, 2.0]), "v": torch.tensor([1.0, 10.0])}
    assert run("06", "torch.autograd.functional.vjp(f, x, v)", **names)[1].tolist() == [2, 40]
    assert torch.autograd.functional.jvp(*names.values())[1].tolist() == [2, 40], quoted("06", "and `jvp`")


class Ratio(torch.autograd.Function):
    """As the lessons write a rule of one's own; `sign` is the minus that is forgotten."""

    sign = -1

    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a / b

    @staticmethod
    def backward(ctx, bar):
        a, b = ctx.saved_tensors
        return bar / b, Ratio.sign * bar * a / b**2


def test_the_gradient_check_and_a_module(monkeypatch):
    names = {"own": Ratio.apply, "a": leaf(3.0), "b": leaf(2.0)}
    assert run("07", "torch.autograd.gradcheck(own, (a, b))", **names)
    monkeypatch.setattr(Ratio, "sign", 1)
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        run("07", "torch.autograd.gradcheck(own, (a, b))", **names)
    for line in ("torch.autograd.Function", "forward(ctx, u)", "backward(ctx, bar)", "ctx.save_for_backward(u)"):
        quoted("10", line)
    W = torch.ones(2, 3, requires_grad=True)
    (W @ torch.ones(3)).sum().backward()
    assert W.grad.shape == W.shape, quoted("09", "W.grad")


def test_a_checkpoint():
    import torch.utils.checkpoint

    W = torch.eye(3, requires_grad=True)
    names = {"segment": lambda a: torch.tanh(W @ a), "a": torch.ones(3)}
    run("10", "torch.utils.checkpoint.checkpoint(segment, a, use_reentrant=False)", **names).sum().backward()
    assert np.allclose(W.grad, np.full((3, 3), 1 - np.tanh(1.0) ** 2))


def test_the_same_ten_lines_train_the_same_net():
    """Lesson 8: from the same start PyTorch's loss ends where that of `Value` does."""
    cells = re.split(r"\n# %%.*\n", (ROOT / "notebooks/text/08_build_your_own_engine.py").read_text("utf-8"))
    names = {"np": np, "bl": bl, "torch": torch, "Value": bl.exercises["engine.5"].model_answer("")}
    for begins in ("random = ", "def relu", "Number = ", "if torch is not None"):
        (cell,) = (cell for cell in cells if cell.startswith(begins))
        exec(cell, names)
    assert names["J"].item() == pytest.approx(names["losses"][-1], rel=1e-4) and names["losses"][-1] < 0.2
