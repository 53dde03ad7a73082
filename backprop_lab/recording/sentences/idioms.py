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


def _table(text: str) -> dict[str, str]:
    """Lines of names and what all of them become: `asin acos = …`; where that has a {}, each name stands in it."""
    found: dict[str, str] = {}
    for line in text.strip().splitlines():
        names, _, code = line.partition(" = ")
        found |= {name: code.strip().replace("{}", name) for name in names.split()}
    return found


# Python's and other libraries' functions, by module and name.
_MATH = _table("""
sin cos tan sinh cosh tanh exp exp2 expm1 log log2 log10 log1p sqrt cbrt = np.{}(a)
asin = np.arcsin(a)
acos = np.arccos(a)
atan = np.arctan(a)
fabs = np.abs(a)
""")
FUNCTIONS: dict[tuple[object, ...], str] = {("cmath", name): code for name, code in _MATH.items() if name != "fabs"}
_MATH |= _table("""
atan2     = np.arctan2(a, b)
pow       = a ** b
hypot     = np.hypot(a, b)
asinh     = np.arcsinh(a)
acosh     = np.arccosh(a)
atanh     = np.arctanh(a)
degrees   = a * 180 / math.pi
radians   = a * math.pi / 180
copysign  = np.abs(a) * np.sign(b)
fsum      = sum(a)
fma       = a * b + c
ldexp     = a * 2.0 ** b
dist      = np.linalg.norm(np.array(a) - np.array(b))
sumprod   = np.array(a) @ np.array(b)
isnan     = a != a
isinf     = abs(a) == math.inf
isfinite  = abs(a) < math.inf
isclose   = abs(a - b) < 1e-9
""")
FUNCTIONS |= {("math", name): code for name, code in _MATH.items()}
FUNCTIONS |= {("math", "log", 2): "np.log(a) / np.log(b)", ("cmath", "phase"): "np.angle(a)"}
FUNCTIONS |= {("statistics", name): code for name, code in _table("""
mean fmean = np.mean(a)
median     = np.median(a)
variance   = np.var(a, ddof=1)
pvariance  = np.var(a)
stdev      = np.std(a, ddof=1)
pstdev     = np.std(a)
""").items()}  # fmt: skip

# Functions that NumPy lacks too: what gives them a derivative.
RULES = {
    name: f"bl.custom(math.{name}, vjp=lambda t: (math.{name}(t), lambda bar: {slope} * math.exp(-t * t) * bar))(a)"
    for name, slope in {"erf": "2 / math.sqrt(math.pi)", "erfc": "-2 / math.sqrt(math.pi)"}.items()
}

# Functions of whole numbers.
WHOLE = ("comb", "factorial", "gcd", "isqrt", "lcm", "perm")

# What is looked for in NumPy, or called there as in SciPy, PyTorch or Matlab.
NUMPY_NAMES = _table("""
relu sigmoid softplus softmax logsumexp = bl.{}(a)
svd norm inv det eig eigh = np.linalg.{}(a)
solve         = np.linalg.solve(a, b)
pow           = np.power(a, b)
asin          = np.arcsin(a)
acos          = np.arccos(a)
atan          = np.arctan(a)
atan2         = np.arctan2(a, b)
ln            = np.log(a)
sqr           = a ** 2
cat           = np.concatenate(a)
tensor Tensor = np.array(a)
fabs          = np.abs(a)
mul           = a * b
sub           = a - b
add           = a + b
div           = a / b
sumprod       = np.dot(a, b)
""")

# What other libraries are called in their courses.
LIBRARIES = (
    "torch", "jax", "jnp", "tf", "tensorflow", "F", "nn", "anp", "autograd", "lax", "scipy", "sympy", "Value", "Tensor",
    "Variable", "tensor",
)  # fmt: skip

# Methods and attributes of other engines' numbers and arrays (PyTorch, JAX, TensorFlow, micrograd). x is the value.
METHODS = _table("""
tanh exp log sqrt sin cos tan sinh cosh square sign log10 log2 log1p expm1 arctan reciprocal = np.{}(x)
asin                              = np.arcsin(x)
acos                              = np.arccos(x)
atan                              = np.arctan(x)
abs                               = abs(x)
neg                               = -x
relu sigmoid softplus softmax log_softmax logsumexp = bl.{}(x)
norm                              = np.linalg.norm(x)
unsqueeze                         = np.expand_dims(x, a)
size                              = x.shape
dim                               = x.ndim
t                                 = x.T
permute                           = np.transpose(x, (a, b))
view                              = x.reshape(a, b)
pow                               = x ** a
add add_                          = x + a
sub sub_                          = x - a
mul mul_                          = x * a
div div_                          = x / a
matmul mm                         = x @ a
clamp                             = np.clip(x, a, b)
detach clone float double cpu cuda to numpy data requires_grad_ contiguous block_until_ready copy value = x
""")

# Names that are looked for in the lab, and what stands for them here: something that runs.
LAB_NAMES = _table("""
gradient derivative backward autograd diff Value Tensor tensor Variable GradientTape = bl.grad(f)(3.0)
jit                               = bl.compile(f, 3.0)
graph make_graph                  = bl.trace(f, 3.0)
plot draw show draw_dot player    = bl.step(f, 3.0)
jac jacrev                        = bl.jacobian(f)(3.0)
jacfwd                            = bl.jacobian(f, mode="forward")(3.0)
hess                              = bl.hessian(f)(3.0)
gradcheck check_grads             = bl.check_grad(f, 3.0)
numeric_grad                      = bl.numerical_grad(f, 3.0)
custom_vjp                        = bl.custom(f, vjp=rule)
custom_jvp                        = bl.custom(f, jvp=rule)
remat                             = bl.checkpoint(f)
div                               = a / b
add                               = a + b
mul                               = a * b
sub                               = a - b
asin                              = bl.arcsin(a)
acos                              = bl.arccos(a)
atan                              = bl.arctan(a)
ReLU                              = bl.relu(a)
max                               = bl.maximum(a, b)
min                               = bl.minimum(a, b)
""")


def in_place_of(module: str, name: str, args: Sequence[ast.expr]) -> str:
    """What to write for a call of another library's function, with the student's operands; or nothing."""
    template = FUNCTIONS.get((module, name, len(args))) or FUNCTIONS.get((module, name), "")
    return rewritten(template, args) if template else ""


def rewritten(template: str, args: Sequence[ast.expr], x: ast.expr | None = None) -> str:
    """A template with operands in their places; nothing where it needs more of them than there are."""
    operands = dict(zip("abc", args, strict=False)) | ({"x": x} if x is not None else {})
    tree = ast.parse(template, mode="eval").body
    if any(isinstance(n, ast.Name) and n.id in ("a", "b", "c", "x") and n.id not in operands for n in ast.walk(tree)):
        return ""

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return operands.get(node.id, node)

    return ast.unparse(ast.fix_missing_locations(Put().visit(tree))).replace(" ** ", "**")
