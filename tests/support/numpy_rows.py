"""How NumPy's functions are called in `test_numpy_table`: a template for each that the lab takes, and what fills it.

A template is an expression of the traced `x` and the plain `w`, with places for options in braces. Each place is filled
at random with one of its texts in `FILLING`; the first of them is the plain call, which must work.
"""

import re

import numpy as np

from backprop_lab.recording.numpy.dispatch import METHODS, PROPERTIES
from backprop_lab.recording.numpy.handlers import HANDLERS
from backprop_lab.recording.numpy.ufuncs import COMPOSED, REDUCING
from backprop_lab.recording.sentences.wording import UFUNCS

NO, AXES = "", [0, -1, 1, 2, -2, 5]
CLIP = "np.clip(x, None, 0.5)" if np.__version__.startswith("2.0.") else "np.clip(x, max=0.5)"  # max= came with 2.1
_PADDING = ("edge", "reflect", "wrap", "mean", "symmetric", "empty")
_INDICES = (
    "0 ; -1 ; ... ; None ; [0, 0] ; (0, 0) ; (0, 0), ; [0, -1], ; ::2 ; ::-1 ; 1: ; ..., 0 ; mask(x) ; x > 0.1 ; 5 ; "
    "np.array([0, 0]) ; [True] ; np.array(0) ; np.int64(0) ; 0, ..., 0 ; [[0, 0], [0, 0]] ; [] ; 1.0"
)
FILLING = {
    "x": ["x", "x", "x", "x", "x > 0.1", "x * (1 + 1j)", "[x, x]", "2 * x", "np.array([x, -x])"],
    "y": ["w", "x", "2.0", "3", "True", "w > 0", "1j", "[1.0, 2.0]", "np.transpose(w)", "x > 0.1"],
    "one": [NO, *(f", axis={k}" for k in AXES), ", axis=None"],
    "axis": [NO, *(f", axis={k}" for k in (*AXES, None, (0, 1), (-1, 0), (), (0, 0)))],
    "keep": [NO, NO, ", keepdims=True", ", keepdims=False"],
    "dtype": [*[NO] * 4, *(f", dtype={k}" for k in ("float", "int", "complex", "np.float32", "bool", "None"))],
    "out": [NO, NO, NO, NO, NO, NO, ", out=None", ", out=np.zeros(np.shape(x))"],
    "nowhere": [NO, NO, ", out=None"],  # an out= of another shape makes NumPy itself crash where it accumulates
    "where": [NO, NO, NO, NO, ", where=True", ", where=mask(x)", ", where=x > 0.5"],
    "initial": [NO, NO, NO, ", initial=2.0"],
    "ddof": [NO, ", ddof=1", ", ddof=0.5", ", ddof=7", ", correction=1"],
    "order": [NO, ", order='C'", ", order='F'", ", order='A'"],
    "k": [NO, ", 1", ", -1", ", 2"],
    "shape": ["-1", "(-1,)", "(1, -1)", "(-1, 1)", "(2, 3)", "()", "(0, -1)", "np.shape(x)[::-1]", "(3, 2, 1)", "7"],
    "places": ["0", "[0, 0]", "-1", "[0, -1, 0]", "[[0, 0], [0, 0]]", "5", "[]"],
    "mode": [NO, ", mode='wrap'", ", mode='clip'", ", mode='raise'"],
    "casting": [NO, NO, NO, ", casting='unsafe'", ", casting='no'", ", casting='same_kind'"],
    "ord": [
        NO,
        *(f", {k}" for k in ("None", "1", "2", "np.inf", "-np.inf", "-1", "-2", "'fro'", "'nuc'", "0", "3", "0.5")),
    ],
    "axes": [NO, ", 1", ", 0", ", ((0,), (0,))", ", ([0, 1], [1, 0])", ", (-1, -1)", ", 3"],
    "full": ["'full'", "'same'", "'valid'", "'none'"],
    "q": ["0.5", "0.3", "[0.0, 0.25, 1.0]", "1.5", "[[0.1], [0.9]]"],
    "pads": ["1", "(1, 2)", "0", "((1, 0),)", "((0, 1), (2, 0))", "-1"],
    "padding": [NO, ", constant_values=2.0", *(f", mode='{k}'" for k in _PADDING)],
    "parts": ["1", "2", "3", "[1]", "[1, 2]", "[]", "0"],
    "norm": [NO, ", norm='ortho'", ", norm='forward'", ", norm='none'"],
    "n": [NO, ", 3", ", 1", ", 0"],
    "side": [NO, ", side='right'", ", side='middle'"],
    "kind": [NO, ", kind='stable'", ", kind='heapsort'", ", kind='none'"],
    "to": ["float", "complex", "int", "bool", "np.float32", "'f8'"],
    "index": _INDICES.split(" ; "),
}

