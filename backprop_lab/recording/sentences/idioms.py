"""What to write instead: other libraries' functions and methods, and the lab's or NumPy's words for the same.

Only what is known to be the same stands here; a name is never matched by its spelling. A template is an expression of
the operands a, b, c, and the student's own operands are put in: `math.sin(2 * y)` becomes `np.sin(2 * y)`.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence


def _table(text: str) -> dict[str, str]:
    """Lines of names and what all of them become. Each name stands where that has a {}, or its word after a colon."""
    found: dict[str, str] = {}
    for line in text.strip().splitlines():
        names, _, code = line.partition(" = ")
        pairs = (name.partition(":") for name in names.split())
        found |= {name: code.strip().replace("{}", word or name) for name, _, word in pairs}
    return found


# Python's and other libraries' functions, by module and name.
_MATH = _table("""
sin cos tan sinh cosh tanh exp exp2 expm1 log log2 log10 log1p sqrt cbrt = np.{}(a)
asin:arcsin acos:arccos atan:arctan = np.{}(a)
""")
FUNCTIONS: dict[tuple[object, ...], str] = {("cmath", name): code for name, code in _MATH.items()}
_MATH |= _table("""
fabs:abs asinh:arcsinh acosh:arccosh atanh:arctanh = np.{}(a)
atan2:arctan2 hypot = np.{}(a, b)
pow       = a ** b
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
FUNCTIONS |= {("builtins", "complex", 2): "a + 1j * b", ("numpy", "fromiter"): "np.array(list(a))"}
_STATISTICS = _table("""
mean fmean:mean median pvariance:var pstdev:std = np.{}(a)
variance:var stdev:std = np.{}(a, ddof=1)
""")
FUNCTIONS |= {("statistics", name): code for name, code in _STATISTICS.items()}

# Functions that NumPy lacks too: what gives them a derivative.
RULES = {
    name: f"bl.custom(math.{name}, vjp=lambda t: (math.{name}(t), lambda bar: {slope} * math.exp(-t * t) * bar))(a)"
    for name, slope in {"erf": "2 / math.sqrt(math.pi)", "erfc": "-2 / math.sqrt(math.pi)"}.items()
}

# What is looked for in NumPy, or called there as in SciPy, PyTorch or Matlab.
NUMPY_NAMES = _table("""
relu sigmoid softplus softmax logsumexp = bl.{}(a)
svd norm inv det eig eigh = np.linalg.{}(a)
asin:arcsin acos:arccos atan:arctan ln:log fabs:abs cat:concatenate tensor:array Tensor:array = np.{}(a)
pow:power atan2:arctan2 sumprod:dot = np.{}(a, b)
mul:* sub:- add:+ div:/ = a {} b
solve = np.linalg.solve(a, b)
sqr = a ** 2
""")

# What other libraries are called in their courses.
LIBRARIES = "torch jax jnp tf tensorflow F nn anp autograd lax scipy sympy Value Tensor Variable tensor".split()

# Methods and attributes of other engines' numbers and arrays (PyTorch, JAX, TensorFlow, micrograd). x is the value.
METHODS = _table("""
tanh exp log sqrt sin cos tan sinh cosh square sign log10 log2 log1p expm1 arctan reciprocal = np.{}(x)
asin:arcsin acos:arccos atan:arctan = np.{}(x)
relu sigmoid softplus softmax log_softmax logsumexp = bl.{}(x)
pow:** add:+ add_:+ sub:- sub_:- mul:* mul_:* div:/ div_:/ matmul:@ mm:@ = x {} a
size:shape dim:ndim t:T = x.{}
flat      = np.ravel(x)
len       = len(x)
detach clone float double cpu cuda to numpy data requires_grad_ contiguous block_until_ready copy value = x
abs       = abs(x)
neg       = -x
norm      = np.linalg.norm(x)
unsqueeze = np.expand_dims(x, a)
permute   = np.transpose(x, (a, *b))
view      = x.reshape(a, *b)
clamp     = np.clip(x, a, b)
""")

# Names that are looked for in the lab, and what stands for them here: something that runs.
LAB_NAMES = _table("""
gradient derivative backward autograd diff Value Tensor tensor Variable GradientTape = bl.grad(f)(3.0)
plot:step draw:step show:step draw_dot:step player:step graph:trace make_graph:trace jit:compile = bl.{}(f, 3.0)
gradcheck:check_grad check_grads:check_grad numeric_grad:numerical_grad = bl.{}(f, 3.0)
jac:jacobian jacrev:jacobian hess:hessian = bl.{}(f)(3.0)
jacfwd = bl.jacobian(f, mode="forward")(3.0)
custom_vjp:vjp custom_jvp:jvp = bl.custom(f, {}=rule)
remat = bl.checkpoint(f)
asin:arcsin acos:arccos atan:arctan ReLU:relu = bl.{}(a)
max:maximum min:minimum = bl.{}(a, b)
div:/ add:+ mul:* sub:- = a {} b
""")


def rewritten(template: str, args: Sequence[ast.expr], x: ast.expr | None = None) -> str:
    """A template with operands in their places, *b for all that are left; nothing where it needs more of them."""
    operands = dict(zip("abc", args, strict=False)) | ({"x": x} if x is not None else {})
    tree = ast.parse(template, mode="eval").body
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    starred = any(isinstance(n, ast.Starred) for n in ast.walk(tree))
    if names & {"a", "b", "c", "x"} - ({"b"} if starred else set()) - set(operands):
        return ""

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return operands.get(node.id, node)

        def visit_Starred(self, node: ast.Starred) -> list[ast.expr]:
            return list(args[1:])

    return ast.unparse(ast.fix_missing_locations(Put().visit(tree))).replace(" ** ", "**")
