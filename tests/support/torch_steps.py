"""PyTorch's steps on two surfaces, for the optimisers that it has: what `tests/golden/torch_steps.json` records.

Where PyTorch is installed, `python tests/support/torch_steps.py` writes that file anew; the tests compare with it, and
with PyTorch itself if it can be imported.
"""

import json
import sys
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden" / "torch_steps.json"
STEPS, START = 40, (-1.2, 1.0)


def valley(x, y, exp):
    return (1 - x) ** 2 + 5 * (y - x**2) ** 2


def bumps(x, y, exp):
    return x**2 + 3 * y**2 + 2 * exp(-(x**2)) - x * y


SURFACES = {"valley": valley, "bumps": bumps}
# Our names and settings, with PyTorch's class and the names that it has for them.
ROWS = {
    "sgd": ("SGD", {"rate": 0.01}, {}),
    "momentum": ("SGD", {"rate": 0.01, "gamma": 0.9}, {"gamma": "momentum"}),
    "nesterov": ("SGD", {"rate": 0.01, "gamma": 0.9}, {"gamma": "momentum", "nesterov": True}),
    "adagrad": ("Adagrad", {"rate": 0.3, "eps": 1e-10}, {}),
    "rmsprop": ("RMSprop", {"rate": 0.02, "rho": 0.9, "eps": 1e-8}, {"rho": "alpha"}),
    "adadelta": ("Adadelta", {"rate": 1.0, "rho": 0.95, "eps": 1e-6}, {}),
    "adam": ("Adam", {"rate": 0.05, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}, {}),
    "adamax": ("Adamax", {"rate": 0.05, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}, {}),
    "nadam": (
        "NAdam",
        {"rate": 0.05, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8, "psi": 0.004},
        {"psi": "momentum_decay"},
    ),
}


def options(settings, names):
    """Settings as PyTorch has them."""
    found = {names.get(key, key): x for key, x in settings.items() if key not in ("rate", "beta1", "beta2")}
    if "beta1" in settings:
        found["betas"] = (settings["beta1"], settings["beta2"])
    return {"lr": settings["rate"], **found} | ({"nesterov": True} if "nesterov" in names else {})


def record():
    """The points that PyTorch comes to, by surface and method."""
    import torch

    torch.set_default_dtype(torch.float64)  # NAdam keeps a product in the default type
    found = {}
    for surface, f in SURFACES.items():
        for name, (kind, settings, names) in ROWS.items():
            point = torch.tensor(START, dtype=torch.float64, requires_grad=True)
            optimiser = getattr(torch.optim, kind)([point], foreach=False, **options(settings, names))
            path = [list(START)]
            for _ in range(STEPS):
                optimiser.zero_grad()
                f(point[0], point[1], torch.exp).backward()
                optimiser.step()
                path.append(point.detach().tolist())
            found[f"{surface} {name}"] = path
    return {"torch": torch.__version__, "paths": found}


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(record()), encoding="utf-8")
    sys.stdout.write(f"{GOLDEN}\n")