SQUARE, SPD, VECTOR, MATRIX, CUBE, EVEN, SYMMETRIC = "square definite vector matrix cube even symmetric".split()
MORE = "{axis}{keep}{dtype}{out}"


def _rows(text):
    """The templates of a text by name. Where only some arrays make sense, their kind stands before the template."""
    found = {}
    for line in text.strip().replace("\n ", " ").replace("{more}", MORE).replace("{clip}", CLIP).splitlines():
        name, _, templates = line.partition(" = ")
        pairs = [re.match(r"(?:(\w+): )?(.*)", template.strip()) for template in templates.split(" ;")]
        found[name] = [(pair[1] or "any", pair[2]) for pair in pairs]
    return found


FUNCTIONS = _rows("""
sum = np.sum({x}{more}{initial}{where})
prod = np.prod({x}{more}{initial}{where})
mean = np.mean({x}{more}{where})
max = np.max({x}{axis}{keep}{out}{initial})
amax = np.amax({x}{axis}{keep})
min = np.min({x}{axis}{keep}{out}{initial})
amin = np.amin({x}{axis}{keep})
ptp = np.ptp({x}{axis}{keep}{out})
var = np.var({x}{more}{ddof}{where})
std = np.std({x}{more}{ddof}{where})
average = np.average({x}{axis}{keep})
cumsum = np.cumsum({x}{one}{dtype}{nowhere})
cumprod = np.cumprod({x}{one}{dtype}{nowhere})
sort = np.sort({x}{one}{kind})
median = np.median({x}{axis}{keep}{out})
quantile = np.quantile({x}, {q}{axis}{keep})
percentile = np.percentile({x}, 100 * np.array({q}){axis}{keep})
all = np.all({x}{axis}{keep}{out})
any = np.any({x}{axis}{keep}{out})
count_nonzero = np.count_nonzero({x}{axis}{keep})
norm = np.linalg.norm({x}{ord}{axis}{keep})
reshape = np.reshape({x}, {shape}{order})
ravel = np.ravel({x}{order})
transpose = np.transpose({x}) ; np.transpose({x}, range(np.ndim(x))) ; np.transpose({x}, (1, 0)) ;
    np.transpose({x}, (-1, 0, 1))
swapaxes = matrix: np.swapaxes({x}, 0, -1)
moveaxis = matrix: np.moveaxis({x}, 0, -1) ; matrix: np.moveaxis({x}, [0, 1], [1, 0]) ; matrix: np.moveaxis({x}, 3, 0)
rollaxis = matrix: np.rollaxis({x}, 1)
matrix_transpose = matrix: np.matrix_transpose({x}) ; matrix: np.linalg.matrix_transpose({x})
squeeze = np.squeeze({x}{axis})
expand_dims = np.expand_dims({x}, 0) ; np.expand_dims({x}, (0, -1)) ; np.expand_dims({x}, 9)
atleast_1d = np.atleast_1d({x}) ; np.atleast_1d({x}, w)
atleast_2d = np.atleast_2d({x})
atleast_3d = np.atleast_3d({x})
broadcast_to = np.broadcast_to({x}, (2, *np.shape({x}))) ; np.broadcast_to({x}, (2, 3)) ; np.broadcast_to({x}, 3)
broadcast_arrays = np.broadcast_arrays({x}, {y})
meshgrid = vector: np.meshgrid({x}, w) ; vector: np.meshgrid({x}, w, indexing='ij') ;
    vector: np.meshgrid(w, {x}, sparse=True) ; vector: np.meshgrid({x}, indexing='no')
stack = np.stack([{x}, {x}]{one}{dtype}{out}{casting}) ; np.stack([x, w]{one})
concatenate = even: np.concatenate([{x}, {x}]{one}{dtype}{out}{casting}) ; np.concatenate([x, w]{one}) ;
    np.concatenate([x, x, w], -1)
hstack = np.hstack([{x}, {x}]{dtype}{casting}) ; np.hstack([x, w])
vstack = np.vstack([{x}, {x}]{dtype}{casting}) ; np.vstack([x, w])
dstack = np.dstack([{x}, {x}])
column_stack = np.column_stack([{x}, {x}])
block = np.block([{x}, {x}]) ; np.block([[x, x], [x, x]]) ; np.block([x, 2.0])
append = np.append({x}, {x}) ; np.append({x}, {y}) ; np.append(x, x{one}) ; np.append(w, x)
split = even: np.split({x}, {parts}{one})
array_split = even: np.array_split({x}, {parts}{one})
hsplit = even: np.hsplit({x}, {parts})
vsplit = matrix: np.vsplit({x}, {parts})
dsplit = cube: np.dsplit({x}, {parts})
roll = np.roll({x}, 1{one}) ; np.roll({x}, -2)
take = np.take({x}, {places}{one}{mode}{out})
repeat = np.repeat({x}, 2{one}) ; np.repeat({x}, [1, 2]{one})
tile = np.tile({x}, 2) ; np.tile({x}, (2, 1, 2))
rot90 = matrix: np.rot90({x}) ; matrix: np.rot90({x}, 3) ; matrix: np.rot90({x}, 1, (1, 0)) ;
    matrix: np.rot90({x}, 1, (0, 4))
delete = even: np.delete({x}, 0{one}) ; even: np.delete({x}, [0, 1]{one})
resize = np.resize({x}, (2, 3))
take_along_axis = even: np.take_along_axis({x}, np.argsort(w), -1) ; even: np.take_along_axis({x}, np.argsort(w, 0), 0)
diagonal = matrix: np.diagonal({x}{k}) ; matrix: np.diagonal({x}, 0, 1, 0) ; matrix: np.linalg.diagonal({x}) ;
    matrix: np.diagonal({x}, 0, 1, 1)
compress = even: np.compress([True, False], {x}{one})
extract = np.extract(x > 0.1, {x})
flip = np.flip({x}{axis})
flipud = even: np.flipud({x})
fliplr = matrix: np.fliplr({x})
tril = even: np.tril({x}{k})
triu = even: np.triu({x}{k})
pad = even: np.pad({x}, {pads}{padding})
diag = vector: np.diag({x}{k})
diagflat = np.diagflat({x}{k})
diff = even: np.diff({x}{n}{one}) ; even: np.diff(x, prepend=0.0) ; even: np.diff(x, append=w, axis=0) ;
    even: np.diff({x}, -1)
ediff1d = np.ediff1d({x}) ; np.ediff1d(x, to_end=1.0)
shape = np.shape({x})
ndim = np.ndim({x})
size = np.size({x}) ; np.size({x}, 0)
iscomplexobj = np.iscomplexobj({x})
isrealobj = np.isrealobj({x})
isreal = np.isreal({x})
iscomplex = np.iscomplex({x})
zeros_like = np.zeros_like({x}{dtype}{order})
ones_like = np.ones_like({x}{dtype})
empty_like = np.shape(np.empty_like({x}))
full_like = np.full_like({x}, 2.0{dtype}) ; np.full_like(w, np.sum(x))
copy = np.copy({x}{order})
dot = np.dot({x}, 2.0) ; np.dot(x, w) ; np.dot(w, {x}) ; np.dot(x, x) ; np.dot({x}, {y}) ; np.dot([1.0, 2.0], {x})
matmul = matrix: np.linalg.matmul({x}, x.T) ; np.linalg.matmul(x, w)
vdot = np.vdot({x}, {x}) ; np.vdot(w, x)
inner = np.inner({x}, {x}) ; np.inner({x}, {y}) ; np.inner(w, x)
outer = np.outer({x}, {y}) ; np.outer(w, {x}) ; vector: np.linalg.outer(x, w)
kron = np.kron({x}, {y})
cross = np.cross(np.resize(x, (2, 3)), np.ones(3)) ; np.cross({x}, w{one})
tensordot = square: np.tensordot({x}, {x}{axes}) ; np.tensordot(x, w{axes}) ; square: np.linalg.tensordot(x, x, axes=1)
einsum = square: np.einsum('ij->ji', {x}) ; square: np.einsum('ii', {x}) ; square: np.einsum('ij,jk,kl', x, w, x) ;
    square: np.einsum('...j->...', {x}) ; square: np.einsum('...j,jk->...k', x, w) ;
    square: np.einsum(x, [0, 1], w, [1, 2]) ; square: np.einsum(x, [0, 1], [1]) ; square: np.einsum('ij,ij', {x}, {x}) ;
    square: np.einsum('i...', x) ; square: np.einsum('ij,kj', x, 2.0) ; square: np.einsum('ij->', {x}) ;
    square: np.einsum('i,j', x, w) ; square: np.einsum('ij,jk->ijk', x, w) ; square: np.einsum('...,...', {x}, 3.0) ;
    square: np.einsum('ij->iij', x) ; square: np.einsum('ii->i', {x}) ; square: np.einsum('ij , jk', x, x) ;
    square: np.einsum('ij,jk,ki,i', x, w, x, w[0]) ; square: np.einsum('ij,jk', x, w, optimize=True) ;
    square: np.einsum('ij->ij', x, dtype=int)
convolve = vector: np.convolve({x}, w, {full}) ; vector: np.convolve(w[:2], {x}, {full}) ;
    vector: np.convolve({x}, x[:2])
trace = matrix: np.trace({x}{k}{dtype}{out}) ; cube: np.trace({x}, 0, 1, 2) ; cube: np.linalg.trace({x}) ;
    matrix: np.trace({x}, axis1=1, axis2=0) ; matrix: np.linalg.trace(x, offset=1)
solve = square: np.linalg.solve(x, w) ; square: np.linalg.solve(w, {x}) ; square: np.linalg.solve(x, w[0]) ;
    square: np.linalg.solve(np.stack([x, w]), w) ; vector: np.linalg.solve(np.eye(len(x)) * 2, {x})
inv = square: np.linalg.inv({x}) ; cube: np.linalg.inv({x})
det = square: np.linalg.det({x}) ; cube: np.linalg.det({x})
slogdet = square: np.linalg.slogdet(x) ; square: np.linalg.slogdet(x).logabsdet
cholesky = definite: np.linalg.cholesky(x) ; definite: np.linalg.cholesky(x, upper=True)
eigvalsh = symmetric: np.linalg.eigvalsh(x) ; symmetric: np.linalg.eigvalsh(x, 'U')
eigh = symmetric: np.linalg.eigh(x)[0] ; symmetric: np.linalg.eigh(x)[1] ** 2
svd = matrix: np.linalg.svd(x, compute_uv=False) ; matrix: np.linalg.svd(x)[1] ; matrix: np.linalg.svd(x, False, False)
svdvals = matrix: np.linalg.svdvals(x)
matrix_power = square: np.linalg.matrix_power({x}, 2) ; square: np.linalg.matrix_power(x, -1) ;
    square: np.linalg.matrix_power({x}, 0) ; square: np.linalg.matrix_power(x, 1)
multi_dot = square: np.linalg.multi_dot([x, w, x])
where = np.where({x}, x, 0.0) ; np.where(x > 0.1, {x}, {y}) ; np.where({x}) ; np.where(w > 0, {x}, [1.0]) ;
    np.where(True, x, w) ; np.where(x > 0.1, 1, 2)
select = np.select([x > 1, x > 0], [{x}, {y}]) ; np.select([x > 1], [x], -1.0)
clip = np.clip({x}, 0.0, 1.0) ; np.clip({x}, None, w) ; {clip} ; np.clip(x, [0.0], 1) ; np.clip(w, x, 2.0)
nan_to_num = np.nan_to_num({x}) ; np.nan_to_num(np.log(x), nan=1.0, neginf=-3.0)
real = np.real({x})
imag = np.imag({x})
angle = np.angle({x}) ; np.angle({x}, deg=True) ; np.angle(-x)
real_if_close = np.real_if_close({x})
linspace = np.linspace({x}, w, 3) ; np.linspace(0.0, x, 4{one}) ; np.linspace(x, 2.0, 3, endpoint=False) ;
    np.linspace(x, 1.0, 1) ; np.linspace(x, 1.0, 0) ; np.linspace(x, 1.0, 3, retstep=True)
polyval = np.polyval([1.0, 2.0, 3.0], {x}) ; vector: np.polyval({x}, 2.0) ; vector: np.polyval(x, w)
vander = vector: np.vander({x}) ; vector: np.vander({x}, 2) ; vector: np.vander({x}, 4, True)
trapezoid = even: np.trapezoid({x}{one}) ; vector: np.trapezoid(w, {x}) ; even: np.trapezoid({x}, dx=0.5)
gradient = even: np.gradient({x}{axis}) ; even: np.gradient(x, 0.5) ; even: np.gradient(x, 0.5, axis=0) ;
    even: np.gradient(x, edge_order=2)
interp = np.interp(x, [0.0, 1.0, 3.0], [2.0, 5.0, 4.0]) ; vector: np.interp([0.5, 9.0], np.arange(float(len(x))), {x}) ;
    np.interp(x, [0.0, 1.0], [1.0, 2.0], left=-1.0, right=7.0) ; np.interp(x, [1.0], [2.0])
isclose = np.isclose({x}, {y}) ; np.isclose(x, x) ; np.isclose(x, w, atol=1.0)
allclose = np.allclose({x}, {y}) ; np.allclose(x, x + 1e-12)
array_equal = np.array_equal({x}, {y}) ; np.array_equal(x, x)
argsort = np.argsort({x}{one}{kind}) ; vector: x[np.argsort(x)[-2:]]
argmax = np.argmax({x}{one}{keep}{out}) ; vector: x[np.argmax(x)]
argmin = np.argmin({x}{one}{keep}{out})
searchsorted = np.searchsorted([0.0, 1.0, 2.0], {x}{side}) ; vector: np.searchsorted(np.sort(x), w{side})
digitize = np.digitize({x}, [0.0, 1.0]) ; np.digitize(x, [0.0, 1.0], right=True) ; np.digitize(x, [1.0, 0.0])
nonzero = even: np.nonzero({x})
flatnonzero = np.flatnonzero({x})
argwhere = even: np.argwhere({x})
fftshift = np.fft.fftshift({x})
ifftshift = even: np.fft.ifftshift({x}, 0)
""")
FUNCTIONS |= {k: [("even", f"np.fft.{k}({{x}}{{n}}{{one}}{{norm}})")] for k in ("fft", "ifft", "rfft", "irfft")}
for _k in ("fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn"):
    _options = ("{x}{norm}", "x, (2, 3)", "x, axes=(0, 1)", "x, axes=(1, 0)", "x, None, (0,)")
    FUNCTIONS[_k] = [("matrix", f"np.fft.{_k}({options})") for options in _options]

