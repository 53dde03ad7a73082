"""What to write instead: other libraries' functions and methods, and the lab's or NumPy's words for the same.

Only what is known to be the same stands here; a name is never matched by its spelling. A template is an expression of
the operands a, b, c, and the student's own operands are put in: `math.sin(2 * y)` becomes `np.sin(2 * y)`.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

__all__ = [
    "FUNCTIONS", "LAB_NAMES", "LIBRARIES", "METHODS", "NUMPY_NAMES", "RULES", "WHOLE", "in_place_of", "rewritten",
]  # fmt: skip

# Python's and other libraries' functions, by module and name.
_SAME = "sin cos tan sinh cosh tanh exp exp2 expm1 log log2 log10 log1p sqrt cbrt"  # NumPy has them under the same name
_NAMED = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "fabs": "abs"} | {n: n for n in _SAME.split()}
_MATH = {name: f"np.{known}(a)" for name, known in _NAMED.items()} | {
    "atan2": "np.arctan2(a, b)",
    "pow": "a ** b",
    "hypot": "np.hypot(a, b)",
    "asinh": "np.arcsinh(a)",
    "acosh": "np.arccosh(a)",
    "atanh": "np.arctanh(a)",
    "degrees": "a * 180 / math.pi",
    "radians": "a * math.pi / 180",
    "copysign": "np.abs(a) * np.sign(b)",
    "fsum": "sum(a)",
    "fma": "a * b + c",
    "ldexp": "a * 2.0 ** b",
    "dist": "np.linalg.norm(np.array(a) - np.array(b))",
    "sumprod": "np.array(a) @ np.array(b)",
    "isnan": "a != a",
    "isinf": "abs(a) == math.inf",
    "isfinite": "abs(a) < math.inf",
    "isclose": "abs(a - b) < 1e-9",
}
FUNCTIONS: dict[tuple[object, ...], str] = {("math", name): text for name, text in _MATH.items()}
FUNCTIONS |= {("cmath", name): f"np.{known}(a)" for name, known in _NAMED.items() if name != "fabs"}
FUNCTIONS |= {
    ("math", "log", 2): "np.log(a) / np.log(b)",
    ("cmath", "phase"): "np.angle(a)",
    ("statistics", "mean"): "np.mean(a)",
    ("statistics", "fmean"): "np.mean(a)",
    ("statistics", "median"): "np.median(a)",
    ("statistics", "variance"): "np.var(a, ddof=1)",
    ("statistics", "pvariance"): "np.var(a)",
    ("statistics", "stdev"): "np.std(a, ddof=1)",
    ("statistics", "pstdev"): "np.std(a)",
}

# Functions that NumPy lacks too: what gives them a derivative.
RULES = {
    name: f"bl.custom(math.{name}, vjp=lambda t: (math.{name}(t), lambda bar: {slope} * math.exp(-t * t) * bar))(a)"
    for name, slope in {"erf": "2 / math.sqrt(math.pi)", "erfc": "-2 / math.sqrt(math.pi)"}.items()
}

# Functions of whole numbers.
WHOLE = ("comb", "factorial", "gcd", "isqrt", "lcm", "perm")

# What is looked for in NumPy, or called there as in SciPy, PyTorch or Matlab.
NUMPY_NAMES = {
    "relu": "bl.relu(a)",
    "sigmoid": "bl.sigmoid(a)",
    "softplus": "bl.softplus(a)",
    "softmax": "bl.softmax(a)",
    "logsumexp": "bl.logsumexp(a)",
    "svd": "np.linalg.svd(a)",
    "norm": "np.linalg.norm(a)",
    "inv": "np.linalg.inv(a)",
    "det": "np.linalg.det(a)",
    "solve": "np.linalg.solve(a, b)",
    "eig": "np.linalg.eig(a)",
    "eigh": "np.linalg.eigh(a)",
    "pow": "np.power(a, b)",
    "asin": "np.arcsin(a)",
    "acos": "np.arccos(a)",
    "atan": "np.arctan(a)",
    "atan2": "np.arctan2(a, b)",
    "ln": "np.log(a)",
    "sqr": "a ** 2",
    "cat": "np.concatenate(a)",
    "tensor": "np.array(a)",
    "Tensor": "np.array(a)",
    "fabs": "np.abs(a)",
    "mul": "a * b",
    "sub": "a - b",
    "add": "a + b",
    "div": "a / b",
    "sumprod": "np.dot(a, b)",
}

# What other libraries are called in their courses.
LIBRARIES = (
    "torch", "jax", "jnp", "tf", "tensorflow", "F", "nn", "anp", "autograd", "lax", "scipy", "sympy", "Value", "Tensor",
    "Variable", "tensor",
)  # fmt: skip

# Methods and attributes of other engines' numbers and arrays (PyTorch, JAX, TensorFlow, micrograd). x is the value.
METHODS: dict[str, str] = {
    name: f"np.{known}(x)"
    for name, known in {
        "tanh": "tanh", "exp": "exp", "log": "log", "sqrt": "sqrt", "sin": "sin", "cos": "cos", "tan": "tan",
        "sinh": "sinh", "cosh": "cosh", "square": "square", "sign": "sign", "log10": "log10", "log2": "log2",
        "log1p": "log1p", "expm1": "expm1", "arctan": "arctan", "atan": "arctan", "asin": "arcsin", "acos": "arccos",
        "reciprocal": "reciprocal",
    }.items()
} | {
    "abs": "abs(x)", "neg": "-x", "relu": "bl.relu(x)", "sigmoid": "bl.sigmoid(x)", "softplus": "bl.softplus(x)",
    "norm": "np.linalg.norm(x)", "unsqueeze": "np.expand_dims(x, a)", "size": "x.shape", "dim": "x.ndim", "t": "x.T",
    "permute": "np.transpose(x, (a, b))", "view": "x.reshape(a, b)",
    "pow": "x ** a", "add": "x + a", "sub": "x - a", "mul": "x * a", "div": "x / a", "matmul": "x @ a", "mm": "x @ a",
    "add_": "x + a", "sub_": "x - a", "mul_": "x * a", "div_": "x / a",
    "clamp": "np.clip(x, a, b)", "softmax": "bl.softmax(x)", "log_softmax": "bl.log_softmax(x)",
    "logsumexp": "bl.logsumexp(x)", "detach": "x", "clone": "x", "float": "x", "double": "x", "cpu": "x", "cuda": "x",
    "to": "x", "numpy": "x", "data": "x", "requires_grad_": "x", "contiguous": "x", "block_until_ready": "x",
    "copy": "x", "value": "x",
}  # fmt: skip

# Names that are looked for in the lab, and what stands for them here: something that runs.
LAB_NAMES = {
    "gradient": "bl.grad(f)(3.0)",
    "derivative": "bl.grad(f)(3.0)",
    "backward": "bl.grad(f)(3.0)",
    "autograd": "bl.grad(f)(3.0)",
    "diff": "bl.grad(f)(3.0)",
    "Value": "bl.grad(f)(3.0)",
    "Tensor": "bl.grad(f)(3.0)",
    "tensor": "bl.grad(f)(3.0)",
    "Variable": "bl.grad(f)(3.0)",
    "GradientTape": "bl.grad(f)(3.0)",
    "jit": "bl.compile(f, 3.0)",
    "graph": "bl.trace(f, 3.0)",
    "make_graph": "bl.trace(f, 3.0)",
    "plot": "bl.step(f, 3.0)",
    "draw": "bl.step(f, 3.0)",
    "show": "bl.step(f, 3.0)",
    "draw_dot": "bl.step(f, 3.0)",
    "player": "bl.step(f, 3.0)",
    "jac": "bl.jacobian(f)(3.0)",
    "jacrev": "bl.jacobian(f)(3.0)",
    "jacfwd": 'bl.jacobian(f, mode="forward")(3.0)',
    "hess": "bl.hessian(f)(3.0)",
    "gradcheck": "bl.check_grad(f, 3.0)",
    "check_grads": "bl.check_grad(f, 3.0)",
    "numeric_grad": "bl.numerical_grad(f, 3.0)",
    "custom_vjp": "bl.custom(f, vjp=rule)",
    "custom_jvp": "bl.custom(f, jvp=rule)",
    "remat": "bl.checkpoint(f)",
    "div": "a / b",
    "add": "a + b",
    "mul": "a * b",
    "sub": "a - b",
    "asin": "bl.arcsin(a)",
    "acos": "bl.arccos(a)",
    "atan": "bl.arctan(a)",
    "ReLU": "bl.relu(a)",
    "max": "bl.maximum(a, b)",
    "min": "bl.minimum(a, b)",
}


def in_place_of(module: str, name: str, args: Sequence[ast.expr]) -> str:
    """What to write for a call of another library's function, with the student's operands; or nothing."""
    key = (module, name, len(args))
    template = FUNCTIONS.get(key) or FUNCTIONS.get((module, name), "")
    return rewritten(template, args) if template else ""


def rewritten(template: str, args: Sequence[ast.expr], x: ast.expr | None = None) -> str:
    """A template with operands in their places; nothing where it needs more of them than there are."""
    operands = dict(zip("abc", args, strict=False)) | ({"x": x} if x is not None else {})
    tree = ast.parse(template, mode="eval").body
    if any(isinstance(n, ast.Name) and n.id in ("a", "b", "c", "x") and n.id not in operands for n in ast.walk(tree)):
        return ""

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:  # noqa: N802
            return operands.get(node.id, node)

    return ast.unparse(ast.fix_missing_locations(Put().visit(tree))).replace(" ** ", "**")
