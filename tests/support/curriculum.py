"""Where each figure of the curriculum stands in the lessons: from a row to the cells that must show it.

`ROWS` has the worked examples (by their name in the catalogue), the ideas B1 to B39, and the GPT. A `Cell` is found by
a piece of its source, and its figures must stand in its *output*: computed, never typed. `Cell(..., in_order=True)`
asks for the figures one after the other.
"""

from dataclasses import dataclass

START, GRAPHS, FORWARD, REVERSE = "00_start_here", "01_functions_are_graphs", "02_forward_mode", "03_reverse_mode"
PATHS, COSTS, NUMERICAL = "04_fan_out_and_paths", "05_what_it_costs", "07_numerical_gradients"
ORDER, ENGINE, LAYERS = "06_the_order_matters", "08_build_your_own_engine", "09_layers_and_shapes"
RULES, COMPLEX, ADJOINT = "17_your_own_rules", "18_complex_numbers", "19_the_adjoint_method"
SECOND, GPT = "16_second_order", "20_step_a_gpt"
MODULES, BREAKING, DYING = "10_modules_and_depth", "11_numbers_that_break", "12_when_gradients_die"
DESCENT, STOCHASTIC, TRAINING = "13_gradient_descent", "14_stochastic_descent", "15_train_a_network"


@dataclass(frozen=True)
class Cell:
    """A code cell of a notebook, by a piece of its source that no other code cell has, and what its output shows."""

    notebook: str
    source: str
    figures: tuple[str, ...]
    in_order: bool = False


EDELMAN_BACK = (
    "z̄ = 1",
    "v̄2 += z̄ · ∂z/∂v2 = 1 · 1 = 1",
    "v̄4 += z̄ · ∂z/∂v4 = 1 · 1 = 1",  # both summands
    "v̄1 += v̄2 · ∂v2/∂v1 = 1 · 5 = 5",
    "ȳ += v̄2 · ∂v2/∂y = 1 · 6 = 6",  # at ·y
    "adj(2) += v̄1 · ∂v1/∂2 = 5 · 3 = 15",
    "x̄ += v̄1 · ∂v1/∂x = 5 · 2 = 10",  # at 2·x
    "v̄3 += v̄4 · ∂v4/∂v3 = 1 · 4 = 4",  # at the square
    "x̄ += v̄3 · ∂v3/∂x = 4 · 1 = 4",
    "x̄ = 10 + 4 = 14",
    "adj(1) += v̄3 · ∂v3/∂1 = 4 · (−1) = −4",  # at the minus
)