METHODS_ROWS = _rows("""
sum = ({x}).sum(*(){more})
prod = ({x}).prod(*(){more})
mean = ({x}).mean(*(){more})
max = ({x}).max(*(){axis}{keep}{out})
min = ({x}).min(*(){axis}{keep}{out})
all = ({x}).all(*(){axis}{keep}{out})
any = ({x}).any(*(){axis}{keep}{out})
var = ({x}).var(*(){more}{ddof})
std = ({x}).std(*(){more}{ddof})
cumsum = ({x}).cumsum(*(){one}{dtype}{nowhere})
cumprod = ({x}).cumprod(*(){one}{dtype}{nowhere})
ravel = ({x}).ravel(*(){order})
flatten = ({x}).flatten(*(){order})
copy = ({x}).copy(*(){order})
swapaxes = matrix: ({x}).swapaxes(0, 1) ; matrix: x.swapaxes(0, 4)
squeeze = ({x}).squeeze(*(){axis})
clip = ({x}).clip(0.0, 1.0) ; x.clip(max=0.5) ; x.clip(0.1)
diagonal = matrix: ({x}).diagonal(*(){k})
trace = matrix: ({x}).trace(*(){k}{dtype})
dot = ({x}).dot({y})
take = ({x}).take({places}{one}{mode})
repeat = ({x}).repeat(2{one})
argsort = ({x}).argsort(*(){one}{kind})
argmax = ({x}).argmax(*(){one})
argmin = ({x}).argmin(*(){one})
searchsorted = vector: np.sort(x).searchsorted(w{side})
nonzero = even: ({x}).nonzero()
compress = even: ({x}).compress([True, False]{one})
conj = ({x}).conj()
conjugate = ({x}).conjugate()
reshape = ({x}).reshape({shape}{order}) ; x.reshape(-1, 1) ; x.reshape(2, 3)
transpose = ({x}).transpose() ; x.transpose(1, 0) ; x.transpose((-1, 0)) ; x.transpose(None)
item = ({x}).item(0) ; x.item() ; x.item(0, 0) ; x.item((0, 0)) ; x.item(-1)
astype = ({x}).astype({to}) ; ({x}).astype({to}{casting}{order}) ; ({x}).astype({to}, copy=False)
tolist = ({x}).tolist()
""")