ROWS: dict[str, tuple[Cell, ...]] = {
    # --- A: the worked examples ---------------------------------------------------------------------------------------
    "edelman": (
        Cell(
            START,
            "print(graph)",
            ("2 · x          6", "v1 · y        30", "x − 1          2", "v3²            4", "v2 + v4       34"),
            in_order=True,
        ),
        Cell(START, "print(sweep)", EDELMAN_BACK, in_order=True),
        Cell(START, "player = bl.step(z, x=3, y=5)", ("3", "5", "6", "30", "34", "14", "15", "−4")),
        Cell(REVERSE, 'print(bl.adjoint_sweep(bl.examples["edelman"]', EDELMAN_BACK, in_order=True),
    ),
    "strang": (
        Cell(FORWARD, "bl.jvp(strang, (2.0, 3.0), (1.0, 0.0))", ("(88.0, 140.0)",)),
        Cell(
            FORWARD,
            "print(bl.tangent_sweep(graph, x=1.0))",
            ("ċ = ∂c/∂x · ẋ = 12 · 1 = 12", "= 1 · 1 + 1 · 0 = 1", "11 · 12 + 8 · 1 = 140"),
            in_order=True,
        ),
        Cell(
            FORWARD,
            "print(bl.tangent_sweep(graph, y=1.0))",
            ("ċ = ∂c/∂x · ẋ = 12 · 0 = 0", "= 1 · 0 + 1 · 3 = 3", "11 · 0 + 8 · 3 = 24"),
            in_order=True,
        ),
        Cell(REVERSE, "bl.value_and_grad(strang)(2, 3)", ("(88.0, (140.0, 24.0))",)),
        Cell(
            REVERSE,
            "sweep = bl.adjoint_sweep(graph)",
            (
                "c̄ += F̄ · ∂F/∂c = 1 · 11 = 11",
                "s̄ += F̄ · ∂F/∂s = 1 · 8 = 8",
                "x̄ += c̄ · ∂c/∂x = 11 · 12 = 132",
                "x̄ += s̄ · ∂s/∂x = 8 · 1 = 8",
                "x̄ = 132 + 8 = 140",
                "ȳ += v̄1 · ∂v1/∂y = 8 · 3 = 24",
            ),
            in_order=True,
        ),
        Cell(REVERSE, "x**3 * (x + 2 * y)", ("(64.0, (104.0, 16.0))",)),  # the lecture's first try
        Cell(START, "back = bl.adjoint_sweep(F).result", ("F             140              24             1",)),
    ),
    "olah": (
        Cell(PATHS, "bl.value_and_grad(olah.function)(2.0, 1.0)", ("(6.0, (2.0, 5.0))",)),
        Cell(PATHS, 'olah.step(views=("paths",))', ("a", "b", "c", "d", "e", "6")),  # the rest is asked for
        Cell(
            PATHS,
            "for edge in graph.edges:",
            ("∂c/∂a = 1", "∂c/∂b = 1", "∂d/∂b = 1", "∂e/∂c = 2", "∂e/∂d = 3"),
        ),
        Cell(PATHS, 'print("sum:"', ("b → c → e: 1 · 2 = 2", "b → d → e: 1 · 3 = 3", "sum: 5.0")),
        Cell(
            REVERSE,
            'e = bl.examples["olah"].trace()',
            ("forward for a: 2.0", "forward for b: 5.0", "reverse: 2.0 5.0"),
        ),
        Cell(REVERSE, 'bl.examples["olah"].step(mode="both")', ("2", "5")),
    ),
    "edelman-toy": (
        Cell(
            GRAPHS,
            "for edge in graph.edges:",
            ("∂a/∂x = -0.9899925", "∂b/∂a = 0.2000000", "∂b/∂y = -0.0056448", "∂z/∂b = 1.0000000", "∂z/∂x = 1.0000000"),
        ),
        Cell(
            GRAPHS,
            "by_x, by_y",
            (
                "z = 3.0282240",
                "∂z/∂x = 1",
                "dz/dx = 0.8020015 = cos(3)/5 + 1 = 0.8020015",
                "dz/dy = -0.0056448 = -sin(3)/25 = -0.0056448",
            ),
            in_order=True,
        ),
    ),
    "sources-sink": (
        Cell(
            COSTS,
            'print("from the sink to both:"',
            ("from x to the sink: 2", "from y to the sink: 2", "from the sink to both: 3"),
        ),
        Cell(ORDER, 'sink.step(views=("jacobian",))', ("70", "105")),  # acd and bcd
        Cell(
            COSTS,
            "bl.examples.sources_sink(n, k)",
            (
                "   2    2         4     4         3         3",
                " 100   10      1000  1000       109       109",
                " 100  100     10000 10000       199       199",
            ),
        ),
    ),
    "chain": (
        Cell(GRAPHS, "factors = [chain[name]", ("[0.25, 12.0, -0.015625] product: -0.046875",)),
        Cell(GRAPHS, "at_x = ", ("right: -0.046875",)),
    ),
    "matrix-chain": (
        Cell(
            ORDER,
            'print(f"A(BC)',
            (
                "A(BC): 2,000,000   (AB)C: 1,001,000,000",
                "500.5 times as many",
                "matrix-chain       counted: 90",
                "matrix-chain-left  counted: 64",
                "by the formulas: (90, 64)",
            ),
        ),
    ),
    "two-layer": (
        Cell(LAYERS, "net.step()", ("[−2, −6, 2]", "[1, 0, 1]", "outer x")),
        Cell(
            LAYERS,
            'by_hand["x"]',
            (
                "dJ/dtau -2.0",
                "dJ/da   [-2.0, -6.0, 2.0]",
                "dJ/dz   [-2.0, 0.0, 2.0]",
                "dJ/dW1  [[-2.0, -4.0], [0.0, 0.0], [2.0, 4.0]]",
                "dJ/db1  [-2.0, 0.0, 2.0]",
                "dJ/dW2  [-8.0, 0.0, -4.0]",
                "dJ/db2  -2.0",
                "dJ/dx   [-6.0, 2.0]",
                "tanh: True",
            ),
        ),
        Cell(
            LAYERS,
            "both = f",
            (
                "x     (2,)    (2,)",
                "W1    (3, 2)  (3, 2)",
                "b1    (3,)    (3,)",
                "W2    (3,)    (3,)",
                "b2    ()      ()",
            ),  # every gradient has its variable's shape
        ),
        Cell(
            LAYERS,
            "np.linalg.matrix_rank(W1_bar)",
            ("[[-2.0, -4.0], [0.0, 0.0], [2.0, 4.0]] rank 1", "6 of the rows: rank 3"),
        ),
    ),
    "deep": (
        Cell(
            MODULES,
            "deep.step()",
            ("z: [[3.0, 1.0], [2.0, -3.0], [3.0]]", "a: [[1.0, 2.0], [3.0, 1.0], [2.0, 0.0]]"),
        ),
        Cell(
            MODULES,
            "for k in reversed(range(len(Ws)))",
            (
                "layer 1: W [[4.0, 8.0], [-8.0, -16.0]], b [4.0, -8.0]: agrees",
                "layer 2: W [[12.0, 4.0], [0.0, 0.0]], b [4.0, 0.0]: agrees",
                "layer 3: W [[4.0, 0.0]], b [2.0]: agrees",
                "x: [-4.0, 12.0] agrees",
            ),
        ),
        Cell(
            MODULES,
            "def counted(depth",
            (
                " 1 layers:  16 numbers",
                "32 layers: 326 numbers",
                "stored: 326, multiplications back: 1930",
                "4, stored:  86, multiplications back: 2730",
            ),
        ),
    ),
    # --- B: the ideas -------------------------------------------------------------------------------------------------
    "B1": (
        Cell(GRAPHS, 'bl.step(graph, mode="value")', ("x", "y", "a", "b", "z")),
        Cell(GRAPHS, 'print(run(["a", "z", "b"]))', ("z cannot run yet: it waits for b", "'z': 3.0282240016119735")),
        Cell(START, "return b + x", ("own",)),  # the student's own function
    ),
    "B2": (
        Cell(
            GRAPHS,
            "op = bl.primitives[name]",
            (
                "a + b         1   1",
                "a - b         1   -1",
                "a * b         b   a",
                "a / b         1 / b   -y / b",
                "n * x**(n - 1)",
                "exp(x)        y",
                "log(x)        1 / x",
                "sin(x)        cos(x)",
                "cos(x)        -sin(x)",
            ),
        ),
        Cell(GRAPHS, "by_quotient", ("(0.8422883804630793, 1.709449715863117)",)),
        Cell(GRAPHS, "1 / np.cos(x)", ("1.1012577424024652 1.1012577424024652",)),  # the secant
    ),
    "B3": (
        Cell(GRAPHS, 'print(bl.diagnose(graph, "x", 1.0)', ("only the first arrival at x is kept",)),
        Cell(GRAPHS, 'print(bl.diagnose(graph, "x", 1.0)', ("0.802", "−0.98999", "0.2")),
    ),
    "B4": (
        Cell(PATHS, 'olah.step(views=("paths",))', ("5",)),
        Cell(
            PATHS,
            '("strang", "y")',
            ("edelman x [10.0, 4.0] → 14.0", "strang x [132.0, 8.0] → 140.0", "strang y [24.0] → 24.0"),
        ),
        Cell(
            PATHS,
            "bl.count_paths(ladder",
            (
                "1       4   2",
                "2       8   4",
                "3      12   8",
                "10      40   1024",
                "30     120   1073741824",
                "100     400   1267650600228229401496703205376",
            ),
        ),
        Cell(PATHS, 'print("derivative"', ("205891132094649.0", "multiplications in the sweep: 60")),
    ),
    "B5": (
        Cell(FORWARD, "print(F.value, F.tangent)", ("88.0 140.0",)),
        Cell(FORWARD, "print(bl.tangent_sweep(graph, x=1.0))", ("12", "140"), in_order=True),
    ),
    "B6": (
        Cell(FORWARD, "zeros = sum", ("F changes at 140; 3 of 7 tangents are 0", "F changes at 24; 3 of 7")),
        Cell(FORWARD, 'mode="forward", wrt="y", views=', ("24", "0")),
    ),
    "B7": (
        Cell(REVERSE, "sweep = bl.adjoint_sweep(graph)\nprint(bl.value_and_grad(strang)", ("11", "8", "140", "24")),
        Cell(REVERSE, 'print(bl.adjoint_sweep(bl.examples["edelman"]', ("x̄ = 10 + 4 = 14",)),
        Cell(
            REVERSE,
            "for run in (1, 2)",
            ("after run 1 {'x': 140.0, 'y': 24.0}", "after run 2 {'x': 280.0, 'y': 48.0}"),
        ),
    ),
    "B8": (Cell(REVERSE, "graph.depends_on(", ("['3', 'v1', 'x', 'y']", "['F', 'c', 's']")),),
    "B9": (
        Cell(
            REVERSE,
            "op.rule",
            (
                "A sum copies",
                "(1.0, 1.0)   (10.0, 10.0)",
                "negates",
                "(1.0, -1.0)   (10.0, -10.0)",
                "scaled by the other factor",
                "(2.0, 6.0)   (20.0, 60.0)",
                "A quotient sends",
                "(0.5, -1.5)   (5.0, -15.0)",
            ),
            in_order=True,
        ),
    ),
    "B10": (
        Cell(COSTS, 'print("reverse mode ÷ one evaluation:"', ("'reverse': 698", "'evaluation': 200", "3.49")),
        Cell(COSTS, 'print("forward:", column)', ("reverse: 2950", "forward: 59")),
        Cell(
            COSTS,
            "bl.plots.counted_costs(chain)",
            ("n = 1,000", "numerical 4,000,000", "forward 2,003,000", "reverse 6,998", "evaluation 2,000"),
        ),
        Cell(
            COSTS,
            "bl.plots.timed_costs(chain)",
            ("numerical differences", "forward mode", "reverse mode", "n = 1: numerical", "n = 1,000: numerical"),
        ),
    ),
    "B11": (
        Cell(
            ORDER,
            "for node, row in zip(moving, L",
            (
                "v1    2   0   0",
                "v2    0   3",
                "s    0   0   1   1",
                "t    0   0   0   0   5",
                "z    0   0   0   0   0   7",
            ),
        ),
        Cell(
            ORDER,
            'print("v_dot ="',
            ("10. 70.] True", "t_bar = 7 · z_bar", "s_bar = 5 · t_bar", "[ 70. 105.  35.  35.  35.   7.   1.] True"),
            in_order=True,
        ),
        # What stands in this view, either order with its cost, is asked for in test_order_page.py: a saved picture of
        # the player has the graph alone.
        Cell(ORDER, 'sink.step(views=("jacobian",))', ("70", "105", "35")),
    ),
    "B12": (
        Cell(
            ORDER,
            "bl.plots.MatrixChain(",
            ("A(BC) 2,000,000 multiplications, (AB)C 1,001,000,000", "Measured: ", "milliseconds"),
        ),
    ),
    "B13": (
        Cell(
            LAYERS,
            "fit.get(name",
            ("dJ/dz · xᵀ  (3, 1) @ (1, 2)  (3, 2)", "x · dJ/dzᵀ  (2, 1) @ (1, 3)  (2, 3)"),
        ),
        Cell(LAYERS, 'print("b: sum over the rows"', ("6×3", "4×3", "3×4", "Xᵀ ·", "sum / mean [6. 6. 6.]")),
        Cell(
            LAYERS,
            "join(told)",
            (
                "@ does not fit: W has shape (3, 2) and bar has shape (3,)",
                "has shape (3,), and its argument has shape (3, 2)",
                "0 of 3 comparisons agree",
            ),
        ),
    ),
    "B14": (Cell(MODULES, "first, squash, last = ", ("loss: 5 of 5 comparisons agree", "own rule")),),
    "B15": (
        Cell(ORDER, "product = bl.grad(lambda x: np.dot(", ("as H times v: True", "as bl.hvp: True", "12.0 = 6x at 2")),
        Cell(
            ORDER,
            "bl.plots.timed_hessian(energy)",
            ("a line for the whole Hessian", "L = 10: hessian", "L = 100: hessian", "L = 1,000: hessian"),
        ),
        Cell(ORDER, "x, products = newton(x)", ("step 1: 13 products with H, then |∇f| = 2e+01", "step 4: 9 products")),
        Cell(
            SECOND, "H = np.array(bl.hessian(f)(2.0, 3.0))", ("[[6.0, 4.0], [4.0, 0.0]]", "[14.0, 4.0]", "(14.0, 4.0)")
        ),
        Cell(
            SECOND,
            "count = bl.plots.second_operations(valley, L)",
            (
                "10       2.30        4.72        19",
                "100       2.25        4.63       165",
                "1000       2.25        4.63     1,628",
                "a line for the whole Hessian",
            ),
            in_order=True,
        ),
        Cell(SECOND, "for share in (0.5, 0.99, 1.01, 1.1)", ("0.99 of 2/λ: loss 33.1 → 1.01", "33.1 → 2.63e+04")),
        Cell(SECOND, "lowest = newton.pop()[1]", ("Newton 11 steps, descent 562 steps", "descent: 0.004 after")),
    ),
    "B16": (
        Cell(
            NUMERICAL,
            "slopes = bl.numerical_grad(e",
            ("a: 1.9999999999997797", "b: 4.999999999992788", "(2.000000, 5.000000), 4 evaluations of e"),
        ),
        Cell(
            NUMERICAL,
            "f.calls += 1",
            ("central differences  forward passes: 2000", "backprop             forward passes: 1"),
        ),
        Cell(NUMERICAL, "for h in (0.5, 0.1, 0.01)", ("0.1   12.6100   12.0100", "0.01   12.0601   12.0001")),
        Cell(
            NUMERICAL,
            "bl.plots.u_curve_slider(bl.exp, 1.0)",
            (
                "slope 1.0",
                "best near h = 3e−8",
                "slope 2.0",
                "near h = 9e−6",
                "complex step falls",
                "At h = 1e−4 the relative errors are 5e−5 (forward difference), 2e−9 (central difference)",
            ),
        ),
        Cell(NUMERICAL, "eps = np.finfo(float).eps", ("ε = 2.2e-16, √ε = 1.5e-08, cube root 6.1e-06",)),
        Cell(
            NUMERICAL,
            "imaginary = cube(2 + 1j * h)",
            (
                "1e-15   2.000000000000001   11.990408665952",
                "10.900371514502",
                "12.212453270877",
                "1e-17                 2.0    0.000000000000   12.000000000000",
                "a sweep:                      12.000000000000",
            ),
        ),
        Cell(NUMERICAL, "bl.numerical_grad(bl.relu, x)", ("x = 5e-05  central 0.75   sweep 1.00",)),
        Cell(NUMERICAL, "own = bl.custom(ratio", ("2 of 5 comparisons agree", "0.75, by differences −0.75, DIFFERS")),
    ),
    "B17": (
        Cell(NUMERICAL, "by hand as by differences:", ("differences: True", "backprop:    True")),
        Cell(
            NUMERICAL,
            "bl.plots.strategies(runs)",
            (
                "random guess   1 passes a try or step,  10400 of them",
                "26 passes a try or step,    400 of them",
                "analytic       2 passes",
                "backprop       2 passes",
                "backprop: 0.0004 after 10,400 passes",
            ),
        ),
    ),
    "B18": (
        Cell(BREAKING, 'print("going down:"', ("0.36788", "4.54e-05", "'0'", "2.71828", "2.68812e+43", "inf", "nan")),
        Cell(
            BREAKING,
            "for node, note in broken.notes.items()",
            ("overflow  at ea: exp(1000)", "overflow  at eb", "nan       at p: inf / inf is not a number"),
            in_order=True,
        ),
    ),
    "B19": (
        Cell(
            BREAKING,
            "def naive_softmax(z)",
            (
                "naive   [0.0900 0.2447 0.6652]",
                "stable  [0.0900 0.2447 0.6652]              [ 0.0819 -0.0220 -0.0599]",
                "[4.5396e-05 4.5396e-05 9.9991e-01]",
                "stable  [0.0064 0.9465 0.0471]",
                "naive   [nan nan]                           [nan nan]",
                "stable  [0.5000 0.5000]                     [ 0.2500 -0.2500]",
                "[0.0000 0.1192 0.8808]",
                "(1, 1, 1)         stable  [0.3333 0.3333 0.3333]",
                "(2, 2, 2)         stable  [0.3333 0.3333 0.3333]",
            ),
            in_order=True,
        ),
        Cell(BREAKING, "bl.step(held)", ("1000", "1003", "m", "0.047426")),
    ),
    "B20": (
        Cell(
            BREAKING,
            "for way in (plain, clipped, fused)",
            (
                "plain    loss    2.4076   gradient [-0.9100  0.2447  0.6652]",
                "fused    loss    2.4076   gradient [-0.9100  0.2447  0.6652]",
                "plain    loss       inf   gradient [nan nan nan]",
                "clipped  loss    9.2103   gradient [0.0000 0.0000 0.0000]",
                "fused    loss  992.1269   gradient [-1.0000  0.1192  0.8808]",
                "plain    loss       nan",
                "the clipped loss stops at −log ε = 9.2103",
            ),
            in_order=True,
        ),
    ),
    "B21": (
        Cell(
            DESCENT,
            "normal = (flats",
            (
                "as they are  condition   664.9   loss after 60 steps 4413",
                "normalised   condition     1.0   loss after 60 steps 448",
            ),
        ),
    ),
    "B22": (
        Cell(
            DESCENT,
            "for rate in (0.01, 0.1, 0.5",
            (
                "0 → 0.06 → 0.1188 → 0.1764    after 20 steps 0.9972",
                "0 → 3 → 3 → 3",
                "0 → 5.4 → 1.08 → 4.536",
                "0 → 6 → 0 → 6    after 20 steps 0",
                "0 → 6.6 → -1.32 → 8.184    after 20 steps -112",
            ),
            in_order=True,
        ),
        Cell(DESCENT, "bl.Descent(hills, start", ("Gradient descent, rate 0.1",)),
    ),
    "B23": (
        Cell(
            DESCENT,
            "race = {bl.methods",
            (
                "Gradient descent   η = 0.04  loss 3.5e+00",
                "Momentum           η = 0.02  loss 1.9e+00",
                "Nesterov momentum  η = 0.02  loss 8.9e-01",
                "Adagrad            η = 1     loss 1.9e+00",
                "RMSprop            η = 0.2   loss 3.2e+00",
                "Adadelta           η = 1     loss 5.3e+01",
                "Adam               η = 0.5   loss 1.1e+00",
                "Adamax             η = 0.5   loss 3.7e-02",
                "Nadam              η = 0.5   loss 5.2e-02",
            ),
            in_order=True,
        ),
    ),
    "B24": (
        Cell(
            STOCHASTIC,
            "(_, before), (_, after) = run.losses",
            (
                "batch 128:   1 updates an epoch, loss 155.63 → 94.04",
                "batch   1: 128 updates an epoch, loss 155.63 →  7.70",
                "batch  32:   4 updates an epoch",
            ),
            in_order=True,
        ),
        Cell(STOCHASTIC, "shared = bl.experiments.workers", ("-128.578125 -107.78125",)),
    ),
    "B25": (
        Cell(
            STOCHASTIC,
            "print(drawn)",
            (
                "100 numbers with the mean 0.5483, 1000 repeats",
                "with replacement: after one epoch off by 0.03, power −0.50",
                "without replacement: after one epoch off by 1.3e-16, power −1.00",
            ),
        ),
    ),
    "B26": (
        Cell(STOCHASTIC, "bl.plots.region(data, run)", ("between 0.385 and 1.89, the region of confusion",)),
        Cell(
            STOCHASTIC,
            "confused = bl.experiments",
            ("rate 0.02: 0.0333", "rate 0.2: 0.1128", "power of the rate: 0.53"),
        ),
        Cell(STOCHASTIC, "the rate {words", ("stays : on average 0.1305", "decays: on average 0.0039"), in_order=True),
        Cell(STOCHASTIC, "on the validation data {aside", ("epoch  16", "0.226", "epoch 400", "0.357"), in_order=True),
    ),
    "B27": (
        Cell(
            STOCHASTIC,
            "for broken in bl.experiments.BROKEN",
            (
                "nothing   is broken: the bound holds",
                "bias      is broken: the bound fails from step 9 on",
                "variance  is broken: the bound fails from step 5 on",
                "Lipschitz is broken: the bound fails from step 2 on",
                "rate      is broken: the bound fails from step 2 on",
            ),
            in_order=True,
        ),
    ),
    "B28": (
        Cell(RULES, "arrow = bl.custom(length", ("pushforward of (1, 2): 2.2", "pullback of 10:        (6.0, 8.0)")),
        Cell(
            RULES,
            'print(f"through the loop:',
            (
                "loop: 0.166666666667   54 nodes",
                "rule:      0.166666666667   2 nodes",
                "3 steps: u off by 2e-02, slope 9e-03, by the rule -1e-03",
            ),
        ),
        Cell(
            RULES,
            'print(f"moved:',
            (
                "moved: 0.5001",
                "rule:  [[0.5, 0.5], [0.5, 0.5]]",
                "table: [[0.5, 0.5], [0.5, 0.5]]",
                "3 of 3 comparisons",
            ),
        ),
        Cell(RULES, "found = bl.custom(bisection", ("0.3333333333333333", "with the rule: 0.16666666666666666")),
    ),
    "B29": (
        Cell(COMPLEX, 'print("in pairs:"', ("(120.0, 40.0)   as one number: (120-40j)",)),
        Cell(COMPLEX, "bl.step(product, z=3 + 4j)", ("3 − 4i", "3 + 4i", "6 − 8i")),  # both partials on the graph
        Cell(
            COMPLEX,
            "by_z, by_conj = bl.wirtinger(",
            ("∂f/∂z = (3-4j)   ∂f/∂z* = (3+4j)", "df = 22.000", "moved: 22.005"),
        ),
        Cell(
            COMPLEX,
            "for name, f in functions.items()",
            ("z²           6.000+8.000j       0.000+0.000j", "|z|²         3.000-4.000j       3.000+4.000j"),
        ),
        Cell(COMPLEX, "def walk(f, z, rate", ("PyTorch's gradient: (6+8j)   a step: (2.4+3.2j)",)),
        Cell(
            COMPLEX,
            "bl.plots.plane(well, paths",
            (
                "25.0   16.0   10.2",
                "25.0   28.8   36.9",
                "to 0 + 1i, where |z² + 1|² is 0",
                "0 + 0i, where |z² + 1|² is 1",
            ),
        ),
    ),
    "B30": (
        Cell(
            TRAINING,
            "every coordinate moved by {most}",
            ("0.1: right are  97% (uphill),  98%", "0.3: right are  51% (uphill),  82%"),
            in_order=True,
        ),
    ),
    "B31": (
        Cell(ADJOINT, 'print("gradient:      "', ("gradient:       [-0.25  0.  ]", "differences: [-0.25  0.  ]")),
        Cell(ADJOINT, 'print("λ ="', ("λ = [0.66666667 1.        ]", "[-1.33333333 -3.        ]")),
        Cell(ADJOINT, 'print("the adjoint method:"', ("2 solves for 1000 derivatives",)),
        Cell(
            ADJOINT,
            'print("wire after wire:"',
            (
                "1001 solves; the same: True",
                "differences: -0.113285, adjoint: -0.113285",
                "np.linalg.solve: the same: True",
            ),
        ),
    ),
    "B32": (
        Cell(TRAINING, "live = bl.plots.learning", ("200 of them are on the right side", "loss 0.667 → 0.0312")),
        Cell(
            TRAINING,
            'f"rate {rate}": run',
            ("rate 0.0003: from 0.65 to 0.499", "0.148", "rate 100.0: from 0.65 to 5.46"),
        ),
        Cell(
            TRAINING,
            "for name, found in compared",
            ("tanh     loss 0.003", "relu     loss 0.000", "none     loss 0.263"),
        ),
    ),
    "B33": (
        Cell(DYING, "bl.step(ten, x=1.0)", ("1", "0.2247", "0.050492", "0.011346", "0.00012868", "2.7848e−07")),
        Cell(
            DYING,
            'print("size of the adjoints',
            (
                "sigmoid, s = 0.1        4.5e-07    3.9e-05    3.1e-03    2.4e-01       0%",
                "relu, s = 0.05          4.8e-05",
                "tanh, Glorot            2.6e-01",
                "relu, He                5.6e-01    6.0e-01    6.8e-01    7.2e-01      52%",
                "relu, s = 0.3           4.9e+02",
            ),
            in_order=True,
        ),
        Cell(
            DYING,
            "bl.plots.adjoint_histograms({name: found",
            ("sigmoid, s = 0.1: the middle one is 3e−7 in layer 1", "relu, He: the middle one is 0.45 in layer 1"),
        ),
        Cell(
            DYING, 'losses = {"square"', ("adjoint of z  -4.54e-05", "-1.00e+00", "7.2e-04", "2.6e+00"), in_order=True
        ),
        Cell(
            DYING, "loss, dead = dead_after(rate)", ("8 of 60 units are dead", "loss 0.5105, 60 of 60 units are dead")
        ),
        Cell(DYING, "while len(walk) < 61", ("no clipping   1.5 → -2.948e+06", "1.5 → 1.49 → 1.48 → 1.47")),
    ),
    "B34": (
        Cell(START, "moved = bl.trace(z, x=3.001", ("10.00 thousandths", "4.00 thousandths", "14.00 thousandths")),
        Cell(
            REVERSE,
            "sweep = bl.adjoint_sweep(graph)",
            ("'c': 12.0", "'F': 140.1", "by c alone 132.0", "by s alone 8.0"),
        ),
        Cell(PATHS, "moved = olah.trace(", ("e moves by 5.001", "by c alone 2.000, by d alone 3.000")),
    ),
    "B36": (Cell(LAYERS, 'print("Wᵀ · dJ/dτ:"', ("[13. 24.]", "W · dJ/dτ: [12. 34.]", "the engine: [13. 24.]")),),
    "B37": (
        Cell(SECOND, "bl.step(length, x=2, y=3)", ("(160.0, (176.0, 96.0))", "160", "176", "96")),
        Cell(SECOND, "after one step, by the start:", ("by the start: 6.4",)),
    ),
    "B39": (
        Cell(GRAPHS, 'print(f"series:', ("0.764842187284   61 nodes", "0.764842187284   2 nodes")),
        Cell(
            RULES,
            "at x = 6: the series",
            ("0.691274860411   155 nodes", "0.691274860411", "-3.38e+11, math.erf 1.0", "into a plain number"),
            in_order=True,
        ),
    ),
    # --- the lesson beyond the curriculum ----------------------------------------------------------------------------
    "GPT": (
        Cell(GPT, 'print(f"its loss for jo', ("its loss for jo is 3.4258",)),
        Cell(GPT, "gpt.array_surprise, argnums=0", ("o -0.3204", "j 0.0145")),
        Cell(
            GPT,
            "for place, bar in enumerate(parts)",
            ("place 0:  0.000000", "-0.200101", "-0.010503", "added up: -0.210605, by the sweep: -0.210605"),
            in_order=True,
        ),
        Cell(GPT, "for rate in (0.01, 0.1, 1.0)", ("loss 3.4258 → 3.3157   by the slopes: 3.3155", "0.9298")),
        Cell(GPT, "program = bl.compile(gpt.array_loss", ("loss 3.4258, all adjoints as on lists: True",)),
        Cell(GPT, "trained = gpt.lists(run.path[-1])", ("loss of all names 3.39 → 1.19",)),
        Cell(GPT, 'print("by the line:"', ("by the line: 3.0   by the sweep: 5.0",)),
    ),
}

# Figures of the curriculum's part C, the wrong turns, that a lesson shows.
WRONG_TURNS = (
    Cell(REVERSE, "bl.wrong_turns(graph).items()", ("132", "1056", "12320", "2112", "420", "96", "107", "33", "52")),
    Cell(PATHS, 'print("right:", bl.adjoint_sweep(doubled)', ("right: 10.0", "15", "20", "5", "15 comes out")),
    Cell(FORWARD, "print(both)", ("164.0", "164 comes out")),
    Cell(NUMERICAL, "for typed in (140.17, 147.971)", ("140.17 comes out", "147.97 comes out")),
    Cell(ENGINE, '("used before complete", "passes on', ("5.0 instead of 10.0", "15.0 instead of 10.0")),
    Cell(ENGINE, 'print(f"{name:8}"', ("(34.0, (14.0, 6.0))", "(88.0, (140.0, 24.0))", "(6.0, (2.0, 5.0))")),
)