OTHERS = _rows("""
index = even: x[{index}] ; even: (x > 0.1)[{index}] ; even: np.array([x, -x])[{index}] ; x[{index}]
loop = even: [v for v in x][0] ; even: sum(x) ; even: len(x) * x
contains = 1.0 in x
operators = -({x}) ; +({x}) ; abs({x}) ; ~({x}) ; ({x}) @ ({y}) ; ({x}) & (w > 0) ; ({x}) | ({y})
binary = ({x}) + ({y}) ; ({x}) - ({y}) ; ({x}) * ({y}) ; ({x}) / ({y}) ; ({x}) ** ({y}) ; ({x}) < ({y}) ;
    ({x}) >= ({y}) ; ({x}) == ({y}) ; ({x}) != ({y})
reflected = ({y}) + ({x}) ; ({y}) - ({x}) ; ({y}) * ({x}) ; ({y}) / ({x}) ; ({y}) ** ({x}) ; ({y}) @ ({x}) ;
    ({y}) < ({x}) ; ({y}) & ({x})
arrays = np.array({x}{dtype}) ; np.asarray({x}) ; np.array([x, w]) ; np.array([x, x]{dtype}) ;
    np.array([[x, 1.0 * x], [x, x]]) ; np.full(2, x) ; np.array(x, ndmin=3) ; np.array([[1.0, 2.0], [3.0, np.sum(x)]]) ;
    np.array([np.sum(x), 2, True])
masks = (x > 0.1).astype(float) + (x > -1).astype(float) ; (x > 0) + (x > 1) ; (x > 0) * x ;
    ((x > 0.1).astype(int) + 1) / 2 ; 1 - (x > 0) ; (x > 0) ** 2 ; np.sum(x > 0) + 0.5 ; np.max(x > 0) ;
    (x > 0) * (x > 1) ; (x > 0) / 2
""")


def _ufuncs():
    """The rows of ufuncs and their methods: read from the tables, so a new one is there by itself."""
    for ufunc in {**UFUNCS, **COMPOSED}:
        operands = "{x}" if ufunc.nin == 1 else "{x}, {y}"
        kind, where = ("matrix", NO) if ufunc.signature else ("any", "{where}")
        templates = [f"np.{ufunc.__name__}({operands}{{dtype}}{{out}}{where}{{casting}})"]
        if ufunc.nin == 2 and not ufunc.signature:
            templates += [f"np.{ufunc.__name__}.outer({{x}}, {{y}})", f"np.{ufunc.__name__}({{y}}, {{x}})"]
            templates += [
                f"np.{ufunc.__name__}.reduce({{x}}{MORE}{{initial}}{{where}})",
                f"np.{ufunc.__name__}.reduce({{x}}, 0)",
            ]
            templates += [
                f"np.{ufunc.__name__}.accumulate({{x}}{{one}}{{dtype}}{{nowhere}})",
                f"np.{ufunc.__name__}.reduceat(x, [0])",
            ]
        if ufunc.signature:
            plain = {"matmul": "x, w.T", "matvec": "x, w[0]", "vecmat": "x[0], w.T"}.get(ufunc.__name__, "x, w")
            templates = [f"np.{ufunc.__name__}({plain})", *templates]
        if ufunc in (np.bitwise_and, np.bitwise_or, np.invert):
            templates = [f"np.{ufunc.__name__}({', '.join(['x > 0.1'] * ufunc.nin)})", *templates]
        yield f"np.{ufunc.__name__}", [(kind, template) for template in templates]


ROWS = FUNCTIONS | {f".{name}": row for name, row in METHODS_ROWS.items()}
ROWS |= {f".{name}": [("square" if name == "mT" else "any", f"({{x}}).{name}")] for name in PROPERTIES}
ROWS |= OTHERS | dict(_ufuncs())


def missing():
    """What the lab takes and no row calls."""
    taken = {f.__name__ for f in HANDLERS} | {f".{k}" for k in (*METHODS, *PROPERTIES)}
    taken |= {f"np.{f.__name__}" for f in (*UFUNCS, *COMPOSED, *REDUCING)}
    return sorted(taken - set(ROWS))


def mask(x):
    """Truth values in the shape of x, some of them true."""
    shape = np.shape(x)
    return np.arange(int(np.prod(shape))).reshape(shape) % 2 == 0
